"""Writing: nobody overwrites what he has not seen, and what is sent twice is made once."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Change, Event
from stations.actions import close_station
from stations.models import Station
from surfaces.models import ClientRef
from tests.factories import World

STATIONS = "/api/v1/stations/"


def send(client, path, body, method="post", **headers):
    return getattr(client, method)(path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def town(world):
    return f"{STATIONS}{world.station('太和镇').code}/"


# ── If-Match ─────────────────────────────────────────────────────────────────────────────────────
def test_a_write_with_the_tag_one_has_seen_goes_in_and_gives_the_next_tag(world, town):
    client = world.program("official")
    tag = client.get(town)["ETag"]
    answer = send(client, town, {"address": "和平路1号", "phone": "0711-1234567"}, "patch", **{"If-Match": tag})
    assert answer.status_code == 200 and answer.json()["address"] == "和平路1号"
    assert answer["ETag"] != tag and answer["ETag"] == client.get(town)["ETag"]


def test_a_write_with_a_stale_tag_is_refused_and_writes_nothing(world, town):
    client = world.program("official")
    tag = client.get(town)["ETag"]
    send(client, town, {"address": "先"}, "patch", **{"If-Match": tag})
    answer = send(client, town, {"address": "后"}, "patch", **{"If-Match": tag})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (412, "stale")
    assert client.get(town).json()["address"] == "先"


def test_a_write_without_a_tag_is_refused(world, town):
    answer = send(world.program("official"), town, {"address": "x"}, "patch")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (428, "precondition_required")


def test_a_star_and_a_list_of_tags_are_tags(world, town):
    client = world.program("official")
    for tag in (f'"x", {client.get(town)["ETag"]}', "*"):
        assert send(client, town, {"address": tag}, "patch", **{"If-Match": tag}).status_code == 200


def test_a_dated_change_makes_tags_stale_as_well(world, town):
    client = world.program("official")
    tag = client.get(town)["ETag"]
    assert send(client, f"{town}suspend/", {"reason": "装修"}).status_code == 200
    assert send(client, town, {"address": "x"}, "patch", **{"If-Match": tag}).status_code == 412


def test_nothing_to_change_and_unknown_fields_are_said(world, town):
    client = world.program("official")
    for body in (
        {},
        {"status": "closed"},
        {"code": "x"},
        {"parent": None},
        {"tier": "city"},
        {"address": "x", "lft": 1},
    ):
        answer = send(client, town, body, "patch", **{"If-Match": "*"})
        assert answer.status_code == 400, body
    assert client.get(town).json()["address"] == "HOME-address"


def test_counts_that_contradict_each_other_are_refused_against_what_is_there(world, town):
    client = world.program("official")
    answer = send(client, town, {"reported_certified": 3}, "patch", **{"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "inconsistent")
    assert (
        send(client, town, {"reported_certified": 3, "reported_full_time": 3}, "patch", **{"If-Match": "*"}).status_code
        == 200
    )


@pytest.mark.parametrize(("who", "status"), [("worker", 403), ("viewer", 403), ("inspector", 403), ("supervisor", 403), ("manager", 200),
                                             ("agency", 404), ("twin_official", 404), ("sibling_manager", 404), ("expired", 404)])  # fmt: skip
def test_who_may_change_a_station_s_data(world, town, who, status):
    assert send(world.program(who), town, {"address": "x"}, "patch", **{"If-Match": "*"}).status_code == status


def test_of_two_who_write_at_once_one_is_told(transactional_db):
    world = World()
    path = f"{STATIONS}{world.station('太和镇').code}/"
    tag = world.program("official").get(path)["ETag"]
    clients = [world.program("official") for _ in range(6)]
    gate = threading.Barrier(6)

    def write(i):
        gate.wait()
        try:
            return send(clients[i], path, {"address": f"第{i}"}, "patch", **{"If-Match": tag}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(write, range(6))) == [200] + [412] * 5


# ── client_ref ───────────────────────────────────────────────────────────────────────────────────
def room(world, **more):
    return {
        "name": "马龙村室",
        "tier": "village",
        "division": world.divisions["马龙村"].code,
        "client_ref": str(uuid.uuid4()),
        **more,
    }


def test_the_same_again_gives_the_first_with_200(world):
    client, body = world.program("official"), room(world)
    first, again = send(client, STATIONS, body), send(client, STATIONS, dict(reversed(body.items())))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() and again["ETag"] == first["ETag"]
    assert Station.objects.filter(division__name="马龙村").count() == 1


def test_the_same_again_after_a_change_shows_the_first_as_it_is_now(world):
    client, body = world.program("official"), room(world)
    code = send(client, STATIONS, body).json()["code"]
    send(client, f"{STATIONS}{code}/", {"address": "后来"}, "patch", **{"If-Match": "*"})
    again = send(client, STATIONS, body)
    assert (again.status_code, again.json()["address"]) == (200, "后来")


def test_other_content_under_the_same_ref_is_told_with_both(world):
    client, body = world.program("official"), room(world)
    first = send(client, STATIONS, body).json()
    answer = send(client, STATIONS, {**body, "address": "另一处"})
    problem = answer.json()
    assert (answer.status_code, [e["code"] for e in problem["errors"]]) == (409, ["ref_reused"])
    assert problem["existing"] == first
    assert problem["sent"]["address"] == "另一处"
    assert client.get(f"{STATIONS}{first['code']}/").json() == first


def test_a_ref_is_one_account_s_own(world):
    body = room(world)
    send(world.program("official"), STATIONS, body)
    answer = send(world.program("city_official"), STATIONS, {**body, "name": "别的室"})
    assert answer.status_code == 201


def test_a_ref_of_another_account_s_object_shows_nothing_of_it(world):
    """The reference was used by the same account while it had a post there."""
    from psycopg.types.range import DateRange

    from accounts.changes import change
    from periods import today
    from stations.models import Post

    client, body = world.program("official"), room(world)
    assert send(client, STATIONS, body).status_code == 201
    with change(None, "test"):
        Post.objects.filter(user=world.users["official"]).update(division=world.sibling, span=DateRange(today(), None))
    answer = send(client, STATIONS, body)
    assert answer.status_code == 409 and answer.json()["existing"] is None
    assert "马龙村" not in json.dumps({k: v for k, v in answer.json().items() if k != "sent"}, ensure_ascii=False)


@pytest.mark.parametrize(
    "ref",
    ["not-a-uuid", "", 1, None, [], {}, "x" * 36, str(uuid.UUID(int=7)) + "0", "{" + str(uuid.UUID(int=7))[:-2] + "}"],
)
def test_a_ref_that_is_no_uuid_is_said(world, ref):
    answer = send(world.program("official"), STATIONS, room(world, client_ref=ref))
    if ref is None:
        assert answer.status_code == 201
    else:
        assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "client_ref"


def test_what_was_refused_uses_up_no_ref(world):
    client, body = world.program("official"), room(world, division=world.divisions["太和镇"].code)
    assert send(client, STATIONS, body).status_code == 400
    assert not ClientRef.objects.exists()
    assert send(client, STATIONS, {**body, "division": world.divisions["马龙村"].code}).status_code == 201


@pytest.mark.parametrize("differ", [False, True])
def test_eight_at_once_make_one(transactional_db, differ):
    world = World()
    body = room(world)
    clients = [world.program("official") for _ in range(8)]
    gate = threading.Barrier(8)

    def go(i):
        gate.wait()
        try:
            return send(clients[i], STATIONS, {**body, "floor_area": 30 + i} if differ else body)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(go, range(8)))
    assert (
        sorted(a.status_code for a in answers) == [201] + [409 if differ else 200] * 7 if differ else [200] * 7 + [201]
    )
    assert len({a.json().get("code") or a.json()["existing"]["code"] for a in answers}) == 1
    assert Station.objects.filter(division__name="马龙村").count() == 1
    assert Event.objects.filter(verb="station.created").count() == 1


# ── dated verbs ──────────────────────────────────────────────────────────────────────────────────
def test_every_dated_verb_answers_with_the_station_as_it_is_then(world):
    client, code = world.program("city_official"), world.station("梁子镇").code
    for verb, body, status in (
        ("open", {"on": "2022-08-09", "reason": "挂牌"}, "operating"), ("suspend", {"on": "2022-09-01"}, "suspended"),
        ("open", {"on": "2022-10-01"}, "operating"), ("move", {"parent": world.station("华容区").code, "on": "2022-11-01"}, "operating"),
        ("merge", {"into": world.station("东沟镇").code, "on": "2022-12-01"}, "closed"),
    ):  # fmt: skip
        answer = send(client, f"{STATIONS}{code}/{verb}/", body)
        assert (answer.status_code, answer.json()["status"]) == (200, status), verb
    assert Event.objects.filter(verb="station.operating", reason="挂牌").exists()
    as_of = {
        day: client.get(f"{STATIONS}{code}/?as_of={day}").json()["status"]
        for day in ("2022-08-08", "2022-08-09", "2022-09-15", "2022-12-01")
    }
    assert as_of == {
        "2022-08-08": "planned",
        "2022-08-09": "operating",
        "2022-09-15": "suspended",
        "2022-12-01": "closed",
    }


def test_an_answer_shows_the_station_even_where_the_change_took_it_out_of_reach(world):
    """A manager of the hub's subtree hands a town over to another district."""
    from accounts.changes import change
    from stations.models import Post

    user = world.users["supervisor"]
    with change(None, "test"):
        Post.objects.filter(user=user).update(role="official")
    with change(None, "test"):
        Post.objects.create(user=user, role="viewer", station=world.station("华容区"), span=user.posts.get().span)
    code = world.station("太和镇").code
    answer = send(world.program("supervisor"), f"{STATIONS}{code}/move/", {"parent": world.station("华容区").code})
    assert (answer.status_code, answer.json()["parent"]) == (200, world.station("华容区").code)


