"""The stage machine explored by Hypothesis beside a plain model: whatever people do in whatever order, both say the same."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.errors import DomainError
from casework import actions
from casework.casefile import CaseFile
from casework.stages import GATES, gates_of
from periods import today
from tests.casework.caseload import ago, fresh

STAGES = ["intake", "assessment", "planning", "intervention", "evaluation", "closed"]
ALONE = {"03", "07", "09", "12"}


class Plain:
    """What the contract says of one case, in plain words and with nothing of the product."""

    def __init__(self):
        self.stage, self.episode = "intake", 1
        self.intake = self.decision = None  # of the signed intake: whether consented, what decided
        self.assessment = None  # {"draft", "needs", "risk", "noted", "fresh"}
        self.plans = []  # {"approved": None | True | False, "fresh", "goals": {n: served?}, "withdrawn": {n: state}}
        self.scored, self.said = set(), False
        self.closure = None  # {"code", "approved"}
        self.suspended = self.crisis = self.consent_gone = False

    @property
    def approved(self):
        return next((p for p in reversed(self.plans) if p["approved"]), None)

    def live(self):
        plan = self.approved
        return {n for n in plan["goals"] if plan["withdrawn"].get(n) != "granted"} if plan else set()

    def shut(self, to):
        if to == "assessment":
            found = {"consent": not self.intake or self.consent_gone, "decision": self.decision != "accept"}
        elif to == "planning":
            a = self.assessment
            found = {
                "assessment": not a or a["draft"] or not a["fresh"], "needs": not a or not a["needs"], "risk": not a or not a["risk"],
                "ability": not a, "supervisor": bool(a) and a["risk"] == "red" and not a["noted"],
            }  # fmt: skip
        elif to == "intervention":
            p = self.plans[-1] if self.plans else None
            found = {"plan_approved": not p or not p["fresh"] or not p["approved"], "goals": not p, "agreement": not p}
        elif to == "evaluation":
            served = self.approved["goals"] if self.approved else {}
            found = {"contacts": not self.approved or any(not served[n] for n in self.live())}
        else:
            alone = not self.approved or (self.closure and self.closure["code"] in ALONE)
            found = {
                "goal_scores": not alone and not self.live() <= self.scored, "satisfaction": not alone and not self.said,
                "closure": not self.closure or not self.closure["approved"],
            }  # fmt: skip
        return {gate for gate, is_shut in found.items() if is_shut}


def machine(load):
    """The machine over fresh cases of one client of `load`."""
    client = load.client()

    class Casework(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.case, self.m = load.case(client=client), Plain()
            self.plan_records = []

        # ── trying, and what must come of it ─────────────────────────────────────────────────────
        def does(self, may, verb, *args, **more):
            """Do it: it goes through exactly where `may`, else it is refused with a domain error. The result, or None."""
            try:
                made = verb(self.case, *args, **more)
            except DomainError as e:
                assert not may, (verb.__name__, args, more, e.code, self.m.__dict__)
                return None
            assert may, (verb.__name__, args, more, self.m.__dict__)
            return made

        def open(self):
            return self.m.stage != "closed"

        @rule(consents=st.booleans(), decision=st.sampled_from(["accept", "accept", None, "decline"]))
        def intake(self, consents, decision):
            more = {"decision": decision, "decision_reason": decision and "属服务范围"} | (
                {} if consents else {"consent": None}
            )
            may = self.m.stage == "intake" and self.m.decision != "decline"
            if self.does(may, load.intake, days=60 if self.m.episode == 1 else 0, **more):
                self.m.intake = self.m.intake or consents
                if consents:
                    self.m.consent_gone = False
                self.m.decision = decision

        @rule(draft=st.booleans(), needs=st.booleans(), risk=st.sampled_from(["yellow", "red", None]))
        def assess(self, draft, needs, risk):
            more = {"draft": True} if draft else {}
            more |= {"risk_level": risk} | ({} if needs else {"needs": None})
            may = self.m.stage in STAGES[1:5]
            if self.does(
                may, load.assess, days=58 if self.m.stage == "assessment" and self.m.episode == 1 else 0, **more
            ):
                self.m.assessment = {"draft": draft, "needs": needs, "risk": risk, "noted": False, "fresh": True}

        @rule()
        @precondition(lambda self: self.m.assessment and not self.m.assessment["draft"])
        def note(self):
            record = CaseFile(fresh(self.case)).signed("assessments")
            if self.does(self.open(), lambda case: load.approve(record, decision="note", text="加密走访")):
                self.m.assessment["noted"] = True

        @rule(goals=st.integers(1, 2))
        def plan(self, goals):
            may = self.m.stage in ("planning", "intervention")
            if made := self.does(may, load.plan, days=0, goals=goals, approve=False):
                self.plan_records.append(made)
                self.m.plans.append(
                    {"approved": None, "fresh": True, "goals": dict.fromkeys(range(goals), False), "withdrawn": {}}
                )

        @rule(
            decision=st.sampled_from(["approve", "approve", "return"]),
            who=st.sampled_from(["supervisor", "supervisor", "worker", "manager"]),
        )
        @precondition(lambda self: self.plan_records)
        def approve_plan(self, decision, who):
            may = self.open() and who == "supervisor" and self.m.plans[-1]["approved"] is None
            record = self.plan_records[-1]
            if self.does(may, lambda case: load.approve(record, who=who, decision=decision)):
                self.m.plans[-1]["approved"] = decision == "approve"
                if decision == "approve":
                    self.m.scored = set()

        @rule(all_goals=st.booleans())
        def contact(self, all_goals):
            plan = self.m.approved
            ids = self.goal_ids()[: None if all_goals else 1]
            if self.does(self.open() and plan is not None, load.contact, days=0, goals=ids):
                for n in range(len(ids)):
                    plan["goals"][n] = True

        def goal_ids(self):
            if self.m.approved is None:
                return []
            record = self.plan_records[self.m.plans.index(self.m.approved)]
            return [g.public_id for g in record.goals.order_by("position")]

        @rule(grant=st.booleans())
        @precondition(lambda self: self.m.approved is not None and len(self.m.approved["goals"]) > 1)
        def withdraw(self, grant):
            plan, ref = self.m.approved, self.goal_ids()[1]
            may = self.open() and not plan["withdrawn"].get(1)
            goal = self.does(may, lambda case: actions.withdraw_goal(load.user(), case, ref, {"reason": "家人接手"}))
            if goal:
                load.approve(goal, decision="approve" if grant else "return")
                plan["withdrawn"][1] = "granted" if grant else ""

        @rule(scores=st.booleans(), says=st.booleans())
        def evaluate(self, scores, says):
            may = self.m.stage in ("intervention", "evaluation") and self.m.approved is not None
            ids = self.goal_ids()
            more = {"goal_scores": [{"goal": ref, "score": 0} for ref in ids] if scores else None}
            more |= {} if says else {"satisfaction": None}

            def write(case, days):
                body = {"evaluated_on": ago(days), "satisfaction": {"score": 4}, **more}
                return load.write(case, "evaluations", {n: v for n, v in body.items() if v is not None})

            if self.does(may, write, 0):
                self.m.scored, self.m.said = set(range(len(ids))) if scores else set(), says

        @rule(code=st.sampled_from(["00", "01", "03", "07", "12"]), approve=st.booleans())
        def close(self, code, approve):
            declined = self.m.decision == "decline"
            may = self.open() and (code == "00" if declined else not (code == "00" and self.m.decision == "accept"))
            record = self.does(may, load.close, code, days=0, approve=False)
            if record:
                self.m.closure = {"code": code, "approved": False}
                if approve:
                    load.approve(record)
                    self.m.closure["approved"] = True

        @rule()
        @precondition(lambda self: self.m.intake)
        def withdraw_consent(self):
            may = self.open() and not self.m.consent_gone
            if self.does(may, lambda case: actions.record_consent(load.user(), case, {"action": "withdraw"})):
                self.m.consent_gone = True

        @rule(on=st.booleans())
        def suspend_or_resume(self, on):
            body = {"on": ago(0)} | ({"reason": "away", "review_on": ago(-9)} if on else {})
            verb = actions.suspend_case if on else actions.resume_case
            if self.does(self.open() and on != self.m.suspended, lambda case: verb(load.user(), case, body)):
                self.m.suspended = on

        @rule(to=st.sampled_from(STAGES), reason=st.booleans(), skip=st.booleans())
        def advance(self, to, reason, skip):
            m = self.m
            following = STAGES[STAGES.index(m.stage) + 1] if self.open() else None
            to = to if skip or not following else following
            back = m.stage == "intervention" and to in ("assessment", "planning")
            may = (
                self.open()
                and not m.suspended
                and ((to in (following, "closed") and not m.shut(to)) or (back and reason))
            )
            more = {"reason": "情况变化"} if reason else {}
            if self.does(may, load.advance, to, **more):
                m.stage = to
                if back:
                    for plan in m.plans:
                        plan["fresh"] = False
                    if to == "assessment" and m.assessment:
                        m.assessment["fresh"] = False

        @rule()
        @precondition(lambda self: self.m.stage == "closed")
        def reopen(self):
            new = self.does(
                True, lambda case: actions.reopen_case(load.user(), case, {"on": ago(0), "reason": "再次断餐"})
            )
            assert new.episode == self.m.episode + 1
            episode, self.case, self.plan_records = new.episode, new, []
            self.m = Plain()
            self.m.episode = episode

        # ── what always holds ────────────────────────────────────────────────────────────────────
        @invariant()
        def both_say_the_same(self):
            case, m = fresh(self.case), self.m
            assert (case.stage, bool(case.suspended_on), case.decision or None) == (m.stage, m.suspended, m.decision)
            assert (case.closed_on == today()) == (m.stage == "closed")
            if m.stage != "closed":
                to = STAGES[STAGES.index(m.stage) + 1]
                assert {g.code for g in gates_of(CaseFile(case), to) if not g.met} == m.shut(to), (to, m.__dict__)
                assert [g.code for g in gates_of(CaseFile(case), to)] == [g.code for g in GATES[to]]
            assert case.due_items.filter(since__gt=today() + dt.timedelta(days=1)).count() == 0

    return Casework


QUICK = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))


def test_the_product_and_a_plain_model_agree(load):
    run_state_machine_as_test(machine(load), settings=QUICK)


@pytest.mark.slow
def test_they_agree_for_long(load):
    run_state_machine_as_test(machine(load), settings=LONG)
