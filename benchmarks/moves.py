"""Moving a district of 500 stations and merging two townships, beside an UPDATE of the same city's numbers."""

import datetime as dt

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import in_turn, tell
from benchmarks.reading import reader
from stations import actions, tree
from stations.models import Station


def run():
    """A city with two top stations between which its district goes to and fro; everything is taken back."""
    user = reader()
    with transaction.atomic():
        city, district, second = _district(user)
        towns = list(Station.objects.filter(parent=district, status="operating").order_by("code")[:2])
        size = Station.objects.filter(tree_id__in=(city.tree_id, second.tree_id)).count()
        ends = [second, city]
        first = dt.date(2022, 1, 1)

        def move():
            nonlocal first
            first += dt.timedelta(days=1)
            ends.reverse()
            actions.move_station(user, district, parent=ends[0], on=first, reason="bench")

        def numbers():
            with tree.opened() as cursor:
                cursor.execute("UPDATE stations_station SET lft = lft + 2, rght = rght + 2 WHERE tree_id IN (%s, %s)",
                               [city.tree_id, second.tree_id])  # fmt: skip

        below = district.get_descendant_count()
        ours, theirs = in_turn(_taken_back(move), _taken_back(numbers))
        tell(f"挪动带 {below} 个站点的区（全市 {size} 个）", ours, "UPDATE 同一个市的 lft、rght", theirs, 3)

        def merge():
            actions.merge_stations(user, towns[0], into=towns[1], on=dt.date(2022, 6, 1), reason="bench")

        ours, theirs = in_turn(_taken_back(merge), _taken_back(numbers))
        tell(f"合并两个乡镇站（全市 {size} 个）", ours, "UPDATE 同一个市的 lft、rght", theirs, 3)
        transaction.set_rollback(True)


def _district(user):
    """(the top station of a city, one of its districts with about 500 stations below, a second top station there)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM stations_station WHERE tier = 2 ORDER BY abs((rght - lft - 1) / 2 - 500), id LIMIT 1"
        )
        district = Station.objects.select_related("division", "parent__division").get(pk=cursor.fetchone()[0])
    city = district.parent
    tree.lock(city.division.lock_id)
    with change(user, "bench.second"):
        second = actions.create_station(user, name="第二指导中心", tier=1, division=city.division, status="operating",
                                        on=dt.date(2021, 1, 1))  # fmt: skip
    return city, district, second


def _taken_back(call):
    """The same call in a savepoint that is rolled back, as each measurement should find the tree as it was."""

    def once():
        with transaction.atomic():
            call()
            transaction.set_rollback(True)

    return once
