"""Reading lists: pages that are complete while rows come and go, order, search, fields, conditions, and what changed since."""

import datetime as dt
import threading
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.changes import change
from accounts.keys import SCOPES, create_key
from accounts.models import User
from stations.actions import close_station, create_station, move_station, update_station
from stations.models import Agency, Station, StationParent, StationStatus
from tests.contracts.addresses import api_lists
from tests.factories import SINCE, World

STATIONS = "/api/v1/stations/"


def rows(client, path, each=lambda: None):
    """All rows of a list, page after page; `each()` is called between two pages."""
    out, seen = [], set()
    while path:
        assert path not in seen, "the same page twice"
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        out += answer.json()["results"]
        path = answer.json()["next"]
        each()
    return out


def codes(found):
    return [row["code"] for row in found]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    "ordering", ["", "&ordering=name", "&ordering=-name", "&ordering=-code", "&ordering=tier", "&ordering=-updated_at"]
)
def test_every_row_comes_once_whatever_the_order_and_the_size(world, size, ordering):
    client = world.program("superuser")
    found = codes(rows(client, f"{STATIONS}?page_size={size}{ordering}"))
    whole = codes(client.get(f"{STATIONS}?page_size=1000{ordering}").json()["results"])
    assert found == whole
    assert len(set(found)) == Station.objects.count()


def test_rows_that_come_meanwhile_double_and_hide_nothing(world):
    """Before the place one reads at, behind it, and with an equal sort key."""
    client, before = world.program("superuser"), set(Station.objects.values_list("code", flat=True))
    places = iter(["马龙村", "茅圻村", "白浒村"] * 9)

    def insert():
        place = next(places)
        number = Station.objects.count()
        create_station(world.users["superuser"], name=f"{place}{number}室", tier=4, division=world.divisions[place])

    found = codes(rows(client, f"{STATIONS}?page_size=4&ordering=tier", insert))
    assert len(found) == len(set(found)) and before <= set(found)


def test_rows_that_go_meanwhile_hide_no_other(world):
    client, first = world.program("superuser"), []

    def remove():
        station = Station.objects.filter(tier=4).exclude(pk__in=first).order_by("code").first()
        if station:
            first.append(station.pk)
            with change(None, "test.removed"):
                for model in (StationStatus, StationParent):
                    model.objects.filter(station=station).delete()
                Station.objects.filter(pk=station.pk).delete()

    left = set(Station.objects.exclude(tier=4).values_list("code", flat=True))
    assert left <= set(codes(rows(client, f"{STATIONS}?page_size=2&ordering=-code", remove)))


def test_one_pages_back_over_the_same_rows(world):
    client = world.program("superuser")
    pages, url = [], f"{STATIONS}?page_size=4&ordering=name"
    while url:
        page = client.get(url).json()
        pages.append(codes(page["results"]))
        url = page["next"]
    back, url = [pages[-1]], page["previous"]
    while url:
        page = client.get(url).json()
        back.insert(0, codes(page["results"]))
        url = page["previous"]
    assert back == pages
    assert client.get(f"{STATIONS}?page_size=4").json()["previous"] is None


def test_links_lead_to_the_same_list(world):
    page = world.program("superuser").get(f"{STATIONS}?page_size=2&tier=township&search=%E9%95%87&fields=code").json()
    query = parse_qs(urlsplit(page["next"]).query)
    assert {k: query[k] for k in ("tier", "search", "fields", "page_size")} == {
        "tier": ["township"], "search": ["镇"], "fields": ["code"], "page_size": ["2"],
    }  # fmt: skip


def test_somebody_else_s_cursor_shows_only_one_s_own_rows(world):
    theirs = world.program("twin_official").get(f"{STATIONS}?page_size=1").json()["next"]
    mine = world.program("official").get(theirs)
    assert all("421199" not in code for code in codes(mine.json()["results"]))


def test_an_empty_list_is_a_list(world):
    assert world.program("agency").get(STATIONS).json() == {"next": None, "previous": None, "results": []}


# ── shape ────────────────────────────────────────────────────────────────────────────────────────
def test_the_fields_of_a_station_are_the_contract_s(world):
    row = world.program("official").get(f"{STATIONS}{world.station('太和镇').code}/").json()
    assert list(row) == [
        "code", "name", "tier", "status", "division", "parent", "established_on", "operating_since", "operation_mode", "operator",
        "address", "longitude", "latitude", "manager_name", "phone", "floor_area", "reported_full_time", "reported_certified", "updated_at",
    ]  # fmt: skip
    assert row["division"] == {"code": "420702100000", "name": "太和镇"}
    assert (row["tier"], row["status"], row["parent"]) == ("township", "operating", world.station("梁子湖区").code)
    assert (row["operating_since"], row["floor_area"], row["operator"]) == (
        SINCE.isoformat(),
        None,
        "益民社会工作服务中心",
    )
    assert dt.datetime.fromisoformat(row["updated_at"]).tzinfo is not None


