"""What makes a contact quick to write down: whose it may be, the taps that stand for a day, a length, a next step."""

import datetime as dt

from django.db.models import Exists, F, Max, Min, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import access
from casework.models import Case, Record
from periods import today
from surfaces.words import near_day

LENGTHS = (15, 30, 45, 60, 90)
OTHER = "other"
TAPS = {"day": "happened_on", "length": "minutes", "next": "next_step"}  # a row of taps → the field it fills
DUE = ("contact", "contact_long", "contact_red", "contact_orange", "contact_record", "contact_record_24h")


def cases_to_log(user):
    """Open cases that `user` works in and whose plan was approved: what is due first, then the last used. With `due`, `last`."""
    due = Min("due_items__due_on", filter=Q(due_items__done_on=None, due_items__code__in=DUE))
    last = Max("records__on", filter=Q(records__kind="contacts"))
    found = _own(user, with_plan=True).select_related("client", "station").annotate(due=due, last=last)
    return found.order_by(F("due").asc(nulls_last=True), F("last").desc(nulls_last=True), "number")


def without_plan(user):
    """How many open cases of `user` cannot be logged in yet."""
    return _own(user, with_plan=False).count()


def _own(user, *, with_plan):
    """Open cases that `user` works in, with an approved plan or without one."""
    approved = Exists(Record.objects.filter(case=OuterRef("pk"), kind="approvals", code="approve", about__kind="plans"))
    mine = Case.objects.filter(access.any_of(access.held(user), ["own"]), closed_on=None)
    return mine.filter(approved if with_plan else ~approved)


def settled(data):
    """Posted data with the taps put into the fields they stand for."""
    out = data.copy()
    for tap, name in TAPS.items():
        chosen = data.get(tap, OTHER)
        if chosen and chosen != OTHER:
            out[name] = chosen[:500]
    return out


def taps(values, sent=None):
    """{"day" | "length" | "next": {"options" [(value, words, checked)], "other": bool}} as they stand: sent, else from values."""
    options = {"day": _days(), "length": _lengths(), "next": _nexts()}
    out = {}
    for tap, name in TAPS.items():
        held = str(values.get(name) or "")
        offered = [value for value, _words in options[tap]]
        chosen = sent.get(tap, "") if sent else held if held in offered else OTHER if held else ""
        out[tap] = {
            "chosen": chosen, "options": [(value, words, value == chosen) for value, words in options[tap]],
            "other": chosen == OTHER or bool(chosen and chosen not in offered),
        }  # fmt: skip
    return out


def _days():
    return [(today().isoformat(), _("今天")), ((today() - dt.timedelta(days=1)).isoformat(), _("昨天"))]


def _lengths():
    return [(str(n), ngettext("%(n)d 分钟", "%(n)d 分钟", n) % {"n": n}) for n in LENGTHS]


def _nexts():
    two, one = today() + dt.timedelta(days=14), today() + dt.timedelta(days=7)
    words = _("两周后家访（%(day)s）") % {"day": _short(two)}, _("一周后电话（%(day)s）") % {"day": _short(one)}
    return [(text, text) for text in words]


def _short(day):
    return near_day(day)
