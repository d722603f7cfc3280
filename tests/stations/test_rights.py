"""Who sees which rows and may do what: the two answers never differ, and both end with the post, the right and the account."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import Forbidden
from accounts.models import User
from periods import today
from stations import access
from stations.actions import (
    close_station,
    create_station,
    merge_stations,
    move_station,
    open_station,
    suspend_station,
    update_station,
)
from stations.models import Agency, CoverageUnit, Division, Post, Station
from stations.places import find_place, home_of
from tests.factories import LIST_FROM

MODELS = [Station, Division, CoverageUnit, Agency, Post]
WRITERS = {  # verb → who may do it in the home district
    "create": {"official", "city_official"},
    "change": {"official", "city_official", "manager"},
    "open": {"official", "city_official", "manager"},
    "suspend": {"official", "city_official", "manager"},
    "close": {"official", "city_official", "manager"},
    "move": {"official", "city_official"},
    "merge": {"official", "city_official"},
}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_seeing_a_row_in_a_list_and_being_allowed_to_see_it_are_the_same(world, model):
    for who in world.users:
        user = world.user(who)
        listed = set(model.objects.visible_to(user).values_list("pk", flat=True))
        allowed = {row.pk for row in model.objects.all() if user.can("see", row)}
        own = (
            set(user.posts.values_list("pk", flat=True)) if model is Post else set()
        )  # one's own posts, whatever the role
        running = listed if model is Agency else set()  # and agencies that run one's stations
        assert listed == allowed | own | running, who


@pytest.mark.parametrize(
    ("who", "stations"),
    [
        ("superuser", 15), ("city_official", 11), ("official", 5), ("viewer", 5), ("inspector", 5), ("supervisor", 5),
        ("manager", 2), ("worker", 2), ("agency", 0), ("expired", 0), ("twin_official", 3), ("twin_worker", 2), ("sibling_official", 5),
    ],
)  # fmt: skip
def test_everybody_sees_the_stations_of_his_place(world, who, stations):
    assert Station.objects.visible_to(world.user(who)).count() == stations


def test_a_post_counts_from_its_first_day_to_the_day_before_its_end(world):
    user = world.users["viewer"]
    for span, seen in (
        (DateRange(today(), None), True),
        (DateRange(today() + dt.timedelta(days=1), None), False),
        (DateRange(LIST_FROM, today()), False),
        (DateRange(LIST_FROM, today() + dt.timedelta(days=1)), True),
    ):
        with change(None, "test"):
            Post.objects.filter(user=user).update(span=span)
        assert Station.objects.visible_to(world.user("viewer")).exists() is seen, span


def test_a_disabled_account_may_nothing_whatever_its_posts(world):
    for who in ("official", "superuser"):
        with change(None, "test"):
            User.objects.filter(username=who).update(is_active=False)
        user = world.user(who)
        assert not Station.objects.visible_to(user).exists()
        assert not user.can("see", world.station("太和镇"))


def test_rights_add_up_per_object_never_role_by_place(world):
    """A viewer of one district who is official of another keeps nothing in the first."""
    user = world.users["sibling_viewer"]
    with change(None, "test"):
        Post.objects.create(user=user, role="official", division=world.home, span=DateRange(LIST_FROM, None))
    user = world.user("sibling_viewer")
    assert user.can("move", world.station("太和镇")) and user.can("see", world.station("葛店镇"))
    assert not user.can("move", world.station("葛店镇"))


def test_a_verb_that_nobody_mapped_is_refused(world):
    official = world.user("official")
    assert not official.can("paint", world.station("太和镇"))
    assert not world.user("superuser").can("paint", world.station("太和镇"))
    assert not official.can("change", world.home)


@pytest.mark.parametrize("verb", WRITERS)
def test_only_they_may_and_only_there(world, verb):
    def act(user, name):
        station = world.fresh(name)
        return {
            "create": lambda: create_station(user, name="新室", tier=4, division=world.divisions[{"太和镇": "马龙村", "葛店镇": "白浒村"}[name]]),
            "change": lambda: update_station(user, station, address="新址"),
            "open": lambda: open_station(user, station),
            "suspend": lambda: suspend_station(user, station),
            "close": lambda: close_station(user, station),
            "move": lambda: move_station(user, station, parent=world.fresh("鄂州市")),
            "merge": lambda: merge_stations(user, station, into=world.fresh("东沟镇")),
        }[verb]()  # fmt: skip

    for who in world.users:
        may = who in WRITERS[verb] | {"superuser"}
        assert (
            world.user(who).can(verb, Station if verb == "create" else world.fresh("太和镇")) is may or verb == "create"
        )
        try:
            act(world.user(who), "葛店镇" if may else "太和镇")
            refused = False
        except Forbidden:
            refused = True
        except Exception:  # allowed, and refused by a rule further on
            refused = False
        elsewhere = may and who in ("official", "manager")
        assert refused is (not may or elsewhere), who


def test_a_right_that_ended_while_the_request_was_under_way_is_gone(world):
    manager = world.user("manager")
    assert manager.can("suspend", world.fresh("太和镇"))  # remembered for the request
    with change(None, "test"):
        Post.objects.filter(user=manager).delete()
    with pytest.raises(Forbidden):
        suspend_station(manager, world.fresh("太和镇"))


def test_a_right_that_the_tree_took_away_while_the_request_was_under_way_is_gone(world):
    supervisor = world.users["supervisor"]
    with change(None, "test"):
        Post.objects.filter(user=supervisor).update(role="manager")
    user = world.user("supervisor")
    assert user.can("suspend", world.fresh("太和镇"))
    move_station(world.users["city_official"], world.fresh("太和镇"), parent=world.fresh("华容区"))
    with pytest.raises(Forbidden):
        suspend_station(user, world.fresh("太和镇"))


def test_a_place_is_found_by_its_code_where_one_sees_it(world):
    assert find_place("420702000000", world.user("official")) == world.home
    assert find_place(world.station("太和镇").code, world.user("worker")) == world.station("太和镇")
    for who, code in (
        ("official", "420703000000"),
        ("worker", "420702000000"),
        ("viewer", "421199000000"),
        ("viewer", "x" * 500),
    ):
        with pytest.raises(Exception) as refused:
            find_place(code, world.user(who))
        assert refused.value.status == 404


def test_pages_start_at_the_widest_place_of_one_s_posts(world):
    homes = {
        who: home_of(world.user(who))
        for who in ("official", "worker", "supervisor", "city_official", "agency", "expired")
    }
    assert homes == {
        "official": world.home, "worker": world.station("太和镇"), "supervisor": world.station("梁子湖区"),
        "city_official": world.city, "agency": None, "expired": None,
    }  # fmt: skip
    assert home_of(world.user("superuser")) == world.city


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from(["official", "viewer", "manager", "worker"]), st.integers(0, 20)),
        st.tuples(st.just("revoke"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 20), st.integers(0, 20)),
        st.tuples(st.just("close"), st.integers(0, 20), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_sequence_of_grants_moves_and_closures_everybody_sees_what_the_naive_model_says(world, steps):
    """The naive model walks parents row by row; the product asks two numbers of an index."""
    from django.db import transaction

    with transaction.atomic():
        user = world.users["expired"]
        for step in steps:
            take_step(world, user, *step)
            seen = set(Station.objects.visible_to(world.user("expired")).values_list("pk", flat=True))
            assert seen == naive(user)
        transaction.set_rollback(True)


def take_step(world, user, what, one, other):
    stations = list(Station.objects.order_by("pk"))
    divisions = list(Division.objects.order_by("pk"))
    if what == "grant":
        place = (
            {"division": divisions[other % len(divisions)]}
            if one in ("official", "viewer")
            else {"station": stations[other % len(stations)]}
        )
        with change(None, "test"):
            Post.objects.create(user=user, role=one, span=DateRange(LIST_FROM, None), **place)
    elif what == "revoke":
        with change(None, "test"):
            posts = list(user.posts.order_by("pk"))
            posts[one % len(posts)].delete() if posts else None
    else:
        try:
            if what == "move":
                move_station(
                    world.users["superuser"], stations[one % len(stations)], parent=stations[other % len(stations)]
                )
            else:
                close_station(world.users["superuser"], stations[one % len(stations)])
        except Exception as refused:
            assert getattr(refused, "code", None), refused


def naive(user):
    parents = dict(Station.objects.values_list("pk", "parent"))
    places = {s.pk: s.division for s in Station.objects.select_related("division__parent")}
    divisions = {d.pk: d.parent_id for d in Division.objects.all()}

    def chain(pk, above):
        return [] if pk is None else [pk, *chain(above[pk], above)]

    seen = set()
    for post in user.posts.current():
        for pk in parents:
            if post.division_id in chain(places[pk].pk, divisions) or (
                post.station_id and post.station_id in chain(pk, parents)
            ):
                seen.add(pk)
    return seen


def test_every_verb_of_the_table_names_known_roles_and_models():
    from stations.models.posts import ROLES

    known = {role for role, _label in ROLES}
    assert all(roles <= known for verbs in access.VERBS.values() for roles in verbs.values())
