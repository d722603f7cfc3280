"""Building the tree of 665,245 stations, beside COPY of the same rows into twins of the same tables, province by province."""

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import clock, say, tell
from benchmarks.nation import SINCE, new_stations
from stations import planting, tree
from stations.models import Division, Station

TABLES = {"stations_station": "id", "stations_stationstatus": "station_id", "stations_stationparent": "station_id"}


def build(measured=True):
    """Plant every station, a province a transaction; right after each the reference, so that both meet the same machine."""
    if Station.objects.exists():
        return
    ours = theirs = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            _twin(cursor, table)
        for province in Division.objects.filter(level=1).order_by("code"):
            ours += _plant(new_stations(province))
            if measured:
                theirs += _copy(province)
        cursor.execute("DROP TABLE " + ", ".join(f"twin_{table}" for table in TABLES))
        cursor.execute("VACUUM ANALYZE")
    say(f"{Station.objects.count():,} 个站点，{ours:.1f} 秒")
    if measured:
        tell("种下 665,245 个站点的树", ours, "同样的行 COPY 进同样的表（约束和索引在，触发器关）", theirs, 3)


def _plant(stations):
    """Seconds of planting them."""
    with clock() as c, transaction.atomic():
        tree.lock(*{s.division.lock_id for s in stations})
        with change(None, "bench.planted"):
            planting.plant(stations, dict.fromkeys(range(len(stations)), SINCE))
    return c.seconds


def _copy(province):
    """Seconds of COPY of a province's rows into the twins; reading them out is not counted."""
    raw = connection.cursor().connection
    stations = f"SELECT s.id FROM stations_station s JOIN stations_division d ON d.id = s.division_id WHERE d.province_id = {province.pk}"
    blocks = []
    for table, key in TABLES.items():
        with raw.cursor().copy(
            f"COPY (SELECT * FROM {table} WHERE {key} IN ({stations}) ORDER BY id) TO STDOUT"
        ) as out:
            blocks.append((table, b"".join(out)))
    with clock() as c, transaction.atomic():
        for table, block in blocks:
            with raw.cursor().copy(f"COPY twin_{table} FROM STDIN") as into:
                into.write(block)
    return c.seconds


def _twin(cursor, table):
    """An empty table with the same columns, indexes, checks, exclusions and foreign keys, and no other triggers."""
    cursor.execute(f"CREATE TABLE twin_{table} (LIKE {table} INCLUDING ALL)")
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", [table]
    )
    for (definition,) in cursor.fetchall():
        own = definition.replace("REFERENCES stations_station(", "REFERENCES twin_stations_station(")
        cursor.execute(f"ALTER TABLE twin_{table} ADD {own}")
