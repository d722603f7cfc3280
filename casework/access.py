"""Who may see which cases and clients, how deep, and which verbs: all drawn from one table of conditions (case-api §0, Depth).

A hand is how a user holds a case: `own` (its worker), `supervisor`, `manager`: full; `glass` (a superuser's break-glass): full,
to read and never to write. `official`, `receiver` (of an offered transfer): summary. `above` (a manager further up), `colleague`: number, station, stage and dates. One condition a hand,
read by lists, objects and verbs alike, so that seeing and listing never differ.
"""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, CharField, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models import Case as Choose

from accounts.errors import Forbidden
from casework import glass
from exchange import arrays  # noqa: F401 — registers `one_of`
from periods import today
from stations.access import places, stations_of
from stations.models.divisions import ANCESTORS
from stations.models.stations import VILLAGE

FULL, SUMMARY, NARROW = "full", "summary", "narrow"
WRITERS = frozenset({"worker", "manager", "supervisor"})
READERS = WRITERS | {"official"}
HOLDERS = ("own", "supervisor", "manager")
DEPTHS = {FULL: (*HOLDERS, "glass"), SUMMARY: ("official", "receiver"), NARROW: ("above", "colleague")}
NOBODY = Q(pk__in=())
OPENLY = Q(confidentiality="audited")  # a restricted case is not there for colleagues, nor for a manager further up

# verb → hands. A verb that is not here is refused. `approve` is asked of `may_approve`, the receiver's verbs of `may_receive`.
VERBS = {
    "see": frozenset(h for hands in DEPTHS.values() for h in hands),
    "read": frozenset(DEPTHS[FULL]),
    "reveal": frozenset(DEPTHS[FULL]),
    "write": frozenset({"own"}),
    "review": frozenset({"own", "supervisor"}),
    "advance": frozenset({"own"}),
    "suspend": frozenset({"own"}),
    "offer": frozenset(HOLDERS),
    "crisis": frozenset(HOLDERS),
    "lift": frozenset({"supervisor", "manager"}),
    "correct": frozenset(HOLDERS),
    "reopen": frozenset(HOLDERS),
    "print": frozenset(HOLDERS),
    "file": frozenset({"own", "manager"}),
    "change": frozenset({"supervisor", "manager"}),
}


# ── Which rows ───────────────────────────────────────────────────────────────────────────────────
def home(user, roles, prefix="station__"):
    """Stations (reached by `prefix`) that are the post's own, or a room right below it."""
    found = Q(**{f"{prefix}pk__in": ()})
    for post in places(user):
        if post.role not in roles:
            continue
        if post.station_id:
            own = Q(**{f"{prefix}pk": post.station_id})
            room = Q(**{f"{prefix}tier": VILLAGE, f"{prefix}parent": post.station_id})
        elif post.division_id:
            own = Q(**{f"{prefix}division": post.division_id})
            room = Q(**{f"{prefix}tier": VILLAGE, f"{prefix}parent__division": post.division_id})
        else:
            continue
        found |= own | room
    return found


class Hands(dict):
    """{hand: condition on a case}, and `near`: a condition on the case's own columns that follows from all of them.

    The conditions join a case to places, any one of several: by them alone the database would look at every case there is.
    `near` makes it begin at the stations in reach. It never lets in what the conditions do not.
    """

    near = Q()


def _near(user):
    if user.is_superuser:  # sees all, a break-glass is its own key
        return Q()
    plain, receive = _plain(user), home(user, {"manager"}, "") | stations_of(_plain(user), {"supervisor"})
    at = receive | home(user, {"worker"}, "") | stations_of(plain, {"manager"}) | stations_of(user, {"official"})
    return Q(station__one_of=_keys(at)) | Q(transfer_to__one_of=_keys(receive))


def _keys(condition):
    """The ids of stations, read before the statement that asks for them."""
    from stations.models import Station

    return ArraySubquery(Station.objects.filter(condition).order_by().values("pk"))


def held(user, reading=False):
    """{hand: condition on a case}. A break-glass is among them only for `reading`: it gives nobody work or a right to write."""
    from workforce.models import Worker

    if not user.is_active:
        return Hands()
    places(user)  # read once, for the copies without a superuser's rights as well
    at_home, supervised = home(user, {"worker"}), stations_of(_plain(user), {"supervisor"}, "station__")
    managed, receive = home(user, {"manager"}), home(user, {"manager"}, "") | stations_of(_plain(user), {"supervisor"})
    himself = Worker.objects.filter(user=user.pk).values("pk")[:1]
    officials = Q(pk__isnull=False) if user.is_superuser else stations_of(user, {"official"}, "station__")
    hands = Hands({
        "own": Q(worker=Subquery(himself)) & (at_home | supervised | managed),
        "supervisor": supervised,
        "manager": managed,
        "official": officials,
        "receiver": Q(transfer_to__one_of=_keys(receive)),
        "above": stations_of(_plain(user), {"manager"}, "station__") & OPENLY,
        "colleague": at_home & OPENLY,
        "glass": glass.cases(user) if reading else NOBODY,
    })  # fmt: skip
    hands.near = _near(user)
    return hands


