"""The demo's casework: invented elders, their cases at every stage with the papers that belong there. Set-based, the same every time."""

import datetime as dt
import random

from django.db import connection
from psycopg.types.range import DateRange
from stdnum.cn import ric

from accounts.models import User
from casework import codes, due, filing
from casework.actions.holding import put
from casework.casefile import CaseFile
from casework.models import (
    Case,
    CaseNumber,
    Client,
    ClientCategory,
    DeadlineRule,
    DueItem,
    Goal,
    Record,
)
from casework.models.records import record_id
from casework.records import KINDS
from casework.scales.gbt42195 import ITEMS
from config.demo.workforce import COUNTY, GIVEN, SURNAMES
from periods import today
from periods.calendar import Calendar
from periods.deadlines import add_months
from periods.period import SHANGHAI
from workforce.models import Assignment

TOWN = "420702100000-1"
# How far a case came, how many days ago it was opened, what is special about it: those of the demo's worker.
OWN = [
    ("intake", 2, "draft"), ("intake", 9, "undecided"), ("assessment", 6, ""), ("assessment", 18, "red"), ("planning", 14, "waiting"),
    ("planning", 26, "returned"), ("intervention", 33, ""), ("intervention", 47, "crisis"), ("intervention", 88, "unserved"),
    ("intervention", 120, "suspended"), ("evaluation", 96, ""), ("evaluation", 110, "closing"), ("closed", 140, "01"),
    ("closed", 190, "filed"), ("closed", 260, "again"), ("closed", 75, "07"), ("closed", 30, "declined"),
]  # fmt: skip
OTHERS = [
    ("intervention", 0, ""), ("closed", 0, "filed"), ("assessment", 0, ""), ("closed", 0, "01"), ("planning", 0, "waiting"),
    ("intervention", 0, "unserved"), ("closed", 0, "03"), ("evaluation", 0, ""),
]  # fmt: skip
AGO = {"intake": 4, "assessment": 7, "planning": 11, "intervention": 50, "evaluation": 80, "closed": 200}
EARLY = ("intake", "assessment", "planning")
NEEDS = [
    ("care", "助餐", "每日两餐热食", "每日热食餐数", "0", "2", "独居，三餐不定，子女在外务工"),
    ("health", "用药提醒", "按时服降压药", "每周漏服次数", "5", "0", "血压不稳，常忘吃药"),
    ("social", "走出家门", "每周到社工室两次", "每周到访次数", "0", "2", "老伴去世后不出门，少与人来往"),
    ("housing", "防跌倒改造", "卫生间装扶手和防滑垫", "已改造处数", "0", "3", "半年内在家跌倒两次"),
    ("economic", "申请低保", "递交低保申请材料", "已交材料份数", "0", "1", "靠亲友接济，没有申请过救助"),
    ("mental", "哀伤陪伴", "能说起去世的亲人", "情绪自评分", "2", "4", "夜里睡不着，常独自流泪"),
]  # fmt: skip
FACTS = [
    "上门看望，一起算了本周的用药",
    "送餐接通，第一顿已送到",
    "陪同到镇卫生院复诊",
    "电话问候，说睡得好些了",
    "到社工室参加了手工活动",
]


def load():
    """Make clients, cases, papers and what is due. Needs an event open."""
    book = Book(random.Random(20220810))  # noqa: S311 — the same demo every time
    jobs = (
        Assignment.objects.unended()
        .filter(duty__in=("social_worker", "manager"))
        .order_by("station__code", "duty", "pk")
    )
    at: dict = {}
    for job in jobs.select_related("worker__user", "station__division"):
        at.setdefault(job.station, []).append(job.worker)
    for n, (station, workers) in enumerate(at.items()):
        if station.code == TOWN:
            worker = next(w for w in workers if w.user and w.user.username == "shegong")
            for how in OWN:
                book.case(station, worker, *how)
            continue
        for k in range(3 if station.tier == 3 else 1):
            stage, _ago, what = OTHERS[(n + 3 * k) % len(OTHERS)]
            worker = workers[-1 - k % len(workers)]
            book.case(station, worker, stage, AGO[stage] + book.dice.randrange(4 if stage in EARLY else 20), what)
            if station.tier == 3:
                past = (today() - dt.date(2022, 7, 1)).days - book.dice.randrange(60)
                book.case(station, worker, "closed", past, "filed")
    book.write()


