"""What a list begins at follows from who may see what: it makes lists fast and hides or shows nothing by itself."""

import pytest

from casework import access, actions
from casework.models import Case, Client
from tests.casework.caseload import Caseload

ROLES = (
    "worker",
    "manager",
    "supervisor",
    "official",
    "city_official",
    "sibling_manager",
    "twin_worker",
    "inspector",
    "superuser",
)


@pytest.fixture
def load(world):
    """Cases of three districts; one restricted, one offered to the sibling's station; a client without a case."""
    load = Caseload(world)
    for who in ("worker", "sibling_worker", "twin_worker"):
        load.case(who=who)
    restricted, offered = load.case(), load.to("intervention")
    actions.change_case(load.user("supervisor"), restricted, {"confidentiality": "restricted"})
    body = {"action": "offer", "to_station": world.station("葛店镇").code, "reason": "迁居"}
    actions.transfer_case(load.user(), offered, body)
    load.client()
    return load


def keys(rows):
    return set(rows.values_list("pk", "seen_as"))


def test_beginning_at_the_stations_in_reach_leaves_out_nobody_and_lets_in_nobody(load):
    for who in ROLES:
        user = load.user(who)
        for model in (Case, Client):
            assert keys(model.objects.visible_to(user)) == keys(model.objects.visible_to(user, near=False)), (
                who,
                model,
            )
        full = Client.objects.visible_to(user).filter(seen_as=access.FULL)
        assert keys(Client.objects.visible_to(user, depth=access.FULL)) == keys(full), who
        for hand in (*access.HOLDERS, "receiver", "official", "above", "colleague"):
            hands = access.held(user)
            near, far = (
                set(Case.objects.filter(access.any_of(hands, [hand], near=n)).values_list("pk", flat=True))
                for n in (True, False)
            )
            assert near == far, (who, hand)


def test_each_sees_some(load):
    """Else the test above would say nothing."""
    seen = {who: Case.objects.visible_to(load.user(who)).count() for who in ROLES}
    assert seen["worker"] == 3 and seen["sibling_manager"] == 2 and seen["twin_worker"] == 1 and seen["inspector"] == 0
    assert seen["supervisor"] == 3 and seen["city_official"] == 4 and seen["superuser"] == 5
