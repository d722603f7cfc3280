"""The demo's casework: invented elders, their cases at every stage with the papers that belong there. Set-based, the same every time."""

import datetime as dt
import random

from django.db import connection
from psycopg.types.range import DateRange
from stdnum.cn import ric

from accounts.models import User
from casework import due
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
from config.demo.casestories import Story
from config.demo.workforce import COUNTY, GIVEN, SURNAMES
from periods import today
from periods.calendar import Calendar
from workforce.models import Assignment

TOWN = "420702100000-1"
# How far a case came, how many days ago it was opened, what is special about it: those of the demo's worker.
OWN = [
    ("intake", 2, "draft"), ("intake", 9, "undecided"), ("assessment", 6, ""), ("assessment", 18, "red"), ("planning", 14, "waiting"),
    ("planning", 26, "returned"), ("intervention", 33, ""), ("intervention", 47, "crisis"), ("intervention", 88, "unserved"),
    ("intervention", 120, "suspended"), ("evaluation", 96, ""), ("evaluation", 110, "closing"), ("closed", 140, "01"),
    ("closed", 190, "filed"), ("closed", 260, "again"), ("closed", 75, "07"), ("closed", 30, "declined"), ("closed", 112, "due"),
    ("intervention", 70, "lifted"), ("intervention", 64, "offered"), ("intervention", 81, "came"),
]  # fmt: skip
OTHERS = [
    ("intervention", 0, ""), ("closed", 0, "filed"), ("assessment", 0, ""), ("closed", 0, "filed"), ("planning", 0, "waiting"),
    ("intervention", 0, "unserved"), ("closed", 0, "03"), ("evaluation", 0, ""), ("intake", 0, ""), ("closed", 0, "filed"),
]  # fmt: skip
AGO = {"intake": 4, "assessment": 7, "planning": 11, "intervention": 50, "evaluation": 80, "closed": 200}
AFTER_CLOSING = ("follow-ups", "filing", "corrections")
EARLY = ("intake", "assessment", "planning")


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
    book.home = next(station for station in at if station.code == TOWN)
    book.neighbour = next(station for station in at if station.tier == 3 and station != book.home)
    for n, (station, workers) in enumerate(at.items()):
        if station == book.home:
            worker = next(w for w in workers if w.user and w.user.username == "shegong")
            for how in OWN:
                book.case(station, worker, *how)
            continue
        if station == book.neighbour:
            book.case(station, workers[0], "intervention", 45, "offered")
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
        self.supervisor, self.manager = (User.objects.filter(username=n).first() for n in ("dudao", "zhanzhang"))
        self.home, self.neighbour = None, None  # the demo's own station, and one that gives it cases and takes some

    def case(self, station, worker, stage, ago, what, client=None, previous=None):
        on = today() - dt.timedelta(days=ago)
        client = client or self.client(station, worker, on)
        series = f"{(self.neighbour if what == 'came' else station).division.code[:9]}-{on.year}"
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
        Record.objects.bulk_create(r for r in self.records if r.kind not in AFTER_CLOSING)
        Goal.objects.bulk_create(self.goals)
        self._close()
        Record.objects.bulk_create(r for r in self.records if r.kind in AFTER_CLOSING)
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
