"""The demo's people and trainings: invented staff of 鄂州's stations, trainings of 2022 and of the last twelve months. Set-based, the same every time."""

import datetime as dt
import random
from collections import defaultdict

from psycopg.types.range import DateRange
from stdnum.cn import ric

from accounts.models import User
from periods import today
from stations.models import Station
from stations.models.stations import CITY, DISTRICT, TOWNSHIP
from stations.pinyin import key_of
from workforce.actions.certificates import three_years_before
from workforce.models import Assignment, Attendance, Certificate, Registration, Training, Worker

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
GIVEN = {"female": "敏静丽娟霞燕玲芳红艳洁婷雪慧莉萍琴兰倩颖", "male": "伟强磊军勇杰涛明超刚平辉鹏华斌健浩亮峰凯"}
EDUCATIONS = ("大专", "本科", "本科", "本科", "硕士")
COUNTY = "420799"  # a county suffix nobody has: these people cannot be real
# the accounts of the demo and the job each has: user name, sex, duty, the station of the post
LINKED = [
    ("zhanzhang", "male", "manager", "420702100000-1"), ("shegong", "female", "social_worker", "420702100000-1"),
    ("dudao", "female", "supervisor", "420702000000-1"),
]  # fmt: skip
CADRES = ("村委会主任", "村委会委员", "社区网格员", "志愿者")
# title, category, minutes, whether it counts as continuing education, who holds it (tier)
COURSES = [
    ("老年人个案管理与照护需求评估", "专题培训", 360, True, DISTRICT), ("社会救助对象入户访谈技巧", "专题培训", 180, False, DISTRICT),
    ("小组工作方案设计与带领", "专题培训", 360, True, DISTRICT), ("社工站档案与保密管理", "常规培训", 120, False, TOWNSHIP),
    ("失能老人家庭照护者支持", "专题培训", 180, True, TOWNSHIP), ("困境儿童需求排查与转介", "常规培训", 180, False, TOWNSHIP),
    ("社区志愿者招募与激励", "常规培训", 120, False, TOWNSHIP), ("社会工作者职业伦理", "督导培训", 180, True, DISTRICT),
    ("社工站规范化运营", "岗前培训", 720, False, CITY), ("危机个案识别与处置", "督导培训", 360, True, CITY),
]  # fmt: skip


def load():
    """Make people, jobs, certificates, trainings and attendances. Needs an event open."""
    dice = random.Random(20220809)  # noqa: S311 — the same demo every time
    stations = list(
        Station.objects.filter(status="operating").select_related("division", "division__district").order_by("code")
    )
    people = _people(dice, stations)
    _courses(dice, stations, people)


def _people(dice, stations):
    """{station: [(worker, first day)]}, written."""
    accounts = {u.username: u for u in User.objects.filter(username__in=[name for name, *_rest in LINKED])}
    linked = defaultdict(list)
    for name, sex, duty, code in LINKED:
        linked[code].append((accounts.get(name), sex, duty))
    workers, jobs, papers = [], [], []
    for station in stations:
        first = max(station.established_on or dt.date(2021, 6, 1), dt.date(2020, 1, 1))
        staff = _staff(dice, station, linked[station.code])
        certified = station.reported_certified or 0
        for n, (name, sex, duty, account) in enumerate(staff):
            since = first + dt.timedelta(days=30 * n)
            worker = _worker(dice, len(workers), name, sex, account)
            workers.append(worker)
            jobs.append(
                Assignment(worker=worker, station=station, duty=duty, full_time=True, span=DateRange(since, None))
            )
            if n < certified or account:
                papers += _papers(dice, worker, since)
    Worker.objects.bulk_create(workers)
    Assignment.objects.bulk_create(jobs)
    Certificate.objects.bulk_create(p for p in papers if isinstance(p, Certificate))
    Registration.objects.bulk_create(p for p in papers if isinstance(p, Registration))
    at = defaultdict(list)
    for job in jobs:
        at[job.station_id].append((job.worker, job.span.lower))
    return at


def _staff(dice, station, linked):
    """[(name, sex, duty, account)]: as many as the station reports, its manager first, accounts of the demo among them."""
    staff = [(account.display_name, sex, duty, account) for account, sex, duty in linked if account]
    if not any(duty == "manager" for _name, _sex, duty, _account in staff) and station.manager_name:
        staff.insert(0, (station.manager_name, _sex_of(dice, station.manager_name), "manager", None))
    while len(staff) < max(station.reported_full_time or 0, 1):
        sex = dice.choice(("female", "female", "female", "male"))
        staff.append(
            (
                dice.choice(SURNAMES) + dice.choice(GIVEN[sex]) + dice.choice(("", dice.choice(GIVEN[sex]))),
                sex,
                "social_worker",
                None,
            )
        )
    return staff


