"""How every action on a case begins and ends: the row held, the right asked, open or closed; then a paper, due items, the clock."""

import datetime as dt
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from accounts.changes import change
from accounts.errors import NotInScope
from casework import access, due
from casework.casefile import CaseFile
from casework.errors import CaseClosed, WrongStage
from casework.fields import split
from casework.models import Case, Record
from casework.models.records import record_id
from casework.records import KINDS
from periods.deadlines import day_of
from workforce.api.fields import number_of
from workforce.models import Assignment, Worker


@contextmanager
def held(user, case, verb, *, closed=False):
    """The CaseFile of `case`, locked until the block ends. Raises Forbidden; CaseClosed, or WrongStage where it must be `closed`.

    `verb` None leaves the right to the caller, `closed` None leaves it open whether the case is closed.
    """
    with transaction.atomic():
        case = Case.objects.hold(case)
        if verb:
            access.require(user, verb, case)
        if closed is False and case.is_closed:
            raise CaseClosed()
        if closed and not case.is_closed:
            raise WrongStage(case)
        yield CaseFile(case)


@contextmanager
def written(user, file, verb, **detail):
    """One event for what is written inside; afterwards what is due is worked out anew and the case's clock set."""
    with change(user, verb, file.case, **detail) as event:
        yield event
        file.case.save()
        due.settle(file)


def add_record(file, user, kind, values, *, draft=False, about=None, goal=None, on=None, **plain):
    """Write one paper: signed by `user` unless a draft. `plain` adds what no field names, `on` is its day where no field is."""
    kind = KINDS[kind]
    record = Record(
        case=file.case, kind=kind.name, public_id=record_id(kind.name), author=user, draft=draft, about=about, goal=goal,
        version=1 + max((r.version for r in file.records if r.kind == kind.name), default=0) if kind.versions else 1,
    )  # fmt: skip
    put(record, kind, values, user, plain)
    record.on = on or record.on
    record.save()
    file.forget()
    return record


def put(record, kind, values, user, plain=None):
    """Set the columns of `record` from checked values; sign it unless it is a draft."""
    kept = {name: value for name, value in values.items() if not (kind.name == "plans" and name == "goals")}
    record.plain, narrative = split(kind.fields, kept)
    record.plain |= plain or {}
    record.narrative = narrative or None
    record.on = day_of_text(values.get(kind.on)) if kind.on else None
    record.code = str(values.get(kind.code) or "") if kind.code else ""
    record.minutes = values.get(kind.minutes) if kind.minutes else None
    if not record.draft:
        record.signed_by, record.signed_at = user, timezone.now()


def day_of_text(text):
    """The date of an ISO date or moment, or None."""
    if not text:
        return None
    return dt.date.fromisoformat(text) if len(text) == 10 else day_of(dt.datetime.fromisoformat(text))


def worker_at(public_id, *stations):
    """The Worker of a public id who has a job at one of `stations` that has not ended. Raises NotInScope."""
    number = number_of("w", public_id)
    jobs = Assignment.objects.unended().filter(worker=number, station__in=[s for s in stations if s])
    if number is None or not jobs.exists():
        raise NotInScope()
    return Worker.objects.get(pk=number)
