"""The stages and their gates: what each asks for, by what it opens, and what a way back or an early end changes."""

import pytest

from accounts.errors import DomainError, Forbidden
from casework import actions
from casework.casefile import CaseFile
from casework.errors import CaseClosed, GateUnmet, NotPending, OwnWork, Suspended, WrongStage
from casework.stages import GATES, gates_of
from tests.casework.caseload import STAGES, ago, fresh

SHUT = {  # gate: what is left out, or put in its stead, where everything else is done
    "consent": ("assessment", "intake", {"consent": None}),
    "decision": ("assessment", "intake", {"decision": None, "decision_reason": None}),
    "assessment": ("planning", "assess", {"draft": True}),
    "needs": ("planning", "assess", {"needs": [{"rank": 1, "domain": "care"}, {"rank": 3, "domain": "health"}]}),
    "risk": ("planning", "assess", {"risk_level": None}),
    "ability": ("planning", "assess", {"ability": None}),
    "supervisor": ("planning", "assess", {"risk_level": "red"}),
    "plan_approved": ("intervention", "plan", {"approve": False}),
    "goals": ("intervention", "plan", {"goals": None}),
    "agreement": ("intervention", "plan", {"agreement": None}),
    "contacts": ("evaluation", "contact", {"goals": []}),
    "reviews": ("evaluation", "contact", {}),
}


def unmet(case, to):
    return [g.code for g in gates_of(CaseFile(fresh(case)), to) if not g.met]


@pytest.mark.parametrize("gate", SHUT)
def test_one_shut_gate_holds_the_case_and_is_the_only_one_named(load, gate):
    to, verb, change = SHUT[gate]
    case = load.to(STAGES[STAGES.index(to) - 1])
    if gate == "goals":
        with pytest.raises(DomainError, match="分目标"):
            load.plan(case, approve=False, goals=0)
        record = load.write(case, "plans", {
            "planned_on": ago(56), "goals": [{"text": "x", "indicator": "y"}], "review_on": ago(-30),
            "agreement": {"signed_on": ago(56), "method": "signature", "by": "self"},
        })  # fmt: skip
        load.approve(record)
    elif gate == "reviews":
        load.contact(case)
        load.write(case, "reviews", {"reviewed_on": ago(40), "finding": "照旧", "next_review_on": ago(1)})
    else:
        getattr(load, verb)(case, **change)
    assert unmet(case, to) == [gate]
    with pytest.raises(GateUnmet) as refused:
        load.advance(case, to)
    assert [e["field"] for e in refused.value.errors] == [gate]
    assert fresh(case).stage == STAGES[STAGES.index(to) - 1]


def test_an_empty_case_is_told_every_gate_in_the_contract_s_order(load):
    case = load.case(id_number=None)
    assert unmet(case, "assessment") == [g.code for g in GATES["assessment"]]


def test_a_case_goes_from_intake_to_closed_followed_up_and_filed(load):
    case = load.to("closed")
    assert case.closed_on.isoformat() == ago(3) and case.closure_code == "01" and case.stage == "closed"
    load.write(case, "follow-ups", {"visited_on": ago(1), "way": "phone", "effect_kept": True})
    filed = load.write(case, "filing", {"filed_on": ago(0)})
    assert filed.plain["complete"] and not filed.plain["missing"]
    assert fresh(case).filed_on.isoformat() == ago(0)


def test_a_withdrawn_consent_shuts_the_gate_between_two_clicks(load):
    case = load.case()
    load.intake(case)
    assert unmet(case, "assessment") == []
    actions.record_consent(load.user(), case, {"action": "withdraw", "reason": "不愿意"})
    assert unmet(case, "assessment") == ["consent"]
    with pytest.raises(GateUnmet):
        load.advance(case, "assessment")
    actions.record_consent(load.user(), case, {"action": "give", "basis": "statutory_duty", "reason": "监护缺失"})
    assert load.advance(case, "assessment").stage == "assessment"


def test_an_expired_consent_is_none(load):
    case = load.case()
    consent = {"basis": "consent", "given_on": ago(60), "method": "signature", "by": "self", "expires_on": ago(1)}
    load.intake(case, consent=consent)
    assert unmet(case, "assessment") == ["consent"]


def test_who_is_younger_than_sixty_on_the_day_needs_no_ability_record(load):
    young = load.to("assessment", birth_date="1990-05-04", id_number=None, id_absent_reason="遗失")
    load.assess(young, ability=None)
    assert unmet(young, "planning") == []


def test_red_needs_a_word_about_this_version(load):
    case = load.to("assessment")
    first = load.assess(case, risk_level="red")
    load.approve(first, decision="note", text="加密走访")
    assert unmet(case, "planning") == []
    load.assess(case, risk_level="red")
    assert unmet(case, "planning") == ["supervisor"]


