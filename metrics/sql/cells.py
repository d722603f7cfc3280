"""The roll-up's SQL: one statement an indicator and period, whole or only where something was touched. No loop over stations.

A whole run is one pass: facts by place, divisions by group-bys over their stored ancestors, stations by prefix sums in
tree order (total of a subtree = running sum at rght less running sum before lft; only inner nodes need it).
Measured costs: `make bench`. Figures of persons are counted in people.py: distinct people cannot be summed.
"""
# ruff: noqa: S608 - statements are put together from constants of this file and names that rooms declare, never from input

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Value

from metrics.sql.trees import CITY, IN_CITIES

LOCK = 7302
COLUMNS = "run_id, indicator, division_id, station_id, own_numerator, own_denominator, numerator, denominator, version, computed_at"

# ── Cells of a whole run ─────────────────────────────────────────────────────────────────────────
OWN = "own AS MATERIALIZED (SELECT place, sum(n)::bigint AS n, sum(d)::bigint AS d FROM ({facts}) f GROUP BY place)"
DIVISIONS = """
leaf AS (
    SELECT v.id, v.level, v.province_id, v.city_id, v.district_id, v.township_id, a.n, a.d
    FROM at_division a JOIN stations_division v ON v.id = a.id
), upper AS MATERIALIZED (
    SELECT province_id, city_id, district_id, township_id, sum(n)::bigint AS n, sum(d)::bigint AS d
    FROM leaf GROUP BY province_id, city_id, district_id, township_id
), division_totals AS (
    SELECT township_id AS id, sum(n)::bigint AS n, sum(d)::bigint AS d FROM upper WHERE township_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT district_id, sum(n)::bigint, sum(d)::bigint FROM upper WHERE district_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT city_id, sum(n)::bigint, sum(d)::bigint FROM upper WHERE city_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT province_id, sum(n)::bigint, sum(d)::bigint FROM upper WHERE province_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT id, n, d FROM leaf WHERE level = 5
), division_cells AS (
    SELECT t.id AS division_id, NULL::bigint AS station_id, coalesce(a.n, 0) AS own_n, coalesce(a.d, 0) AS own_d, t.n, t.d
    FROM division_totals t LEFT JOIN at_division a ON a.id = t.id
)"""
STATIONS = """
event AS (
    SELECT t.tree_id, t.lft AS at, 1 AS what, t.id, o.n, o.d FROM own o JOIN tree t ON t.id = o.place
    UNION ALL SELECT tree_id, lft, 0, id, 0, 0 FROM tree WHERE rght > lft + 1
    UNION ALL SELECT tree_id, rght, 2, id, 0, 0 FROM tree WHERE rght > lft + 1
), running AS (
    SELECT what, id, sum(n) OVER w AS n, sum(d) OVER w AS d FROM event
    WINDOW w AS (ORDER BY tree_id, at, what ROWS UNBOUNDED PRECEDING)
), station_totals AS (
    SELECT id, sum(CASE what WHEN 2 THEN n ELSE -n END)::bigint AS n, sum(CASE what WHEN 2 THEN d ELSE -d END)::bigint AS d
    FROM running WHERE what <> 1 GROUP BY id
    UNION ALL SELECT o.place, o.n, o.d FROM own o JOIN tree t ON t.id = o.place WHERE t.rght = t.lft + 1
), station_cells AS (
    SELECT t.division_id, t.id AS station_id, coalesce(o.n, 0) AS own_n, coalesce(o.d, 0) AS own_d, x.n, x.d
    FROM station_totals x JOIN tree t ON t.id = x.id LEFT JOIN own o ON o.place = x.id
)"""
BY_STATION = (
    "at_division AS MATERIALIZED (SELECT s.division_id AS id, sum(o.n)::bigint AS n, sum(o.d)::bigint AS d "
    "FROM own o JOIN stations_station s ON s.id = o.place GROUP BY s.division_id)"
)
BY_DIVISION = "at_division AS (SELECT place AS id, n, d FROM own)"
FRESH = (
    "SELECT %(run)s::bigint AS run_id, %(code)s::varchar AS indicator, division_id, station_id, own_n AS own_numerator, "
    "CASE WHEN %(ratio)s THEN own_d END AS own_denominator, n AS numerator, CASE WHEN %(ratio)s THEN d END AS denominator, "
    "%(version)s::smallint AS version, now() AS computed_at FROM ({cells}) c WHERE n <> 0 OR d <> 0 OR own_n <> 0 OR own_d <> 0"
)

