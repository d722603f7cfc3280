"""The ONE table of stages, the steps between them and the gates of each step, in the contract's order (contract §5).

Page, API, docs and tests read it. A gate is asked of a `CaseFile`, under the case's lock before anything moves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import codes
from casework.ability import is_filled
from casework.casefile import ORDER, values_of
from casework.codes import ASSESSMENT, CLOSED, EVALUATION, INTERVENTION, PLANNING
from periods import today

ELDERLY = 60


@dataclass(frozen=True)
class Gate:
    """A condition of a step. `shut(file)` gives the sentence why it is shut, "" where it is open."""

    code: str
    label: Any
    shut: Callable


@dataclass(frozen=True)
class Found:
    """A gate as it stands for one case."""

    code: str
    label: Any
    met: bool
    detail: str

    def as_dict(self):
        return {"code": self.code, "met": self.met, "detail": str(self.detail)}


# ── intake → assessment ──────────────────────────────────────────────────────────────────────────
def identity(file):
    if file.client.is_identified:
        return ""
    return _("服务对象的姓名、性别、出生日期、证件号（或没有证件号的原因）还不全")


def consent(file):
    given = file.consent
    if file.was_withdrawn and given is None:
        return _("知情同意已经撤回")
    if given is None:
        return _("还没有知情同意，也没有写明其他依据")
    if given.get("expires_on") and given["expires_on"] < today().isoformat():
        return _("知情同意已于 %(day)s 到期") % {"day": given["expires_on"]}
    return ""


def decision(file):
    record = file.signed("intake")
    if record is None:
        return _("接案登记还没有签名")
    if record.code != "accept":
        return _("接案决定不是“接案”") if record.code else _("还没有写接案决定")
    return "" if values_of(record).get("decision_reason") else _("接案决定还没有写理由")


# ── assessment → planning ────────────────────────────────────────────────────────────────────────
def assessment(file):
    record = file.newest("assessments")
    if record is None:
        return _("还没有预估")
    if record.draft:
        return _("第%(n)d版预估还没有签名") % {"n": record.version}
    return "" if file.holds_since(record, ASSESSMENT) else _("退回预估以后还没有新的一版")


def needs(file):
    record = file.newest("assessments")
    ranks = [need.get("rank") for need in (record.plain.get("needs") or [])] if record else []
    if not ranks:
        return _("还没有列出需求")
    return (
        ""
        if sorted(ranks, key=lambda r: r or 0) == list(range(1, len(ranks) + 1))
        else _("需求的次序应从 1 起，不缺不重")
    )


def risk(file):
    record = file.newest("assessments")
    return "" if record and record.plain.get("risk_level") else _("还没有定风险等级")


def ability(file):
    record = file.newest("assessments")
    age = file.client.age_on(record.on if record and record.on else today())
    if age is not None and age < ELDERLY:
        return ""
    if record and is_filled(values_of(record).get("ability")):
        return ""
    return _("满60岁的服务对象要有能力评估：自评分数、外部结果，或写明不需要的原因")


def supervisor(file):
    record = file.newest("assessments")
    if record is None or record.plain.get("risk_level") != "red" or file.noted(record):
        return ""
    return _("风险为红，第%(n)d版预估待督导批注") % {"n": record.version}


# ── planning → intervention ──────────────────────────────────────────────────────────────────────
def plan_approved(file):
    record = file.signed("plans")
    if record is None:
        return _("还没有签了名的计划")
    if not file.holds_since(record, ASSESSMENT, PLANNING):
        return _("退回以后还没有新的一版计划")
    verdict = file.verdict(record)
    if verdict is None:
        return _("第%(n)d版计划待督导批准") % {"n": record.version}
    return "" if verdict.code == "approve" else _("第%(n)d版计划被退回，请改好再交") % {"n": record.version}


def goals(file):
    plan = file.readable("plans")
    if plan and any(goal.is_complete for goal in file.goals.get(plan.pk, [])):
        return ""
    return _("至少一个目标要有指标、基线值、目标值和期限")


def agreement(file):
    plan = file.readable("plans")
    signed = (plan.plain.get("agreement") or {}) if plan else {}
    return "" if all(signed.get(name) for name in ("signed_on", "method", "by")) else _("服务协议还没有签")


# ── intervention → evaluation ────────────────────────────────────────────────────────────────────
def contacts(file):
    served = {ref for record in file.all("contacts") for ref in record.plain.get("goals") or []}
    left = [g for g in file.live_goals if g.public_id not in served]
    if not left:
        return "" if file.approved_plan else _("还没有获批的计划")
    return _("还有 %(n)d 个目标没有服务记录") % {"n": len(left)}


def reviews(file):
    chain = file.review_chain()
    due = chain[-1][1] if chain else None
    return _("应于 %(day)s 检视计划，还没有做") % {"day": due} if due and due < today().isoformat() else ""


# ── evaluation → closed ──────────────────────────────────────────────────────────────────────────
def closes_alone(file):
    """Does this closure ask for its own gate only (early closure)?"""
    record = file.signed("closure")
    return file.approved_plan is None or (record is not None and record.code in codes.CLOSURE_ALONE)


def goal_scores(file):
    if closes_alone(file):
        return ""
    left = [g for g in file.live_goals if g.public_id not in file.scores()]
    return _("还有 %(n)d 个目标没有评分") % {"n": len(left)} if left else ""


def satisfaction(file):
    if closes_alone(file):
        return ""
    record = file.signed("evaluations")
    said = (values_of(record).get("satisfaction") or {}) if record else {}
    return "" if said.get("score") or said.get("absent_reason") else _("还没有服务对象的满意度，或没有评价的原因")


def closure(file):
    record = file.signed("closure")
    if record is None:
        return _("还没有签了名的结案报告")
    values = values_of(record)
    if not values.get("summary") or not (values.get("follow_up") or values.get("follow_up_none")):
        return _("结案报告还缺总结，或跟进安排（或不跟进的原因）")
    verdict = file.verdict(record)
    if verdict is None:
        return _("第%(n)d版结案报告待督导批准") % {"n": record.version}
    return "" if verdict.code == "approve" else _("第%(n)d版结案报告被退回，请改好再交") % {"n": record.version}


GATES = {
    ASSESSMENT: (
        Gate("identity", gettext_lazy("身份清楚"), identity), Gate("consent", gettext_lazy("知情同意或依据"), consent),
        Gate("decision", gettext_lazy("决定接案"), decision),
    ),
    PLANNING: (
        Gate("assessment", gettext_lazy("预估已签名"), assessment), Gate("needs", gettext_lazy("需求已排序"), needs),
        Gate("risk", gettext_lazy("风险已定级"), risk), Gate("ability", gettext_lazy("能力评估"), ability),
        Gate("supervisor", gettext_lazy("督导批注"), supervisor),
    ),
    INTERVENTION: (
        Gate("plan_approved", gettext_lazy("计划已批准"), plan_approved), Gate("goals", gettext_lazy("目标可衡量"), goals),
        Gate("agreement", gettext_lazy("服务协议已签"), agreement),
    ),
    EVALUATION: (
        Gate("contacts", gettext_lazy("每个目标都有服务"), contacts), Gate("reviews", gettext_lazy("没有过期的检视"), reviews),
    ),
    CLOSED: (
        Gate("goal_scores", gettext_lazy("目标已评分"), goal_scores), Gate("satisfaction", gettext_lazy("满意度"), satisfaction),
        Gate("closure", gettext_lazy("结案已批准"), closure),
    ),
}  # fmt: skip
BACK = {INTERVENTION: (ASSESSMENT, PLANNING)}


def next_stage(stage):
    """The stage that follows, or None once closed."""
    return ORDER[ORDER.index(stage) + 1] if stage != CLOSED else None


def reachable(stage):
    """{stage that may follow: whether that is a step back}; closing is possible from everywhere."""
    if stage == CLOSED:
        return {}
    return {next_stage(stage): False, CLOSED: False} | dict.fromkeys(BACK.get(stage, ()), True)


def gates_of(file, to):
    """Every gate of the step to `to`, met or not, in order."""
    out = []
    for gate in GATES.get(to, ()):
        why = gate.shut(file)
        out.append(Found(gate.code, gate.label, not why, why))
    return out


def unmet(file, to):
    return [gate for gate in gates_of(file, to) if not gate.met]
