"""Writing a roster's plan: new stations by COPY, changed ones by one UPDATE, statuses and parents as dated rows. All of its SQL.

Cost: 41,352 changed stations are one COPY into a temporary table and one UPDATE (`make bench`, row "import").
"""

from collections import defaultdict

from django.db import connection

from exchange.plans import CREATED, UPDATED
from periods import today
from stations import planting, tree
from stations.actions import refresh_status
from stations.models import Agency, Division, Station
from stations.models.divisions import nearest
from stations.pinyin import key_of
from stations.roster import history
from stations.roster.differences import new_values
from stations.roster.words import AT

CHUNK = 5_000  # new stations made at a time: whole cities, so that default parents are seen together

STAGED = {
    "name": "varchar", "pinyin": "varchar", "initials": "varchar", "established_on": "date", "operation_mode": "varchar",
    "operator_id": "bigint", "address": "varchar", "manager_name": "varchar", "phone": "varchar", "floor_area": "numeric",
    "reported_full_time": "int", "reported_certified": "int", "note": "varchar", "site_ready": "bool", "staff_ready": "bool",
    "funds_ready": "bool",
}  # fmt: skip
# A long import leaves the search indexes' news in a list; `tidy` merges it afterwards, where nobody waits.
LONG_LIST = "SET LOCAL gin_pending_list_limit = '256MB'"
SEARCHED = ("station_name_trgm", "station_pinyin_trgm")


def write(plan, context):
    """Write every entry of `plan`. The trees are locked and an event is open. Returns how many rows were written."""
    agencies = _agencies(plan)
    created = [entry for entry in plan.entries if entry.outcome == CREATED]
    updated = [entry for entry in plan.entries if entry.outcome == UPDATED]
    _create(created, agencies)
    _update(updated, agencies)
    statuses = [
        (entry.key, entry.target.status, entry.target.since)
        for entry in updated
        if entry.target.since is not None and entry.target.status != entry.target.before
    ]
    if statuses:
        history.set_statuses(statuses)
        refresh_status([pk for pk, _status, _since in statuses])
    _place(created, updated)
    return len(created) + len(updated)


def _operator(entry):
    """The agency that a row names anew, or None."""
    if entry.outcome == CREATED:
        return entry.row.values[AT["operator"]]
    if entry.outcome == UPDATED and "operator" in entry.changes:
        return next((after for field, _before, after in entry.triples() if field == "operator"), None)
    return None


def _agencies(plan):
    """{name: id} of the agencies that the plan's rows name; unknown ones are made, with the credit code of a new station's row."""
    named, codes = set(), {}
    for entry in plan.entries:
        if (name := _operator(entry)) is not None:
            named.add(name)
            if entry.outcome == CREATED and (code := entry.row.values[AT["credit_code"]]):
                codes[name] = code
    if not named:
        return {}
    found = dict(Agency.objects.filter(name__in=named).order_by("-division", "-pk").values_list("name", "pk"))
    by_code = (
        dict(Agency.objects.filter(credit_code__in=codes.values()).values_list("credit_code", "pk")) if codes else {}
    )
    for name, code in codes.items():
        if code in by_code:
            found[name] = by_code[code]
    for agency in Agency.objects.bulk_create(
        Agency(name=name, credit_code=codes.get(name) if codes.get(name) not in by_code else None)
        for name in sorted(named - found.keys())
    ):
        found[agency.name] = agency.pk
    return found


def _create(entries, agencies):
    """Plant the new stations, whole cities at a time."""
    entries = sorted(entries, key=lambda entry: (entry.target.division.lock_id, entry.target.tier))
    made, start = {}, 0
    while start < len(entries):
        end = min(start + CHUNK, len(entries))
        while end < len(entries) and entries[end].target.division.lock_id == entries[end - 1].target.division.lock_id:
            end += 1
        _plant(entries[start:end], agencies, made)
        start = end


