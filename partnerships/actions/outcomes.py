"""What came of it: activities of the six fields, and outcomes with their evidence."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import DomainError
from partnerships import access
from partnerships.actions.batches import hold_pairing
from partnerships.actions.confirming import hold, mark_entered
from partnerships.actions.constraints import in_words
from partnerships.actions.programmes import hold as hold_programme
from partnerships.codes import AGENCY, OF_PERSONS, STATION
from partnerships.models import Activity, Outcome, Trainee
from periods import today
from stations.models import Station

ACTIVITY_FIELDS = ("field", "title", "on", "way", "place", "person_times", "result", "pairing")
OUTCOME_FIELDS = ("on", "evidence")


def create_activity(user, *, programme, pairing=None, **fields):
    """Put down an activity of a programme, of one pairing or of both provinces. Raises Forbidden, DomainError `inconsistent`."""
    with transaction.atomic():
        programme = hold_programme(programme)
        activity = Activity(programme=programme, pairing=pairing, **fields)
        side = access.side_for(user, Activity, programme, pairing)
        _check_activity(activity)
        mark_entered(user, activity, side)
        with change(user, "activity.created", activity):
            activity.save()
    return activity


def update_activity(user, activity, check=None, **fields):
    """Change an activity; it is to be confirmed again. Raises as `create_activity`."""
    with transaction.atomic():
        activity = hold(activity)
        access.require(user, "change", activity)
        if check:
            check(activity)
        for name in ACTIVITY_FIELDS:
            if name in fields:
                setattr(activity, name, fields[name])
        _check_activity(activity)
        mark_entered(user, activity, access.side_for(user, Activity, activity.programme, activity.pairing))
        with change(user, "activity.changed", activity):
            activity.save()
    return activity


def create_outcome(user, *, pairing, kind, on, evidence, station=None, agency=None, name="", unit=""):
    """Put down a station built, an agency cultivated, or what a person achieved (`name`, `unit`).

    Raises Forbidden; DomainError `missing_required` without evidence, `inconsistent`; Conflict `duplicate`.
    """
    with in_words(), transaction.atomic():
        pairing = hold_pairing(pairing)
        side = access.side_for(user, Outcome, pairing.programme, pairing)
        outcome = Outcome(
            pairing=pairing, programme=pairing.programme, kind=kind, on=on, evidence=evidence.strip(),
            station=station if kind == STATION else None, agency=agency if kind == AGENCY else None,
        )  # fmt: skip
        _check_outcome(outcome, name, unit)
        mark_entered(user, outcome, side)
        with change(user, "outcome.created", outcome, pairing=str(pairing)):
            if kind in OF_PERSONS:
                outcome.trainee, _made = Trainee.objects.get_or_create(
                    programme=pairing.programme, name=name.strip(), unit=unit.strip()
                )
            outcome.save()
    return outcome


def update_outcome(user, outcome, check=None, **fields):
    """Correct the day or the evidence; it is to be confirmed again. Raises as `create_outcome`."""
    with in_words(), transaction.atomic():
        pairing = hold_pairing(outcome.pairing)
        outcome = hold(outcome)
        access.require(user, "change", outcome)
        if check:
            check(outcome)
        for name in OUTCOME_FIELDS:
            if name in fields:
                setattr(outcome, name, fields[name])
        person = outcome.trainee
        _check_outcome(outcome, person.name if person else "", person.unit if person else "")
        mark_entered(user, outcome, access.side_for(user, Outcome, pairing.programme, pairing))
        with change(user, "outcome.changed", outcome, pairing=str(pairing)):
            outcome.save()
    return outcome


def _check_activity(activity):
    programme = activity.programme
    if activity.on > today():
        raise DomainError(_("还没有办的不能记"), code="inconsistent", field="on")
    if not programme.starts_on <= activity.on <= programme.ends_on:
        raise DomainError(_("日期不在计划之内"), code="inconsistent", field="on")
    if activity.pairing is not None and activity.pairing.programme_id != programme.pk:
        raise DomainError(_("这个结对不属于这个计划"), code="inconsistent", field="pairing")


def _check_outcome(outcome, name, unit):
    pairing = outcome.pairing
    if not outcome.evidence:
        raise DomainError(_("要写凭据：哪一份文件、证书编号或考核表"), code="missing_required", field="evidence")
    if outcome.on > today() or not pairing.span.lower <= outcome.on < pairing.span.upper:
        raise DomainError(_("日期应在结对之内，且不晚于今天"), code="inconsistent", field="on")
    if outcome.kind == STATION:
        _check_station(outcome)
    elif outcome.kind == AGENCY:
        _check_agency(outcome)
    elif not (name.strip() and unit.strip()):
        raise DomainError(_("要写姓名和单位"), code="missing_required", field="name" if not name.strip() else "unit")


def _check_station(outcome):
    station = outcome.station
    if station is None:
        raise DomainError(_("要写是哪个站"), code="missing_required", field="station")
    if station.division.district_id != outcome.pairing.county_id:
        raise DomainError(_("这个站不在结对的县（区）"), code="inconsistent", field="station")
    if not Station.objects.operating_on(outcome.on).filter(pk=station.pk).exists():
        raise DomainError(
            _("“%(station)s”%(day)s 没有在运营，不算建成") % {"station": station, "day": outcome.on},
            code="inconsistent", field="station",
        )  # fmt: skip


def _check_agency(outcome):
    agency = outcome.agency
    if agency is None:
        raise DomainError(_("要写是哪家机构"), code="missing_required", field="agency")
    if not agency.credit_code:
        raise DomainError(_("这家机构还没有信用代码，先补上"), code="bad_credit_code", field="agency")
    if agency.division is not None and agency.division.province_id != outcome.programme.receiving_id:
        raise DomainError(_("培育的应是受援方的机构"), code="inconsistent", field="agency")
