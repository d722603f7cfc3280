"""What a dated action on a station would change, before it does it: stations, their parents, and the coverage of the places above."""

from django.db import transaction
from django.utils.translation import gettext as _

from periods import Period, today
from stations.actions import ACTIONS, effects_of
from stations.coverage import coverage
from stations.models import Station
from stations.models.divisions import LEVELS
from stations.models.stations import LEVEL_OF_TIER

DRAWN = 40  # stations listed; the total is whole


def foresee(user, station, verb, **more):
    """The effects as templates/stations/_effects.html draws them. Nothing is written. Raises what the action would raise."""
    rows = effects_of(verb, user, station, **more)["rows"]
    figures = _figures(user, station, verb, more)
    changed = _stations(user, rows)
    on = more.get("on") or today()
    warnings = []
    if any(f["after"]["numerator"] < f["before"]["numerator"] for f in figures):
        warnings.append(_("%(place)s将没有站点在运营，覆盖率会降") % {"place": station.division})
    return {
        "stations": changed[:DRAWN], "stations_total": len(changed), "figures": figures, "frozen": 0,
        "warnings": warnings, "on": on,
    }  # fmt: skip


def _stations(user, rows):
    ids = {station.pk for station, *_rest in rows}
    now = {s.pk: s for s in Station.objects.visible_to(user).filter(pk__in=ids).select_related("parent")}
    out = []
    for station, what, _before, after in rows:
        if seen := now.get(station.pk):
            before = seen.get_status_display() if what == _("状态") else seen.parent and seen.parent.name
            out.append({"name": seen.name, "url": f"/stations/{seen.code}/", "before": before, "after": after})
    return out


def _figures(user, station, verb, more):
    """Coverage at the station's level, in the district and the city, today and on the last day of the month the action falls in."""
    level = dict(LEVELS)[LEVEL_OF_TIER[station.tier]]
    division = station.division
    above = [d for d in (division.district, division.city) if d and d.pk != division.pk and user.can("see", d)] or [
        division
    ]
    days = {today(): _("今天")}
    month = Period.month_of(more.get("on") or today())
    if month.last < today():
        days = {month.last: month.label} | days
    cells = [(place, day) for place in above for day in days]
    before = [coverage(user, place, level, day) for place, day in cells]
    with transaction.atomic():
        ACTIONS[verb](user, station, **more)
        after = [coverage(user, place, level, day) for place, day in cells]
        transaction.set_rollback(True)
    return [
        {"name": _("社工站覆盖"), "place": place.name, "period": days[day], "before": _cell(old), "after": _cell(new)}
        for (place, day), old, new in zip(cells, before, after, strict=True)
        if _cell(old) != _cell(new) or day == today()
    ]


def _cell(answer):
    return {"numerator": answer["covered"], "denominator": answer["eligible"]}