# ── Bringing the stored cells to the fresh ones ──────────────────────────────────────────────────
SAME = "f.division_id = c.division_id AND coalesce(f.station_id, 0) = coalesce(c.station_id, 0)"
SYNC = f"""
WITH kept AS (
    SELECT c.id, c.division_id, c.station_id, c.own_numerator, c.own_denominator, c.numerator, c.denominator, c.version
    FROM metrics_cell c {{only}} AND c.run_id = %(run)s AND c.indicator = %(code)s
), gone AS (
    DELETE FROM metrics_cell WHERE id IN (SELECT c.id FROM kept c WHERE NOT EXISTS (SELECT FROM fresh f WHERE {SAME})) RETURNING 1
), moved AS (
    UPDATE metrics_cell x SET own_numerator = f.own_numerator, own_denominator = f.own_denominator, numerator = f.numerator,
        denominator = f.denominator, version = f.version, computed_at = f.computed_at
    FROM kept c JOIN fresh f ON {SAME}
    WHERE x.id = c.id AND (c.own_numerator, c.own_denominator, c.numerator, c.denominator, c.version) IS DISTINCT FROM
        (f.own_numerator, f.own_denominator, f.numerator, f.denominator, f.version)
    RETURNING 1
), added AS (
    INSERT INTO metrics_cell ({COLUMNS})
    SELECT {COLUMNS} FROM fresh f WHERE NOT EXISTS (SELECT FROM kept c WHERE {SAME}) RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM moved) + (SELECT count(*) FROM added)
"""
ALL_CELLS = "WHERE true"
CELLS_OF_CITIES = f"JOIN stations_division d ON d.id = c.division_id WHERE {CITY.format(d='d')} = ANY(%(cities)s) AND c.station_id IS NOT NULL"