def test_fields_narrow_a_row_and_order_and_search_do_what_they_say(world):
    client = world.program("superuser")
    assert all(list(r) == ["code", "name"] for r in client.get(f"{STATIONS}?fields=code,name").json()["results"])
    for query, expected in (
        ("search=太和", ["太和镇社会工作服务站", "谢埠村社会工作服务室"][:1]),
        ("search=taihe", ["太和镇社会工作服务站"]),
        ("search=thz", ["太和镇社会工作服务站"]),
        ("search=420702100000", ["太和镇社会工作服务站"]),
        ("search=THZ", []), ("search=%25", []), ("search=%5C", []), ("tier=city&search=鄂州", ["鄂州市社会工作服务指导中心"]),
        ("status=planned&within=420702000000", ["梁子镇社会工作服务站"]),
        ("status=suspended", ["华容镇社会工作服务站"]),
    ):  # fmt: skip
        assert [r["name"] for r in client.get(f"{STATIONS}?{query}").json()["results"]] == expected, query


def test_within_takes_a_division_or_a_station(world):
    client = world.program("superuser")
    inside = codes(client.get(f"{STATIONS}?within=420702100000").json()["results"])
    below = codes(client.get(f"{STATIONS}?within={world.station('太和镇').code}").json()["results"])
    assert inside == below and len(inside) == 2
    assert world.program("official").get(f"{STATIONS}?within=420703000000").status_code == 404
    assert world.program("official").get(f"{STATIONS}?within={world.station('葛店镇').code}").status_code == 404


def test_divisions_say_their_level_and_are_those_of_the_day(world):
    client = world.program("superuser")
    found = client.get("/api/v1/divisions/?within=420702000000&page_size=200").json()["results"]
    assert {r["level"] for r in found} == {"district", "township", "village"}
    assert found[0] == {
        "code": "420702000000", "name": "梁子湖区", "level": "district", "parent": "420700000000", "valid_from": "2020-01-01", "valid_until": None,
    }  # fmt: skip
    assert client.get("/api/v1/divisions/?as_of=2019-12-31").json()["results"] == []


@pytest.mark.parametrize("kind", ["children", "ancestors", "descendants"])
def test_kin_page_and_agree(world, kind):
    client, hub = world.program("superuser"), world.station("梁子湖区")
    expected = {
        "children": {"太和镇", "东沟镇", "梁子镇"}, "ancestors": {"鄂州市"}, "descendants": {"太和镇", "东沟镇", "梁子镇", "谢埠村"},
    }[kind]  # fmt: skip
    found = rows(client, f"{STATIONS}{hub.code}/{kind}/?page_size=1")
    assert {r["name"][:3].removesuffix("社") for r in found} == expected
    if kind == "ancestors":
        assert rows(world.program("official"), f"{STATIONS}{hub.code}/ancestors/") == []


def test_as_of_shows_stations_and_kin_as_they_stood(world):
    user, day = world.users["city_official"], SINCE + dt.timedelta(days=100)
    before = day - dt.timedelta(days=1)
    move_station(user, world.fresh("太和镇"), parent=world.fresh("华容区"), on=day)
    close_station(user, world.fresh("东沟镇"), on=day)
    client, hub, other, town = (
        world.program("superuser"),
        *(world.station(n).code for n in ("梁子湖区", "华容区", "太和镇")),
    )

    def at(path, on):
        return codes(
            client.get(f"{STATIONS}{path}{'&' if '?' in path else '?'}as_of={on}&page_size=1000").json()["results"]
        )

    assert town in at(f"{hub}/children/", before) and town not in at(f"{hub}/children/", day)
    assert town in at(f"{hub}/descendants/", before) and town in at(f"{other}/descendants/", day)
    assert hub in at(f"{town}/ancestors/", before) and other in at(f"{town}/ancestors/", day)
    assert town in at(f"?within={hub}", before) and town not in at(f"?within={hub}", day)
    assert at("", SINCE - dt.timedelta(days=1)) == []
    one = client.get(f"{STATIONS}{world.station('东沟镇').code}/?as_of={before}").json()
    assert (one["status"], one["parent"], one["operating_since"]) == ("operating", hub, SINCE.isoformat())
    assert client.get(f"{STATIONS}{world.station('东沟镇').code}/").json()["status"] == "closed"


