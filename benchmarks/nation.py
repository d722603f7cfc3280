"""A synthetic nation: 342 cities, 2,978 districts, 41,352 townships, 620,573 villages, numbered as published codes are.

Names are made up of common syllables; a seed makes every run the same. Written by COPY with the change log off: what it
costs to load is measured elsewhere.
"""

import datetime as dt
import random
from contextlib import contextmanager

from django.db import connection, transaction

from stations.models import CoverageUnit, Division, Station
from stations.pinyin import key_of
from stations.planting import copy_rows

PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split()
CITIES, DISTRICTS, TOWNSHIPS, VILLAGES = 342, 2_978, 41_352, 620_573
SINCE = dt.date(2021, 1, 1)
SYLLABLES = "安白北长成大德东丰凤高古光桂海和红华黄吉江金景九开兰乐梁林龙马梅明南宁平青泉仁荣三沙山上石水松太天王文武西仙新兴阳义永玉元云张中竹"
SUFFIX = {1: "省", 2: "市", 3: "区", 4: "镇", 5: "村"}


def shares(total, parts, rng):
    """`total` split among `parts`, each at least one, unevenly."""
    weights = [rng.lognormvariate(0, 0.4) for _ in range(parts)]
    rest, whole = total - parts, sum(weights)
    out = [1 + int(rest * w / whole) for w in weights]
    for i in range(total - sum(out)):
        out[i % parts] += 1
    return out


def divisions():
    """(code, name, level, parent code) of the whole nation, from the top."""
    rng = random.Random(2022)

    def name(level):
        return "".join(rng.choices(SYLLABLES, k=2)) + SUFFIX[level]

    provinces = [p + "0" * 10 for p in PROVINCES]
    rows = [(p, name(1), 1, "") for p in provinces]
    above = provinces
    for level, total, width, at in ((2, CITIES, 2, 2), (3, DISTRICTS, 2, 4), (4, TOWNSHIPS, 3, 6), (5, VILLAGES, 3, 9)):
        made = []
        for parent, n in zip(above, shares(total, len(above), rng), strict=True):
            first = 100 if level == 4 else 200 if level == 5 else 1
            for i in range(n):
                code = (parent[:at] + f"{first + i:0{width}d}").ljust(12, "0")
                made.append(code)
                rows.append((code, name(level), level, parent))
        above = made
    return rows


@contextmanager
def quiet(*tables):
    """Tables without their triggers: what a reference is measured on. The change log refuses nothing meanwhile."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def load_divisions():
    """The code list, with a coverage unit for every city, district, township and village. Returns how many divisions."""
    if there := Division.objects.count():
        return there
    rows = divisions()
    columns = ["id", "code", "name", "level", "parent_id", "province_id", "city_id", "district_id", "township_id",
               "valid_from", "pinyin", "initials"]  # fmt: skip
    keys, placed = {}, {}

    def placed_rows():
        for pk, (code, name, level, parent) in enumerate(rows, 1):
            up = placed.get((parent, level - 1), (None,) * 5)
            own = [*up[1:5]]
            if level < 5:
                own[level - 1] = pk
            placed[code, level] = (pk, *own)
            key = keys.get(name) or keys.setdefault(name, key_of(name))
            yield (pk, code, name, level, up[0], *own, SINCE, *key)

    with quiet("stations_division", "stations_coverageunit") as cursor, transaction.atomic():
        copy_rows(Division, columns, placed_rows())
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('stations_division', 'id'), max(id)) FROM stations_division"
        )
        copy_rows(
            CoverageUnit, ["division_id", "span", "document"],
            ((pk, f"[{SINCE},)", "") for pk, (_code, _name, level, _parent) in enumerate(rows, 1) if level > 1),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return len(rows)


def new_stations(province):
    """Unsaved stations of a province: one at every city, district, township and village; nine of ten operate."""
    rng = random.Random(province.pk)
    tiers = {
        2: (1, "市社会工作服务指导中心"),
        3: (2, "社会工作服务总站"),
        4: (3, "社会工作服务站"),
        5: (4, "社会工作服务室"),
    }
    out = []
    for division in Division.objects.filter(province=province, level__gt=1).order_by("level", "code"):
        tier, word = tiers[division.level]
        status = "operating" if tier < 3 or rng.random() < 0.9 else "planned"
        full = rng.choice((None, 0, 1, 2, 2, 3, 4)) if tier == 3 else None
        out.append(Station(
            name=division.name[:-1] + division.name[-1:] + word, tier=tier, division=division, status=status,
            established_on=SINCE, address=f"{division.name}{rng.randrange(1, 200)}号", manager_name="王某", phone="027-87654321",
            reported_full_time=full, reported_certified=full and rng.randrange(full + 1), operation_mode="purchased",
            site_ready=True, staff_ready=rng.random() < 0.8, funds_ready=rng.random() < 0.8,
        ))  # fmt: skip
    return out
