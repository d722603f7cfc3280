"""Opening a case, opening the next episode, naming another worker, showing what is masked."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import Forbidden, NotInScope
from accounts.reveals import reveal
from casework import due
from casework.actions.clients import find_client, station_for
from casework.actions.holding import add_record, day_of_text, held, worker_at, written
from casework.casefile import CaseFile
from casework.errors import Duplicate, WrongStage, fault
from casework.fields import missing
from casework.models import Case
from casework.models.cases import new_number
from casework.models.clients import PERSONAL
from stations.access import roles_at


def open_case(user, body):
    """Open a case from a checked body (bodies.CASE). Raises DomainError, Forbidden, NotInScope."""
    with transaction.atomic():
        try:
            client = find_client(user, body["client"])
        except NotInScope:
            raise fault("client", "out_of_scope", _("没有这个服务对象，或不在您的范围内")) from None
        station = station_for(user, body.get("station") or client.station.code)
        worker = _worker(user, station, body.get("worker"))
        on = day_of_text(body["opened_on"])
        if client.born and on < client.born:
            raise fault("opened_on", "inconsistent", _("开案日期不能早于出生日期"))
        with change(user, "case.opened", client):
            case = _make(user, client, station, worker, on, domain=body.get("domain") or "")
    return case


def _make(user, client, station, worker, on, **more):
    case = Case.objects.create(
        number=new_number(station, on), station=station, client=client, worker=worker, opened_by=user, opened_on=on,
        stage_since=on, **more,
    )  # fmt: skip
    file = CaseFile(case)
    add_record(file, user, "opened", {"on": on.isoformat()})
    due.settle(file)
    return case


def _worker(user, station, named):
    """Oneself, or whom a manager or supervisor names. Raises DomainError, Forbidden."""
    own = getattr(user, "worker", None)
    if not named or (own is not None and named == own.public_id):
        if own is None:
            raise missing("worker", _("承办社工"))
        return own
    if not roles_at(user, station) & {"manager", "supervisor"}:
        raise Forbidden(_("指定别人承办，由站长或督导来做"))
    return named_worker(named, station)


def named_worker(public_id, station):
    """The Worker who works at `station`, or at the station whose room it is. Raises DomainError."""
    try:
        return worker_at(public_id, station, station.parent)
    except NotInScope:
        raise fault("worker", "bad_choice", _("这个人现在不在“%(station)s”任职") % {"station": station}) from None


def change_case(user, case, body, check=None):
    """Name another worker, set the confidentiality. `check(case)` runs on the held row."""
    with held(user, case, "change") as file:
        if check:
            check(file.case)
        was, verb = file.case.worker, "case.changed"
        if "worker" in body:
            file.case.worker = named_worker(body["worker"], file.case.station)
            verb = "case.assigned" if file.case.worker.pk != was.pk else verb
        file.case.confidentiality = body.get("confidentiality", file.case.confidentiality)
        with written(user, file, verb, worker=file.case.worker.public_id, was=was.public_id):
            pass
    return file.case


def reopen_case(user, case, values):
    """A new episode of a closed case: its own number, the old one untouched. Raises WrongStage, Duplicate, DomainError."""
    with held(user, case, "reopen", closed=None) as file:
        old = file.case
        if not old.is_closed:
            raise WrongStage(old, _("个案还没有结案，不用重新开案"))
        if Case.objects.filter(previous=old).exists():
            raise Duplicate(_("已经重新开过案"))
        on = day_of_text(values["on"])
        if on < old.closed_on:
            raise fault("on", "inconsistent", _("不能早于结案日期 %(day)s") % {"day": old.closed_on})
        own = getattr(user, "worker", None)
        worker = own if own is not None and old.is_of(user) else old.worker
        with change(user, "case.reopened", old):
            new = _make(
                user, old.client, old.station, worker, on, domain=old.domain, confidentiality=old.confidentiality,
                previous=old, episode=old.episode + 1,
            )  # fmt: skip
            add_record(CaseFile(new), user, "reopen", values)
            Case.objects.filter(pk=old.pk).update(updated_at=timezone.now())
    return new


def reveal_client(user, obj, purpose, note=""):
    """What is masked of a case's client, or of a client, in clear: one event, within the day's budget (accounts.reveals)."""
    found = reveal(user, obj, purpose, note or "", PERSONAL)
    return dict(found)