def _plant(entries, agencies, made):
    divisions = Division.objects.in_bulk({entry.target.division.id for entry in entries})
    named = [entry.target.parent for entry in entries if entry.target.parent is not None]
    standing = Station.objects.in_bulk({parent.id for parent in named if parent.id})
    wanted = {id(parent.entry) for parent in named if parent.entry is not None}
    stations, since, by_entry = [], {}, {}
    for at, entry in enumerate(entries):
        target = entry.target
        values = new_values(entry.row)
        operator = agencies.get(values.pop("operator", None))
        station = Station(
            tier=target.tier, division=divisions[target.division.id], status=target.status, operator_id=operator, **values
        )  # fmt: skip
        stations.append(station)
        since[at] = target.since or today()
        by_entry[id(entry)] = station
        if id(entry) in wanted:
            made[id(entry)] = station
    parents = {
        at: standing[p.id] if p.id else (by_entry.get(id(p.entry)) or made[id(p.entry)])
        for at, entry in enumerate(entries)
        if (p := entry.target.parent) is not None
    }
    planting.plant(stations, since, parents)
    for entry, station in zip(entries, stations, strict=True):
        entry.key = station.pk


def _update(entries, agencies):
    """One COPY of what changes and one UPDATE by primary key; a cell that the file leaves blank keeps what stands."""
    changed = {name for entry in entries for name in entry.changes[::3]}
    names = [name for name in STAGED if name in _columns(changed)]
    if not names:
        return
    stage = f"CREATE TEMP TABLE roster_new (id bigint, {', '.join(f'{name} {STAGED[name]}' for name in names)}) ON COMMIT DROP"
    kept = ", ".join(f"{name} = coalesce(v.{name}, s.{name})" for name in names)
    apply = f"UPDATE stations_station s SET {kept}, updated_at = clock_timestamp() FROM roster_new v WHERE v.id = s.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS roster_new")
        cursor.execute(stage)
        with cursor.copy("COPY roster_new FROM STDIN") as out:
            for entry in entries:
                values = dict(zip(entry.changes[::3], entry.changes[2::3], strict=True))
                if "operator" in values:
                    values["operator_id"] = agencies[values["operator"]]
                if "name" in values:
                    values["pinyin"], values["initials"] = key_of(values["name"])
                if not STAGED.keys().isdisjoint(values):
                    out.write_row((entry.key, *map(values.get, names)))
        cursor.execute(LONG_LIST)
        cursor.execute(apply)


def _columns(changed):
    """The columns that stand for these fields."""
    names = set(changed)
    if "operator" in names:
        names.add("operator_id")
    return names | {"pinyin", "initials"} if "name" in names else names


def tidy():
    """Merge what long imports left beside the search indexes."""
    with connection.cursor() as cursor:
        for name in SEARCHED:
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [name])


def _place(created, updated):
    """Parents: those the file names, then those that the divisions give to what stands below newly opened stations."""
    day, touched = today(), set()
    moved = [entry for entry in updated if entry.target.parent is not None]
    for entry in moved:
        parent = entry.target.parent
        tree.set_parent(Station(pk=entry.key), Station(pk=parent.id or parent.entry.key), day)
        touched.add(entry.target.division.lock_id)
    for lock_id in sorted(_to_adopt(created, updated)):
        if tree.adopt(lock_id, day):
            touched.add(lock_id)
    if touched:
        tree.renumber(*touched)


def _to_adopt(created, updated):
    """Cities where a station of a higher tier opened or closed above others that stood there before."""
    opened, new = defaultdict(lambda: 9), set()
    for entry in created:
        new.add(entry.key)
        if entry.target.status in tree.OPENED:
            lock = entry.target.division.lock_id
            opened[lock] = min(opened[lock], entry.target.tier)
    for entry in updated:
        if entry.target.since is not None and entry.target.status != entry.target.before:
            lock = entry.target.division.lock_id
            opened[lock] = min(opened[lock], entry.target.tier)
    if not opened:
        return set()
    lowest = min(opened.values())
    below = Station.objects.annotate(lock=nearest("division__")).filter(lock__in=list(opened), tier__gt=lowest)
    return {lock for pk, tier, lock in below.values_list("pk", "tier", "lock") if tier > opened[lock] and pk not in new}
