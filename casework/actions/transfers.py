"""Handing a case to another station: offered, then accepted or returned there. Until accepted the sender stays responsible."""

from django.utils.translation import gettext as _

from accounts.errors import Forbidden, NotInScope
from casework import access
from casework.actions.holding import add_record, held, worker_at, written
from casework.errors import Duplicate, WrongStage, fault
from casework.fields import missing, read
from casework.records import KINDS
from periods import today
from stations.models import Station

STATES = {"offer": "offered", "accept": "accepted", "return": "returned", "cancel": "cancelled"}


def transfer_case(user, case, body):
    """One step of a transfer. Raises Forbidden, Duplicate, WrongStage, DomainError."""
    with held(user, case, "see") as file:
        values = read(KINDS["transfer"].fields, body)
        action = values["action"]
        _check_right(user, file.case, action)
        steps = {"offer": _offer, "accept": _accept, "return": _return, "cancel": _cancel}
        to_station = file.case.transfer_to
        with written(user, file, f"transfer.{STATES[action]}"):
            to_station = steps[action](user, file.case, values) or to_station
            values["to_station"] = to_station.code
            return add_record(file, user, "transfer", values, on=today(), state=STATES[action])


def _check_right(user, case, action):
    if action in ("offer", "cancel"):
        access.require(user, "offer", case)
        return
    if case.transfer_to is None:
        raise WrongStage(case, _("没有等待接收的转站"))
    if not access.may_receive(user, case.transfer_to):
        raise Forbidden(_("接收或退回由对方站的站长或督导来做"))


def _offer(user, case, values):
    lacking = [
        missing(n, label) for n, label in (("to_station", _("转往站点")), ("reason", _("原因"))) if not values.get(n)
    ]
    if lacking:
        raise type(lacking[0]).many(lacking)
    if case.transfer_to is not None:
        raise Duplicate(_("已经提出转往“%(station)s”，等对方答复") % {"station": case.transfer_to})
    found = Station.objects.unscoped("a case may go to any station").filter(code=values["to_station"]).first()
    if found is None or found.status != "operating":
        raise fault("to_station", "bad_choice", _("没有这个在运营的站点"))
    if found == case.station:
        raise fault("to_station", "inconsistent", _("个案已经在这个站"))
    case.transfer_to = found
    return found


def _accept(user, case, values):
    if not values.get("worker"):
        raise missing("worker", _("承办社工"))
    try:
        case.worker = worker_at(values["worker"], case.transfer_to)
    except NotInScope:
        raise fault(
            "worker", "bad_choice", _("这个人现在不在“%(station)s”任职") % {"station": case.transfer_to}
        ) from None
    case.station, case.transfer_to = case.transfer_to, None
    return case.station


def _return(user, case, values):
    if not values.get("reason"):
        raise missing("reason", _("原因"))
    case.transfer_to = None


def _cancel(user, case, values):
    if case.transfer_to is None:
        raise WrongStage(case, _("没有等待接收的转站"))
    case.transfer_to = None
