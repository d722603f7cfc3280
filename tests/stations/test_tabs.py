"""The tabs of a station page: each room serves its own piece under its own scope, and only to whom it is for."""

import pytest

from tests.budgets import within_budget
from tests.casework.caseload import Caseload
from tests.workforce.staff import Staff


@pytest.fixture
def load(world):
    return Caseload(world)


@pytest.fixture
def staff(world):
    return Staff(world)


def page(world, who, name, tab, status=200):
    answer = world.browser(who).get(f"/stations/{world.station(name).code}/{tab}/")
    assert answer.status_code == status, (who, tab)
    return answer.content.decode()


def tabs_of(answer):
    return [tab["label"] for tab in answer.context["tabs"]]


TABS = {
    "official": ["概况", "人员", "个案", "培训", "历史"], "manager": ["概况", "人员", "个案", "培训", "历史"],
    "supervisor": ["概况", "人员", "个案", "培训", "历史"], "worker": ["概况", "个案", "培训", "历史"],
    "inspector": ["概况", "历史"], "viewer": ["概况", "历史"], "superuser": ["概况", "人员", "个案", "培训", "历史"],
}  # fmt: skip


@pytest.mark.parametrize("who", TABS)
def test_a_role_sees_the_tabs_that_are_for_it_and_no_other_opens(world, who):
    code = world.station("太和镇").code
    answer = world.browser(who).get(f"/stations/{code}/")
    assert [str(label) for label in tabs_of(answer)] == TABS[who]
    for tab, label in (("people", "人员"), ("cases", "个案"), ("trainings", "培训")):
        assert world.browser(who).get(f"/stations/{code}/{tab}/").status_code == (200 if label in TABS[who] else 404)


def test_a_tab_of_a_station_out_of_reach_and_one_that_is_none_are_no_pages(world):
    for tab in ("people", "cases", "trainings"):
        page(world, "manager", "葛店镇", tab, 404), page(world, "official", "鸾栖镇", tab, 404)
    page(world, "official", "太和镇", "x", 404)


def test_cases_are_counted_for_all_and_named_for_those_who_have_them_in_full(world, load):
    case = load.to("planning")
    load.case(who="sibling_worker")
    for who in ("supervisor", "manager", "worker"):
        text = page(world, who, "太和镇", "cases")
        assert "在办 1 个" in text and "王德福" in text and "计划 1" in text
    text = page(world, "official", "太和镇", "cases")
    assert case.number in text and "王德福" not in text


def test_people_and_trainings_are_those_of_this_station(world, staff):
    staff.worker("李敏", qualification=1), staff.worker("赵远", at="东沟镇")
    staff.came(staff.training("防走失"), staff.worker("周强"))
    staff.training("别处的课", at="东沟镇")
    people = page(world, "manager", "太和镇", "people")
    assert "李敏" in people and "周强" in people and "赵远" not in people
    trainings = page(world, "worker", "太和镇", "trainings")
    assert "防走失" in trainings and "别处的课" not in trainings


def test_tabs_keep_their_budgets(world, load, staff):
    load.to("planning"), load.case()
    staff.came(staff.training("防走失"), staff.worker("周强"))
    code = world.station("太和镇").code
    for tab in ("people", "cases", "trainings"):
        within_budget(world.browser("manager"), "station_tab", f"/stations/{code}/{tab}/")
