"""Signing in: by name or mobile number, locked at the fifth wrong password, one door for the admin, sessions that end."""

import datetime as dt
import io
import re
import subprocess
import sys
import time

import pytest
import time_machine
from django.conf import settings as site
from django.test import Client

from accounts.changes import change
from accounts.models import User
from tests.accounts.conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, login, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": login, "password": password}, **more)


def signed_in(client):
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize("login", ["worker", "13812345678"])
def test_one_signs_in_by_name_or_mobile_number(person, client, login):
    assert sign_in(client, login).status_code == 302
    assert signed_in(client)


@pytest.mark.parametrize("login", ["WORKER", "nobody", "13899999999", "worker\0", "", "x" * 5000, "'; --"])
def test_any_other_name_is_refused_on_the_form(person, client, login):
    answer = sign_in(client, login)
    assert answer.status_code == 200
    assert not signed_in(client)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(person, client):
    def words(answer):
        return re.sub(r'value="[^"]*"|FToken": "\w+"', "", answer.content.decode())

    assert words(sign_in(client, "worker", "wrong")) == words(sign_in(Client(), "nobody", "wrong"))


def test_the_fifth_wrong_password_locks_even_the_right_one_out(person, client):
    for _ in range(4):
        assert sign_in(client, "worker", "wrong").status_code == 200
    locked = sign_in(client, "worker", "wrong")
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert sign_in(client, "worker").status_code == 429
    assert not signed_in(client)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=16)):
        assert sign_in(client, "worker").status_code == 302


def test_name_and_mobile_number_share_their_five_tries(person, client):
    for login in ("worker", "13812345678", "worker", "13812345678"):
        assert sign_in(client, login, "wrong").status_code == 200
    assert sign_in(client, "worker", "wrong").status_code == 429
    assert sign_in(client, "13812345678").status_code == 429


def test_a_lock_concerns_one_account_alone(person, client, world):
    for _ in range(5):
        sign_in(client, "manager", "wrong")
    assert sign_in(client, "manager", "wrong").status_code == 429
    assert sign_in(client, "worker").status_code == 302


def test_the_right_password_clears_the_count(person, client):
    for _ in range(4):
        sign_in(client, "13812345678", "wrong")
    assert sign_in(client, "worker").status_code == 302
    assert sign_in(Client(), "worker", "wrong").status_code == 200


def test_the_administrator_lifts_a_lock_of_either_name(person, client, world):
    for login in ("worker", "13812345678"):
        for _ in range(5):
            sign_in(client, login, "wrong")
    admin = world.browser("superuser")
    admin.post("/admin/accounts/user/", {"action": "unlock", "_selected_action": [person.pk]})
    for login in ("worker", "13812345678"):
        assert sign_in(Client(), login).status_code == 302


def test_without_the_broker_sign_in_works_and_still_locks(person, client, settings, caplog):
    settings.CACHES = {"default": {**site.CACHES["default"], "LOCATION": "unix:///nowhere/broker.sock?db=1"}}
    for _ in range(5):
        last = sign_in(client, "worker", "wrong")
    assert last.status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), "13812345678").status_code == 302
    assert "going on in memory" in caplog.text


def test_a_broker_that_hangs_does_not_hang_the_sign_in(person, tmp_path, settings):
    """A stopped server still accepts: only a time limit of our own helps."""
    path = tmp_path / "silent.sock"
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket,sys,time\ns=socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen(9)\nprint('up',flush=True)\ntime.sleep(60)",
            str(path),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        server.stdout.readline()
        settings.CACHES = {"default": {**site.CACHES["default"], "LOCATION": f"unix://{path}?db=1"}}
        began = time.monotonic()
        assert sign_in(Client(), "worker").status_code == 302
        assert time.monotonic() - began < 20
    finally:
        server.kill()


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/", "/admin/login/?next=/admin/"])
def test_the_admin_is_entered_through_our_own_door(world, client, address):
    answer = client.get(address)
    if not answer.url.startswith(LOGIN):  # the admin's own address leads there in one more step
        answer = client.get(answer.url)
    assert answer.url.startswith(LOGIN)
    assert client.post("/admin/login/", {"username": "superuser", "password": "x"}).status_code in (302, 405)


def test_service_accounts_and_disabled_ones_do_not_sign_in(person, client):
    for field, value in (("is_service", True), ("is_active", False)):
        with change(None, "test"):
            User.objects.filter(pk=person.pk).update(**{"is_service": False, "is_active": True, field: value})
        sign_in(client, "worker")
        assert not signed_in(client)


def test_a_session_lives_an_hour_unused_and_twelve_hours_in_all(person, client):
    start = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, "worker")
        for _ in range(14):  # used every 50 minutes: alive until the twelfth hour
            assert signed_in(client)
            clock.shift(dt.timedelta(minutes=50))
        clock.move_to(start + dt.timedelta(hours=12, minutes=1))
        assert not signed_in(client)
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, "worker")
        assert signed_in(client)
        clock.shift(dt.timedelta(minutes=61))
        assert not signed_in(client)


def test_one_sees_ones_sessions_and_ends_the_others(person, client):
    other = Client(headers={"User-Agent": "old telephone"})
    sign_in(other, "worker"), sign_in(client, "worker")
    assert "old telephone" in client.get("/account/devices/").content.decode()
    client.post("/account/devices/")
    assert signed_in(client)
    assert not signed_in(other)


def test_signing_in_gives_a_new_session_key(person, client):
    client.get(LOGIN)
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies[site.SESSION_COOKIE_NAME] = before = session.session_key
    sign_in(client, "worker")
    assert client.session.session_key != before


def test_after_sign_in_nobody_is_sent_to_another_site(person, client):
    answer = sign_in(client, "worker", QUERY_STRING="next=https://evil.example/")
    assert answer.url == "/"
    answer = client.post("/account/language/", {"language": "en", "next": "https://evil.example/"})
    assert answer.url == "/"


@pytest.mark.parametrize(
    ("language", "word"), [("en", "en"), ("zh-hans", "zh-hans"), ("xx", "zh-hans"), ("", "zh-hans")]
)
def test_pages_speak_the_language_of_the_account(person, client, language, word):
    sign_in(client, "worker")
    client.post("/account/language/", {"language": language, "next": "/account/"})
    assert client.get("/account/")["Content-Language"] == word
    assert Client().get(LOGIN)["Content-Language"] == "zh-hans"


def test_before_sign_in_the_cookie_says_the_language(db, client):
    client.post("/account/language/", {"language": "en", "next": LOGIN})
    assert client.get(LOGIN)["Content-Language"] == "en"


def test_a_form_without_its_token_is_refused(person):
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, "worker").status_code == 403
    assert not signed_in(strict)


def test_the_first_administrator_is_made_once(db):
    from django.core.management import CommandError, call_command

    for bad in ("", "a b", "x" * 65):
        with pytest.raises(CommandError):
            call_command("first_admin", bad)
    call_command("first_admin", "admin", stdout=io.StringIO())
    with pytest.raises(CommandError):
        call_command("first_admin", "other")
    assert list(User.objects.values_list("username", "is_superuser")) == [("admin", True)]
