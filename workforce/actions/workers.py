"""What is done to people: taking them in, correcting, certificates and registrations, jobs with their dates, the account they use."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import Conflict, DomainError
from accounts.identity import check_id_number, check_phone
from accounts.protection import blind_indexes
from periods import today
from workforce import access
from workforce.actions.attendances import settle
from workforce.actions.certificates import CERTIFIED, write_certificate
from workforce.actions.constraints import in_words
from workforce.models import Assignment, Worker

FIELDS = ("name", "sex", "education", "id_number", "phone", "degree_on", "note")
EARLIEST = dt.date(1950, 1, 1)


def create_worker(user, *, assignments, **fields):
    """Take a person in with at least one job: `assignments` = [{station, duty, full_time, starts_on, ends_on}].

    Raises DomainError `missing_required`, `bad_id_number`, `bad_phone`, `inconsistent`; Conflict `duplicate` with
    `existing` for an ID number on file; Forbidden where the user keeps no staff at a station.
    """
    if not assignments:
        raise DomainError(_("至少要有一个岗位"), code="missing_required", field="assignments")
    with in_words(), transaction.atomic():
        for job in assignments:
            access.require_at(user, "create", Assignment, job["station"])
        worker = Worker()
        _fill(user, worker, fields)
        with change(user, "worker.created", worker):
            worker.save()
            for job in assignments:
                _write_job(Assignment(worker=worker), **job)
            write_certificate(worker, {k: v for k, v in fields.items() if k in CERTIFIED})
    return worker


def update_worker(user, worker, check=None, **fields):
    """Correct what is known of a person. `check(worker)` runs on the held row. Raises as `create_worker`."""
    with in_words(), transaction.atomic():
        worker = hold(worker)
        access.require(user, "change", worker)
        if check:
            check(worker)
        _fill(user, worker, fields)
        with change(user, "worker.changed", worker):
            write_certificate(worker, {k: v for k, v in fields.items() if k in CERTIFIED})
            worker.save()
    return worker


def add_assignment(user, worker, *, station, check=None, **job):
    """Give a person in reach a job at a station the user keeps. Raises Conflict `duplicate`, DomainError `inconsistent`."""
    with in_words(), transaction.atomic():
        worker = hold(worker)
        access.require_at(user, "create", Assignment, station)
        access.require(user, "see", worker)
        if check:
            check(worker)
        with change(user, "assignment.added", worker, station=station.code):
            made = _write_job(Assignment(worker=worker), station=station, **job)
            _after_jobs(worker)
    return made


def change_assignment(user, assignment, check=None, **job):
    """Change duty, full-time or the days of a job; `ends_on` is its last day, None opens it again."""
    with in_words(), transaction.atomic():
        worker = hold(assignment.worker)
        found = Assignment.objects.select_related("station__division")
        assignment = found.select_for_update(of=("self",)).get(pk=assignment.pk)
        access.require(user, "change", assignment)
        if check:
            check(assignment)
        now = {
            "station": assignment.station, "duty": assignment.duty, "full_time": assignment.full_time,
            "starts_on": assignment.span.lower, "ends_on": last_day(assignment.span),
        }  # fmt: skip
        with change(user, "assignment.changed", worker, station=assignment.station.code):
            _write_job(assignment, **(now | job))
            _after_jobs(worker)
    return assignment


def link_account(user, worker, account):
    """Say which account a person signs in with; None takes the link away. Raises Conflict `taken`."""
    with transaction.atomic():
        worker = hold(worker)
        access.require(user, "change", worker)
        if account is not None and Worker.objects.filter(user=account).exclude(pk=worker.pk).exists():
            raise Conflict(_("这个账号已经是别人的"), code="taken", field="user")
        worker.user = account
        with change(user, "worker.linked", worker, account=account.username if account else ""):
            worker.save()
    return worker


def hold(worker):
    """The person's row as it stands now, locked: every action on a person begins with this."""
    return Worker.objects.select_for_update().get(pk=worker.pk)


def last_day(span):
    """The last day of a span `[from, until)`, or None."""
    return span.upper - dt.timedelta(days=1) if span.upper else None


def _fill(user, worker, fields):
    for name in FIELDS:
        if name in fields:
            value = fields[name]
            setattr(
                worker,
                name,
                (READ[name](value) if name in READ else value) if value not in ("", None) else _empty(name),
            )
    if fields.get("id_number"):
        _refuse_twin(user, worker)


def _empty(name):
    return None if name in ("id_number", "phone", "degree_on") else ""


READ = {"id_number": lambda value: check_id_number(value).number, "phone": check_phone}


def _refuse_twin(user, worker):
    """One person is one row: the ID number is on file once."""
    same = blind_indexes("worker.id_number", worker.id_number)
    twin = Worker.objects.filter(id_number_index__in=same).exclude(pk=worker.pk).first()
    if twin is None:
        return
    if access.can(user, "see", twin):
        raise Conflict(
            _("这个身份证号已在册：%(name)s") % {"name": twin},
            code="duplicate",
            field="id_number",
            existing=twin.public_id,
        )
    raise Conflict(_("这个身份证号在您范围之外已在册，请上级核对"), code="duplicate", field="id_number")


def _write_job(assignment, *, station, duty="social_worker", full_time=True, starts_on=None, ends_on=None):
    starts_on = starts_on or today()
    if starts_on < EARLIEST or (ends_on and ends_on < starts_on):
        raise DomainError(_("离岗日期早于到岗日期"), code="inconsistent", field="ends_on" if ends_on else "starts_on")
    span = DateRange(starts_on, ends_on + dt.timedelta(days=1) if ends_on else None)
    assignment.station, assignment.duty, assignment.full_time, assignment.span = station, duty, full_time, span
    others = Assignment.objects.filter(worker=assignment.worker, span__overlap=span).exclude(pk=assignment.pk)
    if others.filter(station=station, duty=duty).exists():
        raise Conflict(
            _("这些日子里在“%(station)s”已有同一岗位") % {"station": station}, code="duplicate", field="starts_on"
        )
    if full_time and others.filter(full_time=True).exists():
        raise DomainError(_("这些日子里在别处已是专职，先停那边，或这里记兼职"), code="inconsistent", field="full_time")
    assignment.save()
    return assignment


def _after_jobs(worker):
    """Who works elsewhere looks different, and his attendances may count elsewhere."""
    Worker.objects.filter(pk=worker.pk).update(updated_at=timezone.now())
    settle(workers=[worker.pk])
