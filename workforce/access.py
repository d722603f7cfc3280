"""Who may see which rows of this room, and which verbs: the two side by side, drawn from one table of roles.

A worker's place is where his assignments are. A role reaches people through the stations in its posts' places.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import Forbidden
from stations.access import places, roles_at, stations_of

WRITERS = frozenset({"official", "manager"})
STAFF_READERS = WRITERS | {"supervisor"}
READERS = STAFF_READERS | {"worker"}
KEEPERS = frozenset({"official"})

# verb → roles, by model. A verb that is not here is refused.
VERBS = {
    "worker": {"see": STAFF_READERS, "create": WRITERS, "change": WRITERS, "reveal": WRITERS, "keep": KEEPERS, "import": WRITERS,
               "commit_import": KEEPERS},
    "assignment": {"see": STAFF_READERS, "create": WRITERS, "change": WRITERS, "keep": KEEPERS},
    "certificate": {"see": STAFF_READERS, "create": WRITERS, "change": WRITERS, "keep": KEEPERS},
    "registration": {"see": STAFF_READERS, "create": WRITERS, "change": WRITERS, "keep": KEEPERS},
    "training": {"see": READERS, "create": WRITERS, "change": WRITERS, "keep": KEEPERS, "import": WRITERS,
                 "commit_import": KEEPERS},
    "attendance": {"see": READERS, "create": WRITERS, "change": WRITERS, "destroy": WRITERS, "keep": KEEPERS},
    "hourrequirement": {},
}  # fmt: skip


def _assigned(user, roles=STAFF_READERS):
    """Ids of the people with an assignment in the places where `user` holds one of `roles`."""
    from workforce.models import Assignment

    return Assignment.objects.filter(stations_of(user, roles, "station__")).values("worker")


def workers_of(user, prefix=""):
    """People with a job, now or earlier, in the places of a staff reader; and oneself. `prefix` reaches the worker."""
    if user.is_superuser and user.is_active:
        return Q()
    return Q(**{f"{prefix}pk__in": _assigned(user)}) | Q(**{f"{prefix}user": user.pk if user.is_active else None})


def of_workers(user):
    """Certificates and registrations of the people in reach."""
    return workers_of(user, "worker__")


def assignments_of(user):
    """Jobs in the places in reach, and one's own: what a person does elsewhere is not told."""
    if user.is_superuser and user.is_active:
        return Q()
    return stations_of(user, STAFF_READERS, "station__") | Q(worker__user=user.pk if user.is_active else None)


def trainings_of(user, prefix="station__"):
    """Those of the stations whose staff `user` may read."""
    return stations_of(user, READERS, prefix)


def attendances_of(user):
    """Those of the trainings in reach, those that count at a station in reach, and one's own."""
    if user.is_superuser and user.is_active:
        return Q()
    own = Q(worker__user=user.pk if user.is_active else None)
    return trainings_of(user, "training__station__") | stations_of(user, STAFF_READERS, "station__") | own


def may_at(user, verb, model, station):
    """May `user` do `verb` to rows of `model` that belong to `station`?"""
    roles = VERBS[model._meta.model_name].get(verb, frozenset())
    if not user.is_active:
        return False
    return user.is_superuser or bool(roles_at(user, station) & roles)


def can(user, verb, obj):
    """May `user` do `verb` to `obj`, a row of this room or a model class (anywhere at all)?"""
    if not user.is_active:
        return False
    name = obj._meta.model_name
    roles = VERBS.get(name, {}).get(verb)
    if user.is_superuser:
        return roles is not None or (name == "hourrequirement" and verb in ("see", "keep", "create", "change"))
    if roles is None:
        return False
    if isinstance(obj, type):
        return any(post.role in roles for post in places(user)) or (verb == "see" and _has_own(user, name))
    if name in ("training", "assignment"):
        return bool(roles_at(user, obj.station) & roles)
    if name == "attendance":
        return bool(
            (roles_at(user, obj.training.station) | (roles_at(user, obj.station) if verb == "see" else set())) & roles
        )
    return _may_worker(user, verb, obj if name == "worker" else obj.worker, roles)


def _has_own(user, name):
    """Everybody who works somewhere sees himself."""
    return name in ("worker", "assignment", "certificate", "registration") and getattr(user, "worker", None) is not None


def _may_worker(user, verb, worker, roles):
    """Seeing: any job in reach, or oneself. Else a job in reach that has not ended; a person without any belongs to the last places."""
    from workforce.models import Assignment

    jobs = Assignment.objects.filter(worker=worker)
    if verb == "see":
        return worker.user_id == user.pk or jobs.filter(stations_of(user, roles, "station__")).exists()
    unended = jobs.unended()
    return (unended if unended.exists() else jobs).filter(stations_of(user, roles, "station__")).exists()


def require(user, verb, obj):
    """Raise Forbidden where `user` may not do `verb` to `obj` now: posts are read anew, under the caller's locks."""
    user._posts_now = None
    if not can(user, verb, obj):
        raise Forbidden()


def require_at(user, verb, model, station):
    """Raise Forbidden where `user` may not do `verb` to rows of `model` at `station` now."""
    user._posts_now = None
    if not may_at(user, verb, model, station):
        raise Forbidden(_("“%(station)s”的人员与培训不由您录入") % {"station": station})
