"""What `confidentiality` means: an ordinary case is read by who has it and each look is noted; a restricted one is not there for others."""

import datetime as dt

import pytest
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.models import Event, User
from accounts.reveals import REVEALED
from casework import access, actions
from casework.models import Case, Client
from casework.reads import READ, reads_of
from stations.models import Post


@pytest.fixture
def case(load):
    """A case of the manager's own: for the station's worker it is a colleague's."""
    return load.case(who="manager")


@pytest.fixture
def above(load):
    """A manager of the district's station, further up."""
    with change(None, "test.above"):
        user = User.objects.create(username="above", display_name="上级站长")
        span = DateRange(dt.date(2020, 1, 1), None)
        Post.objects.create(user=user, role="manager", span=span, station=load.world.station("梁子湖区"))
    load.world.users["above"] = user
    return user


def restrict(load, case):
    actions.change_case(load.user("supervisor"), case, {"confidentiality": "restricted"})


def test_a_restricted_case_is_not_there_for_a_colleague_nor_for_a_manager_further_up(load, case, above):
    for who in ("worker", "above"):
        assert access.depth_of(load.user(who), case) == "narrow"
    restrict(load, case)
    for who in ("worker", "above"):
        user = load.user(who)
        assert access.depth_of(user, case) is None and not Case.objects.visible_to(user).exists()
        assert load.world.browser(who).get(f"/api/v1/cases/{case.number}/").status_code == 404
        assert load.world.browser(who).get("/api/v1/cases/").json()["results"] == []
    assert not Client.objects.visible_to(load.user("worker")).exists()


def test_who_has_it_in_full_and_the_official_who_counts_still_know_of_it(load, case):
    restrict(load, case)
    depths = {who: access.depth_of(load.user(who), case) for who in ("manager", "supervisor", "official")}
    assert depths == {"manager": "full", "supervisor": "full", "official": "summary"}


def test_the_station_a_restricted_case_is_offered_to_reads_what_it_answers(load, case):
    restrict(load, case)
    offer = {"action": "offer", "to_station": load.world.station("葛店镇").code, "reason": "迁居"}
    actions.transfer_case(load.user("manager"), case, offer)
    assert access.depth_of(load.user("sibling_supervisor"), case) == "summary"


def test_each_look_in_clear_is_noted_and_a_keys_is_not(load):
    case = load.case()
    path = f"/api/v1/cases/{case.number}/"
    seen = lambda: Event.objects.filter(verb=READ, object_id=str(case.pk)).count()  # noqa: E731
    for address in (path, f"{path}timeline/", f"{path}intake/"):
        before = seen()
        assert load.world.browser("supervisor").get(address).status_code == 200
        assert seen() == before + 1, address
    before = seen()
    load.world.program("supervisor").get(path)
    load.world.browser("official").get(path)
    load.world.browser("twin_worker").get(path)
    assert seen() == before
    load.world.browser("worker").post(f"{path}reveal/", {"purpose": "service"}, content_type="application/json")
    assert [e.verb for e in reads_of(case)] == [REVEALED, READ, READ, READ]
    assert {str(e.user) for e in reads_of(case)} == {"supervisor 甲", "worker 甲"}
