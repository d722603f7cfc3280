"""How a paper is written on pages: in which steps, what it starts with, why it cannot be written now. The forms themselves: forms.py."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import codes
from casework.actions.papers import goal_values
from casework.casefile import values_of
from casework.errors import CaseClosed
from casework.fields import Each, Part
from casework.records import KINDS
from casework.sheets import said, sheet
from periods import today

# Kind → [(what a step is called, its fields)]. A kind that is not here is one step.
STEPS = {
    "intake": [
        (gettext_lazy("来源和问题"), ("received_on", "source", "willingness", "presenting_problem", "expectations", "tried", "resources")),
        (gettext_lazy("风险和决定"), ("risk_screen", "decision", "decision_reason")),
        (gettext_lazy("知情同意"), ("consent",)),
    ],
    "assessments": [
        (gettext_lazy("三个系统"), ("assessed_on", "sources", "personal", "family", "social")),
        (gettext_lazy("问题和需求"), ("problems", "strengths", "needs")),
        (gettext_lazy("能力"), ("ability",)),
        (gettext_lazy("结论"), ("risk_level", "conclusion")),
    ],
    "plans": [
        (gettext_lazy("目标"), ("planned_on", "overall_goal", "goals")),
        (gettext_lazy("行动步骤"), ("model", "steps", "resources", "difficulties")),
        (gettext_lazy("协议和检视"), ("agreement", "review_on")),
    ],
    "evaluations": [
        (gettext_lazy("目标达成"), ("evaluated_on", "goal_scores")),
        (gettext_lazy("满意度"), ("satisfaction", "measures")),
        (gettext_lazy("自评和督导评"), ("self", "supervisor")),
    ],
    "closure": [
        (gettext_lazy("原因和总结"), ("closed_on", "code", "reason", "summary", "left_over")),
        (gettext_lazy("告知和跟进"), ("informed_on", "follow_up", "follow_up_none")),
    ],
}  # fmt: skip
ONE_DRAFT = frozenset(STEPS)  # of these one draft is gone on with; of the others each stands for itself


# What one wants before one's eyes while writing a paper: the signed one that it builds on.
BUILDS_ON = {
    "assessments": "intake", "plans": "assessments", "contacts": "plans", "reviews": "plans", "evaluations": "plans",
    "closure": "evaluations", "follow-ups": "closure",
}  # fmt: skip


def before_it(kind, file):
    """{"label", "version", "sheet"} of the signed paper that `kind` builds on, or None."""
    record = file.signed(BUILDS_ON.get(kind.name, ""))
    if record is None:
        return None
    return {"label": KINDS[record.kind].label, "version": record.version, "on": record.on, "sheet": sheet(record, file)}


def steps_of(kind):
    """[(title, names of fields)]: the steps in which a paper of `kind` is written; one step where none are declared."""
    return STEPS.get(kind.name) or [(kind.label, tuple(f.name for f in kind.fields))]


def held_values(record, file):
    """What a record holds, a plan's goals included, as its form takes it."""
    values = values_of(record)
    if record.kind == "plans":
        values["goals"] = [goal_values(goal) for goal in file.goals.get(record.pk, [])]
    return {f.name: values[f.name] for f in KINDS[record.kind].fields if values.get(f.name) is not None}


def first_values(kind, file):
    """(values, the version they are from or None): a new paper starts from the last signed version, of today."""
    base = file.signed(kind.name) if kind.versions else None
    values = held_values(base, file) if base else {}
    values[kind.on] = today().isoformat()
    for name in ("review_on", "next_review_on"):
        if values.get(name, "") and values[name] < values[kind.on]:
            del values[name]
    return values, base


def own_draft(user, file, kind):
    """The draft of `user` that is gone on with, or None."""
    found = [r for r in file.all(kind.name, signed=False) if r.draft and r.author_id == user.pk]
    return found[-1] if found and kind.name in ONE_DRAFT else None


def why_not(kind, file):
    """A sentence why `kind` cannot be written in this case now, "" where it can. The action asks again under the lock."""
    case = file.case
    if kind.after_closing:
        return "" if case.is_closed else _("个案还没有结案，结案以后再写%(kind)s") % {"kind": kind.label}
    if case.is_closed:
        return str(CaseClosed.message)
    if kind.stages and case.stage not in kind.stages:
        words = {"kind": kind.label, "stage": codes.STAGES[case.stage]}
        return _("个案在“%(stage)s”，这一步不写%(kind)s") % words
    if kind.name in ("contacts", "reviews", "evaluations") and file.approved_plan is None:
        return _("服务计划批准以后才能写%(kind)s") % {"kind": kind.label}
    return ""


def worded(declared, value, file):
    """A value as a person reads it beside another."""
    if isinstance(declared, Each):
        return "\n".join(worded(Part(name="", fields=declared.fields), one, file) for one in value or [])
    if isinstance(declared, Part):
        cells = ((f.label, worded(f, (value or {}).get(f.name), file)) for f in declared.fields)
        return "；".join(_("%(label)s：%(text)s") % {"label": label, "text": text} for label, text in cells if text)
    return said(declared, value, file)


def differing(kind, mine, theirs, file):
    """[{name, label, mine, theirs}] of the fields in `mine` that read otherwise in `theirs`."""
    out = []
    for declared in kind.fields:
        if declared.name not in mine:
            continue
        one, other = (worded(declared, values.get(declared.name), file) for values in (mine, theirs))
        if one != other:
            out.append({"name": declared.name, "label": declared.label, "mine": one, "theirs": other})
    return out
