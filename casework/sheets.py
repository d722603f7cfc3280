"""A paper of a case in full, in words, line by line; beside an earlier version with what differs. For reading, never for keys.

Whoever shows a sheet has made sure that its reader has the case in full.
"""

import datetime as dt
import re
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from casework.ability import OUTSIDE, Ability
from casework.actions.papers import goal_values
from casework.casefile import values_of
from casework.fields import Choice, Each, Flag, Many, Moment, Part, Texts
from casework.records import KINDS, paper_name
from casework.scales import gbt42195
from surfaces.words import moment
from surfaces.words import number as counted

ADDED, ALTERED, GONE = "added", "altered", "gone"


def sheet(record, file, before=None):
    """[line] of what is filled in `record`, or was in `before` (an earlier version of the same kind).

    A line has `name, label, changed` ("" | added | altered | gone; "" throughout without `before`) and either `text` with
    `pieces` [{"kind": "" | "ins" | "del", "text"}], or `rows` [{"changed", "cells" [(label, text)], "was" [(label, text)]}]; `single` where there is but one by its nature.
    """
    now, was = _whole(record, file), _whole(before, file) if before else None
    found = [_line(field, now, was, file) for field in KINDS[record.kind].fields]
    return [line for line in found if line]


def previous_of(record, file):
    """The signed version before `record`, or None."""
    if not KINDS[record.kind].versions:
        return None
    earlier = [r for r in file.all(record.kind) if r.pk < record.pk]
    return earlier[-1] if earlier else None


def said(field, value, file):
    """One value of a field as a person reads it; "" for what is not filled."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(field, Ability):
        return "；".join(f"{label} {text}".strip() for label, text in _ability(value))
    if isinstance(field, Many):
        return "、".join(str(field.codes.get(code, code)) for code in value)
    if isinstance(field, Choice):
        return str(field.codes.get(value, value))
    if isinstance(field, Flag):
        return _("是") if value else _("否")
    if isinstance(field, Texts):
        return "、".join(_goal(text, file) if field.name == "goals" else text for text in value)
    if field.name == "goal":
        return _goal(value, file)
    if field.name == "subject":
        return _named(value, file)
    if isinstance(field, Moment):
        return moment(dt.datetime.fromisoformat(value))
    return str(value)


def _whole(record, file):
    values = values_of(record)
    if record.kind == "plans":
        values["goals"] = [goal_values(goal) for goal in file.goals.get(record.pk, [])]
    return values


def _line(field, now, was, file):
    line = {"name": field.name, "label": field.label}
    if isinstance(field, Each):
        rows = _rows(_cells_of_all(field, now, file), None if was is None else _cells_of_all(field, was, file))
        marks = {row["changed"] for row in rows}
        return line | {"rows": rows, "changed": ALTERED if marks - {""} else ""} if rows else None
    if isinstance(field, (Part, Ability)):  # one row, no list
        new, old = _cells_of(field, now, file), [] if was is None else _cells_of(field, was, file)
        rows = _rows([new] if new else [], None if was is None else [old] if old else [])
        return line | {"rows": rows, "changed": rows[0]["changed"], "single": True} if rows else None
    new, old = said(field, now.get(field.name), file), "" if was is None else said(field, was.get(field.name), file)
    if not new and not old:
        return None
    changed = "" if was is None or new == old else ADDED if not old else GONE if not new else ALTERED
    return line | {"text": new, "changed": changed, "pieces": pieces(old, new) if changed else [_piece("", new)]}


def _cells_of(field, values, file):
    value = values.get(field.name)
    if not value:
        return []
    if isinstance(field, Ability):
        return _ability(value)
    cells = [(str(f.label), said(f, value.get(f.name), file)) for f in field.fields if f.name != "rank"]
    return [(label, text) for label, text in cells if text]


def _cells_of_all(field, values, file):
    rows = sorted(values.get(field.name) or [], key=lambda one: one.get("rank") or 0)  # a rank is the row's place
    found = (_cells_of(field, {field.name: one}, file) for one in rows)
    return [cells for cells in found if cells]


def _rows(now, was):
    """Rows beside the earlier ones: what stands unchanged is kept in step, what took its place is shown with what was there."""
    if was is None:
        return [{"changed": "", "cells": cells, "was": []} for cells in now]
    out = []
    keys = [tuple(map(tuple, cells)) for cells in was], [tuple(map(tuple, cells)) for cells in now]
    for what, i, to_i, j, to_j in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        for n in range(max(to_i - i, to_j - j)):
            old = was[i + n] if i + n < to_i else []
            new = now[j + n] if j + n < to_j else []
            changed = "" if what == "equal" else ADDED if not old else GONE if not new else ALTERED
            out.append({"changed": changed, "cells": new or old, "was": old if changed == ALTERED else []})
    return out


def pieces(before, after):
    """What was taken out and put in, clause by clause: [{"kind": "" | "ins" | "del", "text"}]."""
    old, new = _clauses(before), _clauses(after)
    out = []
    for what, i, to_i, j, to_j in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            out.append(_piece("", "".join(new[j:to_j])))
            continue
        out += [_piece("del", "".join(old[i:to_i]))] if to_i > i else []
        out += [_piece("ins", "".join(new[j:to_j]))] if to_j > j else []
    return out


def _piece(kind, text):
    return {"kind": kind, "text": text}


def _clauses(text):
    return re.findall(r"[^，。；！？、,;\n]+[，。；！？、,;\n]*|[，。；！？、,;\n]+", text)


def _goal(public_id, file):
    goal = file.goal(public_id)
    return goal.text.clear if goal else public_id


def _named(name, file):
    record = file.named(name)
    return name if record is None else paper_name(record, first_too=True)


def _ability(value):
    """[(label, text)] of an ability record: own scores, an outside result, or why none is needed."""
    if reason := value.get("not_needed"):
        return [(_("不需要评估"), reason)]
    if outside := value.get("outside"):
        return [(str(f.label), str(outside[f.name])) for f in OUTSIDE if outside.get(f.name)]
    lines = [
        (_("总分"), counted(value["total"]) if value.get("total") is not None else ""),
        (_("初步等级"), _level(value.get("preliminary_level"))),
        (_("等级"), _level(value.get("level"))),
        (_("昏迷"), _("是") if value.get("coma") else ""),
        (_("诊断"), "、".join(value.get("diagnoses") or [])),
        (_("30天内风险事件"), counted(value["risk_events_30d"]) if value.get("risk_events_30d") is not None else ""),
        (_("评估人"), "、".join(value.get("assessors") or [])),
    ]
    return [(label, text) for label, text in lines if text]


def _level(level):
    return "" if level is None else str(gbt42195.name_of(level))
