"""The demo's cases, told day by day: the papers of one case as far as it came. Which cases there are stands in `casework.py`."""

import datetime as dt

from casework import codes, filing
from casework.actions.holding import put
from casework.casefile import CaseFile
from casework.models import Goal, Record
from casework.models.records import record_id
from casework.records import KINDS
from casework.scales.gbt42195 import ITEMS
from config.demo.casetexts import FACTS, NEEDS, NO_FOLLOW_UP, PLACES, PROBLEM, STEPS, SUMMARIES, SURROUNDINGS
from periods import today
from periods.deadlines import add_months
from periods.period import SHANGHAI


class Story:
    """The papers of one case, day by day, as far as it came; a day that is not reached yet ends the story."""

    def __init__(self, book, case, stage, what):
        self.book, self.case, self.stage, self.what = book, case, stage, what
        self.day, self.papers, self.dice = case.opened_on, [], book.dice
        self.need = self.dice.choice(NEEDS)
        self.goal = Goal(public_id=codes.new_id("g"), position=0)

    def tell(self):
        self.paper("opened", {"on": self.case.opened_on.isoformat()})
        if self.case.previous:
            reason = "回访时说又不按时吃饭了，子女请求再帮一段"
            self.paper("reopen", {"on": self.case.opened_on.isoformat(), "reason": reason})
        self.intake()
        told = self.assessment, self.plan, self.service, self.evaluation, self.closing
        for tell in told[: list(codes.STAGES).index(self.stage)]:
            tell()
        file = CaseFile(self.case)
        file.__dict__["records"] = self.papers
        file.__dict__["goals"] = {self.goal.plan_id: [self.goal]} if self.goal.plan_id else {}
        self.book.files.append(file)

    def paper(self, kind, values, draft=False, user=None, about=None, goal=None, version=1, on=None, **plain):
        """One paper written at ten in the morning of the day the story has reached."""
        user = user or self.case.worker.user
        at = dt.datetime.combine(self.day, dt.time(10, len(self.papers) % 60), SHANGHAI)
        record = Record(
            pk=next(self.book.record_ids), case=self.case, kind=kind, public_id=record_id(kind), author=user, draft=draft,
            about=about, goal=goal, version=version, at=at,
        )  # fmt: skip
        put(record, KINDS[kind], values, user, plain)
        record.signed_at = None if draft else at
        record.on = on or record.on
        self.papers.append(record)
        self.book.records.append(record)
        return record

    def later(self, days):
        self.day = min(self.day + dt.timedelta(days=days), today())

    def enter(self, stage):
        self.paper("stage", {"to": stage, "on": self.day.isoformat()}, **{"from": self.case.stage})
        self.case.stage, self.case.stage_since = stage, self.day

    def intake(self):
        on, what = self.day.isoformat(), self.what
        body = {"received_on": on, "source": self.dice.choice(list(codes.SOURCES)), "presenting_problem": self.need[6],
                "willingness": "voluntary", "risk_screen": ["none"], "expectations": f"希望能{self.need[1]}",
                "tried": "请邻居帮过几次", "resources": "村委会、镇卫生院"}  # fmt: skip
        if what == "undecided":
            self.paper("intake", body)
            return
        if what == "declined":
            body |= {"decision": "decline", "decision_reason": "住在邻县，已告知当地社工站电话"}
        else:
            body |= {"decision": "accept", "decision_reason": "属服务范围",
                     "consent": {"basis": "consent", "given_on": on, "method": "signature", "by": "self"}}  # fmt: skip
        record = self.paper("intake", body, draft=what == "draft")
        if not record.draft:
            self.case.decision, self.case.decided_on = body["decision"], self.day

    def assessment(self):
        if self.what == "declined":
            return
        self.later(1)
        self.enter("assessment")
        if self.stage == "assessment" and self.what != "red":
            return
        self.later(3)
        low = self.dice.sample([i["code"] for i in ITEMS], 9)
        scores = {i["code"]: max(0, i["max"] - (2 if i["code"] in low else 0)) for i in ITEMS}
        level = "red" if self.what == "red" else self.dice.choice(("orange", "yellow", "yellow", "green"))
        body = {
            **SURROUNDINGS, "assessed_on": self.day.isoformat(), "sources": ["home_visit", "scale"],
            "problems": [{"fact": self.need[6], **PROBLEM}],
            "needs": [{"rank": 1, "domain": self.need[0], "text": self.need[1]}], "risk_level": level, "conclusion": self.need[6],
        }  # fmt: skip
        body["ability"] = KINDS["assessments"].fields[9].clean({"scores": scores}, "ability", False)
        self.paper("assessments", body)
        self.case.risk_level = level
        if level == "red":
            self.case.confidentiality = "restricted"

    def plan(self):
        if self.what == "declined":
            return
        self.later(1)
        self.enter("planning")
        self.later(3)
        _domain, _need, text, indicator, baseline, target, _problem = self.need
        on, goal = self.day, self.goal
        goal.text, goal.indicator, goal.baseline, goal.target = text, indicator, baseline, target
        goal.due_on = add_months(on, 3)
        review = on + dt.timedelta(days=self.dice.randrange(80, 100))
        self.planned = self.paper("plans", {
            "planned_on": on.isoformat(), "overall_goal": text, "model": "任务中心模式", "review_on": review.isoformat(),
            "steps": [{**step, "starts_on": on.isoformat(), "ends_on": goal.due_on.isoformat()} for step in STEPS],
            "resources": "镇食堂、镇卫生院、村老年活动室", "difficulties": "雨天送餐慢；老人怕麻烦人",
            "agreement": {"signed_on": on.isoformat(), "method": "signature", "by": "self"},
        })  # fmt: skip
        goal.plan = self.planned
        self.book.goals.append(goal)
        if self.what == "waiting":
            return
        self.later(2)
        verdict = "return" if self.what == "returned" else "approve"
        self.approve(self.planned, verdict, "指标写得再具体些" if verdict == "return" else "同意")

    def approve(self, record, verdict, text):
        body = {"record": record.record, "decision": verdict, "text": text}
        self.paper("approvals", body, user=self.book.supervisor, about=record)

    def service(self):
        if self.what == "declined":
            return
        self.enter("intervention")
        days = (today() - self.day).days
        times = {"unserved": 2, "suspended": 3}.get(self.what, max(1, min(7, days // 9)))
        for _nth in range(times):
            self.later(self.dice.randrange(5, 10))
            self.contact()
        if self.what != "unserved":
            self.later(2)
            body = {"reviewed_on": self.day.isoformat(), "subject": self.planned.record, "decision": "continue"}
            body |= {"finding": "记录写的是事实，照计划继续", "next_review_on": add_months(self.day, 3).isoformat()}
            self.paper("reviews", body, user=self.book.supervisor)
        self.beside()

    def contact(self):
        facts, analysis, change, following = self.dice.choice(FACTS)
        way = self.dice.choice(("home_visit", "home_visit", "phone", "face_to_face"))
        body = {
            "happened_on": self.day.isoformat(), "minutes": self.dice.choice((20, 30, 40, 45, 60)), "way": way,
            "starts_at": self.dice.choice(("09:00", "09:30", "14:30", "15:00")), "goals": [self.goal.public_id], "facts": facts,
            "analysis": analysis, "client_change": change, "next_step": following, "techniques": "倾听、鼓励",
        }  # fmt: skip
        self.paper("contacts", body | ({"place": PLACES[way]} if PLACES[way] else {}))

    def beside(self):
        """What runs beside the stages: a rest, a crisis, another station."""
        if self.what == "suspended":
            self.later(4)
            review = today() + dt.timedelta(days=9)
            self.paper("suspend", {"on": self.day.isoformat(), "reason": "hospital", "review_on": review.isoformat()})
            self.case.suspended_on, self.case.suspended_reason, self.case.suspended_review_on = (
                self.day,
                "hospital",
                review,
            )
        if self.what in ("crisis", "lifted"):
            self.crisis(1 if self.what == "crisis" else 20)
        if self.what in ("offered", "came"):
            self.transfer()

    def crisis(self, ago):
        """Found `ago` days ago, at a quarter past four; one that is older was followed up twice and lifted."""
        day, user = today() - dt.timedelta(days=ago), self.case.worker.user

        def at(days, hour):
            return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(hour, 20), SHANGHAI).isoformat()

        self.day = day + dt.timedelta(days=1)
        raised = self.paper("crisis", {
            "action": "raise", "found_at": at(0, 16), "kinds": ["wandering"], "level": "orange", "measures": "已找到，邻居陪同回家",
            "reported_to": [{"to": "supervisor", "at": at(0, 16)}, {"to": "street", "at": at(0, 17)}],
            "safety_plan": "门上贴联系卡，邻居每晚看一眼",
        }, user=user, on=day)  # fmt: skip
        self.case.crisis = self.what == "crisis"
        if self.what == "lifted":
            for days, note in ((1, "在家，睡得安稳，联系卡已贴"), (3, "三天没有单独出远门，邻居每晚来看")):
                self.day = day + dt.timedelta(days=days)
                self.paper(
                    "crisis", {"action": "follow_up", "at": at(days, 9), "note": note}, about=raised, on=self.day
                )
            self.later(2)
            lifted = {"action": "lift", "at": at(5, 9), "reason": "连续五天平稳，安全计划在做"}
            self.paper("crisis", lifted, user=self.book.supervisor, about=raised, on=self.day)

    def transfer(self):
        """Offered to the neighbour, or by it; the one that came has been accepted."""
        book, here = self.book, self.case.station
        to = book.home if self.what == "came" or here != book.home else book.neighbour
        self.later(1)
        body = {"action": "offer", "to_station": to.code, "reason": "搬到那边和女儿同住"}
        self.paper("transfer", body, on=self.day, state="offered")
        if self.what == "came":
            self.later(2)
            body = {"action": "accept", "to_station": to.code, "worker": self.case.worker.public_id}
            self.paper("transfer", body, user=book.manager, on=self.day, state="accepted")
        else:
            self.case.transfer_to = to

    def evaluation(self):
        if self.what == "declined":
            return
        if self.what != "03":
            self.later(3)
            self.enter("evaluation")
            if self.stage == "evaluation" and not self.what:
                return
            score = self.dice.choice((0, 1, 1, 2))
            self.paper("evaluations", {
                "evaluated_on": self.day.isoformat(), "satisfaction": {"score": self.dice.choice((4, 5, 5)), "said_on": self.day.isoformat()},
                "goal_scores": [{"goal": self.goal.public_id, "score": score, "evidence": "看过记录，问过本人和邻居"}],
                "self": "来往有规律，老人信得过", "measures": [{"scale": "生活满意度", "before": 11, "after": 14}],
            })  # fmt: skip
        if self.what == "closing":
            self.report("01")

    def report(self, code):
        body = {"closed_on": self.day.isoformat(), "code": code, "summary": SUMMARIES.get(code, SUMMARIES["01"])}
        if code in NO_FOLLOW_UP:
            return self.paper("closure", body | {"follow_up_none": NO_FOLLOW_UP[code]})
        visit = self.day + dt.timedelta(days=30)
        body |= {"follow_up": [{"due_on": visit.isoformat(), "way": "phone"}], "informed_on": self.day.isoformat()}
        return self.paper("closure", body)

    def closing(self):
        self.later(2)
        if self.what == "due":  # the visit a month later falls on today
            self.day = max(self.day, today() - dt.timedelta(days=30))
        code = {"declined": "00", "07": "07", "03": "03"}.get(self.what, self.dice.choice(("01", "01", "02")))
        report = self.report(code)
        self.approve(report, "approve", "同意结案")
        self.paper("stage", {"to": "closed", "on": self.day.isoformat()}, **{"from": self.case.stage})
        columns = {"stage": "closed", "stage_since": self.day, "closed_on": self.day, "closure_code": code}
        closed = self.day
        if self.what in ("filed", "again"):
            self.later(15)
            file = CaseFile(self.case)
            file.__dict__["records"] = self.papers
            contents = filing.contents_of(file)
            self.paper("filing", {"filed_on": self.day.isoformat(), "location": "档案柜二层"}, **contents)
            columns |= {"filed_on": self.day, "filing_complete": contents["complete"]}
            if self.what == "again":
                body = {
                    "record": self.planned.record,
                    "field": "difficulties",
                    "text": "还有：女儿年底回乡照看",
                    "reason": "写漏了",
                }
                self.paper("corrections", body, about=self.planned)
            self.later(15)
            self.paper(
                "follow-ups", {"visited_on": self.day.isoformat(), "way": "phone", "effect_kept": self.what != "again"}
            )
        self.book.closing.append((self.case, columns))
        if self.what == "again" and (today() - closed).days > 40:
            self.book.case(self.case.station, self.case.worker, "intervention", 40, "", self.case.client, self.case)
