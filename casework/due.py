"""What is due in a case, and when: what it waits for (waits.py) by the deadline rows and China's workday calendar.

`settle(case)` runs after every write under the case's lock and keeps the result (DueItem): overdue is a figure and a list, of
past days too. `open_items(file)` is what a page and the API show.
"""

import datetime as dt

from django.utils import timezone

from casework.models import DeadlineRule, DueItem
from casework.waits import DATED, NAMES, waits
from periods.calendar import WORKDAYS, Calendar, published
from periods.deadlines import day_of, overdue_at
from stations.models.divisions import ANCESTORS

KEPT = ("since", "due_on", "due_at", "done_on", "severity", "waiting_for", "record")


class Rules:
    """The deadline rows as they hold for one station: one query, then pure."""

    def __init__(self, station, rows=None):
        rows = DeadlineRule.objects.select_related("division") if rows is None else rows
        division = station.division
        above = {getattr(division, c) if c != "id" else division.pk for c in ANCESTORS.values()}
        self._rows = [r for r in rows if r.division_id is None or r.division_id in above]

    def of(self, code, day):
        """The row for `code` that holds on `day`: the nearest place's, of these the latest. None where there is none."""
        valid = [r for r in self._rows if r.code == code and day in r.span]
        return max(valid, key=lambda r: (r.division.level if r.division_id else 0, r.span.lower), default=None)


def reckon(file, rules=None, calendar=None):
    """{(code, source): the columns of a DueItem}: pure once rules and calendar are read."""
    rules, calendar = rules or Rules(file.case.station), calendar or Calendar.current()
    out = {}
    for wait in waits(file):
        since = day_of(wait.since)
        rule = None if wait.due else rules.of(wait.code, since)
        if rule is None and wait.due is None:
            continue
        due = wait.due or calendar.add(wait.since, rule.amount, rule.unit)
        out[wait.code, wait.source] = {
            "since": since, "due_on": day_of(due), "due_at": due if isinstance(due, dt.datetime) else None, "done_on": wait.done,
            "severity": rule.severity if rule else "normal", "record": wait.record,
            "waiting_for": rule.waiting_for if rule else DATED[wait.code],
        }  # fmt: skip
    return out


def settle(file, rules=None, calendar=None):
    """Bring the kept items of a case in line with its papers. Inside an event, under the case's lock."""
    file.forget()
    wanted, stale = reckon(file, rules, calendar), []
    for item in file.case.due_items.all():
        want = wanted.pop((item.code, item.source), None)
        if want is None:
            stale.append(item.pk)
        elif any(getattr(item, name) != want[name] for name in KEPT):
            DueItem.objects.filter(pk=item.pk).update(**want)
    if stale:
        DueItem.objects.filter(pk__in=stale).delete()
    DueItem.objects.bulk_create(
        DueItem(case=file.case, code=code, source=source, **want) for (code, source), want in wanted.items()
    )


def open_items(case):
    """What is due in `case` now, the first first."""
    return list(case.due_items.open().order_by("due_on", "due_at", "code"))


def is_overdue(item, now=None):
    """Is an open item overdue: a moment by the minute, a day when it has ended?"""
    return overdue_at(item.due_at or item.due_on, now or timezone.now())


def name_of(item):
    """What a due item is called on a page."""
    return NAMES.get(item.code, item.code)


def note_of(items):
    """A sentence to show beside due days counted in workdays over a year whose days off are not published yet; "" where none is.

    Years that the package knows cost no query.
    """
    unsure = [i for i in items if not all(published(day.year, Calendar()) for day in (i.since, i.due_on))]
    if not unsure:
        return ""
    counted = set(DeadlineRule.objects.filter(unit=WORKDAYS).values_list("code", flat=True))
    unsure = [i for i in unsure if i.code in counted]
    if not unsure:
        return ""
    return Calendar.current().note(min(i.since for i in unsure), max(i.due_on for i in unsure))
