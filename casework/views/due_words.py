"""How a due item reads: what, why, by when, how urgent; for a case's page, the home page and every other list of work."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import codes, due
from casework.doors import due_url
from casework.views.base import joined
from periods import today
from surfaces.words import moment, near_day

# Deadlines on one and the same thing: the first of them speaks for all.
FAMILIES = {
    "contact": "contact", "contact_long": "contact", "contact_red": "contact", "contact_orange": "contact",
    "contact_record": "record", "contact_record_24h": "record", "crisis_24h": "crisis", "crisis_72h": "crisis",
    "reassessment": "reassessment", "reassessment_event": "reassessment",
}  # fmt: skip


def folded(items):
    """`items` in their order, of each family in a case the first alone."""
    seen, out = set(), []
    for item in items:
        family = FAMILIES.get(item.code)
        key = (item.case_id, family, item.record if family == "record" else "")
        if family and key in seen:
            continue
        seen.add(key)
        out.append(item)
    return out


def when(item):
    """逾期 2 天, 今天 16:00, 8月12日 周五"""
    if due.is_overdue(item):
        late = (today() - item.due_on).days
        return ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", late) % {"n": late} if late else _("已过时")
    return moment(timezone.localtime(item.due_at)) if item.due_at else near_day(item.due_on)


def mark(item):
    """(kind, icon): overdue is red, today and tomorrow amber, the rest plain."""
    if due.is_overdue(item):
        return "bad", "stop"
    return ("warn", "clock") if item.due_on <= today() + dt.timedelta(days=1) else ("", "clock")


def why(item):
    """自 8月1日起算；等督导"""
    words = [_("%(day)s起算") % {"day": near_day(item.since)}]
    if due.is_overdue(item):
        words = [_("%(day)s到期") % {"day": near_day(item.due_on)}]
    if item.waiting_for != "worker":
        words.append(_("等%(who)s") % {"who": codes.WAITING[item.waiting_for]})
    return joined(*words)


def due_rows(items, doors):
    """What is due in one case: [{kind, icon, name, why, due, door (address, words) or None}]."""
    rows = []
    for item in folded(items):
        kind, icon = mark(item)
        rows.append({
            "kind": kind, "icon": icon, "name": due.name_of(item), "why": why(item), "due": when(item), "door": doors.of_due(item),
        })  # fmt: skip
    return rows


def work_row(item, name, *, by="worker"):
    """One line of a list of work, for components like .todo: `name` is whose case it is, as the reader may see it."""
    kind, icon = mark(item)
    return {
        "url": due_url(item.case.number, item.code, item.record, by=by), "kind": kind, "icon": icon,
        "what": f"{name} · {due.name_of(item)}", "why": why(item), "due": when(item),
    }  # fmt: skip