def test_back_asks_for_a_reason_and_a_new_version_and_keeps_the_old(load):
    case = load.to("intervention")
    with pytest.raises(DomainError, match="原因"):
        load.advance(case, "planning")
    load.advance(case, "planning", reason="情况变化")
    assert unmet(case, "intervention") == ["plan_approved"]
    new = load.plan(case, days=1)
    assert new.version == 2 and case.records.filter(kind="plans", version=1).exists()
    assert load.advance(case, "intervention").stage == "intervention"


def test_back_to_assessment_asks_for_a_new_assessment_and_then_a_new_plan(load):
    case = load.to("intervention")
    load.advance(case, "assessment", reason="住院后变化")
    assert unmet(case, "planning") == ["assessment"]
    load.assess(case, days=2)
    load.advance(case, "planning")
    assert "plan_approved" in unmet(case, "intervention")


@pytest.mark.parametrize(
    "at,to", [("intake", "planning"), ("planning", "assessment"), ("evaluation", "planning"), ("intake", "intake")]
)
def test_no_stage_is_skipped_and_only_intervention_goes_back(load, at, to):
    case = load.to(at)
    with pytest.raises(WrongStage) as refused:
        load.advance(case, to, reason="x")
    assert refused.value.extra["stage"] == at


@pytest.mark.parametrize("code", ["03", "07", "09", "12"])
def test_some_codes_close_from_anywhere_by_the_approved_closure_alone(load, code):
    case = load.to("intervention")
    load.close(case, code)
    assert load.advance(case, "closed").closure_code == code


def test_another_code_with_an_approved_plan_asks_for_scores_and_satisfaction(load):
    case = load.to("intervention")
    load.close(case, "08", approve=False)
    assert unmet(case, "closed") == ["goal_scores", "satisfaction", "closure"]


def test_before_an_approved_plan_any_code_closes(load):
    case = load.to("planning")
    load.plan(case, approve=False)
    load.close(case, "01")
    assert load.advance(case, "closed").stage == "closed"


def test_a_declined_case_never_goes_on_and_ends_by_00_or_05(load):
    case = load.case()
    load.intake(case, decision="decline", decision_reason="住在外地")
    with pytest.raises(WrongStage):
        load.intake(case)
    with pytest.raises(DomainError, match="00"):
        load.close(case, "01")
    load.close(case, "00")
    assert load.advance(case, "closed").decision == "decline"


def test_nobody_approves_the_own_work_and_a_decision_is_given_once(load):
    case = load.to("planning")
    plan = load.plan(case, approve=False)
    with pytest.raises(OwnWork):
        load.approve(plan, who="worker")
    with pytest.raises(Forbidden):
        load.approve(plan, who="manager")  # a supervisor reaches the station
    with pytest.raises(DomainError, match="意见"):
        load.approve(plan, decision="return", text=None)
    load.approve(plan, decision="note", text="再想想")
    load.approve(plan)
    with pytest.raises(NotPending):
        load.approve(plan)


def test_a_returned_plan_is_mended_by_a_new_version(load):
    case = load.to("planning")
    load.approve(load.plan(case, approve=False), decision="return", text="指标不清")
    assert unmet(case, "intervention") == ["plan_approved"]
    load.plan(case)
    assert unmet(case, "intervention") == []


def test_the_manager_approves_where_no_supervisor_reaches_the_station(load):
    from accounts.changes import change
    from stations.models import Post

    case = load.to("planning")
    plan = load.plan(case, approve=False)
    with change(None, "test.gone"):
        Post.objects.filter(role="supervisor").delete()
    load.approve(plan, who="manager")
    assert unmet(case, "intervention") == []


def test_a_goal_is_withdrawn_with_a_reason_and_a_word_of_somebody_else(load):
    case = load.to("intervention")
    load.advance(case, "planning", reason="再加一个目标")
    plan = load.plan(case, days=1, goals=2)
    load.advance(case, "intervention")
    first, second = plan.goals.all()
    load.contact(case, days=0, goals=[first.public_id])
    assert unmet(case, "evaluation") == ["contacts"]
    with pytest.raises(DomainError, match="原因"):
        actions.withdraw_goal(load.user(), case, second.public_id, {})
    goal = actions.withdraw_goal(load.user(), case, second.public_id, {"reason": "家人接手"})
    assert unmet(case, "evaluation") == ["contacts"]
    with pytest.raises(OwnWork):
        load.approve(goal, who="worker")
    load.approve(goal)
    assert unmet(case, "evaluation") == []


