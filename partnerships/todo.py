"""What waits in this room: entries of the other side that ask for one's confirmation, and one's own that came back."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partnerships.entries import KINDS, waiting_for
from partnerships.models import Batch, Programme


def _takes_part(user):
    """Has `user` to do with a programme? One query, for those whose role may."""
    return not user.is_superuser and user.can("see", Batch) and Programme.objects.visible_to(user).exists()


def waiting(user):
    """Entries that the other side made, and one's own that it gave back."""
    return to_confirm(user) + returned(user) if _takes_part(user) else []


def to_confirm(user):
    """Entries that the other side made."""
    found: dict = {}
    for kind, _row in waiting_for(user, 50):
        found[kind] = found.get(kind, 0) + 1
    return [
        {
            "url": f"/{kind.path}/?state=entered", "kind": "", "icon": "check", "due": "", "why": _("对方录入，您确认了才计入数字"),
            "what": ngettext("%(what)s：%(n)s 条待确认", "%(what)s：%(n)s 条待确认", n) % {"what": kind.title, "n": n},
        }
        for kind, n in found.items()
    ]  # fmt: skip


def returned(user):
    """One's own entries that the other side gave back."""
    found = []
    for kind in KINDS.values():
        rows = (
            kind.model.objects.visible_to(user).filter(state="returned", entered_by=user).select_related(*kind.related)
        )
        found += [
            {
                "url": kind.url(row), "kind": "bad", "icon": "undo", "due": "", "why": row.returned_reason,
                "what": _("被退回：%(what)s") % {"what": kind.name(row)},
            }
            for row in rows.order_by("pk")[:5]
        ]  # fmt: skip
    return found


TODO = [waiting]