class _plain:
    """A user without what a superuser has by being one: case data in full comes by posts alone."""

    is_superuser = False

    def __init__(self, user):
        self._user = user

    def __getattr__(self, name):
        return getattr(self._user, name)


def any_of(hands, names, near=True):
    """A condition on a case: `user` holds it by one of the hands named."""
    found = NOBODY
    for name in names:
        found |= hands.get(name, NOBODY)
    return found & hands.near if near else found


def cases_of(user, queryset, near=True):
    """`queryset` (of cases) as far as `user` may know of them, each with `seen_as`. Not `near`: it is narrow by itself, as a number is."""
    hands = held(user, reading=True)
    steps = [When(any_of(hands, DEPTHS[depth], near=False), then=Value(depth)) for depth in (FULL, SUMMARY)]
    seen_as = Choose(*steps, default=Value(NARROW), output_field=CharField())
    return queryset.filter(any_of(hands, VERBS["see"], near)).annotate(seen_as=seen_as)


def in_full(user, reading=True):
    """A condition on a case: `user` has it in full."""
    return any_of(held(user, reading), DEPTHS[FULL])


def records_of(user, queryset, reading=True):
    """Papers of the cases that `user` has in full. None of the others are so much as listed."""
    from casework.models import Case

    return queryset.filter(case__in=Case.objects.filter(in_full(user, reading)).values("pk"))


def due_of(user, queryset):
    """What is due in the cases that are one's work: a break-glass gives none."""
    return records_of(user, queryset, reading=False)


def clients_of(user, queryset, reading=True, near=True, depth=None):
    """Clients in reach, each with `seen_as` full or summary; nobody's but those who do casework. Without `reading`: no break-glass.

    Not `near`: the queryset is narrow by itself, as one of a name is. `depth` full: of those alone.
    """
    from casework.models import Case

    if not user.is_active:
        return queryset.none()
    in_full_by_client = any_of(held(user, reading), DEPTHS[FULL], near=False)
    held_in_full = Exists(Case.objects.filter(in_full_by_client, client=OuterRef("pk")))
    supervised = stations_of(_plain(user), {"supervisor"}, "station__")
    managed, at_home = home(user, {"manager"}), home(user, {"worker"})
    untouched = Q(filed_by=user.pk) & ~Exists(Case.objects.filter(client=OuterRef("pk"))) & at_home
    full = supervised | managed | untouched | Q(held_in_full)
    if reading:
        full |= glass.clients(user)
    if depth == FULL:
        return queryset.filter(full).annotate(seen_as=Value(FULL))
    restricted = Exists(Case.objects.filter(client=OuterRef("pk"), confidentiality="restricted"))
    if near and not user.is_superuser:
        queryset = queryset.filter(_near_clients(user))
    return queryset.filter(full | (at_home & ~restricted)).annotate(
        seen_as=Choose(When(full, then=Value(FULL)), default=Value(SUMMARY), output_field=CharField())
    )


def _near_clients(user):
    """What follows from `clients_of` on the client's own columns: filed at a station in reach, or with a case in full."""
    from casework.models import Case

    if user.is_superuser:  # a break-glass is its own key
        return Q()
    at = home(user, {"worker", "manager"}, "") | stations_of(_plain(user), {"supervisor"})
    known = Case.objects.filter(in_full(user)).order_by().values("client")
    return Q(station__one_of=_keys(at)) | Q(pk__one_of=ArraySubquery(known))


def households_of(user, queryset):
    """Families of which `user` has, or had, somebody in full; what he sees of the others in them is their own depth."""
    from casework.models import Client, HouseholdMember

    known = Client.objects.visible_to(user).filter(seen_as=FULL).values("pk")
    return queryset.filter(pk__in=HouseholdMember.objects.filter(client__in=known).values("household"))


def break_glass_of(user):
    """Uses of a break-glass: all for the system administrator, those of their stations for managers and supervisors."""
    if not user.is_active:
        return NOBODY
    return Q() if user.is_superuser else home(user, {"manager"}) | stations_of(user, {"supervisor"}, "station__")


def told_of(user):
    """Uses that `user` is told of: as the station's manager, or as its supervisor where it has no manager."""
    from stations.models import Post

    if not user.is_active:
        return NOBODY
    managers = Post.objects.current().filter(role="manager", user__is_active=True)
    run = Exists(managers.filter(Q(station=OuterRef("station")) | Q(station=OuterRef("station__parent"))))
    return home(user, {"manager"}) | (stations_of(_plain(user), {"supervisor"}, "station__") & ~Q(run))


