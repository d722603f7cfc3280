"""What this room tells the desk is due: so much late or due today, so many papers wait for a word, cases given or offered. Lines, no lists."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import glass, worklists
from casework.models import Record
from surfaces.words import near_day

MOST = 5


def late(user):
    """One line for what is late or due today, leading to the list of all."""
    if not user.can("see", Record):
        return []
    overdue, now = worklists.due_now(user)
    if not overdue + now:
        return []
    late_words = ngettext("%(n)d 件逾期", "%(n)d 件逾期", overdue) % {"n": overdue} if overdue else ""
    now_words = ngettext("%(n)d 件今天到期", "%(n)d 件今天到期", now) % {"n": now} if now else ""
    return [{
        "url": reverse("todo"), "kind": "bad" if overdue else "warn", "icon": "clock",
        "what": _("个案：%(words)s") % {"words": "，".join(filter(None, (late_words, now_words)))},
        "why": _("按先后排好，点开就办"), "due": _("逾期") if overdue else _("今天"), "count": overdue + now,
    }]  # fmt: skip


def words_wanted(user):
    """One line for the papers that wait for a word."""
    if not worklists.approves(user):
        return []
    queue = worklists.queue(user)
    if not queue:
        return []
    first, n, late_ones = queue[0], len(queue), sum(w.is_late for w in queue)
    late_words = ngettext("，%(n)d 件过了时限", "，%(n)d 件过了时限", late_ones) % {"n": late_ones} if late_ones else ""
    return [{
        "url": reverse("approvals"), "kind": "bad" if late_ones else "warn", "icon": "check",
        "what": ngettext("%(n)d 件等您审", "%(n)d 件等您审", n) % {"n": n},
        "why": _("最早一件：%(what)s%(late)s") % {"what": first.title, "late": late_words}, "due": near_day(first.since), "count": n,
    }]  # fmt: skip


def given(user):
    """Cases that one was given and has not begun with."""
    if not user.can("see", Record):
        return []
    return [
        {
            "url": reverse("case", args=[case.number]), "kind": "info", "icon": "case", "count": 1,
            "what": _("改派给您的个案 %(number)s") % {"number": case.number}, "why": str(case.station), "due": near_day(case.given_at),
        }
        for case in worklists.given(user).select_related("station").order_by("-given_at")[:MOST]
    ]  # fmt: skip


def offered(user):
    """Cases that another station offers to one of mine: accepted or returned by manager or supervisor."""
    if not worklists.approves(user):
        return []
    cases = worklists.offered(user).select_related("station", "transfer_to").order_by("updated_at")
    return [
        {
            "url": reverse("case", args=[case.number]), "kind": "warn", "icon": "move", "count": 1,
            "what": _("转来的个案 %(number)s，等%(station)s答复") % {"number": case.number, "station": case.transfer_to},
            "why": _("来自%(station)s；接收以前仍由那边负责") % {"station": case.station}, "due": "",
        }
        for case in cases[:MOST]
    ]  # fmt: skip


TODO = [late, words_wanted, given, offered, glass.told]
