"""Whose figures, and which verbs: the two side by side. A figure of a place is for those who read figures there."""

from django.db.models import Q

from metrics import declared
from stations.access import places, stations_of
from stations.models import Station
from stations.models.divisions import ANCESTORS
from stations.models.stations import subtree

READERS = frozenset({"official", "manager", "viewer"})
KEEPERS = frozenset({"official"})

VERBS = {
    "cell": {"see": READERS},
    "rolluprun": {"see": READERS, "create": KEEPERS},
}


def _posts(user):
    return [p for p in places(user) if p.role in READERS and (p.division_id or p.station_id)]


def cells_of(user):
    """Cells of the places of a user's posts, and of what lies below.

    A post at a station reaches its subtree, and of the divisions it stands in only what hangs on divisions alone:
    the sum over a division may count stations that are not below one's own.
    """
    if user.is_superuser and user.is_active:
        return Q()
    found = Q(pk__in=())
    for post in _posts(user):
        if post.division_id:
            found |= below(post.division)
        else:
            owing = Q(station=None, indicator__in=declared.hanging_on("division"))
            found |= below(post.station) | (below(post.station.division) & owing)
    return found


def below(place):
    """Cells of a place and of everything under it."""
    if isinstance(place, Station):
        return subtree(place.pk, "station__")  # the tree as it is when the query runs
    return Q(**{f"division__{ANCESTORS[place.level]}": place.pk})


def own_cells(user):
    """Exactly the cells of the places where `user` holds a post: what a list without a place answers."""
    found = Q(pk__in=())
    for post in _posts(user):
        found |= Q(division=post.division_id, station=None) if post.division_id else Q(station=post.station_id)
    return found


def sees_figure(user, indicator, place):
    """May `user` open this indicator at this place, a Division or a Station? The same as `cells_of` for one cell."""
    if user.is_superuser and user.is_active:
        return True
    if isinstance(place, Station):
        return Station.objects.filter(stations_of(user, READERS), pk=place.pk).exists()
    return sees_all_of(user, place) or (
        indicator.hangs_on == "division"
        and any(_stands_over(p.station.division, place) for p in _posts(user) if p.station_id)
    )


def sees_all_of(user, division):
    """Does `user` read the figures of everything in `division`, those of its stations included?"""
    if user.is_superuser and user.is_active:
        return True
    return any(_stands_over(p.division, division) for p in _posts(user) if p.division_id)


def _stands_over(upper, division):
    return getattr(division, ANCESTORS[upper.level]) == upper.pk


def can(user, verb, obj):
    """May `user` do `verb` with figures anywhere at all? Where exactly is `cells_of`'s and `sees_figure`'s affair."""
    if not user.is_active:
        return False
    roles = VERBS.get(obj._meta.model_name, {}).get(verb)
    if roles is None:
        return False
    return user.is_superuser or any(p.role in roles for p in places(user))
