"""How numbers and days are written: half up on exact decimals, — for unknown, near days by name."""

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from surfaces import words

AUG_9 = datetime.date(2022, 8, 9)  # a Tuesday


@pytest.mark.parametrize(
    ("part", "whole", "places", "text"),
    [
        (25, 27, 0, "93%"),
        (25, 27, 2, "92.59%"),
        (1739, 1825, 2, "95.29%"),
        (42, 74, 1, "56.8%"),
        (1, 8, 1, "12.5%"),
        (1, 8, 0, "13%"),  # half up, not to even
        (5, 8, 0, "63%"),
        (0, 27, 0, "0%"),
        (0, 0, 2, "—"),
        (None, 27, 2, "—"),
        (25, None, 0, "2,500%"),
        (3, 3, 2, "100.00%"),
    ],
)
def test_percent_rounds_half_up_from_the_exact_ratio(part, whole, places, text):
    assert words.percent(part, whole, places) == text


def test_percent_of_a_stored_rate():
    assert words.percent(Decimal("0.9259"), places=2) == "92.59%"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1825, "1,825"), (0, "0"), (None, "—"), (Decimal("172.00"), "172"), (Decimal("1.50"), "1.5"), (41352, "41,352")],
)
def test_thousands_are_set_apart_and_unknown_is_a_dash(value, text):
    assert words.number(value) == text


def test_headlines_count_in_ten_thousands_in_chinese_only():
    with translation.override("zh-hans"):
        assert words.headline(41352) == "4.14万"
        assert words.headline(9999) == "9,999"
    with translation.override("en"):
        assert words.headline(41352) == "41,352"


@pytest.mark.parametrize(("value", "text"), [(13, "+13"), (-1, "−1"), (0, "0"), (None, "—")])
def test_a_difference_carries_its_sign(value, text):
    assert words.signed(value) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (AUG_9, "今天"),
        (datetime.date(2022, 8, 8), "昨天"),
        (datetime.date(2022, 8, 10), "明天"),
        (datetime.date(2022, 8, 12), "8月12日 周五"),
        (datetime.date(2022, 8, 15), "8月15日"),
        (datetime.date(2021, 8, 9), "2021年8月9日"),
        (None, "—"),
    ],
)
def test_near_days_have_names(day, text):
    with translation.override("zh-hans"):
        assert words.near_day(day, AUG_9) == text


def test_tables_write_iso_days_and_sentences_whole_ones():
    with translation.override("zh-hans"):
        assert words.iso_day(AUG_9) == "2022-08-09"
        assert words.prose_day("2022-08-09") == "2022年8月9日"
        assert words.prose_day("") == "—"


def test_a_moment_is_told_in_shanghai():
    utc = datetime.datetime(2022, 8, 9, 1, 26, tzinfo=datetime.UTC)
    with translation.override("zh-hans"):
        assert words.moment(utc, AUG_9) == "今天 09:26"


def test_time_left_is_rough():
    with translation.override("zh-hans"):
        assert words.seconds(6) == "约 6 秒"
        assert words.seconds(170) == "约 3 分钟"
