"""Clients and cases in the small world of tests/factories.py, taken as far as a test wants by the actions that the site uses."""

import datetime as dt
import itertools

from stdnum.cn import ric

from accounts.changes import change
from casework import actions
from casework.models import Case
from casework.scales.gbt42195 import ITEMS
from periods import today
from workforce import actions as staff
from workforce.models import Worker

HERE, NEXT_DOOR, ELSEWHERE = "太和镇", "葛店镇", "鸾栖镇"
ROOM = "谢埠村"
SERIAL = itertools.cycle(range(1, 499))  # nobody twice in one test, however many there are
SCORES = {item["code"]: item["max"] for item in ITEMS}
STAGES = ["intake", "assessment", "planning", "intervention", "evaluation", "closed"]


def ago(days):
    return (today() - dt.timedelta(days=days)).isoformat()


def id_number(born="1945-03-12", male=True):
    """A valid number of a county suffix that nobody has."""
    body = f"420799{born.replace('-', '')}{next(SERIAL) * 2 + male:03d}"
    return body + ric.calc_check_digit(body + "0")


class Caseload:
    """Links the world's workers to people in post; `case(…)` opens one, `to(case, stage)` takes it there."""

    def __init__(self, world):
        self.world, self.workers = world, {}
        for who, at in (("worker", HERE), ("sibling_worker", NEXT_DOOR), ("twin_worker", ELSEWHERE), ("manager", HERE)):
            job = {"station": world.station(at), "starts_on": dt.date(2021, 3, 1)}
            person = staff.create_worker(world.users["superuser"], name=f"{who[0]}敏", assignments=[job])
            with change(None, "test.linked"):
                Worker.objects.filter(pk=person.pk).update(user=world.users[who])
            self.workers[who] = person

    def user(self, who="worker"):
        return self.world.user(who)

    def person(self, **more):
        return {
            "name": "王德福", "sex": "male", "birth_date": "1945-03-12", "id_number": id_number(), "phone": "13912345678",
            "address": "和平路7号", **more,
        }  # fmt: skip

    def client(self, who="worker", **more):
        return actions.create_client(self.user(who), self.person(**more))

    def case(self, opened=60, who="worker", client=None, **more):
        client = client or self.client(who, **more)
        return actions.open_case(self.user(who), {"client": client.public_id, "opened_on": ago(opened)})

    def write(self, case, kind, body, who="worker"):
        return actions.write_record(self.user(who), case, kind, body)

    def approve(self, record, who="supervisor", decision="approve", text="同意"):
        body = {"record": str(record), "decision": decision, "text": text}
        return actions.approve(self.user(who), case_of(record), body)

    def advance(self, case, to, who="worker", **more):
        return actions.advance_case(self.user(who), case, {"to": to, **more})

    # ── what each step asks for ──────────────────────────────────────────────────────────────────
    def intake(self, case, days=60, **more):
        body = {
            "received_on": ago(days), "source": "outreach", "presenting_problem": "独居，三餐不定", "decision": "accept",
            "decision_reason": "属服务范围", "consent": {"basis": "consent", "given_on": ago(days), "method": "signature", "by": "self"},
        }  # fmt: skip
        return self.write(case, "intake", without(body | more))

    def assess(self, case, days=58, **more):
        body = {
            "assessed_on": ago(days), "needs": [{"rank": 1, "domain": "care", "text": "助餐"}], "risk_level": "yellow",
            "ability": {"scores": SCORES},
        }  # fmt: skip
        return self.write(case, "assessments", without(body | more))

    def plan(self, case, days=56, goals=1, approve=True, **more):
        goal = {"text": "每日两餐热食", "indicator": "餐数", "baseline": "0", "target": "2", "due_on": ago(-60)}
        body = {
            "planned_on": ago(days), "goals": [goal] * goals, "review_on": ago(-30),
            "agreement": {"signed_on": ago(days), "method": "signature", "by": "self"},
        }  # fmt: skip
        record = self.write(case, "plans", without(body | more))
        if approve:
            self.approve(record)
        return record

    def contact(self, case, days=50, **more):
        goals = [g.public_id for r in case.records.filter(kind="plans") for g in r.goals.all()]
        body = {"happened_on": ago(days), "minutes": 40, "way": "home_visit", "facts": "已接通送餐", "goals": goals}
        return self.write(case, "contacts", without(body | more))

    def evaluate(self, case, days=5, **more):
        plan = case.records.filter(kind="plans", draft=False).latest("pk")
        scores = [
            {"goal": g.public_id, "score": 1, "evidence": "每天两餐"} for g in plan.goals.exclude(withdrawal="granted")
        ]
        body = {"evaluated_on": ago(days), "goal_scores": scores, "satisfaction": {"score": 5}}
        return self.write(case, "evaluations", without(body | more))

    def close(self, case, code="01", days=3, approve=True, **more):
        body = {
            "closed_on": ago(days), "code": code, "summary": "目标达成", "follow_up": [{"due_on": ago(-30), "way": "phone"}],
        }  # fmt: skip
        record = self.write(case, "closure", without(body | more))
        if approve:
            self.approve(record)
        return record

    def fill(self, case, to):
        """Write what the gates before `to` ask for."""
        if to == "closed":
            self.evaluate(case), self.close(case)
        else:
            {"assessment": self.intake, "planning": self.assess, "intervention": self.plan, "evaluation": self.contact}[
                to
            ](case)

    def to(self, stage, case=None, **more):
        """A case at `stage`."""
        case = case or self.case(**more)
        for step in STAGES[1 : STAGES.index(stage) + 1]:
            self.fill(case, step)
            case = self.advance(case, step)
        return case


def without(body):
    return {name: value for name, value in body.items() if value is not None}


def case_of(record):
    return record.case if hasattr(record, "case") else record.plan.case


def fresh(case):
    return Case.objects.get(pk=case.pk)
