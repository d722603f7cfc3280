"""Charts are drawn from numbers alone; these are the rules their drawings keep."""

import re
from decimal import Decimal
from math import dist, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfaces import charts


def points(text):
    return [tuple(map(float, pair.split(","))) for pair in text.split()]


def test_a_higher_value_stands_higher():
    drawing = charts.line([Decimal("0.5926"), Decimal("0.9259")], ["6月", "7月"], target=1, ceiling=1)
    assert drawing.last.y < drawing.first.y
    assert drawing.target_y < drawing.last.y


def test_the_axis_of_a_rate_never_passes_one_hundred_percent():
    drawing = charts.line([Decimal("0.97"), Decimal("0.99")], ceiling=1)
    assert max(Decimal(t.label) for t in drawing.ticks_y) <= 1


def test_an_axis_that_does_not_start_at_zero_says_where_it_starts():
    drawing = charts.line([90, 92, 95])
    assert not drawing.starts_at_zero
    assert Decimal(drawing.ticks_y[0].label) <= 90


def test_an_axis_starts_at_zero_where_the_values_reach_down():
    assert charts.line([3, 60, 95]).starts_at_zero


def test_an_unknown_month_breaks_the_line_instead_of_falling_to_zero():
    drawing = charts.line([5, 6, None, 8, 9])
    assert len(drawing.runs) == 2
    assert all(charts.TOP <= y <= charts.BOTTOM for run in drawing.runs for _x, y in points(run))


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_known_draws_no_line(values):
    drawing = charts.line(values)
    assert drawing.last is None
    assert drawing.runs == []


def test_one_value_alone_is_a_dot_in_the_middle():
    drawing = charts.line([7], ["7月"])
    assert drawing.first == drawing.last
    assert drawing.first.x == (charts.LEFT + charts.RIGHT) / 2


def test_equal_values_still_have_an_axis():
    drawing = charts.line([4, 4, 4])
    assert len(drawing.ticks_y) >= 2
    assert drawing.first.y == drawing.last.y


def test_the_last_period_is_always_named():
    labels = [f"{m}月" for m in range(1, 14)]
    drawing = charts.line(list(range(13)), labels)
    assert drawing.ticks_x[-1].label == "13月"
    assert len(drawing.ticks_x) <= charts.LABELS_AT_MOST + 1


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 1_000_000)), max_size=60))
def test_no_value_leaves_the_drawing(values):
    drawing = charts.line(values)
    for run in drawing.runs:
        for x, y in points(run):
            assert charts.LEFT <= x <= charts.RIGHT
            assert charts.TOP - 0.1 <= y <= charts.BOTTOM + 0.1


@given(st.integers(1, 400), st.integers(2, 12))
def test_ticks_are_spread_and_never_more_than_asked(n, most):
    found = charts.spread(n, most)
    assert found == sorted(set(found))
    assert len(found) <= most + 1
    assert found[-1] == n - 1


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_scale_encloses_what_it_measures(a, b):
    low, high = sorted((a, b))
    ticks = charts.nice_scale(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 8


def test_a_bar_never_leaves_its_ground_and_unknown_has_none():
    assert charts.share(Decimal("0.5")) == 50
    assert charts.share(Decimal("1.2")) == 100
    assert charts.share(-1) == 0
    assert charts.share(None) is None
    assert charts.share(3, 0) is None


def test_a_spark_needs_two_known_values():
    assert charts.spark([None, 3]) is None
    assert charts.spark([1, None, 3])["points"].count(",") == 2


EZHOU = [{"name": str(i), "row": r, "col": c} for i, (r, c) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)])]


def test_neighbouring_hexagons_touch_and_never_overlap():
    tiles = charts.tile_map(EZHOU).tiles
    for one in tiles:
        for other in tiles:
            if one is not other:
                assert dist((one.x, one.y), (other.x, other.y)) >= charts.SIDE * sqrt(3) - 0.2


def test_every_hexagon_lies_inside_the_drawing():
    drawing = charts.tile_map(EZHOU)
    for tile in drawing.tiles:
        for x, y in points(tile.outline):
            assert 0 <= x <= drawing.width
            assert 0 <= y <= drawing.height


def test_a_division_without_a_place_is_packed_below_and_not_lost():
    drawing = charts.tile_map(
        [*EZHOU, {"name": "new", "row": None, "col": None}, {"name": "twice", "row": 0, "col": 0}]
    )
    assert {t.of["name"] for t in drawing.tiles} == {"0", "1", "2", "3", "4", "new", "twice"}
    lowest = max(t.y for t in drawing.tiles if t.of["row"] is not None and t.of["name"] != "twice")
    assert all(t.y > lowest for t in drawing.tiles if t.of["name"] in ("new", "twice"))


def test_no_tiles_no_drawing():
    assert charts.tile_map([]).tiles == []


def test_a_hexagon_has_six_corners():
    assert len(re.findall(r",", charts.hexagon(0, 0))) == 6
