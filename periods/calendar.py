"""China's workday calendar and adding to days by it. Three layers: the table CalendarDay, the package's published years, Monday to Friday.

A `Calendar` is a value: read once (one query), then pure. What is due when is `deadlines`' affair.
"""

import datetime as dt
from math import ceil

from chinese_calendar import constants
from django.utils.translation import gettext as _

from periods.period import SHANGHAI

HOURS, DAYS, WORKDAYS = "hours", "days", "workdays"
UNITS = (HOURS, DAYS, WORKDAYS)
MOST = 5000  # of any unit; beyond it somebody mistyped
_KNOWN = {day.year for day in constants.holidays}
_DAY = dt.timedelta(days=1)


class Calendar:
    """Which days are worked. `entries` {date: is_workday} win over what the package knows."""

    def __init__(self, entries=None):
        self._entries = dict(entries or {})

    @classmethod
    def current(cls):
        """The calendar with the table's days as they stand now: one query."""
        from periods.models import CalendarDay

        return cls(CalendarDay.objects.values_list("date", "is_workday"))

    def published(self, year):
        """Is the year's list known: in the package, or entered with its New Year's and National Day off?"""
        entered = (self._entries.get(dt.date(year, month, 1)) for month in (1, 10))
        return year in _KNOWN or all(worked is False for worked in entered)

    def is_workday(self, day):
        """Is `day` (a date) worked? Monday to Friday where the year's list is not known."""
        if day in self._entries:
            return self._entries[day]
        if day.year in _KNOWN and (day in constants.workdays or day in constants.holidays):
            return day in constants.workdays
        return day.weekday() < 5

    def add(self, start, n, unit):
        """`start` plus n hours, days or workdays: a date for a date, a moment in Asia/Shanghai for an aware datetime.

        The day of `start` itself is not counted. 0 workdays is that day, or the next one worked. Hours after a date count
        from that day's end: 24 hours after 8 August are due on the 9th. Negative n goes back. Raises ValueError.
        """
        if unit not in UNITS or isinstance(n, bool) or not isinstance(n, int) or abs(n) > MOST:
            raise ValueError(_("期限应是整数个小时、天或工作日，最多 %(most)s") % {"most": MOST})
        if not isinstance(start, dt.datetime):
            return self._add_to_day(start, ceil(n / 24) if unit == HOURS else n, unit)
        if start.tzinfo is None:
            raise ValueError(_("时刻要带时区"))
        if unit == HOURS:
            return (start.astimezone(dt.UTC) + dt.timedelta(hours=n)).astimezone(SHANGHAI)
        local = start.astimezone(SHANGHAI)
        return dt.datetime.combine(self._add_to_day(local.date(), n, unit), local.time(), SHANGHAI)

    def _add_to_day(self, day, n, unit):
        if unit != WORKDAYS:
            return day + n * _DAY
        step = -_DAY if n < 0 else _DAY
        if n == 0 and not self.is_workday(day):
            n = 1
        for _nth in range(abs(n)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays(self, first, last):
        """How many days of first..last, both inside, are worked."""
        return sum(self.is_workday(first + i * _DAY) for i in range((last - first).days + 1))

    def note(self, first, last=None):
        """A sentence to show beside what was counted over years whose list is not known; "" where all are."""
        years = [y for y in range(first.year, (last or first).year + 1) if not self.published(y)]
        if not years:
            return ""
        named = _("、").join(str(year) for year in years)
        return _("%(years)s年的放假安排还没有公布，工作日暂按周一至周五计算") % {"years": named}


def is_workday(day, calendar=None):
    """Is `day` worked, by `calendar` or the current one?"""
    return (calendar or Calendar.current()).is_workday(day)


def published(year, calendar=None):
    """Is that year's list of days off known?"""
    return (calendar or Calendar.current()).published(year)


def add(day, n, unit, calendar=None):
    """`Calendar.add`; without `calendar` it reads the table. In a loop read it once and hand it in."""
    return (calendar or Calendar.current()).add(day, n, unit)
