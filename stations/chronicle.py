"""What happened to one station, read from the change log and its dated rows; and taking the last thing back."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.changes import change
from accounts.errors import Conflict, Forbidden, NotInScope
from accounts.models import Change, Event
from exchange.plans import Context
from stations.models import Agency, Station, StationParent, StationStatus
from stations.models.stations import FORM_FIELDS, STATUSES
from stations.roster import undoing

STATION, STATUS, PARENT = "stations_station", "stations_stationstatus", "stations_stationparent"
# verb of the log → (sentence, kind of mark, verb whose right undoing asks; "" cannot be taken back here)
VERBS = {
    "station.created": (gettext_lazy("建站点"), "info", ""),
    "station.changed": (gettext_lazy("改资料"), "info", "change"),
    "station.operating": (gettext_lazy("开始运营"), "ok", "open"),
    "station.building": (gettext_lazy("在建"), "warn", "open"),
    "station.suspended": (gettext_lazy("暂停"), "warn", "suspend"),
    "station.closed": (gettext_lazy("撤销站点"), "bad", "close"),
    "station.moved": (gettext_lazy("换上级站"), "info", "move"),
    "station.merged": (gettext_lazy("并入别站"), "bad", "merge"),
    "station.mode_given": (gettext_lazy("改运营方式"), "info", ""),
    "demo.loaded": (gettext_lazy("装入演示"), "info", ""),
    "station.undone": (gettext_lazy("撤回上一步"), "info", ""),
    "import.committed": (gettext_lazy("导入名册"), "info", ""),
    "import.undone": (gettext_lazy("撤销导入"), "info", ""),
}
MARKS = {"operating": "ok", "planned": "warn", "building": "warn", "suspended": "warn", "closed": "bad"}


def latest(station, most=3):
    """The last changes of status as the station page lists them, newest first. One query."""
    rows = StationStatus.objects.filter(station=station).select_related("merged_into").order_by("-span")[:most]
    return [
        {"kind": MARKS[row.status], "what": row.get_status_display(), "when": row.span.lower, "why": _why(row)}
        for row in rows
    ]


def _why(row):
    if row.merged_into_id:
        return _("并入%(name)s") % {"name": row.merged_into}
    return row.reason


def parents_of(station):
    """The dated parents of a station, newest first."""
    return StationParent.objects.filter(station=station).select_related("parent").order_by("-span")


def newest_of(user, station):
    """The id of the last event that `user` made about the station, or None."""
    own = Event.objects.filter(kind="stations.station", object_id=str(station.pk), user_id=user.pk)
    return own.order_by("-pk").values_list("pk", flat=True).first()


def of_row(obj):
    """(events that touched a row of any table, newest first; its changes, oldest first)."""
    changes = Change.objects.filter(table=obj._meta.db_table, row_id=obj.pk).order_by("pk")
    return Event.objects.filter(pk__in=changes.values("event")).select_related("user").order_by("-pk"), changes


def events_of(station):
    """Events that touched the station: its row, its status or its parents. Newest first."""
    dated = {
        STATUS: StationStatus.objects.filter(station=station).values("pk"),
        PARENT: StationParent.objects.filter(station=station).values("pk"),
    }
    touched = Q(table=STATION, row_id=station.pk)
    for table, ids in dated.items():
        touched |= Q(table=table, row_id__in=ids)
    touching = Change.objects.filter(touched).values("event")
    own = Q(kind="stations.station", object_id=str(station.pk))
    return Event.objects.filter(own | Q(pk__in=touching)).select_related("user").order_by("-pk")


def described(user, station, events):
    """`events` of one page as templates/stations/_events.html draws them. Three queries."""
    ids = [event.pk for event in events]
    lines = defaultdict(list)
    changes = list(_changes_of(station, ids))
    names = _names(changes)
    for row in changes:
        lines[row.event_id] += _lines(row, names)
    undoable = _undoable(user, station, events)
    out = []
    for event in events:
        words, kind, _verb = VERBS.get(event.verb, (_("改动"), "info", ""))
        out.append({
            "kind": kind, "what": words, "when": event.detail.get("on"), "why": event.reason,
            "by": event.user or _("程序"), "at": event.at, "changes": lines[event.pk],
            "undo_url": f"/stations/{station.code}/undo/{event.pk}/" if event.pk == undoable else "",
        })  # fmt: skip
    return out


def _changes_of(station, event_ids):
    mine = Q(table=STATION, row_id=station.pk)
    for table in (STATUS, PARENT):
        mine |= Q(table=table, after__station_id=station.pk) | Q(table=table, before__station_id=station.pk)
    return Change.objects.filter(mine, event__in=event_ids).order_by("pk")


def _names(changes):
    """Names of the agencies and stations that the changes point to: two queries at most."""
    agencies, stations = set(), set()
    for row in changes:
        for side in (row.before, row.after):
            agencies.add((side or {}).get("operator_id"))
            stations.add((side or {}).get("parent_id"))
    found = {}
    if agencies - {None}:
        found |= {
            ("operator_id", pk): name
            for pk, name in Agency.objects.filter(pk__in=agencies - {None}).values_list("pk", "name")
        }
    if stations - {None}:
        found |= {
            ("parent_id", pk): name
            for pk, name in Station.objects.filter(pk__in=stations - {None}).values_list("pk", "name")
        }
    return found


def _lines(row, names):
    """One change as [{label, before, after}]."""
    if row.table == STATION:
        if row.before is None:
            return []
        return [
            {"label": field.verbose_name, "before": shown(field, row.before.get(field.column), names),
             "after": shown(field, (row.after or {}).get(field.column), names)}
            for field in map(Station._meta.get_field, FORM_FIELDS) if field.column in row.before
        ]  # fmt: skip
    if row.after is None or "station_id" not in row.after:
        return []
    if row.table == STATUS:
        return [{"label": _("状态"), "before": "", "after": dict(STATUSES).get(row.after["status"])}]
    return [{"label": _("上级站点"), "before": "", "after": names.get(("parent_id", row.after["parent_id"]))}]


def shown(field, value, names):
    """A value of the log in words."""
    if value is None or value == "":
        return None
    if field.is_relation:
        return names.get((field.column, value), value)
    if field.choices:
        return dict(field.flatchoices).get(value, value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return value


def undoable_verb(event):
    """The verb whose right taking `event` back asks, or ""."""
    return VERBS.get(event.verb, ("", "", ""))[2]


def _undoable(user, station, events):
    """The id of the newest of `events` where it may be taken back by `user`."""
    newest = events[0] if events else None
    if newest and (verb := undoable_verb(newest)) and newest.kind == "stations.station" and user.can(verb, station):
        return newest.pk
    return None


def take_back(user, station, event_id):
    """Undo one event of a station: its row, dated rows and tree as they were.

    Raises NotInScope for an event of something else, Forbidden, Conflict `changed_since` where anything changed after it.
    """
    with transaction.atomic():
        event = Event.objects.filter(pk=event_id, kind="stations.station", object_id=str(station.pk)).first()
        if event is None:
            raise NotInScope()
        verb = undoable_verb(event)
        if not verb:
            raise Conflict(_("这一步不能撤销"), code="not_undoable")
        if not user.can(verb, station):
            raise Forbidden()
        with change(user, "station.undone", station, undone=event.pk):
            undoing.undo(event.pk, Context(user, None, writing=True))
    return event