# ── Only what was touched: differences of own values, added to every cell above ──────────────────
OWN_STATIONS_NOW = """
now_station AS (SELECT s.id, s.division_id, coalesce(o.n, 0) AS n, coalesce(o.d, 0) AS d
    FROM stations_station s LEFT JOIN own o ON o.place = s.id WHERE s.id = ANY(%(stations)s)
), station_delta AS (
    SELECT s.id, s.n - coalesce(c.own_numerator, 0) AS n, s.d - coalesce(c.own_denominator, 0) AS d
    FROM now_station s LEFT JOIN metrics_cell c
        ON c.run_id = %(run)s AND c.indicator = %(code)s AND c.division_id = s.division_id AND c.station_id = s.id
    WHERE (s.n, s.d) IS DISTINCT FROM (coalesce(c.own_numerator, 0), coalesce(c.own_denominator, 0))
), up (id, at) AS (
    SELECT id, id FROM station_delta
    UNION ALL SELECT up.id, p.parent_id FROM up JOIN stations_stationparent p ON p.station_id = up.at AND p.span @> %(day)s::date
), station_target AS (
    SELECT s.division_id, s.id AS station_id, t.own_n, t.own_d, t.n, t.d FROM (
        SELECT up.at, sum(x.n)::bigint AS n, sum(x.d)::bigint AS d, coalesce(sum(x.n) FILTER (WHERE up.at = x.id), 0)::bigint AS own_n,
            coalesce(sum(x.d) FILTER (WHERE up.at = x.id), 0)::bigint AS own_d
        FROM up JOIN station_delta x ON x.id = up.id GROUP BY up.at
    ) t JOIN stations_station s ON s.id = t.at
)"""
BY_NOW = "at_now AS (SELECT division_id AS id, sum(n)::bigint AS n, sum(d)::bigint AS d FROM now_station GROUP BY division_id)"
BY_OWN = "at_now AS (SELECT place AS id, n, d FROM own)"
DIVISION_TARGET = """
division_delta AS (
    SELECT v.id, v.province_id, v.city_id, v.district_id, v.township_id, v.level,
        coalesce(a.n, 0) - coalesce(c.own_numerator, 0) AS n, coalesce(a.d, 0) - coalesce(c.own_denominator, 0) AS d
    FROM stations_division v LEFT JOIN at_now a ON a.id = v.id LEFT JOIN metrics_cell c
        ON c.run_id = %(run)s AND c.indicator = %(code)s AND c.division_id = v.id AND c.station_id IS NULL
    WHERE v.id = ANY(%(divisions)s)
        AND (coalesce(a.n, 0), coalesce(a.d, 0)) IS DISTINCT FROM (coalesce(c.own_numerator, 0), coalesce(c.own_denominator, 0))
), division_target AS (
    SELECT t.at AS division_id, NULL::bigint AS station_id, coalesce(sum(x.n) FILTER (WHERE t.at = x.id), 0)::bigint AS own_n,
        coalesce(sum(x.d) FILTER (WHERE t.at = x.id), 0)::bigint AS own_d, sum(x.n)::bigint AS n, sum(x.d)::bigint AS d
    FROM division_delta x CROSS JOIN LATERAL (VALUES (x.province_id), (x.city_id), (x.district_id), (x.township_id),
        (CASE WHEN x.level = 5 THEN x.id END)) AS t (at)
    WHERE t.at IS NOT NULL GROUP BY t.at
)"""
APPLY = f"""
INSERT INTO metrics_cell AS c ({COLUMNS})
SELECT %(run)s, %(code)s, division_id, station_id, own_n, CASE WHEN %(ratio)s THEN own_d END, n, CASE WHEN %(ratio)s THEN d END,
    %(version)s, now()
FROM ({{targets}}) t WHERE (n, d, own_n, own_d) <> (0, 0, 0, 0)
ON CONFLICT (run_id, indicator, division_id, station_id) DO UPDATE SET
    own_numerator = c.own_numerator + excluded.own_numerator, own_denominator = c.own_denominator + excluded.own_denominator,
    numerator = c.numerator + excluded.numerator, denominator = c.denominator + excluded.denominator,
    computed_at = excluded.computed_at
RETURNING c.id, c.numerator = 0 AND coalesce(c.denominator, 0) = 0 AND c.own_numerator = 0 AND coalesce(c.own_denominator, 0) = 0
"""


def facts(indicator, period, day, places=None):
    """SQL and parameters of the rows counted, as (place, n, d); of `places` (ids) alone where given."""
    arms, params = [], []
    for rows, shape in ((indicator.numerator, "a, b, 0"), (indicator.denominator, "a, 0, b")):
        if rows is None:
            continue
        found = rows.of(period, day).order_by().values_list(rows.place, rows.amount or Value(1))
        try:
            sql, more = found.query.sql_with_params()
        except EmptyResultSet:
            continue
        only = "" if places is None else " WHERE a = ANY(%s)"
        arms.append(f"SELECT {shape} FROM ({sql}) x (a, b){only}")
        params += [*more, *([] if places is None else [places])]
    return " UNION ALL ".join(arms) or "SELECT NULL::bigint, 0, 0 WHERE false", params


class Named:
    """A statement of our own named parameters around the ORM's positional ones."""

    def __init__(self, **named):
        self.params = dict(named)

    def take(self, sql, positional):
        """`sql` with its `%s` renamed, its parameters kept."""
        pieces = sql.split("%s")
        names = [f"p{len(self.params) + i}" for i in range(len(positional))]
        self.params |= dict(zip(names, positional, strict=True))
        return "".join(p + (f"%({names[i]})s" if i < len(names) else "") for i, p in enumerate(pieces))