def test_a_refused_verb_leaves_no_trace(world):
    client, code = world.program("city_official"), world.station("太和镇").code
    before = (Event.objects.count(), Change.objects.count())
    for verb, body in (
        ("open", {}),
        ("move", {"parent": "x"}),
        ("move", {}),
        ("close", {"on": "2999-01-01"}),
        ("merge", {"into": code}),
    ):
        assert 400 <= send(client, f"{STATIONS}{code}/{verb}/", body).status_code < 500
    assert (Event.objects.count(), Change.objects.count()) == before


def test_a_get_changes_nothing(world):
    client, before = world.program("superuser"), Event.objects.count()
    code = world.station("太和镇").code
    for verb in ("open", "suspend", "close", "move", "merge"):
        assert client.get(f"{STATIONS}{code}/{verb}/").status_code == 405
    assert Event.objects.count() == before


def test_an_operator_is_an_agency_one_knows(world, town):
    client = world.program("official")
    assert send(client, town, {"operator": "凤鸣社会工作服务中心"}, "patch", **{"If-Match": "*"}).status_code == 400
    answer = send(client, town, {"operator": None}, "patch", **{"If-Match": "*"})
    assert answer.json()["operator"] is None
    answer = send(client, town, {"operator": "益民社会工作服务中心"}, "patch", **{"If-Match": "*"})
    assert answer.json()["operator"] == "益民社会工作服务中心"


def test_a_session_may_write_with_its_token(world, town):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["official"], backend="accounts.backends.NameOrMobile")
    client.get("/account/")
    from django.conf import settings

    token = client.cookies.get(settings.CSRF_COOKIE_NAME)
    assert token is not None
    answer = send(client, town, {"address": "网页"}, "patch", **{"If-Match": "*", "X-CSRFToken": token.value})
    assert answer.status_code == 200
    close_station(world.users["official"], world.fresh("太和镇"))
