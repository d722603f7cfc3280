"""Break-glass: a reason, an hour, one place, every read recorded, the station told, nothing written, never by a key."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.changes import change
from accounts.models import Event
from accounts.reveals import REVEALED
from casework import glass
from casework.models import BreakGlass, Record
from tests.casework.caseload import ago

NAME, NUMBER, STORY = "令狐冲之", "420799194503121012", "独自住在思过崖下的老屋"
REASON = "服务器日志报错，核对这个站的记录是否完整"


def text(response):
    return response.content.decode()


@pytest.fixture
def case(load):
    case = load.case(client=load.client(name=NAME, id_number=NUMBER))
    load.intake(case, presenting_problem=STORY)
    return case


def open_it(browser, place, reason=REASON):
    return browser.post("/break-glass/", {"place": place, "reason": reason})


@pytest.fixture
def admin(world, case):
    """The system administrator's browser with the station of `case` open."""
    browser = world.browser("superuser")
    assert open_it(browser, case.station.code).status_code == 302
    return browser


def addresses(case):
    base = f"/cases/{case.number}/"
    intake = Record.objects.get(kind="intake", case=case).public_id
    return [base, f"/clients/{case.client.public_id}/", f"/api/v1/cases/{case.number}/", f"/api/v1/cases/{case.number}/intake/{intake}/",
            f"/api/v1/clients/{case.client.public_id}/"]  # fmt: skip


# ── without it, and how it is opened ─────────────────────────────────────────────────────────────
def test_without_it_the_administrator_sees_the_summary_alone(world, case):
    browser = world.browser("superuser")
    page = browser.get(f"/cases/{case.number}/")
    assert page.status_code == 200 and NAME not in text(page) and STORY not in text(page)
    assert browser.get(f"/clients/{case.client.public_id}/").status_code == 403
    answer = browser.get(f"/api/v1/cases/{case.number}/").json()
    assert answer["depth"] == "summary" and answer["client"] is None
    assert not Event.objects.filter(verb=glass.READ).exists()


@pytest.mark.parametrize("who", ["official", "manager", "supervisor", "worker", "viewer", "agency"])
def test_nobody_else_opens_one(world, case, who):
    assert open_it(world.browser(who), case.station.code).status_code == 403
    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize("reason", ["", "检查", "     "])
def test_a_reason_is_asked_for(world, case, reason):
    assert open_it(world.browser("superuser"), case.station.code, reason).status_code == 422
    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize("place", ["420702100000-9", "420702100-2022-9999", "x"])
def test_a_place_that_is_not_there_is_said_so(world, case, place):
    answer = open_it(world.browser("superuser"), place)
    assert answer.status_code == 422 and f"没有“{place}”这个站点或个案" in text(answer)


def test_a_key_opens_none_and_reads_nothing_through_one(world, case, admin):
    program = world.program("superuser")
    answer = program.get(f"/api/v1/cases/{case.number}/").json()
    assert answer["depth"] == "summary" and answer["client"] is None
    assert program.get("/api/v1/clients/").status_code == 403
    assert program.get(f"/api/v1/clients/{case.client.public_id}/").status_code in (403, 404)
    both = world.browser("superuser")  # a session and a key in one request: the key is asked
    answer = both.get(
        f"/api/v1/cases/{case.number}/", headers={"Authorization": f"Bearer {world.key('superuser')}"}
    ).json()
    assert answer["depth"] == "summary"
    assert not Event.objects.filter(verb=glass.READ).exists()


# ── what it lets read, and that each read is recorded ────────────────────────────────────────────
def test_pages_and_session_api_show_the_case_in_full(admin, case):
    for url in addresses(case):
        answer = admin.get(url)
        assert answer.status_code == 200, url
        assert NAME in text(answer) or STORY in text(answer), url


def test_every_read_is_an_event_of_what_was_read(admin, case):
    for n, url in enumerate(addresses(case), 1):
        admin.get(url)
        events = Event.objects.filter(verb=glass.READ)
        assert events.count() == n, url
        event = events.latest("pk")
        named = case if "/cases/" in url else case.client
        assert (event.detail["path"], event.kind, event.object_id) == (url, named._meta.label_lower, str(named.pk))
        assert event.user.username == "superuser" and NAME not in str(event.detail)


