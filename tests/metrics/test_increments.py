"""The increments and a whole run say the same after whatever happened; and past figures move only for dated facts."""

import contextlib
import datetime as dt
import random

import pytest
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError
from metrics import actions, declared
from metrics.models import Cell, LogMark, RollupRun
from periods import Period, today
from periods.indicators import Rows, distinct, ratio
from stations import actions as stations
from stations import tree
from stations.models import CoverageUnit, Station
from stations.releases import declare_unit
from tests.metrics.conftest import days_ago

READY = ("site_ready", "staff_ready", "funds_ready")


@pytest.fixture
def persons(monkeypatch):
    """Beside the declared figures two of persons: the tiers of operating stations stand in for them."""
    rows = Rows(
        of=lambda _period, day: Station.objects.operating_on(day), place="pk", words="层级", kind="tier", distinct="tier", label="tier",
        station="code",
    )  # fmt: skip
    units = Rows(
        of=lambda _period, day: Station.objects.operating_on(day),
        place="pk",
        words="站点",
        kind="station",
        label="name",
    )
    more = [
        distinct("tiers", "层级数", unit="个", numerator=rows),
        ratio("stations_per_tier", "每级站数", unit="个/级", numerator=units, denominator=rows),
    ]
    both = {**declared.indicators(), **{i.code: i for i in more}}
    monkeypatch.setattr(declared, "indicators", lambda: both)


class Hands:
    """Somebody who does whatever comes to mind, backdated where that is allowed."""

    def __init__(self, world, seed):
        self.rng, self.user = random.Random(seed), world.user("superuser")
        self.divisions = list(world.divisions.values())

    def do_something(self):
        verb = self.rng.choice(["status", "status", "move", "merge", "change", "unit", "create", "delete", "history"])
        with contextlib.suppress(DomainError):  # refused: that is an answer too
            getattr(self, verb)(self.rng.choice(list(Station.objects.select_related("division").order_by("pk"))))

    def day(self):
        return days_ago(self.rng.choice((0, 0, 0, 3, 20, 40, 100)))

    def status(self, station):
        stations.ACTIONS[self.rng.choice(("open", "suspend", "close"))](self.user, station, on=self.day())

    def move(self, station):
        above = [
            s
            for s in Station.objects.select_related("division")
            if s.tier < station.tier and s.division.lock_id == station.division.lock_id
        ]
        if above:
            stations.move_station(self.user, station, parent=self.rng.choice(above), on=self.day())

    def merge(self, station):
        others = list(Station.objects.filter(tier=station.tier).exclude(pk=station.pk).select_related("division"))
        stations.merge_stations(self.user, station, into=self.rng.choice(others), on=self.day())

    def change(self, station):
        fields = {name: self.rng.choice((True, True, False, None)) for name in READY}
        full = self.rng.choice((None, 0, 1, 2, 3))
        stations.update_station(
            self.user,
            station,
            reported_full_time=full,
            reported_certified=None,
            **fields,
        )

    def unit(self, _station):
        with change(self.user, "test.unit"):
            declare_unit(self.rng.choice(self.divisions), self.rng.random() < 0.5, self.day(), "文")

    def create(self, station):
        made = stations.create_station(
            self.user, name=f"新站{self.rng.random()}", tier=station.tier, division=station.division, on=self.day()
        )
        stations.open_station(self.user, made, on=self.day())

    def delete(self, station):
        """As an undone import takes a station back."""
        if not station.child_rows.exists():
            with change(self.user, "test.deleted"):
                station.status_rows.all().delete()
                station.parent_rows.all().delete()
                Station.objects.filter(pk=station.pk).delete()
                tree.renumber(station.division.lock_id)

    def history(self, station):
        """Somebody corrects what was written about the past."""
        row = station.status_rows.order_by("span").first()
        if row and row.span.lower and (row.span.upper is None or row.span.upper > dt.date(2021, 6, 1)):
            with change(self.user, "test.corrected"):
                row.span = DateRange(self.rng.choice((dt.date(2020, 5, 1), dt.date(2021, 5, 1))), row.span.upper)
                row.save()


@pytest.mark.parametrize("seed", range(4))
def test_increments_equal_a_whole_run_after_anything(figures, world, persons, seed):
    walk(figures, world, seed, 8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))
def test_increments_equal_a_whole_run_after_much(figures, world, persons, seed):
    walk(figures, world, seed, 25)


