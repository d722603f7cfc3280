"""What is done to trainings: putting one down, changing it. Who came is in attendances.py."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import DomainError
from periods import today
from workforce import access
from workforce.actions.attendances import settle
from workforce.actions.constraints import in_words
from workforce.models import Attendance, Training
from workforce.models.trainings import COUNTED, MOST_MINUTES

FIELDS = (
    "title", "mode", "category", "organiser", "lecturer", "place", "starts_on", "ends_on", "minutes", "ce_eligible",
    "declared_head_count", "station",
)  # fmt: skip
DAY = 24 * 60


def create_training(user, *, station, state="", **fields):
    """Put down a training of `station`. Without a `state` it is planned until its last day is past, then held.

    Raises Forbidden where the user keeps no trainings there; DomainError `inconsistent`.
    """
    with transaction.atomic():
        access.require_at(user, "create", Training, station)
        training = Training(station=station, decided=state, **fields)
        _check(training)
        with change(user, "training.created", station, title=training.title):
            training.save()
    return training


def update_training(user, training, check=None, **fields):
    """Change a training. `check(training)` runs on the held row. Who came for all of it comes for all of it still.

    Raises Forbidden, DomainError `inconsistent` where somebody has more minutes than the new length.
    """
    with in_words(), transaction.atomic():
        training = hold(training)
        access.require(user, "change", training)
        if check:
            check(training)
        if "station" in fields and fields["station"] != training.station:
            access.require_at(user, "create", Training, fields["station"])
        was = training.minutes
        for name in FIELDS:
            if name in fields:
                setattr(training, name, fields[name])
        training.decided = fields.get("state", training.decided)
        _check(training)
        with change(user, "training.changed", training):
            whole = Attendance.objects.filter(training=training, attended=True, minutes=was)
            ids = list(whole.values_list("pk", flat=True)) if was != training.minutes else []
            if training.minutes < was:
                _shorten(training, ids)
            training.save()
            if training.minutes > was and ids:
                _give(ids, training.minutes)
            settle(trainings=[training.pk])
    return training


def hold(training):
    """The training's row as it stands now, locked: every write to it or to its attendances begins with this."""
    found = Training.objects.select_related("station__division").select_for_update(of=("self",))
    return found.get(pk=training.pk)


def _shorten(training, whole):
    _give(whole, training.minutes)
    most = Attendance.objects.filter(training=training).aggregate(most=Max("minutes"))["most"] or 0
    if most > training.minutes:
        raise DomainError(
            _("有人记了 %(most)s 分钟，时长不能改成 %(minutes)s 分钟") % {"most": most, "minutes": training.minutes},
            code="inconsistent", field="minutes",
        )  # fmt: skip


def _give(ids, minutes):
    Attendance.objects.filter(pk__in=ids).update(minutes=minutes, updated_at=timezone.now())


def _check(training):
    if training.ends_on < training.starts_on:
        raise DomainError(_("结束日期早于开始日期"), code="inconsistent", field="ends_on")
    days = (training.ends_on - training.starts_on).days + 1
    if training.minutes > min(days * DAY, MOST_MINUTES):
        raise DomainError(
            _("%(days)s 天里没有 %(minutes)s 分钟") % {"days": days, "minutes": training.minutes},
            code="inconsistent", field="minutes",
        )  # fmt: skip
    if training.decided in COUNTED and training.starts_on > today():
        raise DomainError(_("还没有开始的培训不能记成已办"), code="inconsistent", field="state")
