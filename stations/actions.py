"""What is done to stations: making, opening, suspending, closing, moving, merging, changing. Each dated, each under one event."""

import datetime as dt
from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import Conflict, DomainError
from accounts.models import Change
from periods import today
from stations import planting, tree
from stations.access import require
from stations.models import Division, Station, StationParent, StationStatus
from stations.models.divisions import LEVEL_NAMES
from stations.models.stations import FORM_FIELDS, LEVEL_OF_TIER, STATUSES, TIER_NAMES
from stations.names import same_name

FROM = {"operating": {"planned", "building", "suspended"}, "suspended": {"operating"},
        "closed": {"planned", "building", "operating", "suspended"}, "building": {"planned"}}  # fmt: skip


def create_station(user, *, name, tier, division, parent=None, status="planned", on=None, **fields):
    """Make one station at `division` (a Division of the tier's level), planned unless said otherwise, from `on` (today).

    Raises DomainError `tier_mismatch`, `duplicate`, `unknown_parent`; Forbidden where the user keeps no stations there.
    """
    on = _day(on)
    with transaction.atomic():
        tree.lock(division.lock_id)
        require(user, "create_station", division)
        if division.level != LEVEL_OF_TIER[tier]:
            raise DomainError(
                _("%(tier)s应设在%(level)s，%(name)s是%(have)s")
                % {"tier": TIER_NAMES[tier], "level": LEVEL_NAMES.get(LEVEL_OF_TIER[tier]), "name": division, "have": LEVEL_NAMES.get(division.level)},
                code="tier_mismatch", field="tier",
            )  # fmt: skip
        same = Station.objects.open().filter(division=division, tier=tier)
        if any(same_name(s.name, name) for s in same):
            raise Conflict(
                _("%(division)s已有叫“%(name)s”的站点") % {"division": division, "name": name},
                code="duplicate",
                field="name",
            )
        station = Station(name=name, tier=tier, division=division, status=status, **fields)
        if parent is not None:
            _check_parent(station, parent, on)
        with change(user, "station.created", division, name=name):
            planting.plant([station], {0: on}, {0: parent} if parent else {})
            if status in tree.OPENED:
                _adopt(division.lock_id, on)
    return Station.objects.get(pk=station.pk)


def update_station(user, station, check=None, **fields):
    """Change what a form may change. `check(station)` runs on the held row before anything is written."""
    with transaction.atomic():
        station = hold(station)
        require(user, "change", station)
        if check:
            check(station)
        for name, value in fields.items():
            if name not in FORM_FIELDS:
                raise DomainError(_("这一项不能在这里改"), field=name)
            setattr(station, name, value)
        _check_counts(station)
        with change(user, "station.changed", station):
            station.save()
    return station


def open_station(user, station, *, on=None, reason=""):
    """From `on` the station operates; those below whose parent came by default are adopted."""
    return _set_status(user, station, "open", "operating", on, reason)


def suspend_station(user, station, *, on=None, reason=""):
    """From `on` the station rests; it keeps its place in the tree and does not cover its unit."""
    return _set_status(user, station, "suspend", "suspended", on, reason)


def close_station(user, station, *, on=None, reason=""):
    """From `on` the station is closed; those below go to the parent that the divisions give."""
    return _set_status(user, station, "close", "closed", on, reason)


def move_station(user, station, *, parent, on=None, reason=""):
    """From `on` the station and all below it stand under `parent`. Raises `wrong_parent` for one of no higher tier or of another city."""
    on = _day(on)
    with transaction.atomic():
        station = hold(station)
        require(user, "move", station)
        _check_not_closed(station)
        parent = Station.objects.select_related("division").get(pk=parent.pk)
        _check_parent(station, parent, on)
        with change(user, "station.moved", station, reason=reason, to=parent.code, on=str(on)):
            tree.set_parent(station, parent, on, reason=reason)
            tree.renumber(station.division.lock_id)
            _touch([station.pk])
    return Station.objects.get(pk=station.pk)


