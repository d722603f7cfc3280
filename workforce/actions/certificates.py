"""Writing what a person has passed and for which span he is registered: part of a change of the person, under its event."""

import datetime as dt

from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.errors import DomainError
from periods import today
from workforce.models import Certificate, Registration
from workforce.models.certificates import LONGEST

CERTIFIED = ("qualification", "certificate_no", "certified_on", "registered_from", "registered_until")
YEARS = 3
RENEWAL = dt.timedelta(days=92)  # registering again is possible in the three months before the old one ends


def write_certificate(worker, fields):
    """Write the highest certificate and the newest registration as `fields` say (those of CERTIFIED that are given).

    `qualification` is a grade number; a lower one than stands is a correction and removes the higher, 0 removes all.
    """
    if not fields:
        return
    grade = _write_grade(worker, fields)
    if "registered_until" in fields:
        _write_registration(worker, grade, fields.get("registered_from"), fields["registered_until"])


def _write_grade(worker, fields):
    """The highest grade after the change."""
    standing = Certificate.objects.filter(worker=worker).order_by("-grade").first()
    grade = fields.get("qualification", standing.grade if standing else 0)
    number, on = fields.get("certificate_no"), fields.get("certified_on")
    if not grade and (number or on or fields.get("registered_until")):
        raise DomainError(_("没有职业资格，就没有证书和登记"), code="inconsistent", field="qualification")
    if on and on > today():
        raise DomainError(_("取证日期不能晚于今天"), code="inconsistent", field="certified_on")
    if standing and grade < standing.grade:
        Certificate.objects.filter(worker=worker, grade__gt=grade).delete()
        Registration.objects.filter(worker=worker, grade__gt=grade).delete()
    if grade:
        certificate = Certificate.objects.filter(worker=worker, grade=grade).first() or Certificate(
            worker=worker, grade=grade
        )
        if "certificate_no" in fields:
            certificate.number = number or ""
        if "certified_on" in fields:
            certificate.issued_on = on
        certificate.save()
    return grade


def _write_registration(worker, grade, since, until):
    """Correct the newest registration, or add the next one where `until` lies a cycle later. None takes all away."""
    if until is None:
        Registration.objects.filter(worker=worker).delete()
        return
    newest = Registration.objects.filter(worker=worker).order_by("-span").first()
    registration_after(newest, worker, grade, since, until).save()


def registration_after(newest, worker, grade, since, until):
    """The row to be saved so that a worker, whose `newest` registration (or None) stands, is registered until `until`.

    A renewal is a new row that begins where the old one ends; anything else corrects the old one. Without `since` a
    registration lasts three years. Raises DomainError `inconsistent` for one that is longer.
    """
    begins, upper = since or three_years_before(until), until + dt.timedelta(days=1)
    if since and (since > until or upper - since > LONGEST):
        raise DomainError(_("一次登记最长三年"), code="inconsistent", field="registered_until")
    if newest and begins >= newest.span.upper - RENEWAL:
        return Registration(worker=worker, grade=grade, span=DateRange(since or max(begins, newest.span.upper), upper))
    row = newest or Registration(worker=worker)
    kept = newest and newest.span.lower < upper <= newest.span.lower + LONGEST
    row.grade, row.span = grade, DateRange(since or (newest.span.lower if kept else begins), upper)
    return row


def three_years_before(last_day):
    """The first day of a registration whose last day is `last_day`."""
    following = last_day + dt.timedelta(days=1)
    try:
        return following.replace(year=following.year - YEARS)
    except ValueError:  # 29 February
        return following.replace(year=following.year - YEARS, day=28)
