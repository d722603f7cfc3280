"""Who may see which rows of this room, and which verbs: the two side by side, drawn from one table of roles.

A post at a division reaches everything in it, at a station its subtree. Rights add up per object, never role × place.
"""

from django.db.models import Q

from accounts.errors import Forbidden
from stations.models.divisions import ANCESTORS

READERS = frozenset({"official", "manager", "supervisor", "worker", "inspector", "viewer"})
KEEPERS = frozenset({"official"})
RUNNERS = frozenset({"official", "manager"})

# verb → roles, by model. A verb that is not here is refused.
VERBS = {
    "station": {
        "see": READERS, "create": KEEPERS, "change": RUNNERS, "open": RUNNERS, "suspend": RUNNERS, "close": RUNNERS,
        "move": KEEPERS, "merge": KEEPERS, "keep": KEEPERS, "import": RUNNERS, "commit_import": KEEPERS,
    },
    "division": {"see": READERS, "keep": KEEPERS, "change": frozenset(), "create_station": KEEPERS, "import": RUNNERS,
                 "commit_import": KEEPERS, "rollup": KEEPERS},
    "coverageunit": {"see": READERS, "keep": KEEPERS, "create": KEEPERS, "change": KEEPERS},
    "agency": {"see": READERS | {"agency"}, "keep": KEEPERS, "create": KEEPERS, "change": KEEPERS},
    "post": {"see": RUNNERS, "keep": KEEPERS, "create": KEEPERS, "change": KEEPERS},
}  # fmt: skip
NOTHING = Q(pk__in=())


def places(user):
    """The current posts of `user` with their places."""
    return user.posts_now


def inside_places(user, prefix="", roles=READERS):
    """Rows whose division (reached by `prefix`) lies in a place where `user` holds one of `roles`."""
    if user.is_superuser and user.is_active:
        return Q()
    found = NOTHING
    for post in places(user):
        division = post.division or (post.station.division if post.station_id else None)
        if post.role in roles and division is not None:
            found |= Q(**{f"{prefix}{ANCESTORS[division.level]}": division.pk})
    return found


def divisions_of(user):
    """Divisions in the places of a user's posts; a station's post reaches the division it stands at and what lies in it."""
    return inside_places(user)


def stations_of(user, roles=READERS, prefix=""):
    """Stations in the places where `user` holds one of `roles`; `prefix` reaches the station from another model."""
    from stations.models.stations import subtree

    if user.is_superuser and user.is_active:
        return Q()
    found = Q(**{f"{prefix}pk__in": ()})
    for post in places(user):
        if post.role not in roles:
            continue
        if post.division_id:
            found |= Q(**{f"{prefix}division__{ANCESTORS[post.division.level]}": post.division_id})
        elif post.station_id:
            found |= subtree(post.station_id, prefix)
    return found


def agencies_of(user):
    """One's own agency; for the network's people those registered in their places and those that run their stations."""
    from stations.models import Station

    if user.is_superuser and user.is_active:
        return Q()
    own = Q(pk__in=[p.agency_id for p in places(user) if p.agency_id])
    if not any(p.role in READERS for p in places(user)):
        return own
    running = Station.objects.visible_to(user).exclude(operator=None).values("operator")
    return own | inside_places(user, "division__") | Q(pk__in=running)


def posts_of(user):
    """One's own posts, and those at the places one runs."""
    if user.is_superuser and user.is_active:
        return Q()
    return Q(user=user) | inside_places(user, "division__", RUNNERS) | stations_of(user, RUNNERS, "station__")


def roles_at(user, obj):
    """The roles `user` holds at a place that contains `obj` (a station, a division, or a row that has one of them)."""
    return {post.role for post in places(user) if _contains(post, obj)}


def _contains(post, obj):
    name = obj._meta.model_name
    if name == "agency":
        return post.agency_id == obj.pk or (
            post.division_id is not None and obj.division_id and _contains(post, obj.division)
        )
    if name == "coverageunit":
        return _contains(post, obj.division)
    if name == "post":
        place = obj.division or obj.station
        return place is not None and _contains(post, place)
    if name == "division":
        top = post.division or (post.station.division if post.station_id else None)
        return top is not None and getattr(obj, ANCESTORS[top.level]) == top.pk
    if post.division_id:
        return getattr(obj.division, ANCESTORS[post.division.level]) == post.division_id
    top = post.station
    return top is not None and obj.tree_id == top.tree_id and top.lft <= obj.lft and obj.rght <= top.rght


def can(user, verb, obj):
    """May `user` do `verb` to `obj`, a row of this room or a model class (anywhere at all)?"""
    if not user.is_active:
        return False
    roles = VERBS.get(obj._meta.model_name, {}).get(verb)
    if roles is None:
        return False
    if user.is_superuser:
        return True
    if isinstance(obj, type):
        return any(post.role in roles for post in places(user))
    return bool(roles_at(user, obj) & roles)


def require(user, verb, obj):
    """Refuse `verb` to `obj` unless `user` may do it now: posts and their places are read anew, under the caller's locks.

    What was read when the request came may be of a tree that has moved, or of a post that has ended since. Raises Forbidden.
    """
    user._posts_now = None
    if not user.can(verb, obj):
        raise Forbidden()
