"""Opening a break-glass, ending it before its hour is over, and the station's word that it has looked."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import VIA, change
from accounts.errors import Conflict, DomainError, Forbidden
from accounts.models import User
from casework import access
from casework.errors import fault
from casework.models import BreakGlass
from casework.models.break_glass import LONGEST

SHORTEST_REASON = 6  # characters: "检查" alone is no reason


def open_break_glass(user, *, station=None, case=None, reason=""):
    """Let `user` read the case data of one `station`, or of one `case`, for an hour. Raises Forbidden, DomainError, Conflict.

    Sessions of a system administrator alone; a second one is refused while the first is open.
    """
    if VIA.get() != "web" or user.is_service or not access.can(user, "create", BreakGlass):
        raise Forbidden(_("应急查看只能由系统管理员本人登录后打开"))
    reason = (reason or "").strip()
    if len(reason) < SHORTEST_REASON:
        raise fault("reason", "missing_required", _("写清楚为什么要看，至少 %(n)d 个字") % {"n": SHORTEST_REASON})
    if (station is None) == (case is None):
        raise DomainError(_("选一个站点，或一个个案"), code="missing_required", field="place")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        now = timezone.now()
        _end_those_run_out(user, now)
        if BreakGlass.objects.filter(user=user, ended_at=None).exists():
            raise Conflict(_("一次只开一处：先结束正在看的那一处"), code="one_at_a_time")
        row = BreakGlass(
            user=user, station=station or case.station, case=case, reason=reason, opened_at=now, until=now + LONGEST
        )
        with change(user, "glass.opened", row, station=row.station.code, case=case.number if case else ""):
            row.save()
    return row


def _end_those_run_out(user, now):
    """What ended by itself gets its end written down, so that the next one can be opened."""
    rows = BreakGlass.objects.select_for_update().filter(user=user, ended_at=None, until__lte=now)
    for row in rows:
        with change(user, "glass.ended", row, by_itself=True):
            row.ended_at = row.until
            row.save(update_fields=["ended_at"])


def end_break_glass(user, row):
    """End it now; one that has ended already stays as it is. Raises Forbidden for anybody but who opened it."""
    with transaction.atomic():
        row = BreakGlass.objects.select_for_update().get(pk=row.pk)
        if row.user_id != user.pk:
            raise Forbidden()
        if row.ended_at is None:
            with change(user, "glass.ended", row, by_itself=not row.is_open):
                row.ended_at = min(timezone.now(), row.until)
                row.save(update_fields=["ended_at"])
    return row


def see_break_glass(user, row):
    """Somebody of the station has looked at it: the notice goes. Raises Forbidden for others."""
    with transaction.atomic():
        row = BreakGlass.objects.select_for_update().get(pk=row.pk)
        user._posts_now = None
        if not BreakGlass.objects.filter(access.told_of(user), pk=row.pk).exclude(user=user.pk).exists():
            raise Forbidden()
        if row.seen_at is None:
            with change(user, "glass.seen", row):
                row.seen_by, row.seen_at = user, timezone.now()
                row.save(update_fields=["seen_by", "seen_at"])
    return row
