"""Saving what forms send: a form that may be stale, one that was sent twice, and one column of many stations at once."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import Conflict
from accounts.models import Change
from stations import actions
from stations.chronicle import STATION, shown
from stations.models import Agency, Station
from stations.models.stations import FORM_FIELDS
from surfaces.models import ClientRef, digest_of


@dataclass
class Meanwhile:
    """One field that somebody else changed after the form was opened: what stood there, what he wrote, and who and when."""

    before: Any
    after: Any
    by: Any
    at: Any


def version_of(station):
    """The number of the last recorded change of the station's row; a form carries the one it was drawn from."""
    newest = Change.objects.filter(table=STATION, row_id=station.pk).aggregate(Max("pk"))["pk__max"]
    return newest or 0


def changed_since(station, version):
    """{field: Meanwhile} of the changes after `version`: first value before, last value after."""
    found = {}
    rows = Change.objects.filter(
        table=STATION, row_id=station.pk, pk__gt=version, before__isnull=False, after__isnull=False
    )
    for row in rows.select_related("event__user").order_by("pk"):
        for field in map(Station._meta.get_field, FORM_FIELDS):
            if field.column in row.after:
                first = found.get(field.name)
                before = first.before if first else _value(field, row.before[field.column])
                found[field.name] = Meanwhile(
                    before, _value(field, row.after[field.column]), row.event.user, row.event.at
                )
    return found


def save(user, station, version, wanted):
    """Write what the form changed against what its writer saw. Returns the station.

    A field that only others changed keeps theirs; one that both changed to different values raises Conflict `stale` with
    `conflicts` [{field, theirs, mine, by, at}] and `version`, the number to send with the next try. Nothing is written then.
    """
    while True:
        seen_now = version_of(station)
        station = Station.objects.get(pk=station.pk)
        theirs = changed_since(station, version) if seen_now != version else {}
        touched, conflicts = {}, []
        for name, value in wanted.items():
            field = Station._meta.get_field(name)
            seen = theirs[name].before if name in theirs else getattr(station, field.attname)
            plain = value.pk if field.is_relation and value is not None else value
            if plain == seen or (name in theirs and plain == theirs[name].after):
                continue
            if name in theirs:
                conflicts.append((field, theirs[name], plain))
            touched[name] = value
        if conflicts:
            raise Conflict(code="stale", conflicts=_in_words(conflicts), version=seen_now)
        if not touched:
            return station
        try:
            return actions.update_station(user, station, check=_unless(seen_now), **touched)
        except _Overtaken:
            continue


class _Overtaken(Exception):
    """Somebody wrote between the comparison and the lock."""


def _unless(version):
    def check(held):
        if version_of(held) != version:
            raise _Overtaken

    return check


def _value(field, recorded):
    """A recorded JSON value as the field holds it; of a relation its id."""
    if recorded is None:
        return None
    if field.is_relation:
        return recorded
    return field.to_python(str(recorded) if isinstance(recorded, float) else recorded)


def _in_words(conflicts):
    agencies = {pk for field, theirs, mine in conflicts if field.is_relation for pk in (theirs.after, mine) if pk}
    found = Agency.objects.filter(pk__in=agencies).values_list("pk", "name") if agencies else ()
    names = {("operator_id", pk): name for pk, name in found}
    return [
        {"field": field.name, "label": field.verbose_name, "theirs": shown(field, theirs.after, names),
         "mine": shown(field, mine, names), "by": theirs.by, "at": theirs.at}
        for field, theirs, mine in conflicts
    ]  # fmt: skip


def create_once(user, ref, **body):
    """Make a station under the reference `ref` (a UUID or None): sent twice, the first one is the answer.

    Raises as create_station, and Conflict `ref_reused` for other content under the same reference.
    """
    if ref is None:
        return actions.create_station(user, **body)
    sent = digest_of({name: str(value) for name, value in body.items()})
    with transaction.atomic():
        first, fresh = ClientRef.objects.get_or_create(
            user_id=user.pk, ref=ref, action="station.form", defaults={"digest": sent}
        )
        if fresh:
            station = actions.create_station(user, **body)
            first.object_id = str(station.pk)
            first.save(update_fields=["object_id"])
            return station
    station = Station.objects.visible_to(user).filter(pk=first.object_id or None).first()
    if station is None or first.digest not in ("", sent):
        text = _("这张表已经交过一次，第一次的那份没有变；您改过的还在下面，再按一次就另记一份")
        raise Conflict(text, code="ref_reused")
    return station


def give_mode(user, stations, mode):
    """Give every one of `stations` (a queryset in reach) that `user` may change a way of operating. Returns how many changed."""
    with transaction.atomic():
        held = (
            stations.select_related("division")
            .exclude(operation_mode=mode)
            .order_by("pk")
            .select_for_update(of=("self",))
        )
        ids = [station.pk for station in held if user.can("change", station)]
        with change(user, "station.mode_given", mode=mode, stations=len(ids)):
            return Station.objects.filter(pk__in=ids).update(operation_mode=mode, updated_at=timezone.now())
