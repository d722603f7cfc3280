"""Taking back an imported roster of staff or ledger of trainings: what was made goes, what was changed goes back."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from exchange import undoing
from stations.pinyin import key_of
from workforce.actions.attendances import settle
from workforce.models import Assignment, Attendance, Certificate, Registration, Training, Worker

TABLE = {m: m._meta.db_table for m in (Worker, Assignment, Certificate, Registration, Training, Attendance)}
CLOCKED = (Worker, Assignment, Training, Attendance)
NAMED = 20


def people_changed_since(event_id, ignored=()):
    """[(id, name)] of the people whom somebody changed, or noted at a training, after the event."""
    since, ids = undoing.changed_since(event_id, ignored), set()
    for model in (Assignment, Certificate, Registration):
        rows = [pk for table, pk in since if table == TABLE[model]]
        ids |= set(model.objects.filter(pk__in=rows).values_list("worker_id", flat=True))
    ids |= {pk for table, pk in since if table == TABLE[Worker]}
    made = undoing.inserted(event_id, TABLE[Worker])
    built_upon = Q(attendances__isnull=False) | Q(user__isnull=False)
    built_upon |= Q(assignments__isnull=False) & ~Q(assignments__in=undoing.inserted(event_id, TABLE[Assignment]))
    ids |= set(Worker.objects.filter(built_upon, pk__in=made).values_list("pk", flat=True))
    return [(w.public_id, w.name) for w in Worker.objects.filter(pk__in=ids).order_by("pk")]


def trainings_changed_since(event_id, ignored=()):
    """[(id, title)] of the trainings that somebody changed, or noted people at, after the event."""
    since = undoing.changed_since(event_id, ignored)
    rows = [pk for table, pk in since if table == TABLE[Attendance]]
    ids = set(Attendance.objects.filter(pk__in=rows).values_list("training_id", flat=True))
    ids |= {pk for table, pk in since if table == TABLE[Training]}
    made, own = undoing.inserted(event_id, TABLE[Training]), undoing.inserted(event_id, TABLE[Attendance])
    ids |= set(Attendance.objects.filter(training__in=made).exclude(pk__in=own).values_list("training_id", flat=True))
    return [(t.public_id, t.title) for t in Training.objects.filter(pk__in=ids).order_by("pk")]


def undo_people(event_id, context):
    """Put back what a staff roster wrote. Raises Conflict `changed_since`. Returns how many people."""
    if named := people_changed_since(event_id, context.ignored):
        raise refusal(named)
    made = undoing.inserted(event_id, TABLE[Worker])
    count = _back(event_id, (Attendance, Registration, Certificate, Assignment, Worker))
    changed = list(Worker.objects.filter(pk__in=count[Worker]))
    for worker in changed:
        worker.pinyin, worker.initials = key_of(worker.name)
    Worker.objects.bulk_update(changed, ["pinyin", "initials"], batch_size=500)
    touched = set(count[Worker])
    for model in (Assignment, Certificate, Registration):
        touched |= set(model.objects.filter(pk__in=count[model]).values_list("worker_id", flat=True))
    Worker.objects.filter(pk__in=touched).update(updated_at=timezone.now())
    settle(workers=list(touched))
    return len(made) + len(touched)


def undo_trainings(event_id, context):
    """Put back what a training ledger wrote. Raises Conflict `changed_since`. Returns how many trainings."""
    if named := trainings_changed_since(event_id, context.ignored):
        raise refusal(named)
    made = undoing.inserted(event_id, TABLE[Training])
    count = _back(event_id, (Attendance, Training))
    return len(made) + len(count[Training])


def _back(event_id, models):
    """{model: ids restored}. New rows go first, then old values come back as the models are given: children before parents.

    An attendance takes its old copy of the training's minutes back before the training does: the key is checked at the end.
    """
    tables = undoing.tables(event_id)
    for model in models:
        if TABLE[model] in tables:
            undoing.delete(TABLE[model], undoing.inserted(event_id, TABLE[model]))
    return {
        model: undoing.restore(event_id, TABLE[model], clock="updated_at" if model in CLOCKED else None)
        if TABLE[model] in tables
        else []
        for model in models
    }


def refusal(named):
    """The Conflict that names the records changed since."""
    shown = "、".join(f"{name}（{code}）" for code, name in named[:NAMED])
    more = _("等 %(count)d 个") % {"count": len(named)} if len(named) > NAMED else ""
    return Conflict(
        _("撤销不了：这些在导入之后有人改过：%(named)s%(more)s。") % {"named": shown, "more": more}, code="changed_since",
        records=[{"id": code, "name": name} for code, name in named[:100]],
    )  # fmt: skip
