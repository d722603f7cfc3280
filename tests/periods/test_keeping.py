"""Who keeps the workday calendar: the system administrator on the admin's page, every entry logged."""

import datetime as dt

import pytest

from accounts.models import Event
from periods.models import CalendarDay

URL = "/admin/periods/calendarday/"


def test_the_administrator_enters_changes_and_removes_a_day(world):
    browser = world.browser("superuser")
    sent = browser.post(URL + "add/", {"date": "2027-01-01", "is_workday": "", "note": "元旦"})
    assert sent.status_code == 302
    entered = CalendarDay.objects.get()
    assert (entered.date, entered.is_workday, str(entered)) == (dt.date(2027, 1, 1), False, "2027-01-01 放假")
    assert browser.get(URL).status_code == 200
    browser.post(f"{URL}{entered.pk}/change/", {"date": "2027-01-01", "is_workday": "on", "note": ""})
    browser.post(f"{URL}{entered.pk}/delete/", {"post": "yes"})
    assert not CalendarDay.objects.exists()
    verbs = Event.objects.filter(verb__startswith="calendarday").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["calendarday.created", "calendarday.changed", "calendarday.deleted"]


@pytest.mark.parametrize("who", ["official", "manager", "worker", "viewer", None])
def test_nobody_else_enters_one(world, who):
    answer = world.browser(who).post(URL + "add/", {"date": "2027-01-01", "is_workday": "", "note": ""})
    assert answer.status_code in (302, 403, 404)
    assert not CalendarDay.objects.exists()
    assert who is None or not world.user(who).can("change", CalendarDay)


def test_everybody_may_see_it(world):
    assert world.user("viewer").can("see", CalendarDay)
