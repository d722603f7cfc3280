"""Figures of the small world: rolled up, and read as a person would."""

import datetime as dt

import pytest

from metrics import actions, declared, sql
from metrics.models import Cell, RollupRun
from periods import Period, today


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
def figures(transactional_db, world, monkeypatch):
    """The world committed, so that its log settles (other runs on the same server aside). Only periods that a test rolls up."""
    monkeypatch.setattr(actions, "KEPT", {"month": 0, "quarter": 0, "half": 0, "year": 0})
    monkeypatch.setattr(sql, "SETTLED_BELOW", "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    return Figures(world)


def days_ago(n):
    return today() - dt.timedelta(days=n)
