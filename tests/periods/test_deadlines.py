"""Deadlines as arithmetic: when due, how it stands, which rule holds."""

import datetime as dt
from types import SimpleNamespace

import pytest

from periods.calendar import Calendar
from periods.deadlines import add_months, due_day, in_force, overdue_at, overdue_on, standing

day = dt.date.fromisoformat
DUE = day("2022-08-12")


@pytest.mark.parametrize(
    ("done", "on", "overdue"),
    [
        (None, "2022-08-12", False),  # due today is not past
        (None, "2022-08-13", True),
        ("2022-08-12", "2022-08-13", False),
        ("2022-08-15", "2022-08-14", True),  # dated later: on that day it was not done
        ("2022-08-15", "2022-08-15", False),
    ],
)
def test_overdue_is_past_its_day_and_not_ended_by_then(done, on, overdue):
    assert overdue_on(DUE, done and day(done), day(on)) is overdue


@pytest.mark.parametrize(
    ("done", "on", "word"),
    [
        (None, "2022-08-09", "open"), (None, "2022-08-10", "soon"), (None, "2022-08-12", "today"),
        (None, "2022-08-13", "overdue"), ("2022-08-12", "2022-08-20", "done"), ("2022-08-13", "2022-08-20", "late"),
        ("2022-08-20", "2022-08-13", "overdue"),
    ],
)  # fmt: skip
def test_how_a_deadline_stands(done, on, word):
    assert standing(DUE, done and day(done), day(on)) == word


def test_a_due_moment_is_past_by_the_minute_a_due_day_when_it_has_ended():
    now = dt.datetime(2022, 8, 12, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert overdue_at(now - dt.timedelta(minutes=1), now)
    assert not overdue_at(DUE, now)
    assert overdue_at(DUE, now + dt.timedelta(minutes=1))


def test_a_due_day_is_counted_on_the_calendar_in_shanghai():
    calendar = Calendar()
    assert due_day(day("2022-09-30"), 10, "workdays", calendar) == day("2022-10-19")
    assert due_day(dt.datetime(2022, 8, 8, 17, 0, tzinfo=dt.UTC), 24, "hours", calendar) == day("2022-08-10")


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2022-08-05", 3, "2022-11-05"), ("2022-11-30", 3, "2023-02-28"), ("2023-11-30", 3, "2024-02-29"),
        ("2022-12-31", 1, "2023-01-31"), ("2022-01-31", -2, "2021-11-30"), ("2022-01-31", -13, "2020-12-31"),
    ],
)  # fmt: skip
def test_months_end_with_the_month(start, n, end):
    assert add_months(day(start), n) == day(end)


def test_the_latest_rule_begun_by_the_day_holds():
    old, new = (SimpleNamespace(valid_from=day(d)) for d in ("2021-01-01", "2022-08-01"))
    assert in_force([new, old], day("2022-07-31")) is old
    assert in_force([old, new], day("2022-08-01")) is new
    assert in_force([old, new], day("2020-12-31")) is None
