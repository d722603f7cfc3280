"""Entering and confirming, the same for all entries: one side puts down, the other says that it is so, or gives it back with a reason."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import Conflict, DomainError, Forbidden
from partnerships import access
from partnerships.codes import CONFIRMED, ENTERED, OTHER, RETURNED


def hold(entry):
    """The entry's row as it stands now, locked: every write to it begins with this."""
    model = type(entry)
    related = ["programme"] if model._meta.model_name in ("pairing", "activity") else ["pairing__programme"]
    found = model.objects.select_related(*related).select_for_update(of=("self",))
    return found.get(pk=entry.pk)


def mark_entered(user, entry, side):
    """The entry is as `user` of `side` says; whatever was confirmed of it has to be confirmed again."""
    entry.state, entry.side, entry.entered_by = ENTERED, side, user if user.pk else None
    entry.decided_by, entry.decided_at, entry.returned_reason = None, None, ""


def confirm(user, entry, check=None):
    """Say for the other side that an entry is so; from now on it counts.

    Raises Forbidden `own_work` for who entered it, Forbidden for the side that did, Conflict `not_pending` where it is decided.
    """
    return _decide(user, entry, "confirm", CONFIRMED, check=check)


def give_back(user, entry, reason, check=None):
    """Return an entry to the side that made it, with a reason. Raises as `confirm`; DomainError `missing_required`."""
    if not reason.strip():
        raise DomainError(_("退回要写原因"), code="missing_required", field="reason")
    return _decide(user, entry, "return", RETURNED, reason.strip(), check)


def _decide(user, entry, verb, state, reason="", check=None):
    with transaction.atomic():
        entry = hold(entry)
        _require_other_side(user, entry, verb)
        if check:
            check(entry)
        if entry.state == CONFIRMED or (entry.state == RETURNED and state == RETURNED):
            raise Conflict(_("这一条已经处理过了"), code="not_pending")
        entry.state, entry.decided_by, entry.decided_at, entry.returned_reason = state, user, timezone.now(), reason
        with change(user, f"{entry._meta.model_name}.{state}", entry, reason=reason):
            entry.save()
    return entry


def _require_other_side(user, entry, verb):
    user._posts_now = None
    if access.can(user, verb, entry):
        return
    if entry.entered_by_id is not None and entry.entered_by_id == user.pk:
        raise Forbidden(_("自己录入的要由对方确认"), code="own_work")
    pairing = entry if entry._meta.model_name == "pairing" else entry.pairing
    if access.sides(user, entry.programme, pairing) - {OTHER[entry.side]}:
        raise Forbidden(_("这一条是本方录入的，要由对方确认"), code="own_work")
    raise Forbidden()
