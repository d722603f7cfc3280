"""Writing the papers of a case: signed at once or as a draft that is filled and signed later; corrections beside them."""

from django.utils.translation import gettext as _

from accounts.errors import Conflict, Forbidden, NotInScope
from casework import access, codes, filing
from casework.actions.holding import add_record, held, put, written
from casework.casefile import values_of
from casework.errors import CaseClosed, WrongStage, fault
from casework.fields import read
from casework.models import Goal
from casework.records import KINDS


def write_record(user, case, kind, body, check=None):
    """A new paper from a raw body. Raises Forbidden; CaseClosed or WrongStage; DomainError naming every faulty field.

    `check(file)` may refuse it under the lock: a page that was drawn from what no longer holds.
    """
    kind = KINDS[kind]
    with held(user, case, kind.verb, closed=kind.after_closing) as file:
        if check:
            check(file)
        _check_stage(file, kind)
        body = dict(body)
        draft = _draft(kind, body.pop("draft", False))
        values = kind.check(file, read(kind.fields, body, draft=draft), draft)
        with written(user, file, f"{kind.name}.{'drafted' if draft else 'signed'}"):
            record = add_record(file, user, kind.name, values, draft=draft, **_extra(file, kind))
            if kind.name == "plans":
                _set_goals(record, values.get("goals"))
            if not draft:
                _follow(file, record)
    return record


def fill_record(user, case, kind, public_id, body, check=None):
    """Fill a draft with the fields of `body`; `"draft": false` signs it. Only its author; `check(record)` asks for its version."""
    kind = KINDS[kind]
    with held(user, case, None, closed=None) as file:
        record = next((r for r in file.records if r.kind == kind.name and r.public_id == public_id), None)
        if record is None or not access.can(user, "read", file.case):
            raise NotInScope()
        if file.case.is_closed and not kind.after_closing:
            raise CaseClosed()
        if not record.draft:
            raise Conflict(_("签了名的记录不再改动；要补充请写新的一版或更正"), code="signed")
        access.require(user, kind.verb, file.case)
        if record.author_id != user.pk:
            raise Forbidden(_("草稿只由写的人接着写"))
        if check:
            check(record)
        body = dict(body)
        record.draft = _draft(kind, body.pop("draft", True))
        if not record.draft:
            _check_stage(file, kind)
        have = {n: v for n, v in values_of(record).items() if n in {f.name for f in kind.fields}}
        if kind.name == "plans":
            have["goals"] = [goal_values(g) for g in file.goals.get(record.pk, [])]
        values = read(kind.fields, {**have, **body}, draft=record.draft)
        values = kind.check(file, values, record.draft)
        with written(user, file, f"{kind.name}.{'filled' if record.draft else 'signed'}"):
            if kind.name == "plans" and "goals" in body:
                Goal.objects.filter(plan=record).delete()
                _set_goals(record, values.get("goals"))
            put(record, kind, values, user)
            record.save()
            file.forget()
            if not record.draft:
                _follow(file, record)
    return record


def correct_record(user, case, body):
    """Append a correction to any signed paper; the paper itself stays as it is."""
    kind = KINDS["corrections"]
    with held(user, case, kind.verb, closed=None) as file:
        values = read(kind.fields, body)
        record = file.named(values["record"])
        if record is None or record.draft:
            raise fault("record", "bad_choice", _("这个个案没有这份签了名的记录"))
        if values["field"].split(".")[0] not in {f.name for f in KINDS[record.kind].fields}:
            raise fault("field", "bad_choice", _("这份记录没有这一项"))
        with written(user, file, "record.corrected", record=record.record):
            return add_record(file, user, "corrections", values, about=record)


def goal_values(goal):
    """A goal as a plan's body holds it, what is not filled left out."""
    due_on = goal.due_on and goal.due_on.isoformat()
    found = {"text": goal.text.clear, "indicator": goal.indicator, "baseline": goal.baseline, "target": goal.target}
    return {name: value for name, value in {**found, "due_on": due_on}.items() if value}


def _draft(kind, asked):
    if not isinstance(asked, bool) or (asked and not kind.drafts):
        raise fault("draft", "bad_choice", _("这种记录不存草稿") if asked is True else _("应是“是”或“否”"))
    return asked


def _check_stage(file, kind):
    if kind.stages and file.case.stage not in kind.stages:
        words = {"kind": kind.label, "stage": codes.STAGES[file.case.stage]}
        raise WrongStage(file.case, _("个案在“%(stage)s”，这一步不写%(kind)s") % words)


def _extra(file, kind):
    return filing.contents_of(file) if kind.name == "filing" else {}


def _set_goals(plan, goals):
    Goal.objects.bulk_create(
        Goal(plan=plan, public_id=codes.new_id("g"), position=n, **goal) for n, goal in enumerate(goals or [])
    )


def _follow(file, record):
    """What a signed paper changes in its case."""
    case = file.case
    if record.kind == "intake":
        case.decision, case.decided_on = record.code, record.on if record.code else None
    elif record.kind == "assessments":
        case.risk_level = record.code
    elif record.kind == "filing":
        case.filed_on, case.filing_complete = record.on, record.plain["complete"]
