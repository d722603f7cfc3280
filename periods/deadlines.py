"""Arithmetic of deadlines: when something is due, and how it stands on a day. The rows, and whose they are, live in the rooms above."""

import calendar as months
import datetime as dt

from periods.period import SHANGHAI

DONE, LATE, OVERDUE, TODAY, SOON, OPEN = "done", "late", "overdue", "today", "soon", "open"


def day_of(moment):
    """The day in Asia/Shanghai of an aware datetime; a date is its own."""
    return moment.astimezone(SHANGHAI).date() if isinstance(moment, dt.datetime) else moment


def due_day(start, n, unit, calendar):
    """The last day on which what follows `start` by n `unit` is in time."""
    return day_of(calendar.add(start, n, unit))


def overdue_on(due, done, day):
    """Is it overdue on `day` (contract §6): its due day is past, and what ends it is not dated by then?"""
    return day_of(due) < day and (done is None or day_of(done) > day)


def overdue_at(due, now):
    """Is something still open overdue at the moment `now`? A due moment is past by the minute, a due day when it has ended."""
    return due < now if isinstance(due, dt.datetime) else due < day_of(now)


def standing(due, done, day, *, soon=2):
    """How a deadline stands on `day`: done, late (done, but after it was due), overdue, today, soon (within `soon` days), open."""
    due, done = day_of(due), day_of(done)
    if done is not None and done <= day:
        return LATE if done > due else DONE
    left = (due - day).days
    return OVERDUE if left < 0 else TODAY if left == 0 else SOON if left <= soon else OPEN


def add_months(day, n):
    """The same day n months on (back where negative), or the last of a shorter month: 30 November + 3 is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def in_force(rules, day):
    """Of `rules` with `valid_from`, the one that holds on `day`: the latest begun by then, or None."""
    begun = [rule for rule in rules if rule.valid_from <= day]
    return max(begun, key=lambda rule: rule.valid_from, default=None)
