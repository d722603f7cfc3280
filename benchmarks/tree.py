"""Building the tree of 665,245 stations, beside COPY of the same rows into the same tables."""

from django.db import connection, transaction

from accounts.changes import change
from benchmarks.measuring import clock, say, tell
from benchmarks.nation import SINCE, new_stations
from stations import planting, tree
from stations.models import Division, Station

TABLES = {"stations_station": "id", "stations_stationstatus": "station_id", "stations_stationparent": "station_id"}


def build(measured=True):
    """Plant every station, a province a transaction; then the reference, if it is asked for."""
    ours = 0.0
    if Station.objects.exists():
        return
    for province in Division.objects.filter(level=1).order_by("code"):
        stations = new_stations(province)
        with clock() as c, transaction.atomic():
            tree.lock(*{s.division.lock_id for s in stations})
            with change(None, "bench.planted"):
                planting.plant(stations, dict.fromkeys(range(len(stations)), SINCE))
        ours += c.seconds
        del stations
    say(f"{Station.objects.count():,} 个站点，{ours:.1f} 秒")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    if measured:
        tell("种下 665,245 个站点的树", ours, "同样的行 COPY 进同样的表（约束和索引在，触发器关）", reference(), 3)


def reference():
    """Seconds of COPY of the same rows, province by province as they were written, into twins of the three tables."""
    raw = connection.cursor().connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(s.id), max(s.id) FROM stations_station s JOIN stations_division d ON d.id = s.division_id "
            "GROUP BY d.province_id ORDER BY 1"
        )
        provinces = [
            [(table, _rows(raw, table, key, low, high)) for table, key in TABLES.items()]
            for low, high in cursor.fetchall()
        ]
        for table in TABLES:
            _twin(cursor, table)
        with clock() as c:
            for blocks in provinces:
                with transaction.atomic():
                    for table, block in blocks:
                        with raw.cursor().copy(f"COPY twin_{table} FROM STDIN") as into:
                            into.write(block)
        cursor.execute("DROP TABLE " + ", ".join(f"twin_{t}" for t in TABLES))
    return c.seconds


def _rows(raw, table, key, low, high):
    with raw.cursor().copy(
        f"COPY (SELECT * FROM {table} WHERE {key} BETWEEN {low} AND {high} ORDER BY id) TO STDOUT"
    ) as out:
        return b"".join(out)


def _twin(cursor, table):
    """An empty table with the same columns, indexes, checks, exclusions and foreign keys, and no other triggers."""
    cursor.execute(f"CREATE TABLE twin_{table} (LIKE {table} INCLUDING ALL)")
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", [table]
    )
    for (definition,) in cursor.fetchall():
        own = definition.replace("REFERENCES stations_station(", "REFERENCES twin_stations_station(")
        cursor.execute(f"ALTER TABLE twin_{table} ADD {own}")
