"""Writing a staff roster's plan: people, certificates, registrations and jobs, each kind of row by one statement."""

import datetime as dt

from django.utils import timezone
from psycopg.types.range import DateRange

from accounts.protection import blind_index
from exchange.plans import CREATED, UPDATED
from stations.pinyin import key_of
from workforce.actions.attendances import settle
from workforce.actions.constraints import in_words
from workforce.models import Assignment, Certificate, Registration, Worker

CHANGED = (
    "name", "sex", "education", "id_number", "id_number_index", "phone", "phone_index", "note", "pinyin", "initials", "updated_at",
)  # fmt: skip


def write(plan, context):
    """Write every entry. An event is open. Returns how many rows were written."""
    entries = [entry for entry in plan.entries if entry.outcome in (CREATED, UPDATED)]
    with in_words():
        people = _people(entries)
        _papers(entries, people)
        _jobs(entries, people)
        settle(workers=[worker.pk for worker in people.values()])
    return len(entries)


def _people(entries):
    """{id of an entry: its person}, written. Rows that mean one new person make one."""
    people, new = {}, {}
    for entry in entries:
        target = entry.target
        worker = target.worker
        if worker is None:
            known = target.values.get("id_number") or (target.values["name"], target.values.get("phone"))
            worker = new.setdefault(known, Worker())
        for name, value in target.values.items():
            setattr(worker, name, value)
        worker.pinyin, worker.initials = key_of(worker.name)
        worker.updated_at = timezone.now()
        people[id(entry)] = worker
    Worker.objects.bulk_create(new.values(), batch_size=500)
    fresh = {id(worker) for worker in new.values()}
    old = {worker.pk: worker for worker in people.values() if id(worker) not in fresh}
    for worker in old.values():
        worker.id_number_index = blind_index("worker.id_number", worker.id_number)
        worker.phone_index = blind_index("worker.phone", worker.phone)
    if old:
        Worker.objects.bulk_update(old.values(), CHANGED, batch_size=500)
    for entry in entries:
        entry.key = people[id(entry)].pk
    return people


def _papers(entries, people):
    fresh, again, cycles, extended = [], [], [], []
    ids = [w.pk for w in people.values()]
    standing = {(c.worker_id, c.grade): c for c in Certificate.objects.filter(worker__in=ids)}
    for entry in entries:
        worker, papers, registration = people[id(entry)], entry.target.papers, entry.target.registration
        if papers:
            one = standing.get((worker.pk, papers["grade"]))
            (again if one else fresh).append(one := one or Certificate(worker=worker))
            for name, value in papers.items():
                setattr(one, name, value)
        if registration is not None:
            registration.worker = worker
            (cycles if registration.pk is None else extended).append(registration)
    Certificate.objects.bulk_create(fresh, batch_size=1000)
    Registration.objects.bulk_create(cycles, batch_size=1000)
    if again:
        Certificate.objects.bulk_update(again, ["number", "issued_on"], batch_size=1000)
    if extended:
        Registration.objects.bulk_update(extended, ["grade", "span"], batch_size=1000)


def _jobs(entries, people):
    fresh, again = [], []
    for entry in entries:
        target = entry.target
        job = target.job or Assignment(worker=people[id(entry)], station=target.station)
        terms, last = target.terms, target.terms["ends_on"]
        span = DateRange(terms["starts_on"], last + dt.timedelta(days=1) if last else None)
        if job.pk and (job.duty, job.full_time, job.span) == (terms["duty"], terms["full_time"], span):
            continue
        job.duty, job.full_time, job.span, job.updated_at = terms["duty"], terms["full_time"], span, timezone.now()
        (again if job.pk else fresh).append(job)
    Assignment.objects.bulk_create(fresh, batch_size=1000)
    if again:
        Assignment.objects.bulk_update(again, ["duty", "full_time", "span", "updated_at"], batch_size=1000)