def walk(figures, world, seed, steps):
    hands, long_ago = Hands(world, seed), Period.month_of(days_ago(100))
    figures.roll(long_ago, figures.before, figures.month, Period.of("quarter", today()), Period.of("year", today()))
    for _ in range(steps):
        hands.do_something()
        if hands.rng.random() < 0.5:
            figures.refresh()
    figures.refresh()
    incremental = figures.everything()
    assert actions.check_open() == dict.fromkeys((p.code for p in Period.all_of(today()) if p.kind != "half"), 0)
    assert incremental == {row for row in figures.anew() if row[0] != Period.of("half", today()).code}


def test_a_person_counts_once_at_every_place(figures, world, persons):
    figures.roll()
    for place in [world.city, world.home, *(world.fresh(n) for n in ("鄂州市", "梁子湖区", "太和镇"))]:
        there = Station.objects.within(place).operating_on(days_ago(0)).order_by()
        tiers = there.values("tier").distinct().count()
        assert figures.cell("tiers", place) == (tiers, None)
        assert figures.cell("stations_per_tier", place) == (there.count(), tiers)


def test_a_refresh_with_nothing_new_changes_nothing(figures):
    figures.roll()
    figures.refresh()
    before = list(Cell.objects.order_by("pk").values())
    assert figures.refresh() == 0
    assert list(Cell.objects.order_by("pk").values()) == before


def test_past_figures_stay_when_stations_move(figures, world):
    figures.roll()
    hub, other, town = world.station("梁子湖区"), world.station("华容区"), world.station("太和镇")
    was = {s.pk: figures.cell("stations_operating", s, figures.before) for s in (hub, other)}
    below = Station.objects.within(world.fresh("太和镇")).operating_on(days_ago(0)).count()
    stations.move_station(world.user("superuser"), town, parent=other, on=days_ago(0))
    figures.refresh()
    assert {s.pk: figures.cell("stations_operating", s, figures.before) for s in (hub, other)} == was
    assert figures.cell("stations_operating", other)[0] == was[other.pk][0] + below
    assert figures.cell("stations_operating", hub)[0] == was[hub.pk][0] - below
    actions.roll_up(figures.before)
    assert {s.pk: figures.cell("stations_operating", s, figures.before) for s in (hub, other)} == was


def test_past_figures_move_for_a_dated_fact_of_their_time(figures, world):
    figures.roll()
    n, d = figures.cell("station_coverage", world.home, figures.before)
    stations.open_station(world.user("official"), world.station("梁子镇"), on=figures.before.first)
    figures.refresh()
    assert figures.cell("station_coverage", world.home, figures.before) == (n + 1, d)


def test_an_undated_particular_counts_from_the_day_it_was_written(figures, world):
    town = world.station("东沟镇")
    stations.update_station(world.user("official"), town, **dict.fromkeys(READY, True))
    figures.roll()
    assert figures.cell("stations_three_in_place", town) == (1, None)
    assert figures.cell("stations_three_in_place", town, figures.before) == (0, None)


def test_a_new_day_counts_what_begins_on_it(figures, world, time_machine):
    tomorrow = today() + dt.timedelta(days=1)
    with change(None, "test.unit"):
        CoverageUnit.objects.create(division=world.divisions["红莲湖旅游度假区"], span=DateRange(tomorrow, None))
    figures.roll()
    n, d = figures.cell("station_coverage", world.home)
    figures.refresh()
    assert figures.cell("station_coverage", world.home) == (n, d)
    time_machine.move_to(dt.datetime.combine(tomorrow, dt.time(0, 1), dt.timezone(dt.timedelta(hours=8))))
    figures.refresh()
    run = RollupRun.objects.get(code=figures.month.code)
    if Period.month_of(tomorrow) == figures.month:
        assert figures.cell("station_coverage", world.home) == (n, d + 1) and run.as_of == tomorrow


def test_a_wrong_increment_is_found_at_night_told_and_mended(figures, world):
    figures.roll(*Period.all_of(today()))
    figures.refresh()
    right = figures.everything()
    Cell.objects.filter(run__code=figures.month.code, indicator="station_coverage").update(numerator=99)
    assert actions.check_open()[figures.month.code] > 0
    assert RollupRun.objects.get(code=figures.month.code).difference > 0
    assert figures.everything() == right


def test_a_restored_database_counts_anew(figures, world):
    figures.roll()
    LogMark.objects.update(settled=10**12)
    stations.open_station(world.user("official"), world.station("梁子镇"))
    figures.refresh()
    n, d = figures.cell("station_coverage", world.home)
    assert n == d


def test_a_new_definition_is_counted_in_every_run(figures, world, persons):
    RollupRun.objects.all().delete()
    figures.roll()
    RollupRun.objects.update(versions={"station_coverage": 1})
    Cell.objects.exclude(indicator="station_coverage").delete()
    figures.refresh()
    assert Cell.objects.filter(indicator="tiers").exists()
    assert figures.everything() == figures.anew()
