"""The ability record inside an assessment: own GB/T 42195 scores, an outside result kept as it is, or why none is needed."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.protection import MASK
from casework.errors import fault
from casework.fields import Day, Field, Part, Text, Texts, read
from casework.scales import gbt42195

OUTSIDE = (
    Text(name="level", label=gettext_lazy("等级"), required=True, most=40),
    Day(name="on", label=gettext_lazy("评估日期"), required=True),
    Text(name="body", label=gettext_lazy("评估机构"), required=True, most=120),
    Text(name="certificate_no", label=gettext_lazy("报告编号"), required=True, most=60),
    Text(name="standard", label=gettext_lazy("所依标准"), most=60),
)
COMPUTED = ("total", "preliminary_level", "level", "reasons")
OWN = ("scores", "coma", "diagnoses", "risk_events_30d", "assessors")
KNOWN = (*OWN, "outside", "not_needed")


@dataclass(frozen=True, kw_only=True)
class Ability(Field):
    """Exactly one of scores, outside, not_needed. Encrypted, since it tells of health; a key sees levels, no diagnoses."""

    sealed: bool = True

    def clean(self, value, path, draft):
        if not isinstance(value, dict):
            raise fault(path, "inconsistent", _("应是一个对象"))
        body = {name: v for name, v in value.items() if name not in COMPUTED and v is not None}
        if unknown := sorted(set(map(str, body)) - set(KNOWN)):
            raise DomainError.many([fault(f"{path}.{n[:60]}", "unknown_field", _("没有这个字段")) for n in unknown])
        chosen = [name for name in ("scores", "outside", "not_needed") if name in body]
        if len(chosen) > 1:
            raise fault(path, "inconsistent", _("自评分数、外部结果、不需要评估，三者只填一种"))
        if not chosen:
            if draft:
                return body or None
            raise fault(f"{path}.scores", "missing_required", _("请填自评分数、外部结果，或不需要评估的原因"))
        if unfit := [name for name in body if name in OWN and chosen != ["scores"]]:
            raise fault(f"{path}.{unfit[0]}", "inconsistent", _("只有自评分数才填这一项"))
        return getattr(self, f"_{chosen[0]}")(body, path, draft)

    def _scores(self, body, path, draft):
        facts = {name: body[name] for name in ("coma", "diagnoses", "risk_events_30d") if name in body}
        kept = {"scores": body["scores"], **facts}
        if "assessors" in body:
            kept["assessors"] = Texts(name="", each=40, most=5).clean(body["assessors"], f"{path}.assessors", draft)
        try:
            return kept | gbt42195.assess(body["scores"], **facts).as_dict()
        except DomainError as e:
            faults = [x for x in e.errors if not (draft and x["code"] == "missing_required")]
            if faults:
                raise DomainError.many([{**x, "field": f"{path}.{x['field']}"} for x in faults]) from None
            return kept

    def _outside(self, body, path, draft):
        part = Part(name="outside", fields=OUTSIDE).clean(body["outside"], f"{path}.outside", draft)
        return {"outside": part} if part else None

    def _not_needed(self, body, path, draft):
        reason = read((Text(name="not_needed", required=True, most=500),), body, draft=draft, path=f"{path}.")
        return reason or None

    def shown(self, value, clear):
        if clear or not isinstance(value, dict):
            return value
        return {n: MASK if n in ("diagnoses", "not_needed", "coma") and v else v for n, v in value.items()}

    def schema(self):
        whole = {"type": "integer"}
        scores = {"type": "object", "properties": {i["code"]: whole | {"maximum": i["max"]} for i in gbt42195.ITEMS}}
        own = {"scores": scores, "coma": {"type": "boolean"}, "diagnoses": {"type": "array", "items": {"type": "string"}},
               "risk_events_30d": whole, "assessors": {"type": "array", "items": {"type": "string"}}}  # fmt: skip
        return {"type": "object", "properties": {
            **own, "outside": Part(name="outside", fields=OUTSIDE).schema(), "not_needed": {"type": "string"},
        }}  # fmt: skip


def is_filled(ability):
    """Does it open the gate: a computed level, an outside result with its four facts, or a reason?"""
    ability = ability or {}
    outside = ability.get("outside") or {}
    return (
        "level" in ability
        or all(outside.get(f.name) for f in OUTSIDE if f.required)
        and bool(outside)
        or bool(ability.get("not_needed"))
    )
