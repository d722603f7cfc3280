"""A reporting period as a value: month, quarter, half-year or year, with its first and last day."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import total_ordering
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

SHANGHAI = ZoneInfo("Asia/Shanghai")
KINDS = ("month", "quarter", "half", "year")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_FORM = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")


def today():
    """The calendar day in Asia/Shanghai, whatever the machine's clock zone."""
    return dt.datetime.now(SHANGHAI).date()


@total_ordering
@dataclass(frozen=True)
class Period:
    """A span of whole months inside one calendar year.

    `first` and `last` are dates, both inside; `code` is the contract's form: 2022-08, 2022-Q3, 2022-H1, 2022.
    """

    kind: str
    first: dt.date

    @classmethod
    def parse(cls, text):
        """The period a code names. Raises ValueError for anything but the four forms, years 1900–2199."""
        found = _FORM.fullmatch(text) if isinstance(text, str) and text.isascii() else None
        if found is None or not 1900 <= int(found[1]) <= 2199:
            raise ValueError(_("期间应写成 2022-08、2022-Q3、2022-H1 或 2022"))
        year, (month, quarter, half) = int(found[1]), found.groups()[1:]
        if month:
            return cls("month", dt.date(year, int(month), 1))
        if quarter:
            return cls("quarter", dt.date(year, int(quarter) * 3 - 2, 1))
        if half:
            return cls("half", dt.date(year, int(half) * 6 - 5, 1))
        return cls("year", dt.date(year, 1, 1))

    @classmethod
    def of(cls, kind, day):
        """The period of that kind that contains `day`."""
        months = _MONTHS[kind]
        return cls(kind, dt.date(day.year, (day.month - 1) // months * months + 1, 1))

    @classmethod
    def month_of(cls, day):
        return cls.of("month", day)

    @classmethod
    def all_of(cls, day):
        """The four periods that contain `day`, shortest first."""
        return [cls.of(kind, day) for kind in KINDS]

    @classmethod
    def between(cls, first, last):
        """Every period, of every kind, that holds a day of first..last; by kind, then in time."""
        out = []
        for kind in KINDS:
            period = cls.of(kind, first)
            while period.first <= last:
                out.append(period)
                period = period.next()
        return out

    @property
    def last(self):
        month = self.first.month + _MONTHS[self.kind] - 1
        return dt.date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])

    @property
    def as_of(self):
        """The last day that can be counted already: the period's last, or today in an open one."""
        return min(self.last, today())

    @property
    def is_open(self):
        return self.first <= today() <= self.last

    @property
    def code(self):
        year, month = self.first.year, self.first.month
        forms = {
            "month": f"{year}-{month:02d}",
            "quarter": f"{year}-Q{month // 3 + 1}",
            "half": f"{year}-H{month // 6 + 1}",
        }
        return forms.get(self.kind, str(year))

    @property
    def label(self):
        year, month = self.first.year, self.first.month
        if self.kind == "month":
            return _("%(year)s年%(month)s月") % {"year": year, "month": month}
        if self.kind == "quarter":
            return _("%(year)s年第%(quarter)s季度") % {"year": year, "quarter": month // 3 + 1}
        if self.kind == "half":
            return (_("%(year)s年上半年") if month == 1 else _("%(year)s年下半年")) % {"year": year}
        return _("%(year)s年") % {"year": year}

    def contains(self, day):
        return self.first <= day <= self.last

    def next(self):
        return Period.of(self.kind, self.last + dt.timedelta(days=1))

    def previous(self):
        return Period.of(self.kind, self.first - dt.timedelta(days=1))

    def __lt__(self, other):
        return (KINDS.index(self.kind), self.first) < (KINDS.index(other.kind), other.first)

    def __str__(self):
        return self.code
