"""What the site's search finds in this room: stations and divisions in reach, by name, code, pinyin, initials."""

from django.utils.translation import gettext_lazy as _

from periods import today
from stations.finding import matching
from stations.models import Division, Station
from stations.models.divisions import LEVEL_NAMES, VILLAGE
from stations.models.stations import TIER_NAMES


def find_stations(user, text, most):
    """[{url, label, hint, status}], the higher tiers first."""
    if not user.can("see", Station):
        return []
    rows = Station.objects.visible_to(user).filter(matching(text)).select_related("division__district")
    return [
        {
            "url": f"/stations/{s.code}/", "label": s.name, "code": s.code, "status": s.status,
            "hint": " · ".join(str(x) for x in (TIER_NAMES[s.tier], s.division.district) if x),
        }
        for s in rows.order_by("tier", "code")[:most]
    ]  # fmt: skip


def find_divisions(user, text, most):
    """Divisions that count today; a village stands in its township's list."""
    if not user.can("see", Division):
        return []
    rows = Division.objects.visible_to(user).on(today()).filter(matching(text)).select_related("parent")
    return [
        {
            "url": f"/divisions/?within={(d.parent if d.level == VILLAGE and d.parent else d).code}",
            "label": d.name, "code": d.code, "status": None,
            "hint": " · ".join(str(x) for x in (LEVEL_NAMES[d.level], d.parent) if x),
        }
        for d in rows.order_by("level", "code")[:most]
    ]  # fmt: skip


SEARCH = [
    {"title": _("站点"), "find": find_stations, "all": "/stations/?q="},
    {"title": _("行政区划"), "find": find_divisions, "all": "/divisions/?q="},
]