def test_lists_are_recorded_too_and_what_is_no_case_data_is_not(admin, case):
    admin.get("/stations/")
    admin.get("/coverage/")
    assert not Event.objects.filter(verb=glass.READ).exists()
    assert admin.get("/clients/").status_code == 200
    assert Event.objects.filter(verb=glass.READ, detail__path="/clients/").exists()


def test_number_and_phone_ask_for_a_purpose_as_from_everybody(admin, case):
    url = f"/clients/{case.client.public_id}/"
    assert NUMBER not in text(admin.get(url))
    admin.post(f"{url}show/", {"purpose": "identity_check"})
    assert NUMBER in text(admin.get(url)) and Event.objects.filter(verb=REVEALED).count() == 1
    assert Event.objects.filter(verb=glass.READ, detail__path=f"{url}show/").count() == 1


def test_the_station_beside_it_stays_shut(world, load, admin):
    other = load.case(who="sibling_worker", client=load.client("sibling_worker", name="岳不群之"))
    assert "岳不群之" not in text(admin.get(f"/cases/{other.number}/"))
    assert admin.get(f"/clients/{other.client.public_id}/").status_code == 404


def test_one_case_opens_that_case_alone(world, load, case):
    second = load.case(client=load.client(name="岳不群之"))
    browser = world.browser("superuser")
    assert open_it(browser, case.number).status_code == 302
    assert NAME in text(browser.get(f"/cases/{case.number}/"))
    assert "岳不群之" not in text(browser.get(f"/cases/{second.number}/"))
    assert browser.get(f"/clients/{second.client.public_id}/").status_code == 404


# ── nothing is written ───────────────────────────────────────────────────────────────────────────
def test_nothing_is_written_through_it(admin, load, case):
    number, before = case.number, Record.objects.count()
    session = {"content_type": "application/json"}
    tried = [
        (f"/api/v1/cases/{number}/contacts/", {"happened_on": ago(1), "minutes": 5, "way": "phone", "facts": "x"}),
        (f"/api/v1/cases/{number}/crisis/", {"action": "raise", "found_at": f"{ago(1)}T10:00:00+08:00", "kinds": ["abuse"], "level": "red", "measures": "x"}),
        (f"/api/v1/cases/{number}/transfer/", {"action": "offer", "to_station": "420702101000-1", "reason": "x"}),
        (f"/api/v1/cases/{number}/corrections/", {"record": str(Record.objects.get(kind="intake")), "field": "tried", "text": "x", "reason": "x"}),
        (f"/api/v1/cases/{number}/reopen/", {"on": ago(1), "reason": "x"}),
        (f"/api/v1/cases/{number}/advance/", {"to": "assessment"}),
        (f"/api/v1/cases/{number}/suspend/", {"on": ago(1), "reason": "other", "review_on": ago(-9)}),
        ("/api/v1/clients/", {"name": "新人", "sex": "male", "birth_date": "1950-01-01"}),
        ("/api/v1/cases/", {"client": case.client.public_id, "opened_on": ago(1)}),
    ]  # fmt: skip
    for url, body in tried:
        assert admin.post(url, body, **session).status_code in (403, 404), url
    tag = {"headers": {"If-Match": "*"}}
    assert (
        admin.patch(f"/api/v1/cases/{number}/", {"confidentiality": "restricted"}, **session, **tag).status_code == 403
    )
    assert (
        admin.patch(f"/api/v1/clients/{case.client.public_id}/", {"name": "改名"}, **session, **tag).status_code == 403
    )
    key = case.client.public_id
    for url in (f"/clients/{key}/edit/", f"/clients/{key}/categories/", f"/clients/{key}/household/", "/clients/new/"):
        assert admin.post(url, {"name": "改名"}).status_code == 403, url
    assert Record.objects.count() == before
    case.client.refresh_from_db()
    assert case.client.name.clear == NAME and not load.user("superuser").can("change", case.client)


def test_it_gives_nobody_anything_to_do(admin, load, case):
    case = load.advance(case, "assessment")
    load.assess(case, risk_level="red")
    assert case.number not in text(admin.get("/todo/")) and case.number not in text(admin.get("/inbox/"))


# ── how it ends ──────────────────────────────────────────────────────────────────────────────────
def test_it_ends_by_hand(admin, case):
    row = BreakGlass.objects.get()
    assert admin.post(f"/break-glass/{row.public_id}/end/").status_code == 302
    assert NAME not in text(admin.get(f"/cases/{case.number}/"))
    row.refresh_from_db()
    assert row.ended_at and not row.is_open