# ── Which verbs ──────────────────────────────────────────────────────────────────────────────────
def hands_on(user, case):
    """The hands by which `user` holds `case` now: one query by the conditions of the lists."""
    from casework.models import Case

    hands = held(user, reading=True)
    flags = {
        f"by_{h}": Choose(When(q, then=True), default=False, output_field=BooleanField()) for h, q in hands.items()
    }
    row = Case.objects.filter(pk=case.pk).annotate(**flags).values(*flags).first() if flags else None
    return {name.removeprefix("by_") for name, yes in (row or {}).items() if yes}


def depth_of(user, case):
    """full, summary, narrow, or None where the case is out of reach."""
    return depth_by(hands_on(user, case))


def depth_by(hands):
    """The deepest of full, summary, narrow that a set of hands opens, or None."""
    return next((depth for depth, names in DEPTHS.items() if hands & set(names)), None)


def can(user, verb, obj):
    """May `user` do `verb` to a case, client or record, or to such things at all (a model class)?"""
    if not user.is_active:
        return False
    name = obj._meta.model_name
    if isinstance(obj, type):
        return _can_at_all(user, verb, name)
    if name == "case":
        return bool(hands_on(user, obj) & VERBS.get(verb, frozenset()))
    if name == "client":
        row = clients_of(user, type(obj).objects.filter(pk=obj.pk), reading=verb != "change").first()
        wants = {SUMMARY, FULL} if verb == "see" else {FULL}
        return verb in ("see", "read", "reveal", "change") and row is not None and row.seen_as in wants
    if name == "household":
        return _can_household(user, verb, obj)
    if name == "breakglass":
        seen = type(obj).objects.filter(break_glass_of(user), pk=obj.pk)
        return verb == "see" and seen.exists()
    if name in ("record", "goal", "dueitem"):
        case = obj.plan.case if name == "goal" else obj.case
        return verb == "see" and bool(hands_on(user, case) & VERBS["read"])
    return name == "deadlinerule" and user.is_superuser and verb in ("see", "keep", "create", "change")


def _can_household(user, verb, household):
    """Whoever has one of its people in full sees it; to change it, one who lives there now, and by work, not by a break-glass."""
    from casework.models import Client

    people = Client.objects.filter(memberships__household=household.pk)
    if verb == "change":
        people = people.filter(memberships__span__contains=today())
    elif verb != "see":
        return False
    return clients_of(user, people, reading=verb == "see").filter(seen_as=FULL).exists()


def _can_at_all(user, verb, name):
    roles = {post.role for post in places(user)}
    if name in ("client", "household"):
        may = bool(roles & WRITERS)
        return (verb == "see" and (may or glass.row_of(user) is not None)) or (verb == "create" and may)
    if name == "breakglass":
        may = user.is_superuser and not user.is_service
        return (verb == "create" and may) or (verb == "see" and (may or bool(roles & {"manager", "supervisor"})))
    if name == "case" and verb == "see":
        return user.is_superuser or bool(roles & READERS)
    if name == "case":
        return verb == "create" and bool(roles & WRITERS)
    if name == "deadlinerule":
        return user.is_superuser and verb in ("see", "keep", "create", "change")
    return name in ("record", "dueitem") and verb == "see" and bool(roles & WRITERS)


def require(user, verb, case):
    """Raise Forbidden where `user` may not do `verb` to `case` now: posts are read anew, under the caller's lock."""
    user._posts_now = None
    if not can(user, verb, case):
        raise Forbidden()


def stations_written(user, prefix=""):
    """A condition: stations where `user` may file clients and open cases."""
    return home(user, {"worker", "manager"}, prefix) | stations_of(_plain(user), {"supervisor"}, prefix)


def may_write_at(user, station):
    """May `user` file clients and open cases at `station` now?"""
    from stations.models import Station

    user._posts_now = None
    return user.is_active and Station.objects.filter(stations_written(user), pk=station.pk).exists()


def may_receive(user, station):
    """May `user` answer a transfer that was offered to `station`: its manager, or a supervisor above it?"""
    from stations.models import Station

    user._posts_now = None
    reach = home(user, {"manager"}, "") | stations_of(_plain(user), {"supervisor"})
    return user.is_active and Station.objects.filter(reach, pk=station.pk).exists()


def may_approve(user, case, author=None):
    """A supervisor of the case; its manager where no other supervisor reaches the station. Own work is asked elsewhere."""
    user._posts_now = None
    hands = hands_on(user, case) if user.is_active else set()
    if "supervisor" in hands:
        return True
    busy = {case.worker.user_id, author.pk if author else None} - {None}
    return "manager" in hands and not supervisors_of(case.station).exclude(user__in=busy).exists()


def supervisors_of(station):
    """Current posts of supervisors whose place holds `station`."""
    from stations.models import Post, Station
    from stations.models.stations import above_now

    division = station.division
    places_above = {getattr(division, column) if column != "id" else division.pk for column in ANCESTORS.values()}
    above = Station.objects.filter(above_now(station.pk)).values("pk")
    return Post.objects.current().filter(
        Q(division__in=places_above - {None}) | Q(station=station.pk) | Q(station__in=above),
        role="supervisor",
        user__is_active=True,
    )
