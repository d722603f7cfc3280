"""What a roll-up makes of the facts: coverage, sums of both trees, absent cells, and that running again changes nothing."""

import pytest

from metrics import actions, declared
from metrics.models import Cell
from stations import actions as stations
from stations.coverage import coverage, covered_units, eligible_units
from stations.models import Division, Station
from stations.releases import Row, take_over
from tests.metrics.conftest import county, days_ago


@pytest.mark.parametrize(
    ("units", "covered", "text", "shown"),
    [(27, 25, "0.9259", 92.6), (27, 24, "0.8889", 88.9), (27, 27, "1.0000", 100.0), (28, 25, "0.8929", 89.3),
     (1825, 1739, "0.9529", 95.3), (1100, 624, "0.5673", 56.7)],
)  # fmt: skip
def test_published_coverages_come_out(figures, units, covered, text, shown):
    city = county("9907", units, covered)
    figures.roll(figures.month)
    cell = figures.cell("station_coverage", city)
    assert cell == (covered, units)
    assert declared.indicators()["station_coverage"].text(*cell) == text
    assert coverage(figures.world.user("superuser"), city, "township", days_ago(0))["percent"] == shown


def test_nothing_owed_is_no_rate(figures):
    city = county("9907", 0, 0)
    figures.roll(figures.month)
    assert figures.cell("station_coverage", city) == (0, 0)
    assert not Cell.objects.filter(division=city, indicator="station_coverage").exists()
    assert declared.indicators()["station_coverage"].text(0, 0) is None


def test_two_stations_in_one_township_cover_it_once(figures, world):
    county("9907", 27, 25)
    user = world.user("superuser")
    town = Station.objects.filter(division__code__startswith="9907").select_related("division__city").first()
    second = stations.create_station(user, name="分站", tier=3, division=town.division)
    stations.open_station(user, second)
    figures.roll(figures.month)
    assert figures.cell("station_coverage", town.division.city) == (25, 27)
    assert figures.cell("stations_operating", town.division) == (2, None)
    stations.close_station(user, second)
    stations.close_station(user, town)
    figures.refresh()
    assert figures.cell("station_coverage", town.division.city) == (24, 27)


def test_covered_units_are_never_more_than_those_that_owe_a_station(figures, world):
    city = county("9907", 24, 24)
    with_zone = stations.create_station(world.user("superuser"), name="园区站", tier=3, division=city_zone(city))
    stations.open_station(world.user("superuser"), with_zone)
    figures.roll(figures.month)
    assert figures.cell("station_coverage", city) == (24, 24)
    for level in (2, 3, 4, 5):
        assert not covered_units(level, days_ago(0)).exclude(pk__in=eligible_units(level, days_ago(0))).exists()


def city_zone(city):
    """A functional zone: on the code list, and owing no station."""
    district = Division.objects.get(parent=city)
    take_over(None, [Row(2, f"{district.code[:6]}400000", "开发区", 4, district.code)], days_ago(400))
    return Division.objects.select_related("city", "district").get(name="开发区", parent=district)


def test_coverage_is_a_ratio_of_units_at_every_level(figures, world):
    figures.roll()
    for name, level in (
        ("station_coverage", "township"),
        ("district_coverage", "district"),
        ("village_coverage", "village"),
    ):
        for place in (world.home, world.sibling, world.city, world.city.province):
            said = coverage(world.user("superuser"), place, level, days_ago(0))
            assert figures.cell(name, place) == (said["covered"], said["eligible"])
    parts = [figures.cell("station_coverage", d) for d in (world.home, world.sibling)]
    assert figures.cell("station_coverage", world.city) == tuple(map(sum, zip(*parts, strict=True)))


def test_facts_of_stations_roll_up_both_trees(figures, world):
    figures.roll()
    for place in [world.city, world.home, *(world.fresh(n) for n in ("鄂州市", "梁子湖区", "太和镇", "谢埠村"))]:
        expected = Station.objects.within(place).operating_on(days_ago(0)).count()
        assert figures.cell("stations_operating", place) == (expected, None) and expected


def test_running_again_changes_nothing(figures):
    figures.roll()
    before = figures.everything()
    assert actions.roll_up(figures.month) == 0
    assert actions.roll_up(figures.month, figures.world.city) == 0
    assert figures.everything() == before


def test_opening_a_planned_station_reaches_the_figures_and_not_last_month(figures, world):
    figures.roll()
    (n, d), last = (
        figures.cell("station_coverage", world.home),
        figures.cell("station_coverage", world.home, figures.before),
    )
    stations.open_station(world.user("official"), world.station("梁子镇"), on=days_ago(0))
    figures.refresh()
    assert figures.cell("station_coverage", world.home) == (n + 1, d)
    assert figures.cell("station_coverage", world.home, figures.before) == last
    assert figures.everything() == figures.anew()


def test_a_cell_without_rows_is_not_stored(figures, world):
    figures.roll()
    planned = world.station("梁子镇")
    assert not Cell.objects.filter(station_id=planned.pk).exists()
    assert not Cell.objects.filter(division=world.divisions["红莲湖旅游度假区"], indicator="station_coverage").exists()