# ── conditions ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", api_lists(), ids=lambda a: a.path)
def test_what_one_has_already_is_not_sent_again(world, address):
    client = world.program("superuser")
    first = client.get(address.path)
    if first.status_code in (400, 403, 405):
        pytest.skip("asks for one cell, or is only written")
    assert first.status_code == 200 and first["ETag"]
    again = client.get(address.path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"] and "RateLimit-Remaining" in again
    assert client.get(address.path, headers={"If-None-Match": f'W/"x", {first["ETag"]}'}).status_code == 304
    assert client.get(address.path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_change_changes_the_tags_of_its_row_and_its_list(world):
    client, code = world.program("official"), world.station("太和镇").code
    one, many = client.get(f"{STATIONS}{code}/")["ETag"], client.get(STATIONS)["ETag"]
    update_station(world.users["official"], world.fresh("太和镇"), address="新址")
    assert client.get(f"{STATIONS}{code}/", headers={"If-None-Match": one}).status_code == 200
    assert client.get(STATIONS, headers={"If-None-Match": many}).status_code == 200


# ── what changed since ───────────────────────────────────────────────────────────────────────────
def since(client, moment, more=""):
    return rows(client, f"{STATIONS}?updated_since={quote(moment)}{more}")


def synced_to(client, moment="2020-01-01T00:00:00Z"):
    return client.get(f"{STATIONS}?updated_since={quote(moment)}&page_size=1").json()["synced_to"]


@pytest.fixture
def live(transactional_db):
    """A committed world: what changed since is about transactions."""
    return World()


def remove(station):
    with change(None, "test.removed"):
        StationStatus.objects.filter(station=station).delete()
        StationParent.objects.filter(station=station).delete()
        Station.objects.filter(pk=station.pk).delete()


def test_one_hears_of_what_changed_and_what_went_and_of_nothing_else(live):
    client = live.program("superuser")
    made = create_station(live.users["official"], name="马龙村室", tier=4, division=live.divisions["马龙村"])
    moment = synced_to(client)
    assert since(client, moment) == []
    update_station(live.users["official"], live.fresh("太和镇"), address="新址")
    remove(made)
    heard = since(client, moment)
    assert [r["code"] for r in heard] == [live.station("太和镇").code, made.code]
    assert set(heard[1]) == {"code", "deleted_at"}
    assert dt.datetime.fromisoformat(heard[1]["deleted_at"]) <= timezone.now()
    assert since(client, synced_to(client, moment)) == []


def test_what_the_tree_and_the_days_change_is_heard_of_too(live):
    client = live.program("superuser")
    moment = synced_to(client)
    close_station(live.users["official"], live.fresh("太和镇"))
    assert {r["name"][:3] for r in since(client, moment)} >= {"太和镇", "谢埠村"}


def test_tombstones_page_and_stay_in_their_place(live):
    user, place = live.users["official"], live.divisions["马龙村"]
    made = [create_station(user, name=f"室{n}", tier=4, division=place) for n in range(5)]
    client = live.program("superuser")
    moment = synced_to(client)
    for station in made:
        remove(station)
    assert [r["code"] for r in since(client, moment, "&page_size=2")] == [s.code for s in made]
    assert len(since(live.program("official"), moment)) == 5
    assert since(live.program("twin_official"), moment) == []
    assert since(live.program("sibling_official"), moment) == []


def test_synced_to_never_runs_ahead_of_a_transaction_that_is_under_way(live):
    """What a slow transaction wrote before one asked must come the next time."""
    client = live.program("superuser")
    written, go = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                update_station(User.objects.get(username="official"), live.fresh("太和镇"), address="慢写")
                remove(live.fresh("谢埠村"))
                written.set()
                go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    update_station(live.users["twin_official"], live.fresh("鸾栖镇"), address="快写")
    moment = synced_to(client)
    heard = {r["code"] for r in since(client, moment)}
    go.set()
    thread.join()
    assert live.station("太和镇").code not in heard
    heard = {r["code"] for r in since(client, moment)}
    assert {live.station("太和镇").code, live.station("谢埠村").code} <= heard


def test_a_program_that_follows_while_many_write_misses_nothing(live):
    stop = threading.Event()

    def writer(n):
        try:
            for i in range(12):
                name = ("太和镇", "东沟镇", "葛店镇", "梁子镇")[n]
                update_station(User.objects.get(username="superuser"), live.fresh(name), address=f"{n}-{i}")
        finally:
            connection.close()

    threads = [threading.Thread(target=writer, args=(n,)) for n in range(4)]
    _key, secret = create_key(None, live.users["superuser"], "x", SCOPES)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    copy, moment = {}, "2020-01-01T00:00:00Z"

    def follow():
        nonlocal moment
        page = client.get(f"{STATIONS}?updated_since={quote(moment)}&page_size=1000").json()
        copy.update({r["code"]: r for r in page["results"]})
        moment = page["synced_to"]

    for thread in threads:
        thread.start()
    while any(t.is_alive() for t in threads):
        follow()
    stop.set()
    for thread in threads:
        thread.join()
    follow()
    now = {r["code"]: r for r in rows(client, f"{STATIONS}?page_size=1000")}
    assert copy == now


def test_an_import_s_agencies_and_other_tables_leave_no_tombstone_among_stations(live):
    client = live.program("superuser")
    moment = synced_to(client)
    with change(None, "test"):
        Agency.objects.create(name="来去").delete()
    assert since(client, moment) == []
