"""Whose list something stands on: the worker's first, the supervisor's and the manager's when it stays; words that are waited for."""

import datetime as dt

from accounts.changes import change
from casework import actions, worklists
from casework.models import DueItem
from periods import today
from stations.models import Post


def codes(load, who):
    return [i.code for i in worklists.todo_of(load.user(who))]


def overdue_by(case, days):
    with change(None, "test.moved"):
        DueItem.objects.filter(case=case).update(due_on=today() - dt.timedelta(days=days))


def test_overdue_work_climbs_from_the_worker_to_the_supervisor_to_the_manager(load):
    case = load.case(opened=1)
    for days, on in ((1, {"worker"}), (5, {"worker", "supervisor"}), (9, {"worker", "supervisor", "manager"})):
        overdue_by(case, days)
        assert {who for who in ("worker", "supervisor", "manager") if codes(load, who) == ["intake"]} == on
    assert codes(load, "twin_worker") == codes(load, "official") == codes(load, "twin_supervisor") == []


def test_a_list_until_today_leaves_out_what_is_due_later(load):
    load.intake(load.case(opened=0), days=0)
    assert [i.code for i in worklists.todo_of(load.user(), until=today())] == []
    assert codes(load, "worker") == ["assessment"]


def test_plans_closures_red_assessments_and_withdrawals_wait_for_the_supervisor(load):
    case = load.to("planning")
    plan = load.plan(case, goals=2, approve=False)
    assert worklists.awaiting(load.user("supervisor")) == ([plan], [])
    assert worklists.awaiting(load.user("manager")) == ([], [])
    load.approve(plan)
    goal = actions.withdraw_goal(load.user(), case, plan.goals.first().public_id, {"reason": "家人接手"})
    red = load.assess(case, days=0, risk_level="red")
    assert worklists.awaiting(load.user("supervisor")) == ([red], [goal])
    load.approve(red, decision="note"), load.approve(goal)
    assert worklists.awaiting(load.user("supervisor")) == ([], [])


def test_without_a_supervisor_it_waits_for_the_manager(load):
    plan = load.plan(load.to("planning"), approve=False)
    with change(None, "test.gone"):
        Post.objects.filter(role="supervisor").delete()
    assert worklists.awaiting(load.user("manager")) == ([plan], [])
    assert worklists.awaiting(load.user("worker")) == ([], [])
