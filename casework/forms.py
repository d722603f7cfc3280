"""Forms of the papers of a case, drawn from the one table of kinds (records.py); client and case forms draw on it too (bodies.py).

A field's name on the page is its path in the body (`goals.0.due_on`, `ability.scores.B.1.1`): a fault names its own place.
What was typed becomes the API's values; what is right is decided by `fields.read` and by the actions, never here.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from casework.ability import Ability
from casework.casefile import CaseFile
from casework.fields import Each, Part, missing, read
from casework.form_ability import ability_node
from casework.form_cells import DayCell, cell_of
from casework.records import KINDS, Kind

SCORES = [("2", gettext_lazy("+2 远超")), ("1", gettext_lazy("+1 超过")), ("0", gettext_lazy("0 达到")), ("-1", gettext_lazy("−1 略差")), ("-2", gettext_lazy("−2 没变或更差"))]  # fmt: skip
# Not asked for saving, but the case does not go on without it: no "可不填" stands beside these.
EXPECTED = frozenset((
    "decision", "decision_reason", "consent.given_on", "consent.method", "consent.by", "risk_level", "goals.indicator", "goals.baseline",
    "goals.target", "goals.due_on", "satisfaction.score", "summary",
))  # fmt: skip
HINTS = {
    "facts": gettext_lazy("只写事实，一句也行；可以用键盘上的话筒说。分析另写。"),
    "review_on": gettext_lazy("不填就是三个月后"), "next_review_on": gettext_lazy("不填就是三个月后"),
    "consent.given_on": gettext_lazy("依据是同意时填，方式和由谁也是"), "consent.reason": gettext_lazy("依据是法定职责或紧急保护时写"),
    "satisfaction.absent_reason": gettext_lazy("没有评价时写"), "follow_up_none": gettext_lazy("不安排跟进时写"),
    "consent.scope": gettext_lazy("一行写一项，如：服务记录、照片"),
}  # fmt: skip
ROW_HINTS = {
    "needs": gettext_lazy("从最要紧的写起；次序不填就按上下顺序"),
    "goals": gettext_lazy("指标、基线值、目标值、期限四项都有，目标才算得出有没有达到"),
}
HIDDEN = "casework/_field_hidden.html"
FILLED_BY_ITSELF = {"needs": "rank", "goal_scores": "goal"}  # a row that holds nothing else is empty


def form_for(kind, *, case=None, data=None, initial=None, only=None, draft=False, hidden=(), choices=None, file=None):
    """A form of a kind of paper (its name, or the Kind), or of a plain table of fields.

    `case` gives its goals as choices (or its `file`, where it is read already). `initial` are values as a record holds them,
    `data` what was posted. `only` names the fields of one step; `draft` misses nothing; `hidden` fields are sent unseen;
    `choices` {field: [(value, words)]} offers the values of a text. `form.body()` is what the actions take.
    """
    kind = KINDS.get(kind, kind) if isinstance(kind, str) else kind
    table = kind.fields if isinstance(kind, Kind) else kind
    name = kind.name if isinstance(kind, Kind) else ""
    if file is None and case is not None and name in ("contacts", "evaluations", "reviews"):
        file = CaseFile(case)
    table = [f for f in table if only is None or f.name in only]
    offered = {**(offers(name, file) if file else {}), **(choices or {})}
    return PaperForm(table, data=data, values=initial or {}, draft=draft, hidden=hidden, choices=offered, name=name)


def offers(name, file):
    """{field: choices} that only the case itself knows: its goals, what a review may look at."""
    if name == "contacts":
        return {"goals": [(g.public_id, goal_words(n, g)) for n, g in enumerate(file.live_goals, 1)]}
    if name == "evaluations":
        return {"goal_scores": [(g.public_id, goal_words(n, g)) for n, g in enumerate(file.live_goals, 1)]}
    if name == "reviews":
        papers = [r for kind in ("plans", "assessments", "contacts") for r in reversed(file.all(kind))]
        words = [(r.record, f"{KINDS[r.kind].label} {r.on or ''}") for r in papers[:50]]
        return {"subject": [("", _("服务计划（最新一版）")), *words]}
    return {}


def goal_words(n, goal):
    """一 出门活动: a goal as a chip."""
    text = goal.text.clear
    return f"{'一二三四五六七八九十'[n - 1] if n <= 10 else n} {text[:24]}{'…' if len(text) > 24 else ''}"


def plain_name(name):
    """A path without the numbers of its rows."""
    return re.sub(r"\.\d+", "", name)


# ── The tree of a page ───────────────────────────────────────────────────────────────────────────
@dataclass
class Leaf:
    """One control. Template: casework/_field.html."""

    form: Any
    key: str
    name: str
    template: str = "casework/_field.html"

    @property
    def bound(self):
        return self.form[self.name]

    @property
    def hint(self):
        return self.bound.field.help_text or HINTS.get(plain_name(self.name), "")

    def value(self, cleaned):
        return cleaned.get(self.name)


@dataclass
class Group:
    """Fields that belong together. Template: casework/_field_part.html."""

    key: str
    name: str
    label: Any
    nodes: list
    template: str = "casework/_field_part.html"

    def value(self, cleaned):
        found = {node.key: value for node in self.nodes if (value := node.value(cleaned)) is not None}
        return found or None


@dataclass
class Rows:
    """Rows of the same fields; empty ones are left out of the body. Template: casework/_field_each.html."""

    key: str
    name: str
    label: Any
    rows: list
    most: int
    fixed: bool = False  # one row for each of a list that stands: no more, no fewer
    template: str = "casework/_field_each.html"
    places: list = field(default_factory=list)  # row of the body → row of the page

    @property
    def hint(self):
        return ROW_HINTS.get(self.name, "")

    @property
    def may_grow(self):
        return not self.fixed and len(self.rows) < self.most

    def focus_on_last(self):
        """Let the newest row have the focus: it has just been asked for."""
        first = self.rows[-1].nodes[0]
        first.bound.field.widget.attrs["autofocus"] = True

    def value(self, cleaned):
        self.places, out, own = [], [], FILLED_BY_ITSELF.get(self.key)
        for n, row in enumerate(self.rows):
            found = row.value(cleaned)
            if found and (set(found) - {own}):
                if own == "rank":
                    found.setdefault("rank", len(out) + 1)
                out.append(found)
                self.places.append(n)
        return out or None


class PaperForm(forms.Form):
    """The fields of a table. `nodes` is the tree that templates walk, `body()` the values as the API takes them."""

    use_required_attribute = False

    def __init__(self, table, *, data=None, values=None, draft=False, hidden=(), choices=None, name=""):
        super().__init__(data=data)
        self.table, self.draft, self.hidden, self.choices, self.kind = table, draft, set(hidden), choices or {}, name
        self.too_many: list[str] = []
        self.nodes = [self._node(f, f.name, (values or {}).get(f.name)) for f in table]
        self.values = None  # after is_valid(): the checked values

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────
    def _node(self, declared, name, value):
        if isinstance(declared, Each):
            return self._rows(declared, name, value)
        if isinstance(declared, Part):
            return self._group(declared, name, value)
        if isinstance(declared, Ability):
            return ability_node(self, declared, name, value, self._leaf)
        offered = self.choices.get(name)
        if offered is not None and isinstance(value, list):
            known = {code for code, _words in offered}
            offered = [*offered, *((v, v) for v in value if v not in known)]
        cell = cell_of(declared, choices=offered, hidden=name in self.hidden, value=value)
        return self._leaf(declared.name, name, cell)

    def _leaf(self, key, name, cell):
        cell.required = cell.required or plain_name(name) in EXPECTED
        self.fields[name] = cell
        return Leaf(self, key, name, *([HIDDEN] if cell.widget.is_hidden else []))

    def _group(self, declared, name, value, label=None):
        value = value if isinstance(value, dict) else {}
        nodes = [self._node(f, f"{name}.{f.name}", value.get(f.name)) for f in declared.fields]
        return Group(declared.name, name, declared.label if label is None else label, nodes)

    def _rows(self, declared, name, value):
        value = value if isinstance(value, list) else []
        if declared.name == "goal_scores":
            return self._scored(declared, name, value)
        asked = rows_in(self.data, name) if self.is_bound else len(value)
        if asked > declared.most:
            words = {"label": declared.label, "n": asked, "most": declared.most}
            self.too_many.append(_("%(label)s有 %(n)d 行，最多放 %(most)d 行；多的没有收下") % words)
        count = min(max(1, asked), declared.most)
        rows = [
            self._group(declared, f"{name}.{n}", value[n] if n < len(value) else None, f"{n + 1}") for n in range(count)
        ]
        for cell in (self.fields[leaf.name] for row in rows for leaf in row.nodes if isinstance(leaf, Leaf)):
            if isinstance(cell.widget, forms.Textarea):
                cell.widget.attrs["rows"] = 2
        return Rows(declared.name, name, declared.label, rows, declared.most)

    def _scored(self, declared, name, value):
        """One row a goal, its score in words; the goal itself is sent unseen."""
        offered = dict(self.choices.get(name) or [])
        kept = {one.get("goal"): one for one in value if isinstance(one, dict)}
        goals = list(dict.fromkeys([*offered, *kept]))
        if self.is_bound:
            sent = [
                str(self.data.get(f"{name}.{n}.goal", ""))[:16]
                for n in range(min(rows_in(self.data, name), declared.most))
            ]
            goals = sent or goals
        rows = []
        for n, ref in enumerate(goals):
            row = self._group(declared, f"{name}.{n}", {"goal": ref, **kept.get(ref, {})}, offered.get(ref, ref or "—"))
            cell = self.fields[f"{name}.{n}.goal"]
            cell.widget = forms.HiddenInput()
            score = self.fields[f"{name}.{n}.score"]
            score.widget = forms.RadioSelect(choices=SCORES)
            score.initial = str(score.initial) if score.initial is not None else None
            row.nodes = [node for node in row.nodes if node.key != "goal"] + [
                Leaf(self, "goal", f"{name}.{n}.goal", HIDDEN)
            ]
            rows.append(row)
        return Rows(declared.name, name, declared.label, rows, declared.most, fixed=True)

    def as_typed(self):
        """The same form with what was typed and no word about what is wrong: restored, or with one more row."""
        self._errors, self.cleaned_data = forms.utils.ErrorDict(), {}
        return self

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def body(self):
        """{field: value, None where nothing stands}: what write_record and fill_record take."""
        return {node.key: node.value(self.cleaned_data) for node in self.nodes}

    def clean(self):
        for text in self.too_many:
            self.add_error(None, text)
        try:
            self.values = read(self.table, self.body(), draft=self.draft)
        except DomainError as e:
            self.lay(e)
        return self.cleaned_data

    def lay(self, error):
        """Lay the faults of a domain error beside their fields; what has no field here stands on top."""
        for one in error.errors:
            self._lay(str(one["field"] or ""), one["code"], str(one["message"]))

    def _lay(self, path, code, message):
        name = self.place_of(path)
        if name is None:
            self.add_error(None, ValidationError(message, code=code))
            return
        labels = {f.name: f.label for f in self.table}
        if code == "missing_required" and message == missing(path, labels.get(path, "")).message:
            self.add_error(name, ValidationError(message, code="required"))  # said by the label that the page gives it
            return
        wrong_day = code == "bad_date" and isinstance(self.fields[name], DayCell)
        if message not in map(str, self.errors.get(name, ())):
            self.add_error(name, ValidationError(message, code="invalid" if wrong_day else code))

    def place_of(self, path):
        """The page's field for a path of the body: itself, the first inside it, or the one it lies in. None where there is none."""
        for rows in (node for node in self.nodes if isinstance(node, Rows)):
            found = re.match(rf"{re.escape(rows.name)}\.(\d+)(.*)", path)
            if found and int(found[1]) < len(rows.places):
                path = f"{rows.name}.{rows.places[int(found[1])]}{found[2]}"
        if path in self.fields:
            return path
        inside = next((name for name in self.fields if path and name.startswith(f"{path}.")), None)
        around = next((name for name in self.fields if path.startswith(f"{name}.")), None)
        return inside or around


