"""Where stations stood on a day, and in which divisions and cities they stand: SQL over the dated parents."""
# ruff: noqa: S608 - statements are put together from constants, never from input

from django.db import connection

CITY = "coalesce({d}.city_id, {d}.district_id, {d}.province_id, {d}.id)"  # whose tree a division's stations stand in
MOVED_SINCE = "(lower(p.span) > %(day)s OR upper(p.span) > %(day)s)"

# ── The station tree of a day ────────────────────────────────────────────────────────────────────
# Cities whose dated parents have not changed since keep today's columns; the others are numbered here, in one forest.
# Tiers fall from parent to child, so that no chain is longer than four.
NUMBERED = f"""
CREATE TEMP TABLE then_tree ON COMMIT DROP AS
WITH chain AS (
    SELECT s.id, array_remove(ARRAY[p3.parent_id, p2.parent_id, p1.parent_id, s.id], NULL) AS path
    FROM stations_station s JOIN stations_division d ON d.id = s.division_id
    LEFT JOIN stations_stationparent p1 ON p1.station_id = s.id AND p1.span @> %(day)s::date
    LEFT JOIN stations_stationparent p2 ON p2.station_id = p1.parent_id AND p2.span @> %(day)s::date
    LEFT JOIN stations_stationparent p3 ON p3.station_id = p2.parent_id AND p3.span @> %(day)s::date
    WHERE {CITY.format(d="d")} = ANY(%(cities)s)
), ranked AS (SELECT id, path, row_number() OVER (ORDER BY path) AS n FROM chain),
below AS (SELECT node AS id, max(n) AS last FROM ranked, unnest(path) AS node GROUP BY node)
SELECT r.id, 2 * r.n - cardinality(r.path) AS lft, 2 * (b.last - r.n) + 1 + 2 * r.n - cardinality(r.path) AS rght
FROM ranked r JOIN below b USING (id)
"""
CHANGED_CITIES = f"""
SELECT DISTINCT {CITY.format(d="d")} FROM stations_stationparent p
JOIN stations_station s ON s.id = p.station_id JOIN stations_division d ON d.id = s.division_id WHERE {MOVED_SINCE}
"""
TODAYS_TREE = "SELECT s.id, s.division_id, s.tree_id, s.lft, s.rght FROM stations_station s"
THEN_TREE = (
    "SELECT s.id, s.division_id, CASE WHEN t.id IS NULL THEN s.tree_id ELSE -1 END AS tree_id, "
    "coalesce(t.lft, s.lft) AS lft, coalesce(t.rght, s.rght) AS rght "
    "FROM stations_station s LEFT JOIN then_tree t ON t.id = s.id"
)
IN_CITIES = f" JOIN stations_division d ON d.id = s.division_id WHERE {CITY.format(d='d')} = ANY(%(cities)s)"


def number_then(day, today, cities=None):
    """Make the temporary `then_tree` of the cities that have changed since `day`; returns the SQL of the tree of that day."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS then_tree")
        if day >= today:
            return TODAYS_TREE
        if cities is None:
            cursor.execute(CHANGED_CITIES, {"day": day})
            cities = [row[0] for row in cursor.fetchall()]
        if not cities:
            return TODAYS_TREE
        cursor.execute(NUMBERED, {"day": day, "cities": cities})
        cursor.execute("CREATE INDEX ON then_tree (id)")
        cursor.execute("ANALYZE then_tree")
    return THEN_TREE


def homes(stations):
    """{station id: (its division's id, the id of the city whose tree it stands in)} of those that are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.id, s.division_id, {CITY.format(d='d')} FROM stations_station s "
            "JOIN stations_division d ON d.id = s.division_id WHERE s.id = ANY(%s)",
            [list(stations)],
        )
        return {pk: (division, city) for pk, division, city in cursor.fetchall()}


def cities_of(divisions):
    """{division id: the id of the city whose tree its stations stand in}."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.id, {CITY.format(d='d')} FROM stations_division d WHERE d.id = ANY(%s)", [list(divisions)]
        )
        return dict(cursor.fetchall())


def stations_at(divisions):
    """Ids of all stations that stand in these divisions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM stations_station WHERE division_id = ANY(%s)", [list(divisions)])
        return [row[0] for row in cursor.fetchall()]


def subtree_on(station, day):
    """Ids of a station and of all that stood below it on `day`, by the dated parents. Plan: index look-ups, tier by tier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE down (id) AS (SELECT %(station)s::bigint UNION SELECT p.station_id FROM down "
            "JOIN stations_stationparent p ON p.parent_id = down.id AND p.span @> %(day)s::date) SELECT id FROM down",
            {"station": station, "day": day},
        )
        return [row[0] for row in cursor.fetchall()]


def is_small(most=20_000):
    """Are there few enough stations to roll a period up while somebody waits?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT FROM stations_station LIMIT %s) s", [most + 1])
        return cursor.fetchone()[0] <= most
