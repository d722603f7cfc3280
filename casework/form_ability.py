"""The ability record as a part of a page's form: which of the three ways, the 26 items with their words, the level as it comes out."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from casework.ability import OUTSIDE
from casework.fields import Text, Whole
from casework.form_cells import ChoiceCell, TokensCell, cell_of
from casework.scales import gbt42195
from casework.scales.words import GROUP_NAMES, ITEM_NAMES, LEVEL_NAMES, WORDS

WAYS = [("scores", _("自己打分")), ("outside", _("用外部结果")), ("not_needed", _("不需要评估"))]
ASSESSORS = 2


@dataclass
class AbilityNode:
    """Template casework/_ability.html: `way`, `groups` [{name, most, leaves}], `facts`, `assessors`, `outside`, `not_needed`, `result`."""

    form: Any
    key: str
    label: Any
    name: str
    template: str = "casework/_ability.html"
    way: Any = None
    groups: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    assessors: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    not_needed: Any = None

    def leaves(self):
        """Every leaf inside, in the order of the page."""
        scores = [leaf for group in self.groups for leaf in group["leaves"]]
        return [self.way, *scores, *self.facts.values(), *self.assessors, *self.outside, self.not_needed]

    def value(self, cleaned):
        """What the body holds: of the way that was chosen, or of what is filled in where none was."""
        found = {
            "scores": self._own(cleaned),
            "outside": _of(self.outside, cleaned),
            "not_needed": self.not_needed.value(cleaned),
        }
        way = self.way.value(cleaned) or next((name for name, value in found.items() if value), None)
        if way not in found or not found[way]:
            return {way: "" if way == "not_needed" else {}} if way in found else None
        return found[way] if way == "scores" else {way: found[way]}

    def _own(self, cleaned):
        scores = {
            leaf.key: value for g in self.groups for leaf in g["leaves"] if (value := leaf.value(cleaned)) is not None
        }
        facts = {name: value for name, leaf in self.facts.items() if (value := leaf.value(cleaned)) is not None}
        people = [value for leaf in self.assessors if (value := leaf.value(cleaned)) is not None]
        if not scores and not facts and not people:
            return None
        return {"scores": scores, **facts, **({"assessors": people} if people else {})}

    @property
    def result(self):
        """{"total", "level", "preliminary", "reasons"} of what is filled in, or {"left"} of items without a score; None before the first."""
        typed = {n: f.clean(self.form[n].value()) for n, f in self.form.fields.items() if n.startswith(f"{self.name}.")}
        body = self._own(typed)
        if not body or not body["scores"]:
            return None
        left = len(gbt42195.ITEMS) - len(body["scores"])
        if left > 0:
            return {"left": left}
        try:
            found = gbt42195.assess(**{n: v for n, v in body.items() if n != "assessors"})
        except DomainError:
            return None
        return {
            "total": found.total, "level": LEVEL_NAMES[found.level], "preliminary": LEVEL_NAMES[found.preliminary_level],
            "reasons": [reason["text"] for reason in found.reasons], "most": gbt42195.MOST,
        }  # fmt: skip


def _of(leaves, cleaned):
    return {leaf.key: value for leaf in leaves if (value := leaf.value(cleaned)) is not None}


def ability_node(form, declared, name, value, leaf):
    """The node of one ability field, its cells put into `form` by `leaf(key, name, cell)`."""
    value = value if isinstance(value, dict) else {}
    node = AbilityNode(form, declared.name, declared.label, name)
    chosen = next((way for way, _words in WAYS if value.get(way)), None)
    node.way = leaf("way", f"{name}.way", _way(chosen))
    scores = value.get("scores") if isinstance(value.get("scores"), dict) else {}
    for group in gbt42195.GROUPS:
        items = [i for i in gbt42195.ITEMS if i["code"].startswith(group["code"] + ".")]
        leaves = [leaf(i["code"], f"{name}.scores.{i['code']}", _score(i, scores.get(i["code"]))) for i in items]
        node.groups.append({"name": GROUP_NAMES[group["code"]], "most": group["max"], "leaves": leaves})
    node.facts = {
        "coma": leaf("coma", f"{name}.coma", _coma(value.get("coma"))),
        "diagnoses": leaf("diagnoses", f"{name}.diagnoses", _diagnoses(value.get("diagnoses"))),
        "risk_events_30d": leaf("risk_events_30d", f"{name}.risk_events_30d", _events(value.get("risk_events_30d"))),
    }
    people = value.get("assessors") if isinstance(value.get("assessors"), list) else []
    for n in range(max(ASSESSORS, len(people))):
        one = cell_of(Text(name="assessor", label=_("评估员"), most=40), value=people[n] if n < len(people) else None)
        node.assessors.append(leaf(str(n), f"{name}.assessors.{n}", one))
    outside = value.get("outside") if isinstance(value.get("outside"), dict) else {}
    node.outside = [leaf(f.name, f"{name}.outside.{f.name}", cell_of(f, value=outside.get(f.name))) for f in OUTSIDE]
    reason = Text(name="not_needed", label=_("不需要的原因"), most=500)
    node.not_needed = leaf("not_needed", f"{name}.not_needed", cell_of(reason, value=value.get("not_needed")))
    return node


def _way(chosen):
    cell = ChoiceCell(label=_("怎样评"), choices=WAYS, widget=forms.RadioSelect, initial=chosen, required=False)
    cell.widget.is_required = False
    return cell


def _score(item, value):
    """One item: its own words from the best to the worst, each with its points."""
    words = WORDS[item["code"]]
    choices = [(str(n), f"{n}\n{words[item['max'] - n]}") for n in range(item["max"], -1, -1)]
    cell = ChoiceCell(label=ITEM_NAMES[item["code"]], choices=choices, widget=forms.RadioSelect, required=True)
    cell.kept = {str(n): n for n in range(item["max"] + 1)}
    cell.widget.is_required = False
    cell.initial = None if value is None else cell.shown(value)
    return cell


def _coma(value):
    cell = ChoiceCell(
        label=_("昏迷"), choices=[("yes", _("是")), ("no", _("否"))], widget=forms.RadioSelect, required=False
    )
    cell.kept, cell.widget.is_required = {"yes": True, "no": False}, False
    cell.initial = None if value is None else cell.shown(value)
    return cell


def _diagnoses(value):
    cell = TokensCell(
        label=_("诊断编码"), required=False, widget=forms.TextInput(attrs={"autocapitalize": "characters"})
    )
    cell.help_text = _("ICD-10，如 F01；痴呆和精神行为障碍（F00–F99）提高一级")
    cell.initial = None if value is None else cell.shown(value)
    return cell


def _events(value):
    """A number; a count by kinds, which the API also takes, is shown as its sum."""
    number = sum(v for v in value.values() if isinstance(v, int)) if isinstance(value, dict) else value
    cell = cell_of(Whole(name="risk_events_30d", label=_("近 30 天照护风险事件（次）"), most=999), value=number)
    cell.help_text = _("跌倒、走失、噎食、自伤等，合计")
    return cell
