"""Many hands on one tree at once: nothing is lost, no number is wrong, and no reader sees another county for an instant."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.errors import DomainError
from accounts.models import User
from stations import tree
from stations.actions import close_station, create_station, move_station, open_station, suspend_station
from stations.models import Division, Station
from tests.factories import World


@pytest.fixture
def busy(transactional_db):
    """A world with two more towns' worth of village rooms to push about, committed so that all threads see it."""
    made = World()
    for name in ("马龙村", "茅圻村"):
        create_station(made.users["city_official"], name=f"{name}室", tier=4, division=made.divisions[name])
    return made


def at_once(n, work):
    """Run work(i) in n threads with a connection each; returns their results."""

    def run(i):
        try:
            return work(i)
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


def push_about(world, hands, each):
    """`hands` threads make `each` random changes. Returns how many were done and how many refused."""
    names = ("太和镇", "东沟镇", "华容镇", "葛店镇", "梁子湖区", "华容区", "鄂州市")
    places = {name: world.station(name).pk for name in names}
    movable = list(Station.objects.filter(division__city=world.city, tier__gt=2).values_list("pk", flat=True))

    def hand(seed):
        rng, done, refused = random.Random(seed), 0, 0
        user = User.objects.get(username="city_official")
        for _ in range(each):
            station = Station.objects.get(pk=rng.choice(movable))
            verb = rng.choice(["move"] * 5 + ["suspend", "open"])
            try:
                if verb == "move":
                    move_station(user, station, parent=Station(pk=places[rng.choice(names)]))
                else:
                    {"suspend": suspend_station, "open": open_station}[verb](user, station)
                done += 1
            except DomainError:
                refused += 1
        return done, refused

    return [sum(x) for x in zip(*at_once(hands, hand), strict=True)]


def test_eight_hands_leave_a_clean_tree(busy):
    before = set(Station.objects.values_list("pk", flat=True))
    done, _refused = push_about(busy, 8, 8)
    assert done > 20
    assert tree.faults() == []
    assert set(Station.objects.values_list("pk", flat=True)) == before


@pytest.mark.slow
def test_twenty_hands_make_three_hundred_moves_and_leave_a_clean_tree(busy):
    before = set(Station.objects.values_list("pk", flat=True))
    done, refused = push_about(busy, 20, 30)
    assert done >= 300, f"{done} done, {refused} refused"
    assert tree.faults() == []
    assert set(Station.objects.values_list("pk", flat=True)) == before


def test_no_reader_sees_another_s_rows_while_the_tree_moves(busy):
    """A town is pushed to and fro from behind a manager's own to before it: his numbers change all the time."""
    own = {busy.station(name).pk for name in ("葛店镇", "白浒村")}
    stop = threading.Event()

    def read(_):
        leaks, reads = set(), 0
        while not stop.is_set():
            manager = User.objects.get(username="sibling_manager")
            manager.can("see", Station)  # his posts are read now, the rows a little later
            stop.wait(0.02)
            leaks |= set(Station.objects.visible_to(manager).values_list("pk", flat=True)) ^ own
            reads += 1
        return leaks, reads

    def write():
        user = User.objects.get(username="city_official")
        for name in ("梁子湖区", "华容区") * 8:
            move_station(user, busy.fresh("蒲团乡"), parent=busy.fresh(name))

    def either(i):
        if i:
            return read(i)
        try:
            write()
        finally:
            stop.set()
        return set(), 0

    results = at_once(3, either)
    assert set().union(*(leaks for leaks, _n in results)) == set()
    assert sum(n for _leaks, n in results) > 10


def test_of_eight_who_make_the_same_station_one_does(busy):
    place = Division.objects.get(pk=busy.divisions["梁子镇"].pk)
    close_station(busy.users["official"], busy.fresh("梁子镇"))

    def make(_):
        try:
            return create_station(
                User.objects.get(username="official"), name="梁子镇社工站", tier=3, division=place
            ).code
        except DomainError as e:
            return e.code

    results = at_once(8, make)
    assert sorted(results) == [f"{place.code}-2"] + ["duplicate"] * 7
    assert tree.faults() == []


def test_new_trees_made_at_once_get_numbers_of_their_own(busy):
    """mptt's own MAX + 1 gave two roots the same number."""
    closed = ["鄂州市", "鸑鷟市"]
    for name in closed:
        close_station(busy.users["superuser"], busy.fresh(name))

    def make(i):
        city = Division.objects.get(pk=busy.divisions[closed[i % 2]].pk)
        return create_station(User.objects.get(username="superuser"), name=f"新中心{i}", tier=1, division=city).tree_id

    made = at_once(6, make)
    assert len(set(made)) == 6
    assert tree.faults() == []
