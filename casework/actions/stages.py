"""Moving a case from stage to stage: forward through its gates, back with a reason, early to its closing."""

from django.utils.translation import gettext as _

from casework.actions.holding import add_record, day_of_text, held, written
from casework.codes import CLOSED, STAGES
from casework.errors import GateUnmet, Suspended, WrongStage, fault
from casework.fields import missing, read
from casework.records import KINDS
from casework.stages import reachable, unmet
from periods import today


def advance_case(user, case, body, seen=""):
    """Move `case` to `body["to"]`. Raises Forbidden, CaseClosed, Suspended, WrongStage, GateUnmet naming every shut gate.

    `seen` is the stage that the asker had before him: somebody was faster where it is another now.
    """
    with held(user, case, "advance") as file:
        values = read(KINDS["stage"].fields, body)
        case, to = file.case, values["to"]
        if seen and seen != case.stage:
            raise WrongStage(case, _("刚才有人先动了：个案现在在“%(stage)s”") % {"stage": STAGES[case.stage]})
        if case.suspended_on:
            raise Suspended()
        steps = reachable(case.stage)
        if to not in steps:
            raise WrongStage(case)
        if steps[to] and not values.get("reason"):
            raise missing("reason", _("退回的原因"))
        if not steps[to] and (shut := unmet(file, to)):
            raise GateUnmet.of(shut)
        on = _day(file, to, day_of_text(values.get("on")))
        with written(user, file, "case.advanced", to=to):
            add_record(file, user, "stage", {**values, "on": on.isoformat()}, **{"from": case.stage})
            case.stage, case.stage_since = to, on
            if to == CLOSED:
                case.closed_on, case.closure_code, case.transfer_to = on, file.signed("closure").code, None
    return case


def _day(file, to, asked):
    """The day of the step: a closing is dated by its report, else what is asked or today, not before the stage began."""
    case = file.case
    if to == CLOSED:
        closed = file.signed("closure").on
        if asked and asked != closed:
            raise fault("on", "inconsistent", _("结案报告写的结案日期是 %(day)s") % {"day": closed})
        return closed
    if asked and asked < case.stage_since:
        raise fault("on", "inconsistent", _("不能早于进入本阶段的日期 %(day)s") % {"day": case.stage_since})
    return asked or max(today(), case.stage_since)
