"""Figures of persons: one counts once at a place, whatever lies below it. Never sums over places.

(person, ancestor) pairs up to the top, each once, then counted: two hash aggregates over at most nine times the facts, no
sort. Where only some places were touched, they and all above them are counted again, out of the facts of their provinces.
"""
# ruff: noqa: S608 - statements are put together from constants of this file and names that rooms declare, never from input

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast

from metrics.sql.cells import ALL_CELLS, COLUMNS, FRESH, named_for, sync

# Rows of one person at one place count one; rows without a person are summed.
AT = "at AS MATERIALIZED (SELECT place, part, who, sum(amount)::bigint AS amount FROM ({facts}) f (place, part, who, amount) GROUP BY 1, 2, 3)"
ONE = "CASE WHEN who IS NULL THEN amount ELSE 1 END"
COUNTED = f"coalesce(sum({ONE}) FILTER (WHERE part = 1), 0)::bigint AS n, coalesce(sum({ONE}) FILTER (WHERE part = 2), 0)::bigint AS d"
STATION_CELLS = f"""
above AS (
    SELECT a.place, array_remove(ARRAY[a.place, p1.parent_id, p2.parent_id, p3.parent_id], NULL) AS path
    FROM (SELECT DISTINCT place FROM at) a
    LEFT JOIN stations_stationparent p1 ON p1.station_id = a.place AND p1.span @> %(day)s::date
    LEFT JOIN stations_stationparent p2 ON p2.station_id = p1.parent_id AND p2.span @> %(day)s::date
    LEFT JOIN stations_stationparent p3 ON p3.station_id = p2.parent_id AND p3.span @> %(day)s::date
), station_totals AS (
    SELECT node AS id, {COUNTED} FROM (
        SELECT node, part, who, sum(amount)::bigint AS amount FROM at JOIN above USING (place) CROSS JOIN LATERAL unnest(path) AS node
        GROUP BY 1, 2, 3
    ) x GROUP BY node
), station_own AS (SELECT place AS id, {COUNTED} FROM at GROUP BY place
), station_cells AS (
    SELECT s.division_id, s.id AS station_id, coalesce(o.n, 0) AS own_n, coalesce(o.d, 0) AS own_d, t.n, t.d
    FROM station_totals t JOIN stations_station s ON s.id = t.id LEFT JOIN station_own o ON o.id = t.id
)"""
DIVISION_CELLS = f"""
in_division AS MATERIALIZED (
    SELECT v.id, v.level, v.province_id, v.city_id, v.district_id, v.township_id, a.part, a.who, sum(a.amount)::bigint AS amount
    FROM at a JOIN {{homes}} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), division_totals AS (
    SELECT node AS id, {COUNTED} FROM (
        SELECT node, part, who, sum(amount)::bigint AS amount FROM in_division v CROSS JOIN LATERAL (VALUES (v.province_id), (v.city_id),
            (v.district_id), (v.township_id), (CASE WHEN v.level = 5 THEN v.id END)) AS y (node) WHERE node IS NOT NULL GROUP BY 1, 2, 3
    ) x GROUP BY node
), division_own AS (SELECT id, {COUNTED} FROM in_division GROUP BY id
), division_cells AS (
    SELECT t.id AS division_id, NULL::bigint AS station_id, coalesce(o.n, 0) AS own_n, coalesce(o.d, 0) AS own_d, t.n, t.d
    FROM division_totals t LEFT JOIN division_own o ON o.id = t.id
)"""
HOMES = {
    "station": "stations_station s ON s.id = a.place JOIN stations_division v ON v.id = s.division_id",
    "division": "stations_division v ON v.id = a.place",
}
TARGETS = """
SELECT array_agg(DISTINCT t.at), array_agg(DISTINCT coalesce(v.province_id, v.id)) FROM stations_division v
CROSS JOIN LATERAL (VALUES (v.id), (v.province_id), (v.city_id), (v.district_id), (v.township_id)) AS t (at)
WHERE v.id = ANY(%s) AND t.at IS NOT NULL
"""
STATION_TARGETS = """
WITH RECURSIVE up (id) AS (
    SELECT unnest(%(stations)s::bigint[])
    UNION SELECT p.parent_id FROM up JOIN stations_stationparent p ON p.station_id = up.id AND p.span @> %(day)s::date
) SELECT coalesce(array_agg(id), '{}') FROM up
"""
TARGETED = "WHERE ((c.station_id IS NULL AND c.division_id = ANY(%(division_targets)s)) OR c.station_id = ANY(%(station_targets)s))"


