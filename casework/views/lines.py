"""The timeline of a case's page: what happened, the newest first, with the words written down then. Reads a CaseFile; asks nothing."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import codes
from casework.casefile import values_of
from casework.doors import paper_url
from casework.models import Record
from casework.shapes import title_of
from casework.views.base import joined
from periods.deadlines import day_of
from surfaces.words import near_day

SHORT = 160
# What of a paper is read in its line.
TEXTS = {
    "intake": ("presenting_problem",), "assessments": ("conclusion",), "plans": ("overall_goal",), "contacts": ("facts", "analysis"),
    "reviews": ("finding",), "evaluations": ("self",), "closure": ("summary",), "follow-ups": ("note",), "suspend": ("note",),
    "resume": ("note",), "transfer": ("reason",), "crisis": ("measures", "note", "reason"), "approvals": ("text",),
    "corrections": ("text", "reason"), "reopen": ("reason",), "stage": ("reason",), "withdrawal": ("reason",), "consent": ("reason",),
}  # fmt: skip
FILED = (
    "intake", "consent", "assessments", "plans", "contacts", "reviews", "crisis", "suspend", "resume", "transfer", "evaluations", "closure",
    "follow-ups", "filing", "reopen", "corrections",
)  # fmt: skip
LABELS = {"facts": gettext_lazy("事实"), "analysis": gettext_lazy("分析")}
OPEN_TO_ALL = ("opened", "stage")  # what a reader without the case in full is told of


@dataclass
class Line:
    """One entry; `source` is a Record, or an Event of a reveal."""

    day: Any
    at: Any
    source: Any


def lines_of(file, reveals=(), full=False):
    """[Line], the newest day first; at less than full depth the opening and the stages alone. Drafts stand elsewhere."""
    found = [
        Line(record.on or day_of(record.at), record.at, record)
        for record in file.records
        if not record.draft and (full or record.kind in OPEN_TO_ALL)
    ]
    found += [Line(day_of(event.at), event.at, event) for event in reveals]
    return sorted(found, key=lambda line: (line.day, line.at), reverse=True)


def shown(line, file, full):
    """A line for templates/casework/_timeline.html. Written texts are opened here, so only those of one page."""
    if not isinstance(line.source, Record):
        return {"kind": "", "when": [near_day(line.day)], "by": str(line.source.user or ""), "title": _("查看了打码的信息"),
                "texts": [], "goals": [], "url": ""}  # fmt: skip
    record = line.source
    values = values_of(record) if full else {}
    number = file.case.number
    linked = full and record.kind not in OPEN_TO_ALL
    return {
        "kind": _mark(record), "when": list(_when(line.day, record)), "by": str(record.author or "") if full else "",
        "title": title_of(record), "texts": list(_texts(record.kind, values)), "goals": list(_goals(record, file)) if full else [],
        "url": paper_url(number, record.record) if linked else "",
    }  # fmt: skip


def _when(day, record):
    """昨天 14:00, the moment alone where the record names one."""
    clock = record.plain.get("starts_at") if record.kind == "contacts" else None
    yield " ".join(filter(None, (near_day(day), clock)))


def _mark(record):
    if record.kind in ("crisis", "approvals"):
        marks = {"raise": "bad", "return": "warn", "approve": "ok", "lift": "ok"}
        return marks.get(record.code, "info")
    return {"stage": "ok", "contacts": "info", "suspend": "warn", "opened": "", "closure": "info"}.get(record.kind, "")


def _texts(kind, values):
    """[(label, text)] cut to a line or two."""
    for name in TEXTS.get(kind, ()):
        if text := values.get(name):
            label = LABELS.get(name, "") if kind == "contacts" else ""
            yield label, text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _goals(record, file):
    """The goals that a contact served, by their place in the plan."""
    for ref in record.plain.get("goals") or () if record.kind == "contacts" else ():
        if goal := file.goal(ref):
            yield goal_name(goal)


def goal_name(goal):
    """目标 1: how a goal is called in a word."""
    return _("目标 %(n)d") % {"n": goal.position + 1}


def verdict_mark(file, record):
    """{kind, icon, text} of how a paper that asks for approval stands, or None."""
    if record.draft:
        return {"kind": "", "icon": "edit", "text": _("草稿")}
    if record.kind not in ("plans", "closure"):
        return None
    verdict = file.verdict(record)
    if verdict is None:
        newest = file.signed(record.kind)
        return {"kind": "warn", "icon": "clock", "text": _("待批准")} if newest and newest.pk == record.pk else None
    kind = {"approve": "ok", "return": "warn"}[verdict.code]
    return {"kind": kind, "icon": "", "text": {"approve": _("已批准"), "return": _("已退回")}[verdict.code]}


def consent_words(file):
    """知情同意 2022-05-12，签字; None where none holds."""
    given = file.consent
    if given is None:
        return _("已撤回") if file.was_withdrawn else None
    parts = [codes.BASES.get(given.get("basis"), ""), given.get("given_on"), codes.METHODS.get(given.get("method"), "")]
    if given.get("expires_on"):
        parts.append(_("有效至 %(day)s") % {"day": given["expires_on"]})
    return joined(*parts)
