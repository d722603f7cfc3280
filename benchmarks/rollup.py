"""Rolling up one month for all places, beside bare GROUP BY of the same facts and writing the same rows; then 100 new facts."""

import random

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import clock, say, tell
from metrics import actions, declared, sql
from metrics.models import Cell, RollupRun
from metrics.sql.cells import COLUMNS, facts
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
        with clock() as c:
            actions.roll_up(month)
        whole = c.seconds
        theirs = reference(month)
        tell(
            f"汇总一个月的全部指标、全部地方（{Cell.objects.count():,} 格）",
            whole,
            "同样的事实 GROUP BY，再写同样的行",
            theirs,
            2,
        )
        with clock() as c:
            changed = actions.roll_up(month)
        say(f"  再汇总一遍：{c.seconds:.1f} 秒，改了 {changed} 格")
        tell("100 条新事实之后", after_facts(100), "整体汇总", whole, 0.05)
    finally:
        actions.KEPT = kept


def reference(month):
    """Seconds of the bare work: every fact grouped by its place once, and the result's rows inserted again in the same order."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE bench_cell AS TABLE metrics_cell ORDER BY id")
        cursor.execute("TRUNCATE metrics_cell")
        with clock() as c, transaction.atomic():
            sql.lock()
            for indicator in declared.indicators().values():
                query, params = facts(indicator, month, month.as_of)
                cursor.execute(
                    f"SELECT count(*) FROM (SELECT a, sum(b), sum(c) FROM ({query}) f (a, b, c) GROUP BY a) g", params
                )
                cursor.execute(f"INSERT INTO metrics_cell ({COLUMNS}) SELECT {COLUMNS} FROM bench_cell WHERE indicator = %s ORDER BY id",
                               [indicator.code])  # fmt: skip
        cursor.execute("DROP TABLE bench_cell")
        cursor.execute("VACUUM ANALYZE metrics_cell")
    return c.seconds


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
