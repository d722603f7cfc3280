"""The declared fields of a paper laid out for print: pairs of short fields, boxes of written text, tables of lists. Words, no layout.

Drawn from records.py like the forms and the API: a field that is declared is printed, filled or not. Whoever prints has
made sure that the reader has the case in full; `file` is a CaseFile.
"""

import datetime as dt
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from casework import sheets
from casework.ability import OUTSIDE, Ability
from casework.actions.papers import goal_values
from casework.casefile import values_of
from casework.fields import Choice, Day, Each, Flag, Many, Moment, Part, Text, Texts, Whole
from casework.records import KINDS, paper_name
from casework.scales import gbt42195

UNFILLED = "—"
SHORT = 200  # a text that may be longer gets a box of its own
WIDTHS = ((Whole, 1), (Day, 1.6), (Many, 2), (Choice, 1.4), (Flag, 1))


def blocks_of(record, file, lookups):
    """[block] of one paper. A block `is` fields {label, rows [[label, paragraphs, whether it takes the whole line]]},
    or table {label, head, widths, rows [[paragraphs]]}.

    `lookups` {"stations": {code: name}, "workers": {public id: name}} says what ids stand for.
    """
    kind, values = KINDS[record.kind], values_of(record)
    if record.kind == "plans":
        values["goals"] = [goal_values(goal) for goal in file.goals.get(record.pk, [])]
    speaker = Speaker(file, lookups)
    # One step of several (a crisis raised, followed, lifted) has no place for what belongs to another step.
    steps = any(field.name == "action" for field in kind.fields)
    fields = [f for f in kind.fields if not steps or values.get(f.name) not in (None, "", [], {})]
    boxes = [box for field in fields for box in speaker.boxes(field, values.get(field.name))]
    return list(_gathered(boxes))


def height_of(block):
    """About how many millimetres of a page a block takes: enough to know what is short."""
    if block["is"] == "table":
        share = sum(block["widths"])
        tall = (
            max(_lines(cell, 42 * width / share) for cell, width in zip(row, block["widths"], strict=True))
            for row in block["rows"]
        )
        return 12 + sum(3 + 4.5 * lines for lines in tall)
    return 6 + sum(
        (4 + 5.3 * _lines(paras, 33)) * (1 if wide or len(paras[0]) > 15 else 0.6)
        for _label, paras, wide in block["rows"]
    )


