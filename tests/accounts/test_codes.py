"""One-time codes: once, for 24 hours, for the account they were made for; they end what was signed in before."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from accounts.changes import change
from accounts.codes import issue_code, use_code
from accounts.errors import DomainError
from accounts.models import Change, Event, OneTimeCode, User
from tests.accounts.conftest import PASSWORD

NEW = "nine lives of a cat 42"


def use(name, code, password=NEW):
    return Client().post("/accounts/code/", {"name": name, "code": code, "password": password})


def test_a_code_sets_the_password_once(person):
    code = issue_code(None, person)
    assert use("worker", code).status_code == 302
    assert User.objects.get(pk=person.pk).check_password(NEW)
    again = use("worker", code, "another long password 7")
    assert again.status_code == 200
    assert not User.objects.get(pk=person.pk).check_password("another long password 7")


def test_a_code_is_good_for_24_hours(person):
    start = dt.datetime.now(dt.UTC)
    code = issue_code(None, person)
    with time_machine.travel(start + dt.timedelta(hours=24, seconds=5)), pytest.raises(DomainError) as refused:
        use_code("worker", code, NEW)
    assert refused.value.code == "bad_code"
    with time_machine.travel(start + dt.timedelta(hours=23, minutes=59)):
        use_code("13812345678", code.lower().replace("-", " "), NEW)


@pytest.mark.parametrize("name", ["manager", "13800000000", "", "Worker"])
def test_a_code_is_for_one_account_alone(person, name):
    with pytest.raises(DomainError):
        use_code(name, issue_code(None, person), NEW)


def test_a_newer_code_kills_the_older(person):
    first, second = issue_code(None, person), issue_code(None, person)
    with pytest.raises(DomainError):
        use_code("worker", first, NEW)
    use_code("worker", second, NEW)


def test_a_disabled_account_is_not_revived_by_a_code(person):
    code = issue_code(None, person)
    with change(None, "test"):
        User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(DomainError):
        use_code("worker", code, NEW)


@pytest.mark.parametrize("password", ["short", "123456789012", "password1234"])
def test_a_weak_password_is_said_and_the_code_stays_good(person, password):
    code = issue_code(None, person)
    answer = use("worker", code, password)
    assert answer.status_code == 200 and answer.context["form"].errors["password"]
    use_code("worker", code, NEW)


def test_a_code_ends_the_sessions_of_its_account(person, client):
    client.post("/accounts/login/", {"login": "worker", "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    use_code("worker", issue_code(None, person), NEW)
    assert client.get("/account/").status_code == 302


def test_no_code_and_no_password_stands_anywhere_in_clear(person):
    code = issue_code(None, person)
    use_code("worker", code, NEW)
    plain = code.replace("-", "")
    kept = (
        repr(list(OneTimeCode.objects.values()))
        + repr(list(Change.objects.values()))
        + repr(list(Event.objects.values()))
    )
    assert plain not in kept and code not in kept and NEW not in kept
    assert User.objects.get(pk=person.pk).password not in kept


def test_two_at_once_cannot_use_one_code(transactional_db):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    with change(None, "test"):
        user = User.objects.create(username="twice", display_name="二")
    code = issue_code(None, user)

    def go(n):
        try:
            use_code("twice", code, f"{NEW} {n}")
            return 1
        except DomainError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(go, range(6))) == 1
