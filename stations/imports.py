"""The workbook kinds of this room: the roster of stations. What its rows mean is in `stations/roster/`."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.kinds import Kind
from periods import today
from stations import access
from stations.models import Division, Station
from stations.places import find_place, home_of
from stations.roster import differences, matching, undoing, words, writing

KEEP = access.VERBS["station"]["commit_import"]


def _may(user, verb, place):
    """`preview` for those who run stations, `commit` for those who keep them; at `place`, or anywhere at all."""
    asked = "commit_import" if verb == "commit" else "import"
    return user.can(asked, place if place is not None else Station)


def _places(user):
    """[(code, name)] of the places to choose from: one's own, and the districts in them."""
    homes = [post.division or post.station for post in access.places(user) if post.division_id or post.station_id]
    found = {place.code: place.name for place in homes}
    if user.is_superuser:
        homes += [home] if (home := home_of(user)) else []
        provinces = Division.objects.visible_to(user).on(today()).filter(level=1).order_by("code")
        found |= dict(provinces.values_list("code", "name")) | {place.code: place.name for place in homes}
    tops = [place for place in homes if isinstance(place, Division) and place.level in (1, 2)]
    if tops:
        below = Division.objects.visible_to(user).on(today()).filter(Q(parent__in=tops)).order_by("code")
        found |= dict(below.values_list("code", "name"))
    return list(found.items())


def _kept_codes(user):
    """Which imports a keeper of places sees besides his own: those whose place lies in his."""
    condition = Q(pk__in=())
    for post in access.places(user):
        if post.role in KEEP and post.division_id:
            stem = post.division.code.rstrip("0")
            length = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}[post.division.level]
            condition |= Q(within__startswith=post.division.code[:length]) if stem else Q()
    return condition


def _record_urls(keys):
    """{id: address of the station's page}."""
    return {pk: f"/stations/{code}/" for pk, code in Station.objects.filter(pk__in=keys).values_list("pk", "code")}


KINDS = [
    Kind(
        code="stations",
        title=_("站点名册"),
        columns=words.COLUMNS,
        identifying=words.IDENTIFYING,
        planner=matching.plan,
        writer=writing.write,
        tidier=writing.tidy,
        undoer=undoing.undo,
        changed_since=undoing.names_changed_since,
        refusal=undoing.refusal,
        place=find_place,
        places=_places,
        may=_may,
        kept_codes=_kept_codes,
        record_urls=_record_urls,
        show=differences.shown,
        shown=("status", "established_on", "manager_name", "reported_full_time", "reported_certified", "floor_area"),
    )
]
