"""What a ledger of trainings would do, row by row: which training, which person, what changes. Two shapes: a row a training, a row a person."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from exchange.plans import CREATED, UNCHANGED, UPDATED, Entry, Plan
from periods import today
from workforce.api.fields import hour_minutes
from workforce.ledgers.finding import People, Stations, Unclear
from workforce.ledgers.words import OF, TRAINING, kept, shown
from workforce.models import Attendance, Training
from workforce.models.trainings import MOST_MINUTES

PLAIN = ("category", "organiser", "mode", "place", "lecturer", "ce_eligible", "declared_head_count", "minutes")
LONG_DAY = 8 * 60  # more than this a day is worth a second look (dossier §6.2)


class Course:
    """One training of the file: what stands of it, and what the rows say. Rows of one training share it."""

    def __init__(self, training, station, title, starts_on, ends_on):
        self.training, self.station, self.title = training, station, title
        self.starts_on, self.ends_on = starts_on, ends_on
        self.values, self.row = {}, None
        self.noted = {}  # person → Attendance that stands
        self.people = set()  # persons of the file


class Target(NamedTuple):
    """What the writer needs of a row: its course, and the attendance to be saved or None."""

    course: Course
    attendance: object
    is_new: bool


def plan(reading, context):
    """The Plan of a Reading."""
    work = Matching(reading, context)
    for n, row in enumerate(reading.rows, 1):
        work.take(row)
        if context.progress and not context.writing and n % 500 == 0:
            context.progress(n, len(reading.rows))
    work.sum_up()
    return work.plan


class Matching:
    """Takes rows and makes their entries. Knows stations, people and trainings of the file."""

    def __init__(self, reading, context):
        self.reading, self.plan, self.today = reading, Plan(), today()
        values = [row.values for row in reading.rows]
        of = lambda name: {v[OF[name]] for v in values if v[OF[name]] is not None}  # noqa: E731
        self.stations = Stations(context.user, context.place)
        self.people = People(context.user, of("id_number"), (), of("name"))
        self.standing, self.courses = self._standing(of("title")), {}

    def _standing(self, titles):
        """{(station, title, last day): Training} of the titles in the file, with who was noted."""
        rows = Training.objects.filter(title__in=titles, station__in=[s.pk for s in self.stations.by_code.values()])
        found = {(t.station_id, t.title, t.ends_on): t for t in rows.order_by("-pk")}
        noted = Attendance.objects.filter(training__in=[t.pk for t in found.values()])
        self.noted = {}
        for one in noted:
            self.noted.setdefault(one.training_id, {})[one.person] = one
        return found

    def fault(self, row, column, code, message, value=None):
        self.plan.faults.append(
            self.reading.fault_at(row, column, code, message, None if value is None else shown(column, value))
        )

    def warn(self, row, column, code, message, value=None):
        self.plan.warnings.append(
            self.reading.fault_at(row, column, code, message, None if value is None else shown(column, value))
        )

    def take(self, row):
        said = {name: row.values[at] for name, at in OF.items()}
        for name, message in (("title", _("培训名称必须填。")), ("starts_on", _("开始日期必须填。"))):
            if said[name] is None:
                if name not in row.bad:
                    self.fault(row, name, "missing_required", message)
                return
        try:
            course = self.course(row, said)
            attendance = self.attendance(row, said, course) if said["name"] else None
        except Unclear as unclear:
            if unclear.column not in row.bad:
                self.fault(row, unclear.column, unclear.code, unclear.message, unclear.value)
            return
        self.note(row, said, course, attendance)

    # ── the training ─────────────────────────────────────────────────────────────────────────────
    def course(self, row, said):
        station = self.stations.of(
            said["station_code"], said["station"] or self._organiser(said), "station", self.stations.host
        )
        starts = said["starts_on"]
        ends = said["ends_on"] or (starts.fromordinal(starts.toordinal() + max(0, int(said["days"] or 1) - 1)))
        if ends < starts:
            raise Unclear("ends_on", "inconsistent", _("结束日期早于开始日期。"), said["ends_on"])
        key = (station.pk, said["title"], ends)
        if key not in self.courses:
            self.courses[key] = self._new_course(row, said, station, starts, ends, self.standing.get(key))
        return self.courses[key]

    def _organiser(self, said):
        """The organiser, where it is one of the stations."""
        name = said["organiser"]
        return name if name and len(self.stations.named(name)) == 1 else None

    def _new_course(self, row, said, station, starts, ends, training):
        course = Course(training, station, said["title"], starts, ends)
        course.row = row
        minutes = self._minutes(row, said, (ends - starts).days + 1)
        if training is None and minutes is None:
            raise Unclear("hours", "missing_required", _("学时必须填。"))
        given = {name: said[name] for name in PLAIN if name != "minutes" and said[name] is not None}
        course.values = given | ({"minutes": minutes} if minutes is not None else {})
        if training is not None:
            course.values = {n: v for n, v in course.values.items() if v != getattr(training, n)}
            if training.starts_on != starts:
                course.values["starts_on"] = starts
            course.noted = self.noted.get(training.pk, {})
        self._check_counts(row, said)
        return course

    def _minutes(self, row, said, days):
        minutes = said["minutes"] or (round(said["hours"] * hour_minutes()) if said["hours"] is not None else None)
        if minutes is None:
            return None
        column = "minutes" if said["minutes"] else "hours"
        if not 0 < minutes <= min(days * 24 * 60, MOST_MINUTES):
            raise Unclear(column, "inconsistent", _("%(days)d 天里没有这么多学时。") % {"days": days}, said[column])
        if minutes > days * LONG_DAY:
            self.warn(row, column, "inconsistent", _("一天超过 8 小时，请看一眼。"), said[column])
        return minutes

    def _check_counts(self, row, said):
        persons, times = said["declared_head_count"], said["person_times"]
        if persons is not None and times is not None and persons > times:
            message = _("人数 %(persons)d 多于人次 %(times)d。") % {"persons": persons, "times": times}
            self.fault(row, "declared_head_count", "inconsistent", message, persons)

    # ── the person ───────────────────────────────────────────────────────────────────────────────
    def attendance(self, row, said, course):
        """The Attendance that the row asks for: the one that stands, changed, or a new one."""
        worker = self.worker(said, course)
        unit = "" if worker else said["unit"] or ""
        if worker is None and not unit:
            raise Unclear(
                "unit", "missing_required", _("“%(name)s”不在人员名册里，要写单位。") % {"name": said["name"]}
            )
        person = Attendance.person_of(worker.pk if worker else None, said["name"], unit)
        if person in course.people:
            raise Unclear(
                "name", "duplicate_in_file", _("这场培训里“%(name)s”写了两次。") % {"name": said["name"]}, said["name"]
            )
        course.people.add(person)
        whole = course.values.get("minutes") or course.training.minutes
        stands = course.noted.get(person)
        attended = said["attended"] if said["attended"] is not None else stands.attended if stands else True
        minutes = round(said["credited"] * hour_minutes()) if said["credited"] is not None else None
        if minutes is None:
            part = stands and stands.attended == attended and stands.minutes != course.training.minutes
            minutes = stands.minutes if part else whole if attended else 0
        if minutes > whole:
            raise Unclear("credited", "inconsistent", _("获得学时多于培训的学时。"), said["credited"])
        if attended and course.starts_on > self.today:
            raise Unclear("attended", "inconsistent", _("培训还没有开始，不能记到课。"), said["attended"])
        one = Attendance(
            worker=worker, name="" if worker else said["name"], unit=unit, person=person, station=course.station,
            attended=attended, minutes=minutes if attended else 0,
            certificate_no=said["certificate_no"] or (stands.certificate_no if stands else ""),
        )  # fmt: skip
        one.pk = stands.pk if stands else None
        return one

    def worker(self, said, course):
        """The person on file whom a row means: by ID number, else by name at the station that the unit names, or below the host."""
        number = said["id_number"]
        if number and (found := self.people.by_number.get(number)):
            return found[0] if found[0].pk in self.people.reach else None
        units = self.stations.named(said["unit"]) if said["unit"] else [course.station]
        same = {w.pk: w for unit in units for w in self.people.at(said["name"], unit, course.ends_on)}
        if len(same) > 1:
            raise Unclear(
                "name",
                "inconsistent",
                _("这个站有几个叫“%(name)s”的，请填身份证号。") % {"name": said["name"]},
                said["name"],
            )
        return next(iter(same.values()), None)

    def note(self, row, said, course, attendance):
        """The entry of a row. A training's own changes stand at its first row."""
        changes = []
        if course.row is row and course.training is not None:
            changes = [x for n, v in course.values.items() for x in (self._column(n), getattr(course.training, n), v)]
        is_new = course.training is None and course.row is row
        stands = course.noted.get(attendance.person) if attendance else None
        if stands:
            for name in ("attended", "minutes", "certificate_no"):
                if getattr(stands, name) != getattr(attendance, name):
                    changes += [self._column(name, person=True), getattr(stands, name), getattr(attendance, name)]
        is_new = is_new or (attendance is not None and stands is None)
        outcome = CREATED if is_new else UPDATED if changes else UNCHANGED
        target = Target(course, attendance, stands is None)
        key = course.training.pk if course.training else None
        label = f"{course.title} {said['name'] or ''}".strip()
        self.plan.entries.append(
            Entry(kept(row, TRAINING), outcome, key, label, () if is_new else tuple(changes), target)
        )

    @staticmethod
    def _column(name, person=False):
        return "credited" if person and name == "minutes" else name

    def sum_up(self):
        """Declared head counts against those that the file names."""
        for course in self.courses.values():
            declared = course.values.get("declared_head_count")
            if declared and course.people and declared != len(course.people):
                message = _("参训人数写 %(said)d，名单里有 %(found)d 人。") % {
                    "said": declared,
                    "found": len(course.people),
                }
                self.warn(course.row, "declared_head_count", "total_mismatch", message, declared)
