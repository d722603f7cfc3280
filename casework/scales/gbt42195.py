"""Ability of the elderly by GB/T 42195-2022: 26 items in four groups, the total, the level and its changes (dossier §2.1).

The table is `gbt42195.json` beside this file: names and maxima only. Whether a client needs a record is the case's affair.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from accounts.errors import DomainError

_TABLE = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
CODE, NAME = _TABLE["code"], _TABLE["name"]
GROUPS = tuple(_TABLE["groups"])  # {"code", "name", "max"}
ITEMS = tuple(_TABLE["items"])  # {"code", "name", "max"}; an item's group is its code without the last number
LEVELS = tuple(_TABLE["levels"])  # {"level", "name", "min", "max"} of the total
MOST = sum(item["max"] for item in ITEMS)
WORST = max(level["level"] for level in LEVELS)
_MAXIMA = {item["code"]: item["max"] for item in ITEMS}
_DIAGNOSIS = re.compile(r"[A-Z]\d{2}(?:\.\d{1,2})?", re.ASCII)
_MENTAL = re.compile(r"F\d{2}")
RISK_EVENTS = 2  # within 30 days raise the level


@dataclass(frozen=True)
class Result:
    """`total` 0…90, `preliminary_level` by the total, `level` after its changes (0 intact … 4 lost), `reasons` why it changed."""

    total: int
    preliminary_level: int
    level: int
    reasons: tuple[dict, ...]

    def as_dict(self):
        """For a record's JSON."""
        return {**asdict(self), "reasons": list(self.reasons)}


def level_of(total):
    """The preliminary level of a total."""
    return next(level["level"] for level in LEVELS if level["min"] <= total <= level["max"])


def name_of(level):
    """能力完好, 能力轻度受损（轻度失能）…"""
    return next(one["name"] for one in LEVELS if one["level"] == level)


def subtotals(scores):
    """{group code: points} of checked scores."""
    return {g["code"]: sum(n for code, n in scores.items() if code.startswith(g["code"] + ".")) for g in GROUPS}


def assess(scores, coma=False, diagnoses=(), risk_events_30d=0, *, cumulative=False, per_kind=False):
    """The `Result` of one assessment.

    `scores` {"B.1.1": 0…max, … all 26}; `coma` whether in a coma; `diagnoses` ICD-10 codes, of which F00–F99 count;
    `risk_events_30d` a number, or {kind: number}. Where the standard leaves room the parameters say what a place chose:
    `cumulative` lets a diagnosis and risk events raise two levels instead of one in all, `per_kind` asks two events of
    one kind instead of two in all. Raises DomainError naming every field that is missing or out of range.
    """
    faults = [*_score_faults(scores), *_fact_faults(coma, diagnoses, risk_events_30d)]
    if faults:
        raise DomainError.many(faults, _("能力评估没有填对，请看标出的几项"))
    total = sum(scores.values())
    preliminary, reasons = level_of(total), []
    mental = sorted({code for code in map(_plain, diagnoses) if _MENTAL.match(code)})
    if mental:
        text = _("诊断有痴呆或其他精神和行为障碍（%(codes)s）：提高一级") % {"codes": "、".join(mental)}
        reasons.append({"code": "diagnosis", "text": text})
    if _events(risk_events_30d, per_kind) >= RISK_EVENTS:
        text = _("近30天内照护风险事件达到两次：提高一级")
        reasons.append({"code": "risk_events", "text": text})
    level = min(WORST, preliminary + (len(reasons) if cumulative else bool(reasons)))
    if coma:
        level, reasons = WORST, [{"code": "coma", "text": _("处于昏迷状态：直接定为最重一级")}]
    return Result(total, preliminary, level, tuple(reasons))


def _score_faults(scores):
    if not isinstance(scores, Mapping):
        yield _fault("scores", "inconsistent", _("应按条目给出分数"))
        return
    for item in ITEMS:
        code, most = item["code"], item["max"]
        score = scores.get(code)
        if score is None:
            yield _fault(f"scores.{code}", "missing_required", _("%(item)s没有打分") % {"item": item["name"]})
        elif isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= most:
            text = _("%(item)s应是 0 到 %(most)s 的整数") % {"item": item["name"], "most": most}
            yield _fault(f"scores.{code}", "bad_number", text)
    for code in scores:
        if code not in _MAXIMA:
            yield _fault(f"scores.{str(code)[:20]}", "unknown_field", _("没有这一条目"))


def _fact_faults(coma, diagnoses, events):
    if not isinstance(coma, bool):
        yield _fault("coma", "bad_choice", _("是否昏迷应是“是”或“否”"))
    if isinstance(diagnoses, (str, Mapping)) or not hasattr(diagnoses, "__iter__"):
        yield _fault("diagnoses", "inconsistent", _("诊断应是编码的列表"))
    elif any(not isinstance(d, str) or not _DIAGNOSIS.fullmatch(_plain(d)) for d in diagnoses):
        yield _fault("diagnoses", "bad_choice", _("诊断应是 ICD-10 编码，例如 F01"))
    counts = list(events.values()) if isinstance(events, Mapping) else [events]
    if any(isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= 999 for n in counts):
        yield _fault("risk_events_30d", "bad_number", _("风险事件次数应是 0 以上的整数"))


def _events(events, per_kind):
    if not isinstance(events, Mapping):
        return events
    return max(events.values(), default=0) if per_kind else sum(events.values())


def _plain(diagnosis):
    return diagnosis.strip().upper() if isinstance(diagnosis, str) else ""


def _fault(field, code, message):
    return {"field": field, "code": code, "message": message}
