"""What the change log costs: 41,352 rows written in bulk, and one form, each beside the same with its triggers off."""

import statistics
import time
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import tell
from benchmarks.nation import SINCE
from benchmarks.reading import reader
from stations import actions
from stations.models import CoverageUnit, Station
from stations.planting import copy_rows

TABLES = ("stations_station", "stations_coverageunit")


@contextmanager
def unrecorded():
    """The tables without the recording triggers; their other triggers and constraints stay."""
    names = ("record_insert", "record_update", "record_delete")
    with connection.cursor() as cursor:
        for verb in ("DISABLE", "ENABLE"):
            for table in TABLES:
                for name in names:
                    cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {name}")
            if verb == "DISABLE":
                yield


def run():
    user = reader()
    towns = list(Station.objects.filter(tier=3).values_list("pk", "division_id"))
    for call, word, most, times in (
        (lambda: _copied(user, towns), f"COPY {len(towns):,} 行", 3, 3),
        (lambda: _updated(user, towns), f"UPDATE {len(towns):,} 个站点的负责人", 3, 3),
        (lambda: _form(user, towns[0][0]), "存一张站点表单", 1.15, 60),
    ):
        ours, theirs = _measured(call, times)
        tell(f"变更记录：{word}", ours, "触发器关", theirs, most)


def _measured(call, times):
    """Median seconds with and without, in turn; switching the triggers is not counted."""
    taken = {True: [], False: []}
    for n in range(times + 1):
        for recorded in (True, False):
            if recorded:
                start = time.perf_counter()
                call()
                seconds = time.perf_counter() - start
            else:
                with unrecorded():
                    start = time.perf_counter()
                    call()
                    seconds = time.perf_counter() - start
            if n:
                taken[recorded].append(seconds)
    return statistics.median(taken[True]), statistics.median(taken[False])


def _copied(user, towns):
    """New coverage units for a span before the list, taken back."""
    with transaction.atomic():
        with change(user, "bench.copied"):
            copy_rows(CoverageUnit, ["division_id", "span", "document"],
                      ((division, f"[2019-01-01,{SINCE})", "文号") for _pk, division in towns))  # fmt: skip
        transaction.set_rollback(True)


def _updated(user, towns):
    with transaction.atomic():
        with change(user, "bench.updated"), connection.cursor() as cursor:
            cursor.execute("UPDATE stations_station SET manager_name = manager_name || '某' WHERE tier = 3")
        transaction.set_rollback(True)


def _form(user, pk):
    station = Station.objects.get(pk=pk)
    station.note = "改" if station.note == "" else ""
    actions.update_station(user, station, note=station.note)