def test_a_suspended_case_waits_but_contacts_are_logged(load):
    case = load.to("intervention")
    actions.suspend_case(load.user(), case, {"on": ago(1), "reason": "hospital", "review_on": ago(-14)})
    load.contact(case, days=0)
    with pytest.raises(Suspended):
        load.advance(case, "evaluation")
    with pytest.raises(Suspended):
        actions.suspend_case(load.user(), case, {"on": ago(0), "reason": "away", "review_on": ago(-14)})
    actions.resume_case(load.user(), case, {"on": ago(0)})
    assert load.advance(case, "evaluation").stage == "evaluation"


def test_a_transfer_moves_the_case_when_the_receiver_accepts(load):
    case, there = load.to("intervention"), load.world.station("葛店镇")
    offer = {"action": "offer", "to_station": there.code, "reason": "迁居"}
    actions.transfer_case(load.user(), case, offer)
    assert fresh(case).station == case.station
    with pytest.raises(Forbidden):
        actions.transfer_case(load.user("manager"), case, {"action": "accept", "worker": "w1"})
    with pytest.raises(DomainError, match="原因"):
        actions.transfer_case(load.user("sibling_manager"), case, {"action": "return"})
    taken = {"action": "accept", "worker": load.workers["sibling_worker"].public_id}
    actions.transfer_case(load.user("sibling_manager"), case, taken)
    assert fresh(case).station == there and fresh(case).number == case.number
    with pytest.raises(Forbidden):
        load.contact(case, days=0)
    load.write(
        case, "contacts", {"happened_on": ago(0), "minutes": 5, "way": "phone", "facts": "x"}, who="sibling_worker"
    )


def test_a_crisis_is_lifted_by_a_supervisor_alone(load):
    case = load.case()
    raised = {"action": "raise", "found_at": f"{ago(0)}T00:10:00+08:00", "kinds": ["self_harm"], "measures": "陪护"}
    actions.record_crisis(load.user(), case, raised)
    assert fresh(case).crisis
    assert {d.code for d in case.due_items.open()} >= {"crisis_24h", "crisis_72h"}
    lift = {"action": "lift", "at": f"{ago(0)}T00:20:00+08:00", "reason": "解除"}
    with pytest.raises(Forbidden):
        actions.record_crisis(load.user(), case, lift)
    actions.record_crisis(load.user("supervisor"), case, lift)
    assert not fresh(case).crisis


def test_a_new_episode_has_its_own_number_and_only_one_follows(load):
    case = load.to("closed")
    new = actions.reopen_case(load.user(), case, {"on": ago(0), "reason": "再次断餐"})
    assert (new.episode, new.previous, new.stage) == (2, fresh(case), "intake") and new.number != case.number
    with pytest.raises(DomainError) as refused:
        actions.reopen_case(load.user(), case, {"on": ago(0), "reason": "x"})
    assert refused.value.code == "duplicate"
    with pytest.raises(WrongStage):
        actions.reopen_case(load.user(), new, {"on": ago(0), "reason": "x"})


ORDER = [
    ("intake", {"received_on": ago(90), "source": "outreach", "presenting_problem": "x"}, "received_on", "intake"),
    ("intake", {"received_on": ago(-3), "source": "outreach", "presenting_problem": "x"}, "received_on", "intake"),
    ("assessments", {"assessed_on": ago(61)}, "assessed_on", "assessment"),
    ("plans", {"planned_on": ago(59), "goals": [{"text": "x"}]}, "planned_on", "planning"),
    ("contacts", {"happened_on": ago(57), "minutes": 5, "way": "phone", "facts": "x"}, "happened_on", "intervention"),
    ("evaluations", {"evaluated_on": ago(51)}, "evaluated_on", "evaluation"),
    ("closure", {"closed_on": ago(51), "code": "01"}, "closed_on", "evaluation"),
]


@pytest.mark.parametrize("kind,body,field,at", ORDER)
def test_dates_out_of_order_or_in_the_future_are_refused_by_field(load, kind, body, field, at):
    with pytest.raises(DomainError) as refused:
        load.write(load.to(at), kind, body)
    assert [(e["field"], e["code"]) for e in refused.value.errors] == [(field, "inconsistent")]


def test_a_closed_case_takes_follow_ups_filing_and_corrections_alone(load):
    case = load.to("closed")
    for kind, body in (("contacts", {}), ("plans", {}), ("reviews", {}), ("closure", {})):
        with pytest.raises(CaseClosed):
            load.write(case, kind, body)
    contact = case.records.get(kind="contacts")
    body = {"record": contact.record, "field": "facts", "text": "应为两餐", "reason": "笔误"}
    actions.correct_record(load.user(), case, body)
    with pytest.raises(DomainError, match="这一项"):
        actions.correct_record(load.user(), case, body | {"field": "nothing"})
