"""Making many stations at once: codes, ids, tree numbers in memory, one COPY a table. Used for one station as well."""

from collections import Counter

from django.db import connection
from django.utils import timezone

from stations import tree
from stations.models import Station, StationParent, StationStatus
from stations.models.divisions import nearest
from stations.pinyin import key_of

STATION_FIELDS = list(Station._meta.concrete_fields)


def give_codes(stations):
    """Give each new station its code: the division's code, `-`, the next running number of that code."""
    counts = Counter(s.division.code for s in stations)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stations_stationnumber AS n (code, given) SELECT * FROM unnest(%s::text[], %s::int[]) "
            "ON CONFLICT (code) DO UPDATE SET given = n.given + excluded.given RETURNING code, given",
            [list(counts), list(counts.values())],
        )
        following = {code: given - counts[code] + 1 for code, given in cursor.fetchall()}
    for station in stations:
        code = station.division.code
        station.code = f"{code}-{following[code]}"
        following[code] += 1


def plant(stations, since, parents=None, reason=""):
    """Insert new `stations` (unsaved, with `division`, `status`, `tier`) with their dated status and parent.

    `since` {station index: day from which its status counts}; `parents` {station index: Station} where the parent is
    named, a Station of the same list included; the others get the divisions' default. Hold the trees' locks and have an
    event open. The tree is right afterwards. Returns the stations with their ids.
    """
    if not stations:
        return stations
    give_codes(stations)
    _give_ids(stations)
    named, by_default = {stations[i]: p for i, p in (parents or {}).items()}, set()
    locks = sorted({s.division.lock_id for s in stations})
    rest = [s for s in stations if s not in named]
    if rest:
        defaults = tree.default_parents(stations, possible_parents(locks))
        named |= {s: defaults[s] for s in rest}
        by_default.update(rest)
    now = timezone.now()
    for station in stations:
        station.parent = named[station]
        station.pinyin, station.initials = key_of(station.name)
        station.updated_at = now
        station.operating_since = None
    for i, station in enumerate(stations):
        if station.status == "operating":
            station.operating_since = since[i]
    _number(stations, locks)
    with tree.opened():
        copy(Station, STATION_FIELDS, (tuple(getattr(s, f.attname) for f in STATION_FIELDS) for s in stations))
    copy_rows(
        StationStatus, ["station_id", "status", "span", "reason"],
        ((s.pk, s.status, _from(since[i]), reason) for i, s in enumerate(stations)),
    )  # fmt: skip
    copy_rows(
        StationParent, ["station_id", "parent_id", "span", "by_default", "reason"],
        ((s.pk, s.parent_id, _from(since[i]), s in by_default, "") for i, s in enumerate(stations) if s.parent_id),
    )  # fmt: skip
    for station in stations:
        station._state.adding = False
    count_anew(len(stations), Station, StationStatus, StationParent)
    return stations


def possible_parents(locks):
    """Every station of these cities that others may stand under."""
    return list(
        Station.objects.annotate(lock=nearest("division__"))
        .filter(lock__in=locks, tier__lt=4)
        .select_related("division")
    )


def _give_ids(stations):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('stations_station', 'id')) FROM generate_series(1, %s)",
            [len(stations)],
        )
        for station, (pk,) in zip(stations, cursor.fetchall(), strict=True):
            station.pk = pk


def _number(stations, locks):
    """Tree numbers of the new rows, and an UPDATE of the existing ones that move aside."""
    with connection.cursor() as cursor:
        cursor.execute(tree.PICTURE, [tree.today(), locks])
        existing = {row[0]: row for row in cursor.fetchall()}
    codes = dict(Station.objects.filter(pk__in=existing).values_list("pk", "code")) if existing else {}
    nodes = [(codes[pk], pk, row[1]) for pk, row in existing.items()] + [(s.code, s.pk, s.parent_id) for s in stations]
    numbers = tree.number((pk, parent) for _code, pk, parent in sorted(nodes, key=lambda n: n[0]))
    roots = {root for root, *_rest in numbers.values()}
    trees = {root: existing[root][3] for root in roots if root in existing and existing[root][3] > 0}
    trees |= dict(zip(sorted(roots - trees.keys()), tree.next_trees(len(roots - trees.keys())), strict=True))
    for station in stations:
        root, station.lft, station.rght, station.depth = numbers[station.pk]
        station.tree_id = trees[root]
    moved = []
    for pk, row in existing.items():
        root, *rest = numbers[pk]
        want = (row[1], trees[root], *rest)
        if want != tuple(row[2:]):
            moved.append((pk, *want))
    tree.write(moved)


def _from(day):
    return f"[{day.isoformat()},)"


def count_anew(new, *models):
    """After a load of a thousand rows or more, let the planner know the tables at once; until then it takes them for small."""
    if new >= 1000:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in models))


def copy_rows(model, columns, rows):
    """COPY `rows` (tuples) into the named columns of `model`."""
    quoted = ", ".join(f'"{c}"' for c in columns)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {model._meta.db_table} ({quoted}) FROM STDIN") as out,
    ):
        for row in rows:
            out.write_row(row)


def copy(model, fields, rows):
    """COPY whole rows of `model`."""
    copy_rows(model, [f.column for f in fields], rows)
