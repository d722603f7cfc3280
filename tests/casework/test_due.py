"""What is due and when: rows of deadlines on China's workday calendar, ended by the day of what was waited for, overdue as a list."""

import datetime as dt

import pytest
from psycopg.types.range import DateRange

from accounts.changes import change
from casework import actions, due
from casework.models import Case, DeadlineRule, DueItem
from casework.waits import DATED, NAMES
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


# ── the rest of the field's deadlines (dossier §1.4, §1.6) ───────────────────────────────────────
def codes_of(case):
    return {i.code for i in due.open_items(case)}


def dated(load, case, *steps):
    """Take `case` through (stage, days ago)."""
    for step, days in steps:
        load.fill(case, step)
        load.advance(case, step, on=ago(days))


def test_an_assessment_is_looked_at_anew_each_quarter_and_rests_with_the_case(load):
    case = load.case()
    dated(load, case, ("assessment", 59), ("planning", 57), ("intervention", 55))
    assert items(case, "reassessment") == [(ago(58), ago(-32), None)]
    actions.suspend_case(load.user(), case, {"on": ago(20), "reason": "away", "review_on": ago(-5)})
    assert items(case, "reassessment") == [(ago(58), ago(-32), ago(20))]
    actions.resume_case(load.user(), case, {"on": ago(4)})
    assert items(case, "reassessment")[-1] == (ago(4), ago(-86), None)
    load.assess(case, days=1)
    assert [i[2] for i in items(case, "reassessment")] == [ago(20), ago(1), None]


def test_a_crisis_asks_for_a_new_assessment_and_is_written_down_within_a_day(load):
    case = load.case()
    dated(load, case, ("assessment", 59), ("planning", 57), ("intervention", 55))
    found = f"{ago(3)}T09:00:00+08:00"
    body = {"action": "raise", "found_at": found, "kinds": ["wandering"], "measures": "已找到"}
    actions.record_crisis(load.user(), case, body)
    assert items(case, "reassessment_event")[0][::2] == (ago(3), None)
    assert items(case, "crisis_record") == [(ago(3), ago(2), ago(0))]
    assert {"crisis_24h", "crisis_72h"} <= codes_of(case) and "crisis_report" not in codes_of(case)
    load.assess(case, days=0)
    assert items(case, "reassessment_event")[0][2] == ago(0)


def test_abuse_of_a_minor_is_reported_to_the_police_within_a_day(load):
    case = load.case(name="王小山", birth_date="2014-05-01", id_number=None, id_type="none", id_absent_reason="未带")
    raised = {"action": "raise", "found_at": f"{ago(2)}T09:00:00+08:00", "kinds": ["abuse"], "measures": "带离"}
    actions.record_crisis(load.user(), case, raised)
    assert items(case, "crisis_report") == [(ago(2), ago(1), None)]
    told = {"to": "police_110", "at": f"{ago(0)}T00:30:00+08:00"}
    more = {"action": "follow_up", "at": f"{ago(0)}T00:40:00+08:00", "note": "已报案", "reported_to": [told]}
    actions.record_crisis(load.user(), case, more)
    assert items(case, "crisis_report")[0][2] == ago(0)


def test_a_red_assessment_waits_a_day_for_the_supervisors_note(load):
    case = load.to("assessment")
    record = load.assess(case, risk_level="red")
    item = case.due_items.get(code="red_note")
    assert (item.waiting_for, item.severity, item.done_on) == ("supervisor", "high", None)
    assert item.due_at == record.signed_at + dt.timedelta(hours=24)
    load.approve(record, decision="note", text="先接送餐，每周上门")
    assert case.due_items.get(code="red_note").done_on is not None


def test_red_risk_is_served_weekly_orange_fortnightly_and_others_by_the_month(load):
    case = load.case()
    dated(load, case, ("assessment", 59))
    load.approve(load.assess(case, risk_level="red"), decision="note")
    load.advance(case, "planning", on=ago(57))
    load.plan(case)
    load.advance(case, "intervention", on=ago(55))
    assert items(case, "contact_red") == [(ago(55), ago(48), None)]
    load.contact(case, days=50)
    load.assess(case, days=40, risk_level="orange")
    assert [i[2] for i in items(case, "contact_red")] == [ago(50), ago(40)]
    assert items(case, "contact_orange") == [(ago(40), ago(26), None)]
    load.assess(case, days=30, risk_level="yellow")
    assert "contact_orange" not in codes_of(case) and "contact" in codes_of(case)


