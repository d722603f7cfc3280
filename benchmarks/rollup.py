"""Rolling up one month for all places, beside bare GROUP BY of the same facts and writing the same rows; then 100 new facts."""

import random
import time
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import clock, say, tell
from metrics import actions, declared, sql
from metrics.models import Cell, RollupRun
from metrics.sql.cells import COLUMNS, facts
from metrics.sql.people import counts_people
from periods import Period, today
from stations.models import Station


def run():
    month = Period.month_of(today())
    kept, actions.KEPT = (
        actions.KEPT,
        dict.fromkeys(actions.KEPT, 0),
    )  # only this month: the others would be counted along
    try:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE metrics_cell, metrics_rolluprun")
            cursor.execute("VACUUM ANALYZE")
        with clock() as c, split() as spent:
            actions.roll_up(month)
        whole, theirs = c.seconds, reference(month)
        persons, cells = spent[True], Cell.objects.count()
        tell(f"汇总一个月的可加指标、全部地方（共 {cells:,} 格）", whole - persons, *_against(theirs[False]), 2)
        say(f"  按人去重的指标，每级重新数人：{persons:.1f} 秒，参照 {theirs[True]:.1f} 秒")
        with clock() as c:
            changed = actions.roll_up(month)
        say(f"  再汇总一遍：{c.seconds:.1f} 秒，改了 {changed} 格")
        tell("100 条新事实之后", after_facts(100), "整体汇总", whole, 0.05)
    finally:
        actions.KEPT = kept


def _against(seconds):
    return "同样的事实 GROUP BY，再写同样的行", seconds


@contextmanager
def split():
    """{counts persons?: seconds} of the indicators that are rolled up meanwhile."""
    spent, real = {True: 0.0, False: 0.0}, sql.whole

    def timed(run, indicator, *args, **more):
        start = time.perf_counter()
        try:
            return real(run, indicator, *args, **more)
        finally:
            spent[counts_people(indicator)] += time.perf_counter() - start

    sql.whole = timed
    try:
        yield spent
    finally:
        sql.whole = real


def reference(month):
    """{counts persons?: seconds} of the bare work: every fact grouped by its place once, and the result's rows inserted again."""
    spent = {True: 0.0, False: 0.0}
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE bench_cell AS TABLE metrics_cell ORDER BY id")
        cursor.execute("CREATE INDEX ON bench_cell (indicator, id)")
        cursor.execute("TRUNCATE metrics_cell")
        with transaction.atomic():
            sql.lock()
            for indicator in declared.indicators().values():
                query, params = facts(indicator, month, month.as_of)
                with clock() as c:
                    cursor.execute(
                        f"SELECT count(*) FROM (SELECT a, sum(b), sum(c) FROM ({query}) f (a, b, c) GROUP BY a) g",
                        params,
                    )
                    cursor.execute(f"INSERT INTO metrics_cell ({COLUMNS}) SELECT {COLUMNS} FROM bench_cell WHERE indicator = %s ORDER BY id",
                                   [indicator.code])  # fmt: skip
                spent[counts_people(indicator)] += c.seconds
        cursor.execute("DROP TABLE bench_cell")
        cursor.execute("VACUUM ANALYZE metrics_cell")
    return spent


def after_facts(n):
    """Close `n` stations anywhere, and let the refresh find and count them."""
    actions.refresh()
    chosen = random.Random(7).sample(
        list(Station.objects.filter(status="operating", tier__gte=3).values_list("pk", flat=True)), n
    )
    with connection.cursor() as cursor, change(None, "bench.closed"):
        cursor.execute(
            "UPDATE stations_stationstatus SET span = daterange(lower(span), current_date) WHERE station_id = ANY(%s)",
            [chosen],
        )
        cursor.execute("INSERT INTO stations_stationstatus (station_id, status, span, reason) "
                       "SELECT unnest(%s::bigint[]), 'suspended', daterange(current_date, NULL), ''", [chosen])  # fmt: skip
        cursor.execute("UPDATE stations_station SET status = 'suspended' WHERE id = ANY(%s)", [chosen])
    with clock() as c:
        changed = actions.refresh()
    say(f"  100 条新事实动了 {changed} 格；期间 {RollupRun.objects.count()} 个")
    return c.seconds
