"""What is due and when: rows of deadlines on China's workday calendar, ended by the day of what was waited for, overdue as a list."""

import datetime as dt

import pytest
from psycopg.types.range import DateRange

from accounts.changes import change
from casework import actions, due
from casework.models import Case, DeadlineRule, DueItem
from tests.casework.caseload import SCORES, ago, fresh


def day(text):
    return dt.date.fromisoformat(text)


def items(case, code):
    return [
        (i.since.isoformat(), i.due_on.isoformat(), i.done_on and i.done_on.isoformat())
        for i in case.due_items.filter(code=code)
    ]


@pytest.fixture
def august(load):
    """A case opened on Monday 1 August 2022."""
    client = load.client()
    return actions.open_case(load.user(), {"client": client.public_id, "opened_on": "2022-08-01"})


def intake(load, case, on="2022-08-01"):
    return load.intake(case, received_on=on, consent={"basis": "emergency", "reason": "走失"})


def assess(load, case, on):
    load.write(case, "assessments", {
        "assessed_on": on, "needs": [{"rank": 1, "domain": "care"}], "risk_level": "yellow", "ability": {"scores": SCORES},
    })  # fmt: skip


def test_an_assessment_is_due_ten_workdays_after_acceptance(load, august):
    intake(load, august)
    assert items(august, "assessment") == [("2022-08-01", "2022-08-15", None)]
    load.advance(august, "assessment", on="2022-08-02")
    assess(load, august, "2022-08-03")
    assert items(august, "assessment") == [("2022-08-01", "2022-08-15", "2022-08-03")]
    assert items(august, "plan") == [("2022-08-03", "2022-08-12", None)]


def test_make_up_days_are_worked_and_the_national_holiday_is_not(load, august):
    intake(load, august)
    load.advance(august, "assessment", on="2022-08-02")
    assess(load, august, "2022-09-28")
    assert items(august, "plan") == [("2022-09-28", "2022-10-12", None)]  # 8 and 9 October are worked


def test_what_is_overdue_on_a_day_is_what_was_past_and_not_done_then(load, august):
    intake(load, august)
    load.advance(august, "assessment", on="2022-08-02")
    late = lambda on: set(DueItem.objects.overdue_on(day(on)).values_list("code", flat=True))  # noqa: E731
    assert late("2022-08-15") == set() and late("2022-08-16") == {"assessment"}
    assess(load, august, "2022-08-20")
    assert late("2022-08-19") == {"assessment"} and "assessment" not in late("2022-08-20")


def test_a_service_is_due_thirty_days_after_the_one_before_and_rests_with_the_case(load):
    case = load.case()
    for step, days in (("assessment", 59), ("planning", 57), ("intervention", 55)):
        load.fill(case, step)
        load.advance(case, step, on=ago(days))
    load.contact(case, days=50)
    load.contact(case, days=10)
    assert [i[2] for i in items(case, "contact")] == [ago(50), ago(10), None]
    assert items(case, "contact")[-1][:2] == (ago(10), ago(-20))
    actions.suspend_case(load.user(), case, {"on": ago(2), "reason": "hospital", "review_on": ago(-5)})
    assert not case.due_items.open().filter(code="contact").exists()
    assert items(case, "suspension_review") == [(ago(2), ago(-5), None)]
    actions.resume_case(load.user(), case, {"on": ago(0)})
    assert items(case, "contact")[-1] == (ago(0), ago(-30), None)


def test_a_signed_plan_waits_for_the_supervisor(load):
    case = load.to("planning")
    plan = load.plan(case, approve=False)
    item = case.due_items.get(code="plan_approval")
    assert (item.waiting_for, item.record, item.done_on) == ("supervisor", plan.record, None)
    load.approve(plan)
    assert case.due_items.get(code="plan_approval").done_on is not None


def test_closing_ends_what_was_open_and_begins_filing_and_follow_up(load):
    case = load.to("closed")
    assert {i.code for i in due.open_items(case)} == {"filing", "follow_up"}
    load.write(case, "follow-ups", {"visited_on": ago(0), "way": "phone", "effect_kept": True})
    load.write(case, "filing", {"filed_on": ago(0)})
    assert due.open_items(case) == []


def test_the_nearest_place_s_row_wins_from_the_day_it_holds(load, august):
    rule = DeadlineRule.objects.get(code="assessment")
    with change(None, "test.rule"):
        DeadlineRule.objects.create(
            code="assessment", name="本区", from_event="intake", to_event="assessment", amount=5, unit="workdays",
            division=load.world.home, span=DateRange(day("2022-08-01"), None),
        )  # fmt: skip
    intake(load, august)
    assert items(august, "assessment") == [("2022-08-01", "2022-08-08", None)]
    rules = due.Rules(load.world.station("葛店镇"))
    assert rules.of("assessment", day("2022-08-01")) == rule


def test_settling_again_changes_nothing(load):
    from accounts.models import Change
    from casework.casefile import CaseFile

    case = load.to("evaluation")
    before = Change.objects.count()
    with change(None, "test.settled"):
        due.settle(CaseFile(fresh(case)))
    assert Change.objects.count() == before


def test_the_list_finds_what_is_overdue(load):
    case = load.case(opened=60)
    answer = load.world.browser("worker").get("/api/v1/cases/?overdue=true").json()["results"]
    assert [r["number"] for r in answer] == [case.number] and answer[0]["overdue"] is True
    assert Case.objects.count() == 1


def test_a_changed_row_reaches_open_cases_when_the_items_are_worked_out_anew(load, august):
    intake(load, august)
    with change(None, "test.rule"):
        DeadlineRule.objects.filter(code="assessment").update(amount=15)
    assert items(august, "assessment") == [("2022-08-01", "2022-08-15", None)]
    assert actions.settle_all(load.user("superuser")) == 1
    assert items(august, "assessment") == [("2022-08-01", "2022-08-22", None)]
