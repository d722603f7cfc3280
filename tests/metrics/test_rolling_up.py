"""What a roll-up makes of the facts: coverage, sums of both trees, absent cells, and that running again changes nothing."""

from metrics import actions
from metrics.models import Cell
from stations import actions as stations
from tests.metrics.conftest import days_ago


def test_coverage_is_a_ratio_of_units_at_every_level(figures, world):
    figures.roll()
    assert figures.cell("station_coverage", world.home) == (2, 3)
    assert figures.cell("station_coverage", world.sibling) == (1, 2)
    assert figures.cell("station_coverage", world.city) == (3, 5)
    assert figures.cell("station_coverage", world.city.province) == (4, 6)
    assert figures.cell("district_coverage", world.city) == (2, 2)
    assert figures.cell("village_coverage", world.home) == (1, 3)


def test_facts_of_stations_roll_up_both_trees(figures, world):
    figures.roll()
    assert figures.cell("stations_operating", world.city) == (8, None)
    assert figures.cell("stations_operating", world.station("鄂州市")) == (8, None)
    assert figures.cell("stations_operating", world.station("梁子湖区")) == (4, None)
    assert figures.cell("stations_operating", world.station("太和镇")) == (2, None)
    assert figures.cell("stations_operating", world.home) == (4, None)


def test_running_again_changes_nothing(figures):
    figures.roll()
    before = figures.everything()
    assert actions.roll_up(figures.month) == 0
    assert actions.roll_up(figures.month, figures.world.city) == 0
    assert figures.everything() == before


def test_opening_a_planned_station_reaches_the_figures_and_not_last_month(figures, world):
    figures.roll()
    stations.open_station(world.user("official"), world.station("梁子镇"), on=days_ago(0))
    figures.refresh()
    assert figures.cell("station_coverage", world.home) == (3, 3)
    assert figures.cell("station_coverage", world.home, figures.before) == (2, 3)
    assert figures.everything() == figures.anew()


def test_a_cell_without_rows_is_not_stored(figures, world):
    figures.roll()
    planned = world.station("梁子镇")
    assert not Cell.objects.filter(station_id=planned.pk).exists()
    assert not Cell.objects.filter(division=world.divisions["红莲湖旅游度假区"], indicator="station_coverage").exists()
