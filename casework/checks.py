"""Rules between the papers of a case: dates in order, what a paper may speak of, what it takes for granted.

Each takes the file, the values as they were read and whether it is a draft; it gives the values with what was left to default,
or raises. What a gate asks for later is no fault here (stages.py).
"""

import datetime as dt

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from casework import codes
from casework.errors import WrongStage, fault
from casework.fields import missing
from periods.deadlines import add_months

REVIEW_MONTHS = 3


def nothing(file, values, draft):
    """A paper without rules between papers: the values as they came."""
    return values


def _day(text):
    return dt.date.fromisoformat(text) if text else None


def _not_before(values, name, *bounds):
    """Refuse a date before one of `bounds` [(day or None, sentence about it)]."""
    day = _day(values.get(name))
    for bound, words in bounds:
        if day and bound and day < bound:
            raise fault(name, "inconsistent", words % {"day": bound})


def _not_after(values, name, bound, words):
    day = _day(values.get(name))
    if day and bound and day > bound:
        raise fault(name, "inconsistent", words % {"day": bound})


def _within_closing(file, values, name):
    closure = file.signed("closure")
    _not_after(values, name, closure and closure.on, _("结案报告写的结案日期是 %(day)s，不能晚于它"))


def intake(file, values, draft):
    """opened ≤ received; a decision has its reason; a declined case is declined for good."""
    if file.case.decision in ("decline", "refer"):
        raise WrongStage(file.case, _("已经决定不接或转介；这个个案只能结案（00 不接案、05 转介完成）"))
    _not_before(values, "received_on", (file.case.opened_on, _("不能早于开案日期 %(day)s")))
    if values.get("decision") and not values.get("decision_reason") and not draft:
        raise missing("decision_reason", _("接案决定的理由"))
    if values.get("consent") is not None and not draft:
        check_consent(values["consent"], "consent.")
    return values


def check_consent(consent, path=""):
    """Basis `consent` names when, how and by whom; the others say why."""
    if not consent.get("basis"):
        raise missing(f"{path}basis", _("依据"))
    wants = ("given_on", "method", "by") if consent["basis"] == "consent" else ("reason",)
    labels = {"given_on": _("同意日期"), "method": _("方式"), "by": _("由谁"), "reason": _("理由")}
    lacking = [missing(f"{path}{name}", labels[name]) for name in wants if not consent.get(name)]
    if lacking:
        raise DomainError.many(lacking)
    if consent.get("expires_on") and consent.get("given_on") and consent["expires_on"] < consent["given_on"]:
        raise fault(f"{path}expires_on", "inconsistent", _("有效期不能早于同意日期"))


def assessment(file, values, draft):
    """received ≤ assessed."""
    received = file.signed("intake")
    _not_before(values, "assessed_on", (received and received.on, _("不能早于接案日期 %(day)s")))
    _within_closing(file, values, "assessed_on")
    return values


def plan(file, values, draft):
    """assessed ≤ planned; the review comes three months on where nothing else is said."""
    assessed = file.signed("assessments")
    _not_before(values, "planned_on", (assessed and assessed.on, _("不能早于预估日期 %(day)s")))
    if not draft and not values.get("goals"):
        raise missing("goals", _("分目标"))
    planned = _day(values.get("planned_on"))
    if planned and not values.get("review_on"):
        values["review_on"] = add_months(planned, REVIEW_MONTHS).isoformat()
    _not_before(values, "review_on", (planned, _("不能早于计划日期 %(day)s")))
    return values


def _planned(file):
    if file.approved_plan is None:
        raise WrongStage(file.case, _("服务计划批准以后才能写这一份"))
    return file.first_day("plans"), _("不能早于计划日期 %(day)s")


def contact(file, values, draft):
    """planned ≤ contact; its goals are goals of this case."""
    _not_before(values, "happened_on", _planned(file))
    _within_closing(file, values, "happened_on")
    known = {g.public_id for goals in file.goals.values() for g in goals}
    unknown = [ref for ref in values.get("goals") or [] if ref not in known]
    if unknown:
        raise fault("goals", "bad_choice", _("这个个案没有目标 %(goal)s") % {"goal": unknown[0][:16]})
    return values


def review(file, values, draft):
    """planned ≤ reviewed; of the plan where nothing else is named; the next one three months on."""
    _not_before(values, "reviewed_on", _planned(file))
    _within_closing(file, values, "reviewed_on")
    subject = values.setdefault("subject", file.signed("plans").record)
    if file.named(subject) is None:
        raise fault("subject", "bad_choice", _("这个个案没有这份记录"))
    reviewed = _day(values.get("reviewed_on"))
    if reviewed and not values.get("next_review_on"):
        values["next_review_on"] = add_months(reviewed, REVIEW_MONTHS).isoformat()
    _not_before(values, "next_review_on", (reviewed, _("不能早于检视日期 %(day)s")))
    return values


def evaluation(file, values, draft):
    """contact ≤ evaluated; each goal of the approved plan is scored once; satisfaction, or why there is none."""
    last = file.last_day("contacts"), _("不能早于最后一次服务 %(day)s")
    _not_before(values, "evaluated_on", _planned(file), last)
    _within_closing(file, values, "evaluated_on")
    goals = {g.public_id for g in file.goals.get(file.approved_plan.pk, [])}
    named = [s.get("goal") for s in values.get("goal_scores") or [] if s.get("goal")]
    for n, ref in enumerate(named):
        if ref not in goals:
            raise fault(f"goal_scores.{n}.goal", "bad_choice", _("获批的计划里没有这个目标"))
        if ref in named[:n]:
            raise fault(f"goal_scores.{n}.goal", "inconsistent", _("这个目标已经评过分"))
    said = values.get("satisfaction")
    if said is not None and not draft and not (said.get("score") or said.get("absent_reason")):
        raise missing("satisfaction.score", _("满意度，或没有评价的原因"))
    return values


def closure(file, values, draft):
    """Everything before ≤ closed; 99 says why; a case that was not accepted ends by 00 or 05, and only such a one by 00."""
    kinds = ("intake", "assessments", "plans", "contacts", "reviews", "evaluations")
    bounds = (
        (file.case.opened_on, _("不能早于开案日期 %(day)s")),
        (file.last_day(*kinds), _("不能早于最后一份记录的日期 %(day)s")),
    )
    _not_before(values, "closed_on", *bounds)
    code = values.get("code")
    if code == "99" and not values.get("reason") and not draft:
        raise missing("reason", _("选“其他”时，说明"))
    if code and file.case.decision in ("decline", "refer") and code not in codes.NOT_ACCEPTED:
        raise fault("code", "inconsistent", _("没有接的个案只能以 00（不接案）或 05（转介完成）结案"))
    if code == "00" and file.case.decision == "accept":
        raise fault("code", "inconsistent", _("已经接的个案不能以 00（不接案）结案"))
    return values


def after_closing(file, values, draft):
    """closed ≤ followed up, filed."""
    for name in ("visited_on", "filed_on"):
        _not_before(values, name, (file.case.closed_on, _("不能早于结案日期 %(day)s")))
    return values
