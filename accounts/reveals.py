"""Opening masked personal data: with a purpose, in a session, within a day's budget, and never without an event."""

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.changes import VIA, change
from accounts.errors import DomainError, Forbidden
from accounts.models import Event, User
from accounts.protection import Protected, decrypt, encrypt

REVEALED = "personal.revealed"
PURPOSES = {
    "service": _("提供服务（联系、上门）"),
    "crisis": _("危机处置"),
    "referral": _("转介"),
    "identity_check": _("核对身份"),
    "subject_request": _("本人或监护人查询"),
    "supervision": _("督导、检查"),
}
NOTE = "accounts_event.note"  # what the note's ciphertext is bound to
LONGEST_NOTE = 500


class BudgetSpent(DomainError):
    """More was revealed today than one person's work asks for."""

    status, code = 429, "budget_spent"


def reveal(user, obj, purpose, note="", fields=()):
    """`{field: clear value}` of `obj`'s `fields`, one event written with them or nothing at all.

    `purpose` is one of PURPOSES; `note` free words, kept encrypted. Raises DomainError `missing_required` or `bad_choice`
    for the purpose, Forbidden outside a session or without the verb "reveal" of the object's room, BudgetSpent (429).
    """
    _check(purpose, note)
    if VIA.get() != "web" or user.is_service:
        raise Forbidden(_("打码的信息只能由本人登录后查看，接口密钥和后台任务都不行"))
    if not user.can("reveal", obj):
        raise Forbidden()
    details = {"purpose": purpose, "fields": list(fields)}
    if note:
        details["note"] = encrypt(NOTE, note)
    with change(user, REVEALED, obj, **details):
        _check_budget(user)
        return {name: _clear(getattr(obj, name)) for name in fields}


def _check(purpose, note):
    if not purpose:
        raise DomainError(_("请选择查看的用途"), code="missing_required", field="purpose")
    if purpose not in PURPOSES:
        raise DomainError(_("没有这种用途，请从列表里选"), code="bad_choice", field="purpose")
    if note and not isinstance(note, str):
        raise DomainError(_("说明应是文字"), code="inconsistent", field="note")
    if note and len(note) > LONGEST_NOTE:
        raise DomainError(_("说明最多 %(most)d 个字") % {"most": LONGEST_NOTE}, code="inconsistent", field="note")


def _check_budget(user):
    """Inside the event's transaction and behind the user's row, so that two at once do not both take the last one."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if revealed_today(user) > settings.REVEALS_A_DAY:
        raise BudgetSpent(
            _("今天已经查看了 %(most)d 次打码信息，到了每天的上限，明天再看；急用请找督导或管理员")
            % {"most": settings.REVEALS_A_DAY}
        )


def revealed_today(user):
    """How often `user` has revealed something since midnight in Asia/Shanghai."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Event.objects.filter(
        user=user, verb=REVEALED, at__gte=midnight, at__lt=midnight + dt.timedelta(days=1)
    ).count()


def note_of(event):
    """The clear note of a reveal's event, or ""."""
    sealed = event.detail.get("note")
    return decrypt(NOTE, sealed) if sealed else ""


def _clear(value):
    return value.clear if isinstance(value, Protected) else value
