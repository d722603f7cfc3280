"""Taking back an imported roster: dated rows first, then stations and agencies, then today's picture of the tree."""

from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import Change
from exchange import undoing
from stations import tree
from stations.actions import refresh_status
from stations.models import Division, Station, StationParent, StationStatus
from stations.pinyin import key_of

STATION, STATUS, PARENT, AGENCY = (
    "stations_station",
    "stations_stationstatus",
    "stations_stationparent",
    "stations_agency",
)
NAMED = 20


def names_changed_since(event_id, ignored=()):
    """[(code, name)] of the stations that somebody changed, or built upon, after the event."""
    since = undoing.changed_since(event_id, ignored)
    ids = {pk for table, pk in since if table == STATION}
    for model, table in ((StationStatus, STATUS), (StationParent, PARENT)):
        rows = [pk for found, pk in since if found == table]
        ids |= set(model.objects.filter(pk__in=rows).values_list("station_id", flat=True))
    made = undoing.inserted(event_id, STATION)
    if made:
        own = set(undoing.inserted(event_id, PARENT)) | set(undoing.inserted(event_id, STATUS))
        touched = {pk for found, pk in since if found in (PARENT, STATUS)}
        ids |= set(
            StationParent.objects.filter(parent__in=made)
            .exclude(pk__in=own - touched)
            .exclude(station__in=made)
            .values_list("parent_id", flat=True)
        )
        ids |= set(
            StationStatus.objects.filter(station__in=made)
            .exclude(pk__in=own - touched)
            .values_list("station_id", flat=True)
        )
        ids |= set(
            StationParent.objects.filter(station__in=made)
            .exclude(pk__in=own - touched)
            .values_list("station_id", flat=True)
        )
    return list(Station.objects.filter(pk__in=ids).order_by("code").values_list("code", "name"))


def undo(event_id, context):
    """Put back what the event wrote. An event is open. Raises Conflict `changed_since` where a row cannot go. Returns how many stations."""
    tables = undoing.tables(event_id)
    made = undoing.inserted(event_id, STATION)
    locks = _locks(made, event_id)
    tree.lock(*locks)
    if named := names_changed_since(event_id, context.ignored):
        raise refusal(named)
    for table in (PARENT, STATUS):
        if table in tables:
            undoing.delete(table, undoing.inserted(event_id, table))
    for table in (STATUS, PARENT):
        if table in tables:
            undoing.restore(event_id, table)
    touched = set(undoing.restore(event_id, STATION, clock="updated_at")) if STATION in tables else set()
    _sort_keys(event_id)
    if moved := _stations_of_dated_rows(event_id, tables) - set(made):
        refresh_status(moved)
        touched |= moved
    if made:
        with tree.opened():
            Station.objects.filter(parent__in=made).update(parent=None)
        undoing.delete(STATION, made)
    if AGENCY in tables:
        agencies = undoing.inserted(event_id, AGENCY)
        kept = set(Station.objects.filter(operator__in=agencies).values_list("operator_id", flat=True))
        undoing.delete(AGENCY, set(agencies) - kept)
    tree.renumber(*locks)
    return len(made) + len(touched)


def _sort_keys(event_id):
    """The sort keys of names that went back: they are drawn from the name and stand in no log."""
    renamed = Change.objects.filter(event_id=event_id, table=STATION, before__has_key="name", after__has_key="name")
    stations = list(Station.objects.filter(pk__in=renamed.values("row_id")).only("pk", "name"))
    for station in stations:
        station.pinyin, station.initials = key_of(station.name)
    Station.objects.bulk_update(stations, ["pinyin", "initials"], batch_size=1000)


def _stations_of_dated_rows(event_id, tables):
    """Stations whose dated rows the event changed, apart from those whose rows are gone again with it."""
    ids = set()
    for table in {STATUS, PARENT} & tables:
        for values in Change.objects.filter(event_id=event_id, table=table).values_list(
            "before__station_id", "after__station_id", "row_id"
        ):
            ids |= {pk for pk in values[:2] if pk}
    for model, table in ((StationStatus, STATUS), (StationParent, PARENT)):
        rows = Change.objects.filter(event_id=event_id, table=table).values("row_id")
        ids |= set(model.objects.filter(pk__in=rows).values_list("station_id", flat=True))
    return ids


def _locks(made, event_id):
    """The cities whose trees the event touched."""
    rows = Change.objects.filter(event_id=event_id)
    ids = set(made) | set(rows.filter(table=STATION).values_list("row_id", flat=True))
    ids |= _stations_of_dated_rows(event_id, {STATUS, PARENT})
    divisions = Division.objects.filter(stations__in=ids).distinct()
    return {division.lock_id for division in divisions}


def refusal(named):
    """The Conflict that names the stations changed since."""
    shown = "、".join(f"{name}（{code}）" for code, name in named[:NAMED])
    more = _("等 %(count)d 个") % {"count": len(named)} if len(named) > NAMED else ""
    return Conflict(
        _("撤销不了：这些站点在导入之后有人改过：%(named)s%(more)s。") % {"named": shown, "more": more}, code="changed_since",
        stations=[{"code": code, "name": name} for code, name in named[:100]],
    )  # fmt: skip