def _sex_of(dice, name):
    return (
        "male"
        if name[-1] in GIVEN["male"]
        else "female"
        if name[-1] in GIVEN["female"]
        else dice.choice(("female", "male"))
    )


def _worker(dice, n, name, sex, account):
    born = dt.date(1968, 1, 1) + dt.timedelta(days=dice.randrange(30 * 365))
    number = f"{COUNTY}{born:%Y%m%d}{n % 50:02d}{dice.randrange(5) * 2 + (sex == 'male')}"
    pinyin, initials = key_of(name)
    return Worker(
        name=name, sex=sex, education=dice.choice(EDUCATIONS), id_number=number + ric.calc_check_digit(number + "0"),
        phone=f"1990711{dice.randrange(10_000):04d}", user=account, pinyin=pinyin, initials=initials,
    )  # fmt: skip


def _papers(dice, worker, since):
    """A certificate, and the registrations that followed it to this day; some let the last one run out."""
    grade = 2 if dice.random() < 0.3 else 1
    passed = since - dt.timedelta(days=dice.randrange(60, 700))
    papers: list[Certificate | Registration] = [
        Certificate(worker=worker, grade=grade, number=f"DEMO{passed:%Y}{dice.randrange(10**6):06d}", issued_on=passed)
    ]
    begins, lapses = passed + dt.timedelta(days=dice.randrange(20, 120)), dice.random() < 0.15
    while begins <= today():
        last = begins.replace(year=begins.year + 3, day=min(begins.day, 28)) - dt.timedelta(days=1)
        papers.append(
            Registration(
                worker=worker, grade=grade, span=DateRange(three_years_before(last), last + dt.timedelta(days=1))
            )
        )
        begins = last + dt.timedelta(days=1)
    return papers[:-1] if lapses and len(papers) > 2 else papers


def _days():
    """The middle of each month of 2022 and of the last twelve months."""
    now = today()
    months = {(2022, m) for m in range(1, 13)} | {
        ((now.year * 12 + now.month - 1 - k) // 12, (now.year * 12 + now.month - 1 - k) % 12 + 1) for k in range(12)
    }
    return [dt.date(y, m, 6) for y, m in sorted(months)]


def _courses(dice, stations, people):
    trainings, entries = [], []
    hosts = {tier: [s for s in stations if s.tier == tier] for tier in (CITY, DISTRICT, TOWNSHIP)}
    for month, day in enumerate(_days()):
        for n, (title, category, minutes, counts, tier) in enumerate(COURSES):
            if tier == CITY and month % 3:
                continue
            for host in hosts[tier]:
                if tier == TOWNSHIP and (month + n + host.pk) % 6 or tier == DISTRICT and (month + n) % 3:
                    continue
                starts = day + dt.timedelta(days=dice.randrange(20))
                ends = starts + dt.timedelta(days=(minutes - 1) // 360)
                if ends >= today() or (host.established_on and starts < host.established_on):
                    continue
                training = Training(
                    station=host, title=title, category=category, mode=dice.choice(("onsite", "onsite", "mixed", "online")),
                    organiser=host.name, place=f"{host.name}培训室", starts_on=starts, ends_on=ends, minutes=minutes,
                    ce_eligible=counts, decided="confirmed" if starts.year == 2022 else "",
                )  # fmt: skip
                came = _came(dice, training, stations, people)
                training.declared_head_count = len(came) + dice.choice((0, 0, 0, 2))
                trainings.append(training)
                entries.append(came)
    Training.objects.bulk_create(trainings)
    rows = [one.of(training) for training, came in zip(trainings, entries, strict=True) for one in came]
    Attendance.objects.bulk_create(_named(row) for row in rows)


def _came(dice, training, stations, people):
    """Who comes: most of those who work below the host, and a few from the villages."""
    host = training.station
    below = [s for s in stations if s.tree_id == host.tree_id and host.lft <= s.lft and s.rght <= host.rght]
    rows = [
        Attendance(worker=worker, station=s, attended=True, minutes=training.minutes if dice.random() < 0.9 else training.minutes // 2)
        for s in below
        for worker, since in people[s.pk]
        if since <= training.ends_on and dice.random() < 0.75
    ]  # fmt: skip
    if host.tier == TOWNSHIP:
        for n in range(dice.randrange(4)):
            name = dice.choice(SURNAMES) + dice.choice(GIVEN["male"])
            rows.append(
                Attendance(
                    name=name,
                    unit=f"{host.division.name}{CADRES[n]}",
                    station=host,
                    attended=True,
                    minutes=training.minutes,
                )
            )
    return rows


def _named(row):
    row.person = Attendance.person_of(row.worker.pk if row.worker else None, row.name, row.unit)
    return row
