"""The home page of those who work on cases: what is due, one's cases, what changed; what waits for a supervisor's or manager's word."""

import pytest

from tests.budgets import within_budget
from tests.casework.caseload import Caseload, ago

NAME = "王德福"


@pytest.fixture
def load(world):
    return Caseload(world)


def home(load, who="worker"):
    answer = load.world.browser(who).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_worker_sees_what_is_due_with_the_form_that_does_it(load):
    case = load.case(opened=30)
    html = home(load)
    assert f"/cases/{case.number}/intake/" in html
    assert "逾期" in html
    assert NAME in html


def test_a_worker_without_cases_is_told_how_to_begin(load):
    html = home(load)
    assert "今天没有要做的" in html
    assert "接到社区上报，从这里开始" in html
    assert "/cases/new/" in html


def test_the_first_thing_a_worker_can_press_is_to_log(load):
    assert 'class="button is-primary" href="/log/"' in home(load)
    assert 'href="/log/"' not in home(load, "supervisor")


def test_what_a_supervisor_decided_stands_under_what_changed(load):
    case = load.to("planning")
    load.approve(load.plan(case, approve=False), decision="return", text="写明频次")
    html = home(load)
    assert "有了变化" in html
    assert "服务计划：退回" in html
    assert "写明频次" not in html  # the words stand on the paper alone


def test_what_one_logged_lately_stands_there_with_its_minutes(load):
    case = load.to("intervention")
    load.contact(case, days=1)
    html = home(load)
    assert "最近记的" in html
    assert "家访，40 分钟" in html


def test_papers_wait_for_the_supervisor_and_not_for_their_author(load):
    plan = load.plan(load.to("planning"), approve=False)
    html = home(load, "supervisor")
    assert "等您审的 1 件" in html
    assert f"/approvals/{plan.record}/" in html
    assert "等您审的" not in home(load)


def test_those_above_see_how_many_are_open_late_and_in_crisis(load):
    load.case(opened=30), load.to("intervention")
    for who in ("supervisor", "manager"):
        html = home(load, who)
        assert "/cases/?overdue=yes" in html
        assert "逾期个案" in html


@pytest.mark.parametrize(
    "who", ["twin_worker", "sibling_worker", "official", "inspector", "twin_supervisor", "sibling_manager"]
)
def test_nobody_else_finds_a_name_on_his_home(load, who):
    case = load.case(opened=30)
    html = home(load, who)
    assert NAME not in html
    assert case.number not in html


def test_a_full_day_keeps_the_budget(load):
    client = load.client()
    for n in range(10):
        case = load.to("planning" if n % 3 else "intervention", client=client)
        if n % 3 == 0:
            load.contact(case, days=n + 1)
        else:
            load.plan(case, approve=False, planned_on=ago(3))
    html = within_budget(load.world.browser("worker"), "home_worker", "/").content.decode()
    assert "我的个案 10 个" in html
    within_budget(load.world.browser("supervisor"), "home_supervisor", "/")
    within_budget(load.world.browser("manager"), "home_manager", "/")
