"""What is done to attendances: recording one or many at once, correcting, taking one away, and where they count."""

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import Conflict, DomainError, NotInScope
from periods import today
from workforce import access
from workforce.actions.constraints import in_words
from workforce.models import Assignment, Attendance, Training, Worker
from workforce.models.trainings import CANCELLED

MOST = 5_000  # at once


def record_attendances(user, training, rows):
    """Note who came: all of `rows` or none. Each {worker (a Worker) or name and unit, attended, minutes, certificate_no}.

    `minutes` is the training's where not given. Returns the attendances in order. Raises Forbidden; DomainError or
    Conflict `duplicate` with an error a row, its field prefixed by the row's number where there are several.
    """
    if not 1 <= len(rows) <= MOST:
        raise DomainError(_("一次最多 %(most)s 人") % {"most": MOST}, code="inconsistent")
    with in_words(), transaction.atomic():
        training = hold_training(training)
        access.require_at(user, "create", Attendance, training.station)
        if training.decided == CANCELLED:
            raise DomainError(_("这场培训已取消，不记到课"), code="inconsistent", field="training")
        _require_people(user, rows)
        made, errors = _made(training, rows)
        if errors:
            raise _refused(errors, len(rows) > 1)
        with change(user, "attendance.recorded", training, rows=len(made)):
            Attendance.objects.bulk_create(made, batch_size=1000)
            settle(attendances=[a.pk for a in made])
            _touch(training)
    return list(Attendance.objects.filter(pk__in=[a.pk for a in made]).select_related("worker").order_by("pk"))


def change_attendance(user, attendance, check=None, **fields):
    """Correct whether and how long somebody came, or the certificate's number. Raises DomainError `inconsistent`."""
    with in_words(), transaction.atomic():
        training = hold_training(attendance.training)
        attendance = Attendance.objects.select_for_update().get(pk=attendance.pk).of(training)
        access.require(user, "change", attendance)
        if check:
            check(attendance)
        attended = fields.get("attended", attendance.attended)
        usual = attendance.minutes if attended == attendance.attended else None
        row = {"minutes": usual} | fields | {"attended": attended}
        attendance.attended, attendance.minutes = _came(training, row)
        attendance.certificate_no = fields.get("certificate_no", attendance.certificate_no)
        with change(user, "attendance.changed", training, who=attendance.person):
            attendance.save()
            _touch(training)
    return attendance


def remove_attendance(user, attendance):
    """Take an entry away that should not be there."""
    with transaction.atomic():
        training = hold_training(attendance.training)
        attendance = Attendance.objects.filter(pk=attendance.pk).first()
        if attendance is None:
            raise NotInScope()
        access.require(user, "destroy", attendance.of(training))
        with change(user, "attendance.removed", training, who=attendance.person):
            attendance.delete()
            _touch(training)


def settle(*, workers=None, trainings=None, attendances=None):
    """Let attendances count where they should: at the worker's station on the training's last day, else at the training's.

    Of several jobs on that day the full-time one counts, then the older. One UPDATE of what differs. Needs an event open.
    """
    found = Attendance.objects.all()
    for name, ids in (("worker__in", workers), ("training__in", trainings), ("pk__in", attendances)):
        if ids is not None:
            found = found.filter(**{name: ids})
    home = Coalesce(Subquery(job_on(OuterRef("worker"), OuterRef("on")).values("station")[:1]), hosts())
    moved = found.annotate(home=home).exclude(station=F("home"))
    Attendance.objects.filter(pk__in=moved.values("pk")).update(station=home, updated_at=timezone.now())


def hosts():
    """The station of an attendance's training, as an expression."""
    return Subquery(Training.objects.filter(pk=OuterRef("training")).values("station")[:1])


def job_on(worker, day):
    """The jobs of a worker on a day, the one that attendances count at first."""
    return Assignment.objects.filter(worker=worker, span__contains=day).order_by("-full_time", "span", "pk")


def hold_training(training):
    """The training's row, locked until the transaction ends."""
    from workforce.actions.trainings import hold

    return hold(training)


def _touch(training):
    Training.objects.filter(pk=training.pk).update(updated_at=timezone.now())


def _require_people(user, rows):
    """People are named by their number; one out of reach is not told from one that is not there."""
    asked = {row["worker"].pk: n for n, row in reversed(list(enumerate(rows))) if row.get("worker")}
    seen = set(Worker.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    if gone := sorted(asked[pk] for pk in asked.keys() - seen):
        errors = {n: DomainError(_("没有这个人，或不在您的范围内"), code="out_of_scope", field="worker") for n in gone}
        raise _refused(errors, len(rows) > 1)


def _made(training, rows):
    """(attendances not yet saved, {row number: error})."""
    known = set(Attendance.objects.filter(training=training).values_list("person", flat=True))
    made, errors = [], {}
    for n, row in enumerate(rows):
        try:
            worker, name, unit = row.get("worker"), row.get("name") or "", row.get("unit") or ""
            if worker is None and not (name and unit):
                raise DomainError(_("要么选人员，要么填姓名和单位"), code="missing_required", field="worker")
            if worker is not None and (name or unit):
                raise DomainError(_("选了人员，就不再填姓名和单位"), code="inconsistent", field="name")
            person = Attendance.person_of(worker.pk if worker else None, name, unit)
            if person in known:
                raise Conflict(
                    _("%(who)s 在这场培训里已经记过") % {"who": worker or name}, code="duplicate", field="worker"
                )
            known.add(person)
            attended, minutes = _came(training, row)
        except DomainError as e:
            errors[n] = e
            continue
        one = Attendance(worker=worker, name=name, unit=unit, person=person, station=training.station)
        one.attended, one.minutes, one.certificate_no = attended, minutes, row.get("certificate_no") or ""
        made.append(one.of(training))
    return made, errors


def _came(training, row):
    """(attended, minutes) of a row. Raises DomainError `inconsistent`."""
    begun = training.starts_on <= today()
    attended, minutes = row.get("attended"), row.get("minutes")
    attended = begun if attended is None else attended
    if attended and not begun:
        raise DomainError(_("培训还没有开始，不能记到课"), code="inconsistent", field="attended")
    if minutes is None:
        return attended, training.minutes if attended else 0
    if minutes > training.minutes:
        raise DomainError(
            _("培训只有 %(most)s 分钟，这里 %(minutes)s 分钟") % {"most": training.minutes, "minutes": minutes},
            code="inconsistent", field="minutes",
        )  # fmt: skip
    if minutes and not attended:
        raise DomainError(_("没有到课，就没有分钟"), code="inconsistent", field="minutes")
    return attended, minutes


def _refused(errors, several):
    """One exception for the rows that cannot be written."""
    if not several:
        return next(iter(errors.values()))
    flat = [{**e, "field": f"{n}.{e['field']}" if e["field"] else str(n)} for n, x in errors.items() for e in x.errors]
    clash = all(isinstance(x, Conflict) for x in errors.values())
    return (Conflict if clash else DomainError).many(flat)
