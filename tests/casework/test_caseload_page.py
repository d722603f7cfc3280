"""Who carries how much, and giving a case to another worker: who may, to whom, said in the log, told to the worker."""

import re

import pytest

from accounts.changes import change
from accounts.errors import Conflict
from accounts.models import Event
from casework import actions, todo
from casework.actions.assigning import ASSIGNED, assign_case
from casework.models import DueItem
from tests.budgets import within_budget
from tests.casework.caseload import ago, fresh
from tests.workforce.staff import Staff
from workforce.models import Worker


@pytest.fixture
def colleague(world):
    """Another worker of the station, with an account."""
    person = Staff(world).worker("钱芳")
    with change(None, "test.linked"):
        Worker.objects.filter(pk=person.pk).update(user=world.users["expired"])
    return person


def rows_of(world, who="supervisor", query=""):
    return {row["name"]: row for row in world.browser(who).get(f"/caseload/{query}").context["rows"]}


def lines(user):
    return [str(item["what"]) for ask in todo.TODO for item in ask(user)]


def test_a_line_a_worker_with_what_is_open_late_red_and_in_crisis_and_the_hours_of_this_month(load, world, colleague):
    load.contact(load.to("intervention"), days=0, minutes=90)
    load.assess(load.to("assessment"), days=1, risk_level="red")
    late = load.case(opened=0)
    with change(None, "test.late"):
        DueItem.objects.all().update(due_on=ago(-9))
        DueItem.objects.filter(case=late).update(due_on=ago(1))
    load.to("closed"), load.case(who="sibling_worker")
    for who in ("supervisor", "manager"):
        rows = rows_of(world, who)
        mine = rows["w敏"]
        assert (mine["open"], mine["overdue"], mine["red"], mine["crisis"], mine["resting"]) == (3, 1, 1, 0, 0)
        assert mine["minutes"] >= 90 and rows["钱芳"]["open"] == 0
        assert "s敏" not in rows


def test_columns_sort_and_a_place_narrows(load, world, colleague):
    load.case()
    assert next(iter(rows_of(world, query="?sort=-open"))) == "w敏"
    code = world.station("东沟镇").code
    assert rows_of(world, query=f"?within={code}") == {}
    assert world.browser("supervisor").get(f"/caseload/?within={world.station('葛店镇').code}").status_code == 404


@pytest.mark.parametrize("who", ["worker", "official", "viewer", "superuser"])
def test_the_pages_are_for_supervisors_and_managers(load, world, who):
    case = load.case()
    for path in ("/caseload/", f"/caseload/{load.workers['worker'].public_id}/", f"/cases/{case.number}/assign/"):
        assert world.browser(who).get(path).status_code in ({403} if "assign" not in path else {403, 404}), path


def test_the_cases_of_one_worker_are_listed_and_those_out_of_reach_are_not(load, world):
    case = load.case()
    page = world.browser("manager").get(f"/caseload/{load.workers['worker'].public_id}/").content.decode()
    assert "王德福" in page and f"/cases/{case.number}/assign/" in page
    assert world.browser("manager").get(f"/caseload/{load.workers['sibling_worker'].public_id}/").status_code == 404


def test_a_case_is_given_to_another_worker_of_the_station_who_is_told(load, world, colleague):
    case = load.case(opened=0)
    page = world.browser("manager").get(f"/cases/{case.number}/assign/").content.decode()
    assert "钱芳（没有在案）" in page and "s敏" not in page
    body = {"worker": colleague.public_id, "was": case.worker.public_id, "reason": "原承办人休假"}
    assert world.browser("manager").post(f"/cases/{case.number}/assign/", body).status_code == 302
    assert fresh(case).worker == colleague
    event = Event.objects.get(verb=ASSIGNED)
    assert event.reason == "原承办人休假" and event.detail["worker"] == colleague.public_id
    with change(None, "test.posted"):
        world.users["worker"].worker  # noqa: B018 - the old worker
        Worker.objects.filter(user=world.users["worker"]).update(user=None)
        Worker.objects.filter(pk=colleague.pk).update(user=world.users["worker"])
    told = [line for line in lines(load.user()) if "改派给您" in line]
    assert len(told) == 1 and case.number in told[0] and "王德福" not in told[0]
    load.intake(fresh(case), days=0)
    assert not [line for line in lines(load.user()) if "改派给您" in line]


def test_whom_a_case_may_not_be_given_to(load, world, colleague):
    case = load.case()
    for worker in (load.workers["sibling_worker"].public_id, "w999999", "x"):
        answer = world.browser("supervisor").post(f"/cases/{case.number}/assign/", {"worker": worker})
        assert answer.status_code == 400
    assert fresh(case).worker == case.worker
    with pytest.raises(Exception, match="本来就由"):
        assign_case(load.user("supervisor"), case, case.worker.public_id)


def test_two_who_give_at_once_one_wins_and_the_other_is_told(load, world, colleague):
    case = load.case()
    assign_case(load.user("supervisor"), case, colleague.public_id)
    body = {"worker": load.workers["manager"].public_id, "was": case.worker.public_id, "reason": "他熟"}
    answer = world.browser("manager").post(f"/cases/{case.number}/assign/", body)
    assert answer.status_code == 409 and "已改派给钱芳" in answer.content.decode() and "他熟" in answer.content.decode()
    with pytest.raises(Conflict):
        assign_case(load.user("manager"), case, load.workers["manager"].public_id, was=case.worker.public_id)


def test_a_closed_case_is_not_given_on(load, world, colleague):
    case = load.to("closed")
    answer = world.browser("manager").post(f"/cases/{case.number}/assign/", {"worker": colleague.public_id})
    assert answer.status_code == 409 and "已结案" in answer.content.decode()


def test_assigning_by_the_api_is_told_too(load, world, colleague):
    case = load.case(opened=0)
    actions.change_case(load.user("manager"), case, {"worker": colleague.public_id})
    assert Event.objects.filter(verb=ASSIGNED, object_id=str(case.pk)).count() == 1


def test_a_transfer_offered_to_the_station_stands_on_the_list_of_its_manager(load, world):
    case = load.case()
    actions.transfer_case(
        load.user("worker"), case, {"action": "offer", "to_station": world.station("葛店镇").code, "reason": "搬家"}
    )
    (line,) = [line for line in lines(load.user("sibling_manager")) if "转来" in line]
    assert case.number in line and "王德福" not in line
    assert not [line for line in lines(load.user("manager")) if "转来" in line]


def test_caseload_keeps_its_budget(load, world, colleague):
    load.case(), load.to("intervention")
    answer = within_budget(world.browser("supervisor"), "caseload", "/caseload/")
    assert not re.search("TWIN|SIBLING", answer.content.decode())
    within_budget(world.browser("supervisor"), "caseload", f"/caseload/{load.workers['worker'].public_id}/")
