"""Who may see which rows of this room, and which verbs: the two side by side, drawn from one table of roles.

Both provinces' officials see all rows of their programme, a city's or county's those of its own county or agencies, an
agency those of its own pairings; viewers see figures alone; nobody else sees any. An entry has two sides (`sides`): each may
enter, and what one entered the other confirms.
"""

from django.db.models import Q

from accounts.errors import Forbidden
from partnerships.codes import OTHER, RECEIVER, SENDER
from stations.access import places
from stations.models.divisions import ANCESTORS

ROWS = frozenset({"official", "agency"})
READERS = ROWS | {"viewer"}
KEEPERS = frozenset({"official"})
_ENTRY = {"see": ROWS, "create": ROWS, "change": ROWS, "confirm": ROWS, "return": ROWS}

# verb → roles, by model. A verb that is not here is refused.
VERBS = {
    "programme": {"see": READERS, "create": KEEPERS, "change": KEEPERS},
    "pairing": {**_ENTRY, "create": KEEPERS, "change": KEEPERS, "import": KEEPERS, "commit_import": KEEPERS},
    "batch": _ENTRY, "session": _ENTRY, "activity": _ENTRY, "outcome": _ENTRY,
    "envoy": {"see": ROWS},
    **dict.fromkeys(("document", "party", "target", "declared"), {"see": READERS}),
    **dict.fromkeys(("member", "memberday", "serviceday", "sessiongroup", "tutor", "trainee"), {"see": ROWS}),
}  # fmt: skip
NOTHING = Q(pk__in=())


# ── Which rows ───────────────────────────────────────────────────────────────────────────────────
def _posts(user, roles):
    return [post for post in places(user) if post.role in roles] if user.is_active else []


def _everything(user):
    return user.is_superuser and user.is_active


def programmes_of(user, prefix=""):
    """Programmes (reached by `prefix`) of which a province, a county or an agency lies in one of `user`'s places."""
    from partnerships.models import Pairing, Party

    if _everything(user):
        return Q()
    found, parties = Q(**{f"{prefix}pk__in": ()}), NOTHING
    for post in _posts(user, READERS):
        if post.agency_id:
            parties |= Q(agency=post.agency_id)
            helped = Pairing.objects.filter(receiver=post.agency_id).values("programme")
            found |= Q(**{f"{prefix}pk__in": helped})
        elif post.division_id:
            above = ANCESTORS[post.division.level]
            for province in ("sending", "receiving"):
                found |= Q(**{f"{prefix}{province}__{above}": post.division_id})
            parties |= Q(**{f"county__{above}": post.division_id}) | Q(
                **{f"agency__division__{above}": post.division_id}
            )
    return found | Q(**{f"{prefix}pk__in": Party.objects.filter(parties).values("programme")})


def pairings_of(user, prefix=""):
    """Pairings (reached by `prefix`) of which `user` may read the rows."""
    if _everything(user):
        return Q()
    found = Q(**{f"{prefix}pk__in": ()})
    for post in _posts(user, ROWS):
        if post.agency_id:
            found |= Q(**{f"{prefix}sender": post.agency_id}) | Q(**{f"{prefix}receiver": post.agency_id})
        elif post.division_id:
            above = ANCESTORS[post.division.level]
            for path in ("programme__sending", "programme__receiving", "county", "sender__division"):
                found |= Q(**{f"{prefix}{path}__{above}": post.division_id})
    return found


def activities_of(user):
    """Those of pairings in reach; those of two whole provinces for both sides' officials and the programme's agencies."""
    if _everything(user):
        return Q()
    whole = programmes_of(user, "programme__") if _posts(user, ROWS) else NOTHING
    return Q(pairing__isnull=False) & pairings_of(user, "pairing__") | Q(pairing=None) & whole


def envoys_of(user):
    """People of one's own agency, and those of the agencies of pairings in reach."""
    from partnerships.models import Pairing

    if _everything(user):
        return Q()
    own = Q(agency__in=[post.agency_id for post in _posts(user, ROWS) if post.agency_id])
    return own | Q(agency__in=Pairing.objects.filter(pairings_of(user)).values("sender"))


def agencies_of(user):
    """Agencies of the programmes in reach: the two sides know each other by name."""
    from partnerships.models import Pairing, Party

    parties = Party.objects.filter(programmes_of(user, "programme__"), agency__isnull=False).values("agency")
    helped = Pairing.objects.filter(pairings_of(user), receiver__isnull=False).values("receiver")
    return Q(pk__in=parties) | Q(pk__in=helped)


def knows(user, pairing):
    """May `user` be told of `pairing` in a sentence? What the system enters tells all."""
    from partnerships.models import Pairing

    return user is None or Pairing.objects.visible_to(user).filter(pk=pairing.pk).exists()


# ── Which verbs ──────────────────────────────────────────────────────────────────────────────────
def sides(user, programme, pairing=None, roles=ROWS):
    """The sides of an entry that `user` speaks for by `roles`: of one pairing, or of two whole provinces where there is none."""
    if _everything(user):
        return {SENDER, RECEIVER}
    found = set()
    for post in _posts(user, roles):
        if post.agency_id and pairing is not None:
            found |= {SENDER} if post.agency_id == pairing.sender_id else set()
            found |= {RECEIVER} if post.agency_id == pairing.receiver_id else set()
        elif post.division_id:
            found |= (
                {SENDER} if _inside(post.division, programme.sending, pairing and pairing.sender.division) else set()
            )
            found |= {RECEIVER} if _inside(post.division, programme.receiving, pairing and pairing.county) else set()
    return found


def _inside(place, *divisions):
    """Does one of `divisions` lie in `place`?"""
    return any(d is not None and getattr(d, ANCESTORS[place.level]) == place.pk for d in divisions)


def can(user, verb, obj):
    """May `user` do `verb` to `obj`, a row of this room or a model class (anywhere at all)?

    Confirming and returning is for the side that did not enter, and never for who did.
    """
    if not user.is_active:
        return False
    roles = VERBS.get(obj._meta.model_name, {}).get(verb)
    if roles is None:
        return False
    if isinstance(obj, type):
        return user.is_superuser or bool(_posts(user, roles))
    if not user.is_superuser and not _posts(user, roles):
        return False
    if verb == "see":
        return type(obj).objects.visible_to(user).filter(pk=obj.pk).exists()
    if obj._meta.model_name == "programme":
        return user.is_superuser or any(
            _inside(post.division, obj.sending, obj.receiving) for post in _posts(user, roles) if post.division_id
        )
    spoken = sides(user, obj.programme, obj if obj._meta.model_name == "pairing" else obj.pairing, roles)
    if verb in ("confirm", "return"):
        return OTHER[obj.side] in spoken and (obj.entered_by_id is None or obj.entered_by_id != user.pk)
    return bool(spoken)


def require(user, verb, obj):
    """Raise Forbidden where `user` may not do `verb` to `obj` now: posts are read anew, under the caller's locks."""
    user._posts_now = None
    if not can(user, verb, obj):
        raise Forbidden()


def side_for(user, model, programme, pairing=None):
    """The side for which `user` enters a row of `model` now. Raises Forbidden where he speaks for none."""
    user._posts_now = None
    roles = VERBS[model._meta.model_name]["create"]
    spoken = sides(user, programme, pairing, roles)
    if not spoken:
        raise Forbidden()
    return SENDER if SENDER in spoken else RECEIVER