class Book:
    """Collects everything in memory, then writes each table once."""

    def __init__(self, dice):
        self.dice, self.numbers = dice, {}
        self.clients, self.categories, self.cases, self.records, self.goals = [], [], [], [], []
        self.closing, self.files = [], []
        self.case_ids, self.record_ids = _ids("casework_case"), _ids("casework_record")
        self.supervisor = User.objects.filter(username="dudao").first()

    def case(self, station, worker, stage, ago, what, client=None, previous=None):
        on = today() - dt.timedelta(days=ago)
        client = client or self.client(station, worker, on)
        series = f"{station.division.code[:9]}-{on.year}"
        self.numbers[series] = self.numbers.get(series, 0) + 1
        case = Case(
            pk=next(self.case_ids), number=f"{series}-{self.numbers[series]:04d}", station=station, client=client, worker=worker,
            opened_by=worker.user, opened_on=on, stage_since=on, domain="elder", previous=previous, episode=2 if previous else 1,
        )  # fmt: skip
        self.cases.append(case)
        Story(self, case, stage, what).tell()
        return case

    def client(self, station, worker, on):
        dice, n = self.dice, len(self.clients)
        sex = dice.choice(("male", "female"))
        name = dice.choice(SURNAMES) + dice.choice(GIVEN[sex]) + dice.choice(("", dice.choice(GIVEN[sex])))
        born = dt.date(1935, 1, 1) + dt.timedelta(days=dice.randrange(9000))
        number = f"{COUNTY}{born:%Y%m%d}{n % 90 + 10:02d}{dice.randrange(5) * 2 + (sex == 'male')}"
        client = Client(
            station=station, filed_on=on, filed_by=worker.user, name=name, sex=sex, birth_date=born.isoformat(),
            id_number=number + ric.calc_check_digit(number + "0"), phone=f"1990712{dice.randrange(10_000):04d}", ethnicity="汉族",
            residence_division=station.division, residence_separation=0,
            address=f"{station.division.name}{dice.randrange(1, 9)}组{dice.randrange(1, 60)}号",
            emergency_contact={"name": name[0] + "建", "relation": "子女", "phone": f"1990713{dice.randrange(10_000):04d}"},
        )  # fmt: skip
        client.give_keys()
        self.clients.append(client)
        for category in dice.sample(("living_alone", "dibao", "empty_nest", "disabled_elder", "tekun"), 1):
            self.categories.append(ClientCategory(client=client, category=category, span=DateRange(on, None)))
        return client

    def write(self):
        Client.objects.bulk_create(self.clients)
        ClientCategory.objects.bulk_create(self.categories)
        CaseNumber.objects.bulk_create(CaseNumber(series=s, given=n) for s, n in self.numbers.items())
        Case.objects.bulk_create(sorted(self.cases, key=lambda c: c.previous is not None))
        Record.objects.bulk_create(r for r in self.records if r.kind not in ("follow-ups", "filing"))
        Goal.objects.bulk_create(self.goals)
        self._close()
        Record.objects.bulk_create(r for r in self.records if r.kind in ("follow-ups", "filing"))
        rows, calendar, found = list(DeadlineRule.objects.select_related("division")), Calendar.current(), []
        for file in self.files:
            wanted = due.reckon(file, due.Rules(file.case.station, rows), calendar)
            found += [
                DueItem(case=file.case, code=code, source=source, **want) for (code, source), want in wanted.items()
            ]
        DueItem.objects.bulk_create(found)

    def _close(self):
        for case, columns in self.closing:
            for name, value in columns.items():
                setattr(case, name, value)
        Case.objects.bulk_update(
            [case for case, _columns in self.closing],
            ["stage", "stage_since", "closed_on", "closure_code", "filed_on", "filing_complete"],
        )


