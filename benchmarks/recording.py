"""What the change log costs: 41,352 rows written in bulk, and one form, of stations and of cases, each beside the same with its triggers off."""

import statistics
import time
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.changes import change
from accounts.models import User
from accounts.protection import encrypt
from benchmarks.cases import person
from benchmarks.measuring import tell
from benchmarks.nation import SINCE
from benchmarks.reading import reader
from casework.actions import write_record
from casework.models import Case
from stations import actions
from stations.models import CoverageUnit, Station
from stations.planting import copy_rows

TABLES = (
    "stations_station", "stations_coverageunit", "casework_client", "casework_case", "casework_record", "casework_goal", "casework_dueitem",
)  # fmt: skip
MANY = 41_352
CONTACTS = """
INSERT INTO casework_record (case_id, kind, public_id, version, draft, at, signed_at, "on", minutes, code, plain, narrative, updated_at)
SELECT id, 'contacts', 'b' || lpad(to_hex(id), 12, 'x'), 1, false, now(), now(), current_date, 40, '', '{}', %s, now()
FROM casework_case WHERE stage = 'intervention' ORDER BY id LIMIT %s
"""


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
        (lambda: _contacts(user), f"INSERT {MANY:,} 条服务记录", 3, 3),
        (lambda: _risks(user), f"UPDATE {MANY:,} 个个案的风险等级", 3, 3),
        (_intake(), "签一张接案登记表", 1.15, 60),
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


def _contacts(user):
    sealed = encrypt("casework_record.narrative", '{"facts": "已接通送餐"}')
    with transaction.atomic():
        with change(user, "bench.contacts"), connection.cursor() as cursor:
            cursor.execute(CONTACTS, [sealed, MANY])
        transaction.set_rollback(True)


def _risks(user):
    with transaction.atomic():
        with change(user, "bench.risks"), connection.cursor() as cursor:
            cursor.execute("UPDATE casework_case SET risk_level = 'orange' WHERE id IN "
                           "(SELECT id FROM casework_case WHERE stage = 'intervention' ORDER BY id LIMIT %s)", [MANY])  # fmt: skip
        transaction.set_rollback(True)


def _intake():
    """A worker signs an intake, by the action behind the form; taken back."""
    station = Station.objects.filter(tier=3).order_by("pk").first()
    worker = person("worker", station=station)
    case = Case.objects.filter(worker__user=worker, stage="intake").order_by("pk").first()
    body = {
        "received_on": case.opened_on.isoformat(), "source": "outreach", "presenting_problem": "独居，三餐不定", "decision": "accept",
        "decision_reason": "属服务范围",
    }  # fmt: skip

    def call():
        with transaction.atomic():
            write_record(User.objects.get(pk=worker.pk), case, "intake", dict(body))
            transaction.set_rollback(True)

    return call