def facts_cte(named, indicator, period, day, places=None):
    sql, params = facts(indicator, period, day, places)
    return OWN.format(facts="SELECT place, n, d FROM (" + named.take(sql, params) + ") y (place, n, d)")


def named_for(run, indicator, **more):
    return Named(run=run.pk, code=indicator.code, ratio=indicator.is_ratio, version=indicator.version, **more)


def lock(wait=True):
    """Hold the figures for this transaction: one writer at a time. Returns whether they are held."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL work_mem = '128MB'")
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def whole(run, indicator, day, tree, *, first=False):
    """Roll one indicator up for all places; `first` where the run has no cells of it yet. Returns how many cells changed.

    Plan: one hash aggregate over the facts, one sort in tree order for the running sum, group-bys for the divisions.
    """
    named = named_for(run, indicator)
    parts = [facts_cte(named, indicator, run.period, day)]
    if indicator.hangs_on == "station":
        parts += [BY_STATION, f"tree AS ({tree})", STATIONS]
        cells = "SELECT * FROM division_cells UNION ALL SELECT * FROM station_cells"
    else:
        parts += [BY_DIVISION]
        cells = "SELECT * FROM division_cells"
    fresh = "WITH " + ", ".join([*parts, DIVISIONS]) + " " + FRESH.format(cells=cells)
    with connection.cursor() as cursor:
        if first:
            cursor.execute(f"INSERT INTO metrics_cell ({COLUMNS}) {fresh}", named.params)
            return cursor.rowcount
        return sync(cursor, fresh, ALL_CELLS, named.params)


def cities(run, indicator, day, tree, lock_ids):
    """Roll the station trees of these cities up anew: after moves, and where stations are gone. Returns how many cells changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT s.id FROM stations_station s {IN_CITIES}", {"cities": lock_ids})
        stations = [row[0] for row in cursor.fetchall()]
        named = named_for(run, indicator, cities=lock_ids)
        own = facts_cte(named, indicator, run.period, day, stations)
        fresh = f"WITH {own}, tree AS ({tree} {IN_CITIES}), {STATIONS} " + FRESH.format(
            cells="SELECT * FROM station_cells"
        )
        return sync(cursor, fresh, CELLS_OF_CITIES, named.params)


def sync(cursor, fresh, only, params):
    cursor.execute("DROP TABLE IF EXISTS fresh")
    cursor.execute(f"CREATE TEMP TABLE fresh ON COMMIT DROP AS {fresh}", params)
    cursor.execute("ANALYZE fresh")
    cursor.execute(SYNC.format(only=only), params)
    return cursor.fetchone()[0]


def touched(run, indicator, day, divisions, stations):
    """Recompute what hangs on these places themselves and add the differences to every cell above. Returns how many changed.

    `stations` are all stations that stand in `divisions`. Plan: index look-ups by the given ids, nothing else.
    """
    named = named_for(run, indicator, divisions=divisions, stations=stations, day=day)
    if indicator.hangs_on == "station":
        parts = [facts_cte(named, indicator, run.period, day, stations), OWN_STATIONS_NOW, BY_NOW, DIVISION_TARGET]
        targets = "SELECT * FROM division_target UNION ALL SELECT * FROM station_target"
    else:
        parts = [facts_cte(named, indicator, run.period, day, divisions), BY_OWN, DIVISION_TARGET]
        targets = "SELECT * FROM division_target"
    statement = "WITH RECURSIVE " + ", ".join(parts) + APPLY.format(targets=targets)
    with connection.cursor() as cursor:
        cursor.execute(statement, named.params)
        rows = cursor.fetchall()
        if empty := [pk for pk, is_empty in rows if is_empty]:
            cursor.execute("DELETE FROM metrics_cell WHERE id = ANY(%s)", [empty])
    return len(rows)
