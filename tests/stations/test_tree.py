"""The station tree: its numbers, its dated parents, and that nobody else writes it."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.changes import change
from accounts.errors import DomainError
from periods import today
from stations import tree
from stations.actions import (
    close_station,
    create_station,
    effects_of,
    merge_stations,
    move_station,
    open_station,
    suspend_station,
)
from stations.models import Station, StationParent, StationStatus
from tests.factories import SINCE

EARLIER, LATER = SINCE + dt.timedelta(days=100), SINCE + dt.timedelta(days=200)


def history(station):
    """[(parent's first characters, from, until)] in order."""
    rows = StationParent.objects.filter(station=station).select_related("parent").order_by("span")
    return [(r.parent.name[:4], r.span.lower, r.span.upper) for r in rows]


def parent_of(world, name):
    parent = world.fresh(name).parent
    return parent and parent.name[:4]


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────
@st.composite
def forests(draw):
    """[(id, parent id or None)]: every parent is one of the ids before it or somebody outside; in any order."""
    size = draw(st.integers(0, 25))
    nodes = [(pk, draw(st.sampled_from([None, 99, *range(pk)]))) for pk in range(size)]
    return draw(st.permutations(nodes))


@given(forests())
def test_numbers_nest_as_the_parents_say(nodes):
    numbers = tree.number(nodes)
    parents = {pk: parent if parent in numbers else None for pk, parent in nodes}

    def chain(pk):
        return [pk] if parents[pk] is None else [pk, *chain(parents[pk])]

    assert numbers.keys() == parents.keys()
    for pk, (root, left, right, depth) in numbers.items():
        assert root == chain(pk)[-1] and depth == len(chain(pk)) - 1
        inside = {other for other, (r, lft, rght, _d) in numbers.items() if r == root and left <= lft and rght <= right}
        assert inside == {other for other in parents if pk in chain(other)}
        assert right - left + 1 == 2 * len(inside)
    for root in {n[0] for n in numbers.values()}:
        used = sorted(x for r, lft, rght, _d in numbers.values() if r == root for x in (lft, rght))
        assert used == list(range(1, len(used) + 1))


@given(st.integers(1, 6))
def test_a_circle_is_refused(size):
    with pytest.raises(ValueError, match="cycle"):
        tree.number([(pk, (pk + 1) % size) for pk in range(size)])


def test_siblings_follow_the_order_they_come_in():
    assert [n[1] for n in (tree.number([(1, None), (3, 1), (2, 1)])[pk] for pk in (1, 3, 2))] == [1, 2, 4]


def test_a_very_deep_line_needs_no_recursion():
    numbers = tree.number([(pk, pk - 1 if pk else None) for pk in range(5000)])
    assert numbers[4999][1:] == (5000, 5001, 4999)


# ── nobody else ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "column", ["parent_id = NULL", "lft = lft + 1", "rght = rght + 1", "tree_id = tree_id + 1", "lft = 0, rght = 0"]
)
def test_the_tree_s_columns_are_refused_to_all_others(world, column):
    with (
        pytest.raises(DatabaseError, match="guard_tree"),
        change(None, "test"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE stations_station SET {column} WHERE code = %s", [world.station("太和镇").code])


def test_stations_are_made_by_their_action_alone(world):
    with pytest.raises(DatabaseError, match="guard_tree_insert"), transaction.atomic(), change(None, "test"):
        Station.objects.bulk_create(
            [Station(code="x-1", name="x", tier=3, division=world.home, lft=1, rght=2, tree_id=1, depth=0)]
        )
    with pytest.raises(TypeError):
        Station(code="x-1", name="x", tier=3, division=world.home).save()


def test_mptt_s_own_ways_of_moving_are_refused(world):
    station, target = world.fresh("太和镇"), world.fresh("华容区")
    with pytest.raises(DatabaseError), transaction.atomic(), change(None, "test"):
        station.move_to(target)
    with pytest.raises(DatabaseError), transaction.atomic(), change(None, "test"):
        Station.objects.rebuild()
    assert not tree.faults()


def test_a_stale_form_does_not_write_back_where_the_station_stood(world):
    stale = world.fresh("太和镇")
    move_station(world.users["city_official"], world.fresh("太和镇"), parent=world.fresh("华容区"))
    close_station(world.users["city_official"], world.fresh("东沟镇"))
    stale.address = "新址"
    with change(None, "test"):
        stale.save()
        stale.save(update_fields=["parent", "lft", "status", "address"])
    assert (parent_of(world, "太和镇"), world.fresh("太和镇").address) == ("华容区社", "新址")
    assert not tree.faults()


# ── parents by division ──────────────────────────────────────────────────────────────────────────
def test_the_default_parent_is_the_nearest_higher_one_that_is_open(world):
    expected = {
        "梁子湖区": "鄂州市社",
        "太和镇": "梁子湖区",
        "谢埠村": "太和镇社",
        "白浒村": "葛店镇社",
        "鄂州市": None,
        "鹓鶵村": "鸾栖镇社",
    }
    assert {name: parent_of(world, name) for name in expected} == expected


def test_tiers_may_be_skipped(world):
    room = create_station(world.users["official"], name="茅圻村社工室", tier=4, division=world.divisions["茅圻村"])
    assert room.parent.name.startswith("东沟镇")
    close_station(world.users["official"], world.fresh("东沟镇"))
    close_station(world.users["city_official"], world.fresh("梁子湖区"))
    assert Station.objects.get(pk=room.pk).parent.name.startswith("鄂州市")
    assert not tree.faults()


def test_a_station_that_opens_adopts_what_stands_below_it_by_default(world):
    official = world.users["city_official"]
    close_station(official, world.fresh("梁子湖区"), on=EARLIER)
    assert parent_of(world, "太和镇") == "鄂州市社"
    hub = create_station(official, name="梁子湖新总站", tier=2, division=world.home, on=EARLIER)
    assert parent_of(world, "太和镇") == "鄂州市社", "planned: nothing yet"
    open_station(official, hub, on=LATER)
    assert history(world.station("太和镇")) == [
        ("梁子湖区", SINCE, EARLIER), ("鄂州市社", EARLIER, LATER), ("梁子湖新", LATER, None),
    ]  # fmt: skip
    assert parent_of(world, "葛店镇") == "华容区社"
    assert not tree.faults()


def test_a_named_parent_is_left_alone_when_another_opens(world):
    official = world.users["city_official"]
    move_station(official, world.fresh("东沟镇"), parent=world.fresh("鄂州市"), on=LATER)
    close_station(official, world.fresh("梁子湖区"), on=EARLIER)
    hub = create_station(official, name="梁子湖新总站", tier=2, division=world.home, on=EARLIER)
    open_station(official, hub, on=EARLIER)
    assert parent_of(world, "太和镇") == "梁子湖新"
    assert parent_of(world, "东沟镇") == "鄂州市社", "named on a later day than the opening"
    assert not tree.faults()


def test_moving_a_station_to_where_it_stands_by_default_pins_it(world):
    move_station(world.users["city_official"], world.fresh("太和镇"), parent=world.fresh("梁子湖区"))
    row = StationParent.objects.get(station=world.station("太和镇"))
    assert (row.by_default, row.span.lower) == (False, SINCE)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────
def test_a_move_counts_from_its_day_and_takes_everything_below_along(world):
    town, room = world.station("太和镇"), world.station("谢埠村")
    move_station(world.users["city_official"], world.fresh("太和镇"), parent=world.fresh("华容区"), on=LATER)
    hub, other = world.station("梁子湖区"), world.station("华容区")
    day_before = LATER - dt.timedelta(days=1)
    assert {town.pk, room.pk} <= set(tree.below_on(hub, day_before)) and not {town.pk, room.pk} & set(
        tree.below_on(hub, LATER)
    )
    assert {town.pk, room.pk} <= set(tree.below_on(other, LATER))
    assert set(tree.above_on(room, LATER)) == {town.pk, other.pk, world.station("鄂州市").pk}
    assert {town.pk, room.pk} <= set(Station.objects.within(other).values_list("pk", flat=True))


def test_moves_of_one_day_leave_one_row_and_moving_back_leaves_none(world):
    official = world.users["city_official"]
    before = history(world.station("太和镇"))
    for name in ("华容区", "鄂州市", "华容区"):
        move_station(official, world.fresh("太和镇"), parent=world.fresh(name))
    assert history(world.station("太和镇"))[1:] == [("华容区社", today(), None)]
    move_station(official, world.fresh("太和镇"), parent=world.fresh("梁子湖区"))
    assert history(world.station("太和镇")) == before


def test_a_move_dated_before_the_last_one_is_refused(world):
    official = world.users["city_official"]
    move_station(official, world.fresh("太和镇"), parent=world.fresh("华容区"), on=LATER)
    with pytest.raises(DomainError) as refused:
        move_station(official, world.fresh("太和镇"), parent=world.fresh("鄂州市"), on=EARLIER)
    assert (refused.value.code, refused.value.field) == ("date_order", "on")


@pytest.mark.parametrize(
    ("station", "parent"),
    [
        ("太和镇", "谢埠村"),
        ("太和镇", "东沟镇"),
        ("梁子湖区", "太和镇"),
        ("太和镇", "太和镇"),
        ("太和镇", "鸑鷟县"),
        ("太和镇", "梁子湖区closed"),
    ],
)
def test_nobody_stands_under_an_equal_a_lower_a_closed_or_a_foreign_one(world, station, parent):
    if parent.endswith("closed"):
        parent = parent.removesuffix("closed")
        close_station(world.users["city_official"], world.fresh(parent))
    with pytest.raises(DomainError) as refused:
        move_station(world.users["superuser"], world.fresh(station), parent=world.fresh(parent))
    assert (refused.value.code, refused.value.field) == ("wrong_parent", "parent")
    assert not tree.faults()


def test_nobody_stands_under_what_did_not_exist_then(world):
    hub = create_station(
        world.users["city_official"], name="新总站", tier=2, division=world.home, status="operating", on=LATER
    )
    with pytest.raises(DomainError) as refused:
        move_station(world.users["city_official"], world.fresh("华容镇"), parent=hub, on=EARLIER)
    assert refused.value.code == "wrong_parent"


# ── closing, merging, status ─────────────────────────────────────────────────────────────────────
def test_what_stood_below_a_closed_station_goes_to_the_next_by_division(world):
    close_station(world.users["official"], world.fresh("太和镇"), on=LATER)
    assert history(world.station("谢埠村")) == [("太和镇社", SINCE, LATER), ("梁子湖区", LATER, None)]
    assert not tree.faults()


def test_a_merged_station_is_closed_and_hands_on_what_stood_below_it(world):
    merge_stations(world.users["official"], world.fresh("太和镇"), into=world.fresh("东沟镇"), on=LATER, reason="撤并")
    town = world.fresh("太和镇")
    assert town.status == "closed"
    assert town.status_rows.get(span__upper_inf=True).merged_into == world.station("东沟镇")
    assert parent_of(world, "谢埠村") == "东沟镇社"
    assert not tree.faults()


@pytest.mark.parametrize("into", ["太和镇", "梁子湖区", "梁子镇", "鸾栖镇"])
def test_one_merges_only_into_another_operating_station_of_the_same_tier_and_city(world, into):
    with pytest.raises(DomainError) as refused:
        merge_stations(world.users["superuser"], world.fresh("太和镇"), into=world.fresh(into))
    assert refused.value.code == "wrong_target"


@pytest.mark.parametrize("verb", ["open", "suspend", "close", "move", "merge"])
def test_a_closed_station_stays_as_it_is(world, verb):
    close_station(world.users["official"], world.fresh("太和镇"), on=LATER)
    user, town = world.users["superuser"], world.fresh("太和镇")
    act = {
        "open": lambda: open_station(user, town), "suspend": lambda: suspend_station(user, town),
        "close": lambda: close_station(user, town),
        "move": lambda: move_station(user, town, parent=world.fresh("华容区")),
        "merge": lambda: merge_stations(user, town, into=world.fresh("东沟镇")),
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        act[verb]()
    assert refused.value.status == 409


def statuses(station):
    return list(StationStatus.objects.filter(station=station).order_by("span").values_list("status", "span"))


def test_changes_of_one_day_leave_the_last_one(world):
    user, town = world.users["official"], world.station("太和镇")
    before = statuses(town)
    suspend_station(user, world.fresh("太和镇"))
    open_station(user, world.fresh("太和镇"))
    assert statuses(town) == before
    assert world.fresh("太和镇").operating_since == SINCE


def test_what_was_only_planned_may_have_been_open_earlier_than_it_was_noted(world):
    long_ago = SINCE - dt.timedelta(days=60)
    open_station(world.users["official"], world.fresh("梁子镇"), on=long_ago)
    planned = world.fresh("梁子镇")
    assert [(s, span.lower) for s, span in statuses(planned)] == [("operating", long_ago)]
    assert (planned.status, planned.operating_since) == ("operating", long_ago)
    assert history(planned)[0][1] == long_ago
    assert not tree.faults()


def test_a_status_dated_before_the_last_change_is_refused(world):
    suspend_station(world.users["official"], world.fresh("太和镇"), on=LATER)
    with pytest.raises(DomainError) as refused:
        open_station(world.users["official"], world.fresh("太和镇"), on=EARLIER)
    assert (refused.value.code, refused.value.field) == ("date_order", "on")


@pytest.mark.parametrize("on", [dt.date(1979, 12, 31), dt.date(2999, 1, 1)])
def test_no_day_to_come_and_none_before_there_were_stations(world, on):
    with pytest.raises(DomainError) as refused:
        suspend_station(world.users["official"], world.fresh("太和镇"), on=on)
    assert refused.value.field == "on"


def test_what_a_change_will_do_is_told_and_nothing_is_done(world):
    before = list(Station.objects.order_by("pk").values())
    told = effects_of("close", world.users["official"], world.fresh("太和镇"), on=LATER)
    assert told["station"].status == "closed"
    assert {str(station) for station, *_rest in told["rows"]} == {"太和镇社会工作服务站", "谢埠村社会工作服务室"}
    assert list(Station.objects.order_by("pk").values()) == before
    assert not StationStatus.objects.filter(status="closed").exists()


# ── codes ────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_is_given_once_and_never_again(world):
    user, place = world.users["official"], world.divisions["马龙村"]
    first = create_station(user, name="甲室", tier=4, division=place)
    second = create_station(user, name="乙室", tier=4, division=place)
    with change(None, "test.removed"):
        StationStatus.objects.filter(station=second).delete()
        StationParent.objects.filter(station=second).delete()
        Station.objects.filter(pk=second.pk).delete()
    third = create_station(user, name="丙室", tier=4, division=place)
    assert [s.code for s in (first, second, third)] == [f"{place.code}-{n}" for n in (1, 2, 3)]


def test_a_station_stands_at_a_division_of_its_tier(world):
    with pytest.raises(DomainError) as refused:
        create_station(world.users["official"], name="x", tier=3, division=world.divisions["谢埠村"])
    assert refused.value.code == "tier_mismatch"


@pytest.mark.parametrize("name", ["太和镇社工站", "太和镇 社会工作站", "太和镇社会工作服务站"])
def test_one_name_at_one_place_is_one_station_whatever_the_suffix(world, name):
    with pytest.raises(DomainError) as refused:
        create_station(world.users["official"], name=name, tier=3, division=world.divisions["太和镇"])
    assert (refused.value.status, refused.value.code) == (409, "duplicate")


# ── check_tree ───────────────────────────────────────────────────────────────────────────────────
DAMAGE = [
    "UPDATE stations_station SET lft = lft + 1 WHERE code = %s",
    "UPDATE stations_station SET parent_id = NULL WHERE code = %s",
    "UPDATE stations_station SET tree_id = 1 + (SELECT max(tree_id) FROM stations_station) WHERE code = %s",
    "UPDATE stations_station SET depth = 7 WHERE code = %s",
    "UPDATE stations_station SET status = 'closed' WHERE code = %s",
    "UPDATE stations_station SET tree_id = 0",
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_check_tree_finds_damage_and_repairs_it(world, damage, capsys):
    call_command("check_tree")
    good = list(Station.objects.order_by("pk").values("pk", "parent_id", "lft", "rght", "depth", "status"))
    with change(None, "test.damaged"), tree.opened() as cursor:
        cursor.execute(damage, [world.station("太和镇").code] if "%s" in damage else None)
    with pytest.raises(CommandError):
        call_command("check_tree")
    call_command("check_tree", "--repair")
    call_command("check_tree")
    assert list(Station.objects.order_by("pk").values("pk", "parent_id", "lft", "rght", "depth", "status")) == good


@pytest.mark.parametrize("parent", ["鸑鷟县", "谢埠村"])
def test_check_tree_finds_parents_that_may_not_be(world, parent):
    with change(None, "test.damaged"):
        StationParent.objects.filter(station=world.station("太和镇")).update(parent=world.station(parent))
    with pytest.raises(CommandError):
        call_command("check_tree")