def merge_stations(user, station, *, into, on=None, reason=""):
    """From `on` the station is closed and all below it stand under `into`, an operating station of the same tier and city."""
    on = _day(on)
    with transaction.atomic():
        station = hold(station)
        require(user, "merge", station)
        _check_not_closed(station)
        into = Station.objects.select_related("division").get(pk=into.pk)
        if into.pk == station.pk or into.tier != station.tier or into.division.lock_id != station.division.lock_id:
            raise DomainError(_("只能并入同一个市里同一层级的另一个站点"), code="wrong_target", field="into")
        if into.status != "operating":
            raise DomainError(_("“%(name)s”没有运营，不能并入") % {"name": into}, code="wrong_target", field="into")
        with change(user, "station.merged", station, reason=reason, into=into.code, on=str(on)):
            children = list(Station.objects.filter(parent=station))
            tree.set_parents([(child, into) for child in children], on, reason=reason, postpone=True)
            write_status(station, "closed", on, reason, merged_into=into)
            tree.renumber(station.division.lock_id)
            _touch([station.pk, *(c.pk for c in children)])
    return Station.objects.get(pk=station.pk)


ACTIONS: dict[str, Callable[..., Station]] = {
    "open": open_station,
    "suspend": suspend_station,
    "close": close_station,
    "move": move_station,
    "merge": merge_stations,
}


def effects_of(verb, user, station, **more):
    """What an action would change, found by doing it and taking it back: {"rows": [(station, what, before, after)], "station"}.

    Raises what the action itself would raise.
    """
    with transaction.atomic():
        newest = Change.objects.aggregate(Max("id"))["id__max"] or 0
        done = ACTIONS[verb](user, station, **more)
        rows = _described(Change.objects.filter(id__gt=newest, event__user_id=user.pk).order_by("id"))
        transaction.set_rollback(True)
    return {"rows": rows, "station": done}


def _described(changes):
    changes = [c for c in changes if c.table in ("stations_stationstatus", "stations_stationparent")]
    facts = [(c, c.after if c.after and "station_id" in c.after else None) for c in changes]
    ids = {f[k] for _c, f in facts if f for k in ("station_id", "parent_id") if f.get(k)}
    names = {s.pk: s for s in Station.objects.filter(pk__in=ids)}
    statuses = dict(STATUSES)
    out = []
    for row, fact in facts:
        if fact is None:
            continue
        if row.table == "stations_stationstatus":
            out.append((names[fact["station_id"]], _("状态"), "", statuses[fact["status"]]))
        else:
            out.append((names[fact["station_id"]], _("上级站点"), "", names[fact["parent_id"]].name))
    return out


def hold(station):
    """The station's row as it stands now, under its tree's lock: every action on a station begins with this."""
    lock_id = Division.objects.get(pk=station.division_id).lock_id
    tree.lock(lock_id)
    return Station.objects.select_related("division", "parent").select_for_update(of=("self",)).get(pk=station.pk)


def _set_status(user, station, verb, status, on, reason):
    on = _day(on)
    with transaction.atomic():
        station = hold(station)
        require(user, verb, station)
        if station.status == status:
            raise Conflict(
                _("“%(name)s”已经是%(status)s") % {"name": station, "status": dict(STATUSES)[status]}, code="no_change"
            )
        if station.status not in FROM[status]:
            raise Conflict(
                _("“%(name)s”现在是%(now)s，不能改为%(status)s")
                % {"name": station, "now": station.get_status_display(), "status": dict(STATUSES)[status]},
                code="wrong_status",
            )
        with change(user, f"station.{status}", station, reason=reason, on=str(on)):
            write_status(station, status, on, reason)
            lock_id = station.division.lock_id
            children = _orphaned(station, on, reason) if status == "closed" else []
            moved = tree.adopt(lock_id, on) if status == "operating" and station.tier < 4 else []
            if children or moved:
                tree.renumber(lock_id)
                _touch([s.pk for s in (*children, *moved)])
    return Station.objects.get(pk=station.pk)


