"""What a roster of staff would do, row by row: who is meant, what changes of the person and of the job. Writes nothing."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from exchange.plans import CREATED, UNCHANGED, UPDATED, Entry, Plan
from periods import today
from workforce.actions.certificates import registration_after
from workforce.actions.workers import last_day
from workforce.ledgers.finding import People, Stations, Unclear
from workforce.ledgers.words import AT, STAFF, hidden, kept, shown
from workforce.models import Certificate, Registration

PERSON = ("name", "sex", "education", "id_number", "phone", "note")
PAPER = {"qualification": "grade", "certificate_no": "number", "certified_on": "issued_on"}


class Target(NamedTuple):
    """What the writer needs of a row: the person (None for a new one), new values, certificate, registration, and the job."""

    worker: object
    values: dict
    papers: dict
    registration: object
    station: object
    job: object  # the Assignment that stands, or None
    terms: dict  # duty, full_time, starts_on, ends_on after the import


def plan(reading, context):
    """The Plan of a Reading."""
    work = Matching(reading, context)
    for n, row in enumerate(reading.rows, 1):
        work.take(row)
        if context.progress and not context.writing and n % 500 == 0:
            context.progress(n, len(reading.rows))
    return work.plan


class Matching:
    """Takes rows and makes their entries. Knows stations and people of the file, and what earlier rows said."""

    def __init__(self, reading, context):
        self.reading, self.plan, self.today = reading, Plan(), today()
        values = [row.values for row in reading.rows]
        of = lambda name: {v[AT[name]] for v in values if v[AT[name]]}  # noqa: E731
        self.stations = Stations(context.user, context.place)
        self.people = People(context.user, of("id_number"), of("phone"), of("name"))
        self.met, self.full = {}, {}  # (person, station) → row; person → the row that has him full-time
        ids = list(self.people.reach)
        papers = Certificate.objects.filter(worker__in=ids).order_by("grade")
        cycles = Registration.objects.filter(worker__in=ids).order_by("span")
        self.papers = {one.worker_id: one for one in papers}
        self.newest = {one.worker_id: one for one in cycles}

    def fault(self, row, column, code, message, value=None):
        self.plan.faults.append(
            self.reading.fault_at(row, column, code, message, None if value is None else shown(column, value))
        )

    def take(self, row):
        """The entry of a row, or its faults."""
        said = {name: row.values[at] for name, at in AT.items()}
        if said["name"] is None:
            if "name" not in row.bad:
                self.fault(row, "name", "missing_required", _("姓名必须填。"))
            return
        try:
            station = self.stations.of(said["station_code"], said["station"], "station", self.stations.place_station)
            worker = self.meant(said, station)
        except Unclear as unclear:
            if unclear.column not in row.bad:
                self.fault(row, unclear.column, unclear.code, unclear.message, unclear.value)
            return
        if self.first(row, said, worker, station):
            self.outcome(row, said, worker, station)

    def meant(self, said, station):
        """The person a row means: by ID number, else by name and phone, else the only one of this name at the station."""
        number, phone, name = said["id_number"], said["phone"], said["name"]
        if number and (found := self.people.by_number.get(number)):
            if found[0].pk not in self.people.reach:
                raise Unclear("id_number", "out_of_scope", _("这个身份证号在您范围之外已在册，请上级来导入。"), number)
            return found[0]
        same = (
            [w for w in self.people.by_phone.get(phone, ()) if w.name == name and w.pk in self.people.reach]
            if phone
            else []
        )
        same = same or self.people.at(name, station, None)
        same = [w for w in same if not (number and w.id_number)]  # another number on file: another person
        if len(same) > 1:
            raise Unclear(
                "name",
                "inconsistent",
                _("这个站有 %(count)d 个叫“%(name)s”的，请填身份证号。") % {"count": len(same), "name": name},
                name,
            )
        return same[0] if same else None

    def first(self, row, said, worker, station):
        """False, with a fault, where an earlier row means the same person at the same station."""
        who = worker.pk if worker else said["id_number"] or (said["name"], said["phone"])
        earlier = self.met.setdefault((who, station.pk), row)
        if earlier is row:
            return True
        message = _("和第 %(row)d 行是同一个人，请删去其中一行。") % {"row": earlier.number}
        self.fault(row, "name", "duplicate_in_file", message, said["name"])
        return False

    def outcome(self, row, said, worker, station):
        """Check what the row says against what stands, and note the entry."""
        values = {
            n: said[n] for n in PERSON if said[n] is not None and (worker is None or said[n] != getattr(worker, n))
        }
        job = self.job(worker, station, said["starts_on"])
        terms = self.terms(row, said, job)
        papers, registration = self.paper(row, said, worker)
        if self.clash(row, said, worker, job, terms):
            return
        changes = (
            []
            if worker is None
            else [*self.person_changes(worker, values, papers, registration), *self.job_changes(job, terms)]
        )
        outcome = CREATED if worker is None else UPDATED if changes else UNCHANGED
        target = Target(worker, values, papers, registration, station, job, terms)
        self.plan.entries.append(
            Entry(kept(row, STAFF), outcome, worker.pk if worker else None, said["name"], tuple(changes), target)
        )

    def job(self, worker, station, begins):
        """The job at the station that the row speaks of: the newest there, unless it ended before the row's begins."""
        jobs = self.people.jobs[worker.pk] if worker else ()
        newest = next((job for job in jobs if job.station_id == station.pk), None)
        return None if newest and newest.span.upper and begins and begins >= newest.span.upper else newest

    def terms(self, row, said, job):
        """Duty, hours and days after the import; a blank cell keeps what stands."""
        was = (
            {"duty": job.duty, "full_time": job.full_time, "starts_on": job.span.lower, "ends_on": last_day(job.span)}
            if job
            else {"duty": "social_worker", "full_time": True, "starts_on": self.today, "ends_on": None}
        )
        terms = {name: was[name] if said[name] is None else said[name] for name in was}
        if terms["ends_on"] and terms["ends_on"] < terms["starts_on"]:
            self.fault(
                row,
                "ends_on",
                "inconsistent",
                _("离职早于入职 %(day)s。") % {"day": terms["starts_on"]},
                said["ends_on"],
            )
        return terms

    def clash(self, row, said, worker, job, terms):
        """Whether somebody would be full-time at two places on one day; with a fault."""
        if not terms["full_time"]:
            return False
        who = worker.pk if worker else said["id_number"] or (said["name"], said["phone"])
        if worker is not None or said["id_number"] or said["phone"]:
            earlier = self.full.setdefault(who, row)
            if earlier is not row and not terms["ends_on"]:
                message = _("第 %(row)d 行里这个人已是专职，只能在一处专职。") % {"row": earlier.number}
                self.fault(row, "full_time", "inconsistent", message, True)
                return True
        if worker is None:
            return False
        for other in self.people.jobs[worker.pk]:
            apart = (terms["ends_on"] and other.span.lower > terms["ends_on"]) or (
                other.span.upper and other.span.upper <= terms["starts_on"]
            )
            if other.full_time and not apart and (job is None or other.pk != job.pk):
                message = _("%(name)s在“%(station)s”还是专职，先停那边，或这里写兼职。")
                self.fault(
                    row,
                    "full_time",
                    "inconsistent",
                    message % {"name": worker.name, "station": other.station},
                    terms["full_time"],
                )
                return True
        return False

    def paper(self, row, said, worker):
        """(certificate values that change, the Registration to be saved or None)."""
        stands = self.papers.get(worker.pk) if worker else None
        grade = said["qualification"] if said["qualification"] is not None else stands.grade if stands else 0
        if not grade:
            for name in ("certificate_no", "certified_on", "registered_until"):
                if said[name] is not None:
                    self.fault(row, name, "inconsistent", _("没有职业资格，就没有证书和登记。"), said[name])
            return {}, None
        if said["certified_on"] and said["certified_on"] > self.today:
            self.fault(row, "certified_on", "inconsistent", _("取证时间还没有到。"), said["certified_on"])
        same = stands if stands and stands.grade == grade else None
        papers = {
            a: said[n]
            for n, a in PAPER.items()
            if said[n] is not None and (same is None or said[n] != getattr(same, a))
        }
        if stands and grade < stands.grade:
            papers = {}  # a roster of an older day does not take a higher certificate away
        return (papers | {"grade": grade} if papers else {}), self.registration(row, said, worker, grade)

    def registration(self, row, said, worker, grade):
        until, newest = said["registered_until"], self.newest.get(worker.pk) if worker else None
        if until is None or (newest and newest.last_day >= until):
            return None
        try:
            return registration_after(newest, worker, grade, None, until)
        except DomainError as e:
            self.fault(row, "registered_until", e.code, e.message, until)
            return None

    def person_changes(self, worker, values, papers, registration):
        """(field, before, after, …) of the cells that change of the person."""
        for name, value in values.items():
            yield from (name, hidden(name, getattr(worker, name)), hidden(name, value))
        stands = self.papers.get(worker.pk)
        for name, attribute in PAPER.items():
            if attribute in papers and (name != "qualification" or not stands or stands.grade != papers["grade"]):
                yield from (name, getattr(stands, attribute) if stands else None, papers[attribute])
        if registration is not None:
            newest = self.newest.get(worker.pk)
            yield from (
                "registered_until",
                newest.last_day if newest and newest.pk != registration.pk else None,
                registration.last_day,
            )

    @staticmethod
    def job_changes(job, terms):
        was = (
            {"duty": job.duty, "full_time": job.full_time, "starts_on": job.span.lower, "ends_on": last_day(job.span)}
            if job
            else {}
        )
        for name, value in terms.items():
            if was.get(name) != value:
                yield from (name, was.get(name), value)
