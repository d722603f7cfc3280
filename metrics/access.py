"""Whose figures, and which verbs: the two side by side. A figure of a place is for those who read figures there."""

from django.db.models import Q

from stations.access import places, roles_at
from stations.models.divisions import ANCESTORS

READERS = frozenset({"official", "manager", "viewer"})
KEEPERS = frozenset({"official"})

VERBS = {
    "cell": {"see": READERS},
    "rolluprun": {"see": READERS, "create": KEEPERS},
}  # fmt: skip


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
            found |= below(post.station) | coverage_below(post.station.division)
    return found


def below(place):
    """Cells of a place and of everything under it."""
    if place._meta.model_name == "station":
        return Q(station__tree_id=place.tree_id, station__lft__gte=place.lft, station__rght__lte=place.rght)
    return Q(**{f"division__{ANCESTORS[place.level]}": place.pk})


def coverage_below(division):
    """Cells in a division of the indicators that hang on divisions alone."""
    from metrics.declared import hanging_on

    return Q(
        **{f"division__{ANCESTORS[division.level]}": division.pk}, station=None, indicator__in=hanging_on("division")
    )


def own_cells(user):
    """Exactly the cells of the places where `user` holds a post: what a list without a place answers."""
    found = Q(pk__in=())
    for post in _posts(user):
        found |= Q(division=post.division_id, station=None) if post.division_id else Q(station=post.station_id)
    return found


def sees_figure(user, indicator, place):
    """May `user` open this indicator at this place, a Division or a Station in reach?"""
    if user.is_superuser and user.is_active:
        return True
    for post in _posts(user):
        if not roles_at_post(post, place):
            continue
        if post.division_id or place._meta.model_name == "station" or indicator.hangs_on == "division":
            return True
    return False


def roles_at_post(post, place):
    from stations.access import _contains

    return _contains(post, place)


def can(user, verb, obj):
    """May `user` do `verb` with figures (anywhere, or at the place `obj` names by its own room's rule)?"""
    if not user.is_active:
        return False
    roles = VERBS.get(obj._meta.model_name, {}).get(verb)
    if roles is None:
        return False
    return user.is_superuser or any(p.role in roles for p in places(user))


__all__ = ["KEEPERS", "READERS", "below", "can", "cells_of", "coverage_below", "own_cells", "roles_at", "sees_figure"]