def write_status(station, status, on, reason="", merged_into=None):
    """From `on` the station's status is `status`: the dated row, then today's picture.

    Raises DomainError `date_order` where a later change stands already; what was only planned may begin earlier than noted.
    """
    rows = list(StationStatus.objects.filter(station=station).order_by("span"))
    current = rows[-1] if rows else None
    if current and on < current.span.lower:
        if len(rows) > 1 or current.status not in ("planned", "building"):
            raise DomainError(
                _("状态在 %(day)s 已改过一次，这次不能早于那天") % {"day": current.span.lower},
                code="date_order",
                field="on",
            )
        _begin_earlier(station, current.span.lower, on)
        current.delete()
        current = None
    elif current and on == current.span.lower:
        current.delete()
        rows.pop()
        current = rows[-1] if rows else None
    if current and current.status == status and current.span.upper in (None, on):
        current.span = DateRange(current.span.lower, None)
        current.save(update_fields=["span"])
    else:
        if current and current.span.upper is None:
            current.span = DateRange(current.span.lower, on)
            current.save(update_fields=["span"])
        current = StationStatus.objects.create(
            station=station, status=status, span=DateRange(on, None), reason=reason[:200], merged_into=merged_into
        )
    since = current.span.lower if status == "operating" else None
    Station.objects.filter(pk=station.pk).update(status=status, operating_since=since, updated_at=timezone.now())


def _begin_earlier(station, noted, on):
    """A station that turns out to be older than it was noted stood under its parent from the beginning."""
    row = StationParent.objects.filter(station=station).order_by("span").first()
    if row and row.span.lower == noted:
        row.span = DateRange(on, row.span.upper)
        row.save(update_fields=["span"])


def refresh_status(station_ids):
    """Make status and operating_since of these stations agree with their dated rows: one UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stations_station s SET status = x.status, "
            "operating_since = CASE WHEN x.status = 'operating' THEN lower(x.span) END, updated_at = clock_timestamp() "
            "FROM stations_stationstatus x WHERE x.station_id = s.id AND upper_inf(x.span) AND s.id = ANY(%s)",
            [list(station_ids)],
        )


def _adopt(lock_id, on):
    if moved := tree.adopt(lock_id, on):
        tree.renumber(lock_id)
        _touch([s.pk for s in moved])


def _touch(station_ids):
    """What hangs on these stations looks different now: programs that ask `updated_since` should hear of it."""
    Station.objects.filter(pk__in=station_ids).update(updated_at=timezone.now())


def _orphaned(station, on, reason):
    """Those below a closed station go to the parent that the divisions give. Returns them."""
    children = list(Station.objects.filter(parent=station).select_related("division"))
    parents = tree.default_parents(children, planting.possible_parents([station.division.lock_id]))
    tree.set_parents(list(parents.items()), on, by_default=True, reason=reason, postpone=True)
    return children


def _check_parent(station, parent, on):
    if parent.tier >= station.tier:
        raise DomainError(_("上级站点的层级要比本站高"), code="wrong_parent", field="parent")
    if parent.division.lock_id != station.division.lock_id:
        raise DomainError(_("上级站点要在同一个市里"), code="wrong_parent", field="parent")
    if parent.status == "closed":
        raise DomainError(_("“%(name)s”已撤销，不能做上级") % {"name": parent}, code="wrong_parent", field="parent")
    if not parent.status_rows.filter(span__contains=on).exists():
        raise DomainError(
            _("“%(name)s”在 %(day)s 还没有") % {"name": parent, "day": on}, code="wrong_parent", field="parent"
        )


def _check_not_closed(station):
    if station.status == "closed":
        raise Conflict(_("“%(name)s”已撤销") % {"name": station}, code="wrong_status")


def _check_counts(station):
    full, certified = station.reported_full_time, station.reported_certified
    if full is not None and certified is not None and certified > full:
        raise DomainError(
            _("持证 %(certified)s 人多于专职 %(full)s 人") % {"certified": certified, "full": full},
            code="inconsistent", field="reported_certified",
        )  # fmt: skip


def _day(on):
    on = on or today()
    if on > today():
        raise DomainError(_("日期不能晚于今天"), code="bad_date", field="on")
    if on < dt.date(1980, 1, 1):
        raise DomainError(_("日期太早了"), code="bad_date", field="on")
    return on