def _lines(paras, letters):
    return sum(1 + len(text) // max(1, int(letters)) for text in paras)


def _gathered(boxes):
    """Fields that follow each other stand in one block."""
    for is_row, run in groupby(boxes, key=lambda box: isinstance(box, list)):
        if is_row:
            yield {"is": "fields", "label": "", "rows": list(run)}
        else:
            yield from run


class Speaker:
    """Says values in words; what an id stands for is looked up in the file."""

    def __init__(self, file, lookups):
        self.file, self.lookups = file, lookups

    def boxes(self, field, value):
        """One field as rows [label, paragraphs, wide] or as blocks."""
        label = str(field.label)
        if isinstance(field, Ability):
            yield from self.ability(label, value or {})
        elif isinstance(field, Each):
            yield self.table(field, value) if value else row_of(label, "", True)
        elif isinstance(field, Part):
            inside = value or {}
            yield {"is": "fields", "label": label, "rows": [self.row(f, inside.get(f.name)) for f in field.fields]}
        else:
            yield self.row(field, value)

    def row(self, field, value):
        return row_of(field.label, self.said(field, value), isinstance(field, Text) and field.most > SHORT)

    def table(self, field, rows):
        """A list of objects; goals and follow-ups carry their number, by which other papers speak of them."""
        numbered = field.name == "goals"
        head = ([_("序号")] if numbered else []) + [str(f.label) for f in field.fields]
        widths = ([0.9] if numbered else []) + [_width(f) for f in field.fields]
        cells = [[self.paragraphs(f, row.get(f.name)) for f in field.fields] for row in rows]
        if numbered:
            cells = [[[str(n)], *row] for n, row in enumerate(cells, 1)]
        return {"is": "table", "label": str(field.label), "head": head, "widths": widths, "rows": cells}

    def ability(self, label, value):
        if value.get("not_needed"):
            yield {"is": "fields", "label": label, "rows": [row_of(_("不需要评估"), value["not_needed"], True)]}
        elif outside := value.get("outside"):
            yield {"is": "fields", "label": label, "rows": [self.row(f, outside.get(f.name)) for f in OUTSIDE]}
        elif value:
            yield {"is": "fields", "label": f"{label}（{gbt42195.CODE}）", "rows": list(_result(value))}
            yield _scores(value.get("scores") or {})
        else:
            yield row_of(label, "", True)

    def paragraphs(self, field, value):
        return paragraphs(self.said(field, value))

    def said(self, field, value):
        """One value in words; sheets.said where nothing has to be looked up."""
        if value in (None, "", [], {}):
            return ""
        if isinstance(field, Moment):
            return stamp(dt.datetime.fromisoformat(value))
        if field.name == "goals" and isinstance(field, Texts):
            return _("、").join(self.goal(one) for one in value)
        if field.name == "goal":
            return self.goal(value)
        if field.name in ("subject", "record"):
            return self.paper(value)
        if field.name == "to_station":
            return self.lookups["stations"].get(value, value)
        if field.name == "worker":
            return self.lookups["workers"].get(value, value)
        return sheets.said(field, value, self.file)

    def goal(self, public_id):
        """目标 2 of the plan's second version."""
        goal = self.file.goal(public_id)
        if goal is None:
            return public_id
        plan = next(r for r in self.file.records if r.pk == goal.plan_id)
        return _("目标%(n)d（计划第%(version)d版）") % {"n": goal.position + 1, "version": plan.version}

    def paper(self, name):
        record = self.file.named(name)
        if record:
            return paper_name(record, first_too=True)
        return self.goal(name.partition("/")[2]) if name[:6] == "goals/" else name


def row_of(label, text, wide=False):
    """[label, paragraphs, whether it takes the whole line]."""
    return [str(label), paragraphs(text), wide]


def paragraphs(text):
    """The lines of a text, none of them empty; one mark where nothing is written."""
    return [line for line in str(text).splitlines() if line.strip()] or [UNFILLED]


def stamp(moment):
    """A moment on paper: the whole day, since nobody knows when it will be read."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def field_label(kind, path):
    """What the field of a correction's path is called: `ability.total` by its first part."""
    name = path.partition(".")[0]
    return next((str(f.label) for f in KINDS[kind].fields if f.name == name), path)


def _width(field):
    found = next((width for cls, width in WIDTHS if isinstance(field, cls)), None)
    return found or (4 if field.narrative and getattr(field, "most", 0) > SHORT else 1.8)


def _result(value):
    total, events = value.get("total"), value.get("risk_events_30d")
    yield row_of(_("总分"), "" if total is None else f"{total} / {gbt42195.MOST}")
    yield row_of(_("昏迷"), _("是") if value.get("coma") else _("否"))
    for name, label in (("preliminary_level", _("初步等级")), ("level", _("能力等级"))):
        level = value.get(name)
        yield row_of(label, "" if level is None else gbt42195.name_of(level))
    yield row_of(_("等级变更"), "\n".join(str(reason["text"]) for reason in value.get("reasons") or []), True)
    yield row_of(_("诊断"), _("、").join(value.get("diagnoses") or []))
    yield row_of(_("30天内风险事件"), "" if events is None else events)
    yield row_of(_("评估人"), _("、").join(value.get("assessors") or []))


def _scores(scores):
    """All items with their points, two abreast so that they stand on one page."""
    cells = [
        [[item["code"]], [item["name"]], [UNFILLED if scores.get(item["code"]) is None else f"{scores[item['code']]} / {item['max']}"]]
        for item in gbt42195.ITEMS
    ]  # fmt: skip
    half = (len(cells) + 1) // 2
    right = cells[half:] + [[[""], [""], [""]]] * (2 * half - len(cells))
    return {
        "is": "table", "label": _("能力评估各项得分"), "head": [_("条目"), _("名称"), _("得分")] * 2, "widths": [1, 2.4, 1] * 2,
        "rows": [left + beside for left, beside in zip(cells[:half], right, strict=True)],
    }  # fmt: skip
