"""The workday calendar: make-up days are worked, the table wins, a year without a list says so."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from accounts.changes import change
from accounts.models import Change
from periods.calendar import DAYS, HOURS, WORKDAYS, Calendar, add, is_workday, published
from periods.models import CalendarDay

day = dt.date.fromisoformat
PLAIN = Calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
days = st.dates(dt.date(2004, 1, 1), dt.date(2028, 12, 31))


@pytest.mark.parametrize(
    "worked",
    "2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09 2026-01-04 2026-10-10".split(),
)
def test_a_make_up_day_on_a_weekend_is_worked(worked):
    assert day(worked).weekday() >= 5
    assert PLAIN.is_workday(day(worked))


@pytest.mark.parametrize(
    "off", "2022-01-03 2022-01-31 2022-02-04 2022-09-12 2022-10-07 2026-01-02 2026-02-16 2026-10-07".split()
)
def test_a_holiday_on_a_weekday_is_off(off):
    assert day(off).weekday() < 5
    assert not PLAIN.is_workday(day(off))


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2022-08-05", 1, "2022-08-08"),  # Friday to Monday
        ("2022-08-05", 5, "2022-08-12"),
        ("2022-01-28", 3, "2022-02-07"),  # both make-up days before the Spring Festival, then the day after it
        ("2022-01-30", 1, "2022-02-07"),
        ("2022-09-30", 2, "2022-10-09"),  # Saturday and Sunday worked after National Day
        ("2026-02-13", 2, "2026-02-24"),  # the 14th is worked, then off from the 15th to the 23rd
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-09", 2, "2026-10-12"),
        ("2026-12-30", 3, "2027-01-04"),  # no list of 2027 yet: 1 January counts as the Friday it is
        ("2022-08-06", 0, "2022-08-08"),  # none, from a day off: the next one worked
        ("2022-08-05", 0, "2022-08-05"),
        ("2022-08-08", -1, "2022-08-05"),
        ("2022-02-07", -1, "2022-01-30"),
    ],
)
def test_workdays_are_counted_by_the_published_list(start, n, due):
    assert PLAIN.add(day(start), n, WORKDAYS) == day(due)


def test_days_are_counted_whatever_they_are():
    assert PLAIN.add(day("2022-01-28"), 30, DAYS) == day("2022-02-27")


def test_hours_after_a_moment_are_hours_and_after_a_day_are_counted_from_its_end():
    raised = dt.datetime(2022, 12, 31, 22, 30, tzinfo=SHANGHAI)
    assert PLAIN.add(raised, 72, HOURS) == dt.datetime(2023, 1, 3, 22, 30, tzinfo=SHANGHAI)
    assert PLAIN.add(raised.astimezone(dt.UTC), 24, HOURS).isoformat() == "2023-01-01T22:30:00+08:00"
    assert PLAIN.add(day("2022-08-08"), 24, HOURS) == day("2022-08-09")
    assert PLAIN.add(day("2022-08-08"), 25, HOURS) == day("2022-08-10")


def test_workdays_after_a_moment_keep_its_time_and_count_its_day_in_shanghai():
    late = dt.datetime(2022, 8, 5, 16, 30, tzinfo=dt.UTC)  # already Saturday the 6th in Shanghai
    assert PLAIN.add(late, 1, WORKDAYS) == dt.datetime(2022, 8, 8, 0, 30, tzinfo=SHANGHAI)


def test_a_day_that_was_entered_wins_over_the_package():
    own = Calendar({day("2026-10-10"): False, day("2026-10-11"): True})
    assert own.add(day("2026-10-09"), 1, WORKDAYS) == day("2026-10-11")
    assert PLAIN.add(day("2026-10-09"), 1, WORKDAYS) == day("2026-10-10")


def test_a_year_without_a_list_is_monday_to_friday_with_a_note():
    assert PLAIN.published(2026) and not PLAIN.published(2027) and not PLAIN.published(1999)
    assert [PLAIN.is_workday(dt.date(2027, 5, n)) for n in (1, 2, 3)] == [False, False, True]
    assert PLAIN.note(day("2026-10-01"), day("2026-12-31")) == ""
    assert "2027年" in PLAIN.note(day("2026-12-30"), day("2027-01-04"))
    assert "2027、2028年" in PLAIN.note(day("2027-12-30"), day("2028-01-04"))


def test_one_day_entered_is_not_yet_a_list_new_year_and_national_day_are():
    entered = {day("2027-03-03"): False, day("2027-01-01"): False}
    assert not Calendar(entered).published(2027)
    entered[day("2027-10-01")] = False
    assert Calendar(entered).published(2027)
    assert Calendar(entered).add(day("2026-12-30"), 2, WORKDAYS) == day("2027-01-04")


@given(days, st.integers(1, 60))
def test_adding_workdays_lands_on_a_workday_with_just_so_many_between(start, n):
    due = PLAIN.add(start, n, WORKDAYS)
    assert PLAIN.is_workday(due)
    assert PLAIN.workdays(start + dt.timedelta(days=1), due) == n
    if PLAIN.is_workday(start):
        assert PLAIN.add(due, -n, WORKDAYS) == start


@given(days, st.integers(0, 30), st.integers(0, 30))
def test_more_is_never_sooner(start, few, more):
    assert PLAIN.add(start, few, WORKDAYS) <= PLAIN.add(start, few + more, WORKDAYS)


@pytest.mark.parametrize(("n", "unit"), [(1, "weeks"), (1.5, DAYS), (True, DAYS), ("3", DAYS), (5001, WORKDAYS)])
def test_what_cannot_be_meant_is_refused(n, unit):
    with pytest.raises(ValueError):
        PLAIN.add(day("2022-08-05"), n, unit)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError):
        PLAIN.add(dt.datetime(2022, 8, 5, 8, 0), 1, HOURS)


# ── The table ────────────────────────────────────────────────────────────────────────────────────
def test_the_table_is_read_once_and_wins(db, django_assert_num_queries):
    with change(None, "calendarday.created"):
        CalendarDay.objects.create(date=day("2026-10-10"), is_workday=False, note="本地停工")
    with django_assert_num_queries(1):
        calendar = Calendar.current()
        assert [calendar.add(day("2026-10-09"), n, WORKDAYS) for n in (1, 2)] == [day("2026-10-12"), day("2026-10-13")]
    assert not is_workday(day("2026-10-10"))
    assert add(day("2026-10-09"), 1, WORKDAYS) == day("2026-10-12")
    assert not published(2027)


def test_a_day_is_entered_once_and_its_change_is_logged(db):
    with change(None, "calendarday.created") as event:
        CalendarDay.objects.create(date=day("2027-01-01"), is_workday=False)
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarDay.objects.create(date=day("2027-01-01"), is_workday=True)
    assert Change.objects.get(event=event).after["date"] == "2027-01-01"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shegong.event', '', true)")
        CalendarDay.objects.create(date=day("2027-01-02"), is_workday=False)