def test_a_contact_waits_for_a_look_by_another_than_the_cases_worker(load):
    case = load.to("intervention")
    load.contact(case, days=9)
    load.contact(case, days=2)
    assert [i[2] for i in items(case, "record_review")] == [None]
    review = {"reviewed_on": ago(0), "finding": "记录清楚", "decision": "continue"}
    load.write(case, "reviews", review)
    assert [i[2] for i in items(case, "record_review")] == [None]
    load.write(case, "reviews", review, who="supervisor")
    assert [i[2] for i in items(case, "record_review")] == [ago(0)]
    load.contact(case, days=0)
    assert [i[2] for i in items(case, "record_review")] == [ago(0), None]


def test_a_draft_is_asked_for_the_next_day_and_then_urgently(load):
    case = load.to("intervention")
    load.write(case, "contacts", {"happened_on": ago(9), "draft": True})
    assert items(case, "contact_record_24h") == [(ago(9), ago(8), None)]
    assert case.due_items.get(code="contact_record").severity == "high"


def test_a_goal_s_withdrawal_waits_for_the_supervisor(load):
    case = load.to("intervention")
    goal = case.records.get(kind="plans").goals.get()
    actions.withdraw_goal(load.user(), case, goal.public_id, {"reason": "已搬去女儿家"})
    assert items(case, "withdrawal_approval") == [(ago(0), ago(-7), None)]
    actions.approve(load.user("supervisor"), case, {"record": str(goal), "decision": "approve"})
    assert items(case, "withdrawal_approval")[0][2] == ago(0)


def test_the_report_follows_the_decision_to_close(load):
    case = load.to("intervention")
    load.contact(case)
    load.write(case, "reviews", {"reviewed_on": ago(6), "finding": "已稳定", "decision": "close"})
    assert [i[::2] for i in items(case, "closure")] == [(ago(6), None)]
    load.advance(case, "evaluation")
    load.evaluate(case)
    assert len(items(case, "closure")) == 1
    load.close(case)
    assert items(case, "closure")[0][2] == ago(3)


def test_not_taking_a_case_on_is_a_decision_to_close_too(load):
    case = load.case()
    load.intake(case, days=9, decision="decline", decision_reason="住在邻县", consent=None)
    assert items(case, "closure")[0][::2] == (ago(9), None)


def test_a_plan_without_its_agreement_still_waits_for_the_signature(load):
    case = load.to("planning")
    load.plan(case, agreement=None)
    assert items(case, "agreement")[0][::2] == (ago(58), None)
    load.plan(case, days=50)
    assert items(case, "agreement")[0][2] == ago(50)


def test_a_consent_that_ends_on_a_day_is_renewed_by_then(load):
    case = load.case()
    given = {"basis": "consent", "given_on": ago(60), "method": "signature", "by": "self", "expires_on": ago(-30)}
    load.intake(case, consent=given)
    assert items(case, "consent") == [(ago(60), ago(-30), None)]
    actions.record_consent(load.user(), case, {**given, "action": "give", "given_on": ago(1), "expires_on": ago(-400)})
    assert items(case, "consent")[0][2] == ago(0) and items(case, "consent")[1][1:] == (ago(-400), None)


@pytest.mark.django_db
def test_every_row_s_code_is_waited_for_and_has_words():
    assert set(NAMES) - set(DATED) == set(DeadlineRule.objects.values_list("code", flat=True))


def test_days_counted_over_a_year_that_is_not_published_are_told_so(load, august, django_assert_num_queries):
    item = DueItem(case=august, code="assessment", source="x", since=day("2031-01-02"), due_on=day("2031-01-16"))
    assert "2031年的放假安排还没有公布" in due.note_of([item])
    item.code = "filing"  # counted in days
    assert due.note_of([item]) == ""
    found = list(august.due_items.all())
    with django_assert_num_queries(0):
        assert found and due.note_of(found) == ""