def counts_people(indicator):
    """Has either part a person to each row?"""
    return any(rows is not None and rows.distinct for rows in (indicator.numerator, indicator.denominator))


def _facts(named, indicator, period, day, provinces):
    """The rows counted as (place, part, who, amount); of these provinces alone where given."""
    arms = []
    for part, rows in ((1, indicator.numerator), (2, indicator.denominator)):
        if rows is None:
            continue
        who = rows.distinct or Cast(Value(None), BigIntegerField())
        found = rows.of(period, day).order_by().values_list(rows.place, who, rows.amount or Value(1))
        try:
            sql, params = found.query.sql_with_params()
        except EmptyResultSet:
            continue
        arms.append(f"SELECT a, {part}, b, c FROM ({named.take(sql, params)}) x (a, b, c)")
    facts = " UNION ALL ".join(arms) or "SELECT NULL::bigint, 0, NULL::bigint, 0 WHERE false"
    if provinces is None:
        return facts
    home = HOMES[indicator.hangs_on].replace("a.place", "y.a")
    return (f"SELECT y.a, y.b, y.c, y.d FROM ({facts}) y (a, b, c, d) JOIN {home} "
            "WHERE coalesce(v.province_id, v.id) = ANY(%(provinces)s)")  # fmt: skip


def _fresh(named, indicator, period, day, provinces=None):
    parts = [AT.format(facts=_facts(named, indicator, period, day, provinces))]
    parts.append(DIVISION_CELLS.format(homes=HOMES[indicator.hangs_on]))
    cells = "SELECT * FROM division_cells"
    if indicator.hangs_on == "station":
        parts.append(STATION_CELLS)
        cells += " UNION ALL SELECT * FROM station_cells"
    if provinces is not None:
        cells = (f"SELECT * FROM ({cells}) t WHERE (station_id IS NULL AND division_id = ANY(%(division_targets)s)) "
                 "OR station_id = ANY(%(station_targets)s)")  # fmt: skip
    return "WITH " + ", ".join(parts) + " " + FRESH.format(cells=cells)


def whole(run, indicator, day, *, first=False):
    """Count one indicator for all places; `first` where the run has no cells of it yet. Returns how many cells changed."""
    named = named_for(run, indicator, day=day)
    fresh = _fresh(named, indicator, run.period, day)
    with connection.cursor() as cursor:
        if first:
            cursor.execute(f"INSERT INTO metrics_cell ({COLUMNS}) {fresh}", named.params)
            return cursor.rowcount
        return sync(cursor, fresh, ALL_CELLS, named.params)


def touched(run, indicator, day, divisions, stations):
    """Count these places and all above them again. Returns how many cells changed."""
    with connection.cursor() as cursor:
        cursor.execute(TARGETS, [list(divisions)])
        targets, provinces = cursor.fetchone()
        if not targets:
            return 0
        cursor.execute(STATION_TARGETS, {"stations": list(stations), "day": day})
        named = named_for(
            run, indicator, day=day, division_targets=targets, station_targets=cursor.fetchone()[0], provinces=provinces
        )
        return sync(cursor, _fresh(named, indicator, run.period, day, provinces), TARGETED, named.params)


def cities(run, indicator, day, lock_ids):
    """Count the station trees of these cities again: after moves, and where stations are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT c.station_id) FROM metrics_cell c JOIN stations_division v ON v.id = c.division_id "
            "WHERE c.run_id = %s AND c.indicator = %s AND coalesce(v.city_id, v.district_id, v.province_id, v.id) = ANY(%s)",
            [run.pk, indicator.code, list(lock_ids)],
        )
        counted = cursor.fetchone()[0] or []
        cursor.execute(
            "SELECT coalesce(array_agg(s.id), '{}'), coalesce(array_agg(DISTINCT coalesce(v.province_id, v.id)), '{}') "
            "FROM stations_station s JOIN stations_division v ON v.id = s.division_id "
            "WHERE coalesce(v.city_id, v.district_id, v.province_id, v.id) = ANY(%s)",
            [list(lock_ids)],
        )
        standing, provinces = cursor.fetchone()
        targets = sorted({pk for pk in (*counted, *standing) if pk})
        named = named_for(run, indicator, day=day, division_targets=[], station_targets=targets, provinces=provinces)
        return sync(cursor, _fresh(named, indicator, run.period, day, provinces), TARGETED, named.params)
