"""Figures of the small world: rolled up, and read as a person would; and counties of any size."""

import datetime as dt

import pytest

from accounts.changes import change
from metrics import actions, declared
from metrics.models import Cell, RollupRun
from metrics.sql import log
from periods import Period, today
from stations import planting, tree
from stations.models import Division, Station
from stations.releases import Row, take_over

SINCE = dt.date(2021, 3, 1)


class Figures:
    """Rolls up and reads. `cell("station_coverage", place)` → (numerator, denominator), (0, None or 0) where absent."""

    def __init__(self, world):
        self.world = world
        self.month = Period.month_of(today())
        self.before = self.month.previous()

    def roll(self, *periods):
        for period in periods or (self.before, self.month):
            actions.roll_up(period)
        return self

    def refresh(self):
        return actions.refresh()

    def cell(self, code, place, period=None):
        found = Cell.objects.filter(indicator=code, run__code=(period or self.month).code).at(place).first()
        if found is None:
            return (0, 0) if declared.indicators()[code].is_ratio else (0, None)
        return found.numerator, found.denominator

    def everything(self, *codes):
        """All cells as plain tuples, for comparing two ways of reaching them."""
        rows = Cell.objects.filter(run__code__in=codes) if codes else Cell.objects.all()
        return set(
            rows.values_list(
                "run__code", "indicator", "division_id", "station_id",
                "own_numerator", "own_denominator", "numerator", "denominator", "version",
            )
        )  # fmt: skip

    def anew(self):
        """The same from nothing: what a whole run says today of every period that is rolled up."""
        periods = [run.period for run in RollupRun.objects.all()]
        Cell.objects.all().delete()
        RollupRun.objects.all().delete()
        self.roll(*periods)
        return self.everything()


@pytest.fixture
def figures(world, monkeypatch):
    """The world in one transaction, in which the log is told apart by event instead of by transaction; no kept periods."""
    monkeypatch.setattr(actions, "KEPT", {"month": 0, "quarter": 0, "half": 0, "year": 0})
    for name in ("LOGGED", "UNREAD"):
        monkeypatch.setattr(log, name, getattr(log, name).replace("e.transaction_id", "e.id"))
    monkeypatch.setattr(log, "SETTLED_BELOW", "SELECT coalesce(max(id), 0) + 1 FROM accounts_event")
    return Figures(world)


@pytest.fixture
def committed(transactional_db, world, monkeypatch):
    """The world committed: refresh reads the log by transactions, as in life."""
    monkeypatch.setattr(actions, "KEPT", {"month": 0, "quarter": 0, "half": 0, "year": 0})
    return Figures(world)


def days_ago(n):
    return today() - dt.timedelta(days=n)


def county(code, units, covered):
    """A city with `units` townships that owe a station, fifty a county, of which the first `covered` have one. Returns the city."""
    city = f"{code}00000000"
    rows = [Row(2, city, "测试市", 2, "")]
    for i in range(units or 1):
        district = f"{code}{i // 50 + 1:02d}000000"
        if i % 50 == 0:
            rows.append(Row(len(rows) + 2, district, f"第{i // 50 + 1}县", 3, city))
        if units:
            rows.append(Row(len(rows) + 2, f"{district[:6]}{100 + i % 50:03d}000", f"第{i + 1}镇", 4, district))
    _counts, complaints = take_over(None, rows, SINCE, "名单")
    assert not complaints
    towns = list(
        Division.objects.filter(code__startswith=code, level=4).select_related("city", "district").order_by("pk")
    )
    made = [Station(name=f"{d.name}站", tier=3, division=d, status="operating") for d in towns[:covered]]
    if made:
        with change(None, "test.planted"):
            tree.lock(towns[0].lock_id)
            planting.plant(made, dict.fromkeys(range(covered), SINCE))
    return Division.objects.get(code=city, level=2)
