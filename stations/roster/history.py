"""Changing the dated status of many stations at once, by the rules of `actions.write_status`: a few statements for any number."""

from collections import defaultdict

from django.db import connection

from stations.models import StationStatus
from stations.models.stations import BUILDING, PLANNED
from stations.planting import copy_rows

SPANS = (
    "UPDATE stations_stationstatus s SET span = daterange(v.low, v.high) "
    "FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS v(id, low, high) WHERE s.id = v.id"
)
# A station that turns out to be older than it was noted stood under its parent from the beginning.
EARLIER = (
    "UPDATE stations_stationparent p SET span = daterange(v.begins, upper(p.span)) "
    "FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS v(station_id, noted, begins) "
    "WHERE p.station_id = v.station_id AND lower(p.span) = v.noted"
)


def set_statuses(rows):
    """`rows` = [(station id, status, day it counts from)]. Writes dated rows only; `refresh_status` draws today's picture.

    What was only planned or being built may begin earlier than noted; else an earlier day counts from the last change.
    """
    known = defaultdict(list)
    ids = [pk for pk, _status, _day in rows]
    for pk, station, status, span in (
        StationStatus.objects.filter(station__in=ids).order_by("span").values_list("pk", "station_id", "status", "span")
    ):
        known[station].append((pk, status, span.lower, span.upper))
    ended, spans, fresh, earlier = [], [], [], []
    for station, status, day in rows:
        _step(station, status, day, known[station], ended, spans, fresh, earlier)
    if ended:
        StationStatus.objects.filter(pk__in=ended).delete()
    with connection.cursor() as cursor:
        if spans:
            cursor.execute(SPANS, [list(column) for column in zip(*spans, strict=True)])
        if earlier:
            cursor.execute(EARLIER, [list(column) for column in zip(*earlier, strict=True)])
    if fresh:
        copy_rows(StationStatus, ["station_id", "status", "span", "reason"], fresh)


def _step(station, status, day, known, ended, spans, fresh, earlier):
    """What becomes of one station's rows: ends, changed spans, fresh rows."""
    last = known[-1] if known else None
    if last and day < last[2]:
        if len(known) == 1 and last[1] in (PLANNED, BUILDING):
            earlier.append((station, last[2], day))
            ended.append(last[0])
            last = None
        else:
            day = last[2]
    if last and day == last[2]:
        ended.append(last[0])
        last = known[-2] if len(known) > 1 else None
    if last and last[1] == status and last[3] in (None, day):
        spans.append((last[0], last[2], None))
        return
    if last and last[3] is None:
        spans.append((last[0], last[2], day))
    fresh.append((station, status, f"[{day.isoformat()},)", ""))