NEXT = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, 500)"


def _ids(table):
    """Fresh ids in rising order: papers speak of each other before they are written."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [table])
            found = [pk for (pk,) in cursor.fetchall()]
        yield from found


class Story:
    """The papers of one case, day by day, as far as it came; a day that is not reached yet ends the story."""

    def __init__(self, book, case, stage, what):
        self.book, self.case, self.stage, self.what = book, case, stage, what
        self.day, self.papers, self.dice = case.opened_on, [], book.dice
        self.need = self.dice.choice(NEEDS)
        self.goal = Goal(public_id=codes.new_id("g"), position=0)

    def tell(self):
        self.paper("opened", {"on": self.case.opened_on.isoformat()})
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
                "willingness": "voluntary", "risk_screen": ["none"]}  # fmt: skip
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
            "assessed_on": self.day.isoformat(), "sources": ["home_visit", "scale"], "personal": "行动慢，认知清楚",
            "family": "子女在外，节假日回家", "social": "邻里往来不多", "strengths": "愿意学，爱种花",
            "needs": [{"rank": 1, "domain": self.need[0], "text": self.need[1]}], "risk_level": level, "conclusion": self.need[6],
        }  # fmt: skip
        body["ability"] = KINDS["assessments"].fields[9].clean({"scores": scores}, "ability", False)
        self.paper("assessments", body)
        self.case.risk_level = level

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
            self.paper("contacts", {
                "happened_on": self.day.isoformat(), "minutes": self.dice.choice((20, 30, 40, 45, 60)),
                "way": self.dice.choice(("home_visit", "home_visit", "phone", "face_to_face")), "goals": [self.goal.public_id],
                "facts": self.dice.choice(FACTS), "next_step": "下周再去",
            })  # fmt: skip
        if self.what != "unserved":
            self.later(2)
            body = {"reviewed_on": self.day.isoformat(), "subject": self.planned.record, "decision": "continue"}
            body |= {"finding": "记录写的是事实，照计划继续", "next_review_on": add_months(self.day, 3).isoformat()}
            self.paper("reviews", body, user=self.book.supervisor)
        if self.what == "suspended":
            self.later(4)
            review = today() + dt.timedelta(days=9)
            self.paper("suspend", {"on": self.day.isoformat(), "reason": "hospital", "review_on": review.isoformat()})
            self.case.suspended_on, self.case.suspended_reason, self.case.suspended_review_on = (
                self.day,
                "hospital",
                review,
            )
        if self.what == "crisis":
            self.day = today()
            found = dt.datetime.combine(today() - dt.timedelta(days=1), dt.time(16, 20), SHANGHAI).isoformat()
            self.paper("crisis", {
                "action": "raise", "found_at": found, "kinds": ["wandering"], "level": "orange", "measures": "已找到，邻居陪同回家",
                "reported_to": [{"to": "supervisor", "at": found}],
            }, on=today() - dt.timedelta(days=1))  # fmt: skip
            self.case.crisis = True

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
                "evaluated_on": self.day.isoformat(), "goal_scores": [{"goal": self.goal.public_id, "score": score}],
                "satisfaction": {"score": self.dice.choice((4, 5, 5)), "said_on": self.day.isoformat()},
            })  # fmt: skip
        if self.what == "closing":
            self.report("01")

    def report(self, code):
        visit = self.day + dt.timedelta(days=30)
        return self.paper("closure", {
            "closed_on": self.day.isoformat(), "code": code, "summary": "目标基本达成，家人接手照看", "informed_on": self.day.isoformat(),
            "follow_up": [{"due_on": visit.isoformat(), "way": "phone"}],
        })  # fmt: skip

    def closing(self):
        self.later(2)
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
            self.later(15)
            self.paper(
                "follow-ups", {"visited_on": self.day.isoformat(), "way": "phone", "effect_kept": self.what != "again"}
            )
        self.book.closing.append((self.case, columns))
        if self.what == "again" and (today() - closed).days > 40:
            self.book.case(self.case.station, self.case.worker, "intervention", 40, "", self.case.client, self.case)