def test_it_ends_by_itself_after_an_hour(admin, case, monkeypatch):
    real = timezone.now
    for minutes, there in ((59, True), (61, False)):
        monkeypatch.setattr(
            "casework.models.break_glass.timezone.now", lambda m=minutes: real() + dt.timedelta(minutes=m)
        )
        assert (NAME in text(admin.get(f"/cases/{case.number}/"))) is there, minutes


def test_a_second_place_waits_until_the_first_is_shut(world, load, case, admin):
    other = load.case(who="sibling_worker")
    assert open_it(admin, other.station.code).status_code == 422
    admin.post(f"/break-glass/{BreakGlass.objects.get().public_id}/end/")
    assert open_it(admin, other.station.code).status_code == 302
    assert NAME not in text(admin.get(f"/cases/{case.number}/"))


def test_after_it_ran_out_the_next_one_opens(admin, case):
    row = BreakGlass.objects.get()
    with change(None, "test.aged"):
        hour = dt.timedelta(hours=2)
        BreakGlass.objects.update(opened_at=row.opened_at - hour, until=row.until - hour)
    assert open_it(admin, case.number).status_code == 302
    row.refresh_from_db()
    assert row.ended_at == row.until and BreakGlass.objects.count() == 2


def test_the_database_knows_the_hour_and_that_one_is_enough(admin):
    for wrong in ({"until": timezone.now() + dt.timedelta(hours=3)}, {"until": timezone.now() - dt.timedelta(hours=3)}):
        with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test.forged"):
            BreakGlass.objects.update(**wrong)
    row = BreakGlass.objects.get()
    row.pk, row.public_id = None, "b2"
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test.forged"):
        row.save()


def test_who_is_superuser_no_more_reads_no_more(world, admin, case):
    with change(None, "test.demoted"):
        user = world.users["superuser"]
        user.is_superuser = False
        user.save()
    assert admin.get(f"/cases/{case.number}/").status_code in (403, 404)


# ── the station is told ──────────────────────────────────────────────────────────────────────────
def test_the_manager_is_told_until_she_has_looked(world, case, admin):
    admin.get(f"/cases/{case.number}/")
    url = f"/break-glass/{BreakGlass.objects.get().public_id}/"
    manager = world.browser("manager")
    for place in ("/inbox/", "/"):
        page = text(manager.get(place))
        assert url in page and "系统管理员打开过" in page, place
    page = text(manager.get(url))
    assert REASON in page and f"/cases/{case.number}/" in page and case.number in page
    assert manager.post(f"{url}seen/").status_code == 302
    assert url not in text(manager.get("/inbox/"))
    assert BreakGlass.objects.get().seen_by == world.users["manager"]


def test_others_are_neither_told_nor_shown(world, case, admin):
    url = f"/break-glass/{BreakGlass.objects.get().public_id}/"
    for who in ("worker", "official", "viewer"):
        browser = world.browser(who)
        assert url not in text(browser.get("/inbox/")) and browser.get("/break-glass/").status_code == 403
        assert browser.get(url).status_code == 403
    for who in ("sibling_manager", "twin_manager", "twin_supervisor"):
        browser = world.browser(who)
        assert url not in text(browser.get("/inbox/")) and url not in text(browser.get("/break-glass/"))
        assert browser.get(url).status_code == 404 and browser.post(f"{url}seen/").status_code == 404


def test_the_administrator_does_not_take_the_notice_away_himself(world, case, admin):
    url = f"/break-glass/{BreakGlass.objects.get().public_id}/"
    assert admin.post(f"{url}seen/").status_code == 403
    assert world.browser("manager").post(f"{url}end/").status_code == 403
    assert BreakGlass.objects.get().seen_at is None


def test_the_supervisor_of_a_station_without_a_manager_is_told(world):
    browser = world.browser("superuser")
    assert open_it(browser, world.station("东沟镇").code).status_code == 302
    url = f"/break-glass/{BreakGlass.objects.get().public_id}/"
    assert url in text(world.browser("supervisor").get("/inbox/"))
    assert url not in text(world.browser("manager").get("/inbox/"))


def test_the_reason_is_kept_sealed(admin):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM casework_breakglass")
        assert REASON not in cursor.fetchone()[0]
    assert not Event.objects.filter(verb="glass.opened", detail__icontains="日志").exists()
