"""What the site's search finds in this room: clients by name, pinyin and initials as far as one has them in full, cases by number."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import codes
from casework.access import FULL
from casework.models import Case, Client
from stations.finding import asked

NUMBER = re.compile(r"\d{4,9}(-\d{0,4}(-\d{0,6})?)?", re.ASCII)


def find_clients(user, text, most):
    """By the whole name, its pinyin or initials: names are encrypted, only a blind index finds them. None without a full view."""
    if not text.strip() or not user.can("see", Client):
        return []
    rows = (
        Client.objects.visible_to(user, near=False, depth=FULL)
        .called(text)
        .select_related("station")
        .order_by("pk")[:most]
    )
    return [
        {
            "url": f"/clients/{c.public_id}/", "label": c.name.clear, "code": "", "status": None, "icon": "people",
            "hint": f"{c.station.name} · " + _("%(day)s 建档") % {"day": c.filed_on},
        }
        for c in rows
    ]  # fmt: skip


def find_cases(user, text, most):
    """By the beginning of their number, as far as one may know of them; who it is about is not told here."""
    text = asked(text)
    if not NUMBER.fullmatch(text) or not user.can("see", Case):
        return []
    rows = (
        Case.objects.visible_to(user, near=False)
        .filter(number__startswith=text)
        .select_related("station")
        .order_by("number")[:most]
    )
    return [
        {
            "url": f"/cases/{c.number}/", "label": c.number, "code": "", "status": None, "icon": "case",
            "hint": f"{c.station.name} · {codes.STAGES[c.stage]}",
        }
        for c in rows
    ]  # fmt: skip


# `private`: what is typed may be a person's name, so it never stands in an address.
SEARCH = [
    {"title": gettext_lazy("服务对象"), "find": find_clients, "all": "/clients/", "private": True},
    {"title": gettext_lazy("个案"), "find": find_cases, "all": "/cases/?q="},
]