# ── Rows without script ──────────────────────────────────────────────────────────────────────────
def rows_in(data, name):
    """How many rows of `name` were posted."""
    found = [int(m[1]) + 1 for key in data if (m := re.match(rf"{re.escape(name)}\.(\d{{1,4}})\.", key))]
    told = str(data.get(f"{name}.rows", ""))
    return max([*found, int(told) if re.fullmatch(r"\d{1,4}", told, re.ASCII) else 0], default=0)


def other_rows(data):
    """The posted data with a row more (`add=goals`) or less (`drop=goals.1`), or None where no such button was pressed."""
    if name := str(data.get("add", ""))[:60]:
        data = data.copy()
        data[f"{name}.rows"] = str(min(rows_in(data, name) + 1, 1000))
        return data
    found = re.fullmatch(r"([a-z_.]{1,60})\.(\d{1,4})", str(data.get("drop", "")))
    if found is None:
        return None
    name, gone, out = found[1], int(found[2]), data.copy()
    many = rows_in(data, name)
    for key in [key for key in data if key.startswith(f"{name}.")]:
        del out[key]
    for key in data:
        if (m := re.match(rf"{re.escape(name)}\.(\d{{1,4}})\.(.+)", key)) and int(m[1]) != gone:
            out.setlist(f"{name}.{int(m[1]) - (int(m[1]) > gone)}.{m[2]}", data.getlist(key))
    out[f"{name}.rows"] = str(max(0, many - 1))
    return out
