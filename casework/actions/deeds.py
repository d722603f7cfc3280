"""What runs beside the stages: consent given or withdrawn later, a case that rests, a crisis raised, followed and lifted."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from casework import access
from casework.actions.holding import add_record, day_of_text, held, written
from casework.checks import check_consent
from casework.errors import Duplicate, Suspended, WrongStage, fault
from casework.fields import missing, read
from casework.records import KINDS
from periods import today


def record_consent(user, case, body):
    """A consent after intake, or its withdrawal. Raises DomainError; Conflict where there is none to withdraw."""
    with held(user, case, "write") as file:
        values = read(KINDS["consent"].fields, body)
        if values["action"] == "give":
            check_consent(values)
        else:
            values.setdefault("withdrawn_on", today().isoformat())
            if file.consent is None:
                raise Conflict(_("没有有效的知情同意可撤回"), code="not_pending")
        with written(user, file, f"consent.{values['action']}"):
            return add_record(file, user, "consent", values)


def suspend_case(user, case, body):
    """The case rests until a day on which it is looked at again. Raises Suspended where it rests already."""
    with held(user, case, "suspend") as file:
        values = read(KINDS["suspend"].fields, body)
        case, on = file.case, day_of_text(values["on"])
        if case.suspended_on:
            raise Suspended(_("个案已经中止"))
        if on < case.opened_on:
            raise fault("on", "inconsistent", _("不能早于开案日期 %(day)s") % {"day": case.opened_on})
        review = day_of_text(values["review_on"])
        if review < on:
            raise fault("review_on", "inconsistent", _("复查日期不能早于中止日期"))
        with written(user, file, "case.suspended"):
            record = add_record(file, user, "suspend", values)
            case.suspended_on, case.suspended_reason, case.suspended_review_on = on, values["reason"], review
    return record


def resume_case(user, case, body):
    """The case goes on. Raises WrongStage where it does not rest."""
    with held(user, case, "suspend") as file:
        values = read(KINDS["resume"].fields, body)
        case = file.case
        if not case.suspended_on:
            raise WrongStage(case, _("个案没有中止"))
        if day_of_text(values["on"]) < case.suspended_on:
            raise fault("on", "inconsistent", _("不能早于中止日期 %(day)s") % {"day": case.suspended_on})
        with written(user, file, "case.resumed"):
            record = add_record(file, user, "resume", values)
            case.suspended_on, case.suspended_reason, case.suspended_review_on = None, "", None
    return record


NEEDS = {
    "raise": (
        ("found_at", gettext_lazy("发现时间")),
        ("kinds", gettext_lazy("风险类型")),
        ("measures", gettext_lazy("即时措施")),
    ),
    "follow_up": (("at", gettext_lazy("时间")), ("note", gettext_lazy("跟进情况"))),
    "lift": (("at", gettext_lazy("时间")), ("reason", gettext_lazy("解除的理由"))),
}


def record_crisis(user, case, body):
    """Raise a crisis, follow it up, lift it (a supervisor or manager). Raises Duplicate, WrongStage, DomainError."""
    with held(user, case, "crisis") as file:
        values = read(KINDS["crisis"].fields, body)
        case, action = file.case, values["action"]
        if action == "lift":
            access.require(user, "lift", case)
        if lacking := [missing(name, label) for name, label in NEEDS[action] if not values.get(name)]:
            raise type(lacking[0]).many(lacking)
        if action == "raise" and case.crisis:
            raise Duplicate(_("已在危机中，请记跟进"))
        if action != "raise" and not case.crisis:
            raise WrongStage(case, _("个案现在没有危机"))
        day = day_of_text(values["found_at" if action == "raise" else "at"])
        if day < case.opened_on and action != "raise":
            raise fault("at", "inconsistent", _("不能早于开案日期 %(day)s") % {"day": case.opened_on})
        with written(user, file, f"crisis.{action}"):
            about = next((r for r in reversed(file.all("crisis")) if r.code == "raise"), None)
            record = add_record(
                file, user, "crisis", values, about=None if action == "raise" else about, on=max(day, case.opened_on)
            )
            case.crisis = action != "lift"
    return record
