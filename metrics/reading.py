"""Reading rolled-up cells for pages: one place over time, and the places one tier down. Scoped, one query each."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q, Subquery
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from metrics import access, actions, declared
from metrics.models import Cell, LogMark, RollupRun
from metrics.switch import back_from
from periods import today
from stations.models import Division, Station
from stations.models.divisions import ANCESTORS, LEVEL_NAMES
from surfaces.words import number, percent


class Figures:
    """The cells of `place` (a Division or Station) in the periods up to `period`, as far as `user` sees them.

    Figures that hang on divisions alone are read at a station's division.
    """

    def __init__(self, user, place, period):
        self.user, self.place, self.period = user, place, period
        self.division = place.division if isinstance(place, Station) else place
        self.whole = access.sees_all_of(user, self.division)  # the figures of its stations too
        self.periods = back_from(period)
        codes = [p.code for p in self.periods]
        runs = RollupRun.objects.visible_to(user).filter(code__in=codes)
        self.runs = {run.code: run for run in runs.annotate(read_at=Subquery(LogMark.objects.values("read_at")[:1]))}
        if period.code not in self.runs and user.can("see", Cell) and (run := actions.ensure(period)):
            self.runs[period.code] = run
        self.run = self.runs.get(period.code)
        self._cells = self._read()

    def _read(self):
        here = Q(division=self.division.pk, station=None)
        if isinstance(self.place, Station):
            here = (here & Q(indicator__in=declared.hanging_on("division"))) | Q(station=self.place.pk)
        names = {run.pk: code for code, run in self.runs.items()}
        found = Cell.objects.visible_to(self.user).filter(here, run__in=names)
        rows = found.values_list("run_id", "indicator", "numerator", "denominator")
        return {(names[run], code): (n, d) for run, code, n, d in rows}

    def home(self, indicator, division=None):
        """The place at which the user opens a figure here (or one tier down, in `division`), or None."""
        if indicator.hangs_on == "division" or self.whole:
            return division or (self.division if indicator.hangs_on == "division" else self.place)
        return None if division or not isinstance(self.place, Station) else self.place

    def cell(self, code, period=None):
        """(numerator, denominator) of a figure; what is absent from a rolled-up period is (0, None), over nothing (0, 0)."""
        period = period or self.period
        if period.code not in self.runs or self.runs[period.code].as_of < period.first:
            return None, None
        return self._cells.get((period.code, code), (0, 0) if declared.indicators()[code].is_ratio else (0, None))

    def points(self, code, link=None):
        """The trend of a figure: the points of components/chart_line.html."""
        indicator, out = declared.indicators()[code], []
        for period in self.periods:
            n, d = self.cell(code, period)
            point = {"label": period.label, "short": _short(period), "url": link(period) if link else ""}
            if indicator.is_share:
                point |= {"numerator": n, "denominator": d or None, "rate": None}
            else:
                point |= {"value": None if n is None else readable(indicator.value(n, d))}
            out.append(point)
        return out

    def trend(self, code):
        """Its values alone, for a line the size of a word."""
        indicator = declared.indicators()[code]
        return [
            indicator.value(*self.cell(code, p)) if self.cell(code, p)[0] is not None else None for p in self.periods
        ]

    @cached_property
    def around(self):
        """The divisions one tier down and those above, as far as they are seen: one query."""
        above = [getattr(self.division, ANCESTORS[level]) for level in range(1, self.division.level)]
        seen = Division.objects.visible_to(self.user)
        children = seen.on(self.period.as_of).filter(parent=self.division.pk)
        return list((children | seen.filter(pk__in=[pk for pk in above if pk])).order_by("code"))

    @property
    def path(self):
        """The divisions above that the user sees, from the top, then the division itself."""
        above = (d for d in self.around if d.level < self.division.level)
        return [*sorted(above, key=lambda d: d.level), self.division]

    def below(self, codes):
        """[(Division one tier down, {code: (numerator, denominator)})] in the order of their codes."""
        divisions = [d for d in self.around if d.parent_id == self.division.pk]
        cells = {}
        if self.run and divisions:
            found = Cell.objects.visible_to(self.user).filter(
                run=self.run, indicator__in=codes, division__in=[d.pk for d in divisions], station=None
            )
            for pk, code, n, d in found.values_list("division_id", "indicator", "numerator", "denominator"):
                cells.setdefault(pk, {})[code] = n, d
        return [(d, cells.get(d.pk, {})) for d in divisions]

    @property
    def as_of(self):
        """Up to when data are in these figures: the last reading of the log in an open period, else the last day counted."""
        if self.run is None or self.run.last < today():
            return self.run and self.run.as_of
        return max(filter(None, (self.run.refreshed_at, getattr(self.run, "read_at", None))))


def path_to(user, division):
    """The divisions above `division` that `user` sees, from the top, itself last."""
    above = [getattr(division, ANCESTORS[level]) for level in range(1, division.level)]
    seen = Division.objects.visible_to(user).filter(pk__in=[pk for pk in above if pk]) if any(above) else ()
    return [*sorted(seen, key=lambda d: d.level), division]


def below_name(division):
    """What lies one tier down, in a word: 区县, 乡镇（街道）…"""
    return LEVEL_NAMES.get(division.level + 1, "")


def readable(value):
    """A figure for reading: two places at most (the API and the workbook have all)."""
    return value if value is None or value == int(value) else value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def shown(indicator, numerator, denominator):
    """A figure as a short text: "93%", "1,825", "—"."""
    if numerator is None:
        return "—"
    return (
        percent(numerator, denominator)
        if indicator.is_share
        else number(readable(indicator.value(numerator, denominator)))
    )


def _short(period):
    """What stands below a point: 11月, 三季度."""
    if period.kind == "month":
        return _("%(n)s月") % {"n": period.first.month}
    if period.kind == "quarter":
        return (_("一季度"), _("二季度"), _("三季度"), _("四季度"))[period.first.month // 3]
    if period.kind == "half":
        return _("上半年") if period.first.month == 1 else _("下半年")
    return str(period.first.year)
