"""Declared fields: what a body may hold, how it is checked, what of it is narrative, how it is shown and documented.

A table of fields (records.py, bodies.py) is read here by the API, by OpenAPI, by forms and by the file that is printed.
Faults carry the workbook's codes (contract §4). Narrative (✎) is kept apart from codes, dates and numbers: `split`, `merge`.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.protection import MASK
from casework.errors import fault
from periods import today

LONG = 5000


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a body. `narrative` marks written text about a person (✎), `sealed` what is encrypted but no narrative."""

    name: str
    label: Any = ""
    required: bool = False
    narrative: bool = False
    sealed: bool = False

    def clean(self, value, path, draft):
        """The value as it is kept. Raises DomainError naming `path`."""
        raise NotImplementedError

    def shown(self, value, clear):
        """The value as a reader sees it; narrative reads `***` to whoever has it not in clear."""
        return MASK if self.narrative and value and not clear else value

    def schema(self):
        return {"type": "string"}

    @property
    def holds_narrative(self):
        return self.narrative or self.sealed


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    most: int = LONG

    def clean(self, value, path, draft):
        if not isinstance(value, str):
            raise fault(path, "inconsistent", _("应是文字"))
        if len(value) > self.most:
            text = _("有 %(count)d 个字，最多放 %(most)d 个，请写短些") % {"count": len(value), "most": self.most}
            raise fault(path, "inconsistent", text)
        if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise fault(path, "inconsistent", _("有不能保存的字符"))
        if value == MASK:
            raise fault(path, "inconsistent", _("这是打码后的样子，不能当作内容保存"))
        return value if value.strip() else None

    def schema(self):
        return {"type": "string", "maxLength": self.most}


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    future: bool = False

    def clean(self, value, path, draft):
        try:
            day = dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            day = None
        if day is None or not 1900 <= day.year < 2200:
            raise fault(path, "bad_date", _("应是一个日期，如 2022-08-09"))
        if day > today() and not self.future:
            raise fault(path, "inconsistent", _("这一天还没有到"))
        return day.isoformat()

    def schema(self):
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Moment(Field):
    def clean(self, value, path, draft):
        try:
            moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not 1900 < moment.year < 2200:
            raise fault(path, "bad_date", _("应是带时区的时刻，如 2022-08-09T10:00:00+08:00"))
        if moment > timezone.now() + dt.timedelta(minutes=5) and moment.date() > today():
            raise fault(path, "inconsistent", _("这个时刻还没有到"))
        return moment.isoformat()

    def schema(self):
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, kw_only=True)
class Clock(Field):
    """A time of day: 09:30."""

    def clean(self, value, path, draft):
        try:
            return dt.time.fromisoformat(value).strftime("%H:%M")
        except (TypeError, ValueError):
            raise fault(path, "bad_date", _("应是一个时间，如 09:30")) from None


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    least: int = 0
    most: int = 10_000

    def clean(self, value, path, draft):
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            words = {"least": self.least, "most": self.most}
            raise fault(path, "bad_number", _("应是 %(least)d 到 %(most)d 的整数") % words)
        return value

    def schema(self):
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    def clean(self, value, path, draft):
        if not isinstance(value, bool):
            raise fault(path, "bad_choice", _("应是“是”或“否”"))
        return value

    def schema(self):
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    codes: Any = None

    def clean(self, value, path, draft):
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in self.codes:
            raise fault(path, "bad_choice", _("没有这一项，应是其中之一：%(words)s") % {"words": self.words()})
        return value

    def words(self):
        return "、".join(str(code) for code in self.codes)

    def schema(self):
        return {"enum": list(self.codes)}


@dataclass(frozen=True, kw_only=True)
class Many(Choice):
    """Several words of one list, each once."""

    def clean(self, value, path, draft):
        if not isinstance(value, list):
            raise fault(path, "inconsistent", _("应是一个列表"))
        wrong = [v for v in value if not isinstance(v, str) or v not in self.codes]
        if wrong:
            raise fault(path, "bad_choice", _("没有这一项，应是其中之一：%(words)s") % {"words": self.words()})
        return list(dict.fromkeys(value))

    def schema(self):
        return {"type": "array", "items": {"enum": list(self.codes)}}


@dataclass(frozen=True, kw_only=True)
class Texts(Field):
    """A list of short texts."""

    each: int = 80
    most: int = 50

    def clean(self, value, path, draft):
        if not isinstance(value, list) or len(value) > self.most:
            raise fault(path, "inconsistent", _("应是一个列表，最多 %(most)d 项") % {"most": self.most})
        one = Text(name="", most=self.each)
        texts = [one.clean(text, f"{path}.{n}", draft) for n, text in enumerate(value)]
        return [text for text in texts if text]

    def schema(self):
        return {"type": "array", "items": {"type": "string"}}


@dataclass(frozen=True, kw_only=True)
class Part(Field):
    """An object inside a body."""

    fields: tuple = ()

    def clean(self, value, path, draft):
        if not isinstance(value, dict):
            raise fault(path, "inconsistent", _("应是一个对象"))
        return read(self.fields, value, draft=draft, path=f"{path}.")

    def shown(self, value, clear):
        return show(self.fields, value, clear) if isinstance(value, dict) else value

    def schema(self):
        return schema_of(self.fields)

    @property
    def holds_narrative(self):
        return self.sealed or any(f.holds_narrative for f in self.fields)


@dataclass(frozen=True, kw_only=True)
class Each(Part):
    """A list of objects."""

    most: int = 100

    def clean(self, value, path, draft):
        if not isinstance(value, list) or len(value) > self.most:
            raise fault(path, "inconsistent", _("应是一个列表，最多 %(most)d 项") % {"most": self.most})
        errors, out = [], []
        for n, one in enumerate(value):
            try:
                out.append(super().clean(one, f"{path}.{n}", draft))
            except DomainError as e:
                errors.append(e)
        if errors:
            raise DomainError.many(errors)
        return out

    def shown(self, value, clear):
        return [show(self.fields, one, clear) for one in value or []]

    def schema(self):
        return {"type": "array", "items": schema_of(self.fields)}


# ── Tables of fields ─────────────────────────────────────────────────────────────────────────────
def read(fields, body, *, draft=False, path=""):
    """{name: kept value} of what is filled in `body`. Raises one DomainError for all faults; of a draft nothing is missed."""
    known, errors, out = {f.name: f for f in fields}, [], {}
    for name in body:
        if name not in known:
            errors.append(fault(f"{path}{str(name)[:60]}", "unknown_field", _("没有这个字段")))
    for field in fields:
        value = body.get(field.name)
        try:
            value = None if value is None else field.clean(value, path + field.name, draft)
        except DomainError as e:
            errors.append(e)
            continue
        if value is not None:
            out[field.name] = value
        elif field.required and not draft:
            errors.append(missing(path + field.name, field.label))
    if errors:
        raise DomainError.many(errors)
    return out


def missing(path, label=""):
    """The fault of a field that must be filled."""
    return fault(path, "missing_required", _("%(label)s必须填") % {"label": label or path})


def split(fields, values):
    """(plain, narrative): written texts and what is sealed apart from codes, dates and numbers."""
    plain: dict = {}
    narrative: dict = {}
    for field in fields:
        if field.name not in values:
            continue
        value = values[field.name]
        if field.narrative or field.sealed:
            narrative[field.name] = value
        elif isinstance(field, Each) and field.holds_narrative:
            parts = [split(field.fields, one) for one in value]
            plain[field.name], narrative[field.name] = [p for p, _n in parts], [n for _p, n in parts]
        elif isinstance(field, Part) and field.holds_narrative:
            plain[field.name], narrative[field.name] = split(field.fields, value)
        else:
            plain[field.name] = value
    return plain, narrative


def merge(plain, narrative):
    """The values that `split` took apart."""
    out = dict(plain)
    for name, value in (narrative or {}).items():
        have = out.get(name)
        if isinstance(have, list) and isinstance(value, list):
            out[name] = [merge(p, n) for p, n in zip(have, value, strict=True)]
        else:
            out[name] = merge(have, value) if isinstance(have, dict) else value
    return out


def show(fields, values, clear):
    """Every field of the table as a reader sees it, what is not filled as null."""
    values = values or {}
    return {f.name: f.shown(values[f.name], clear) if values.get(f.name) is not None else None for f in fields}


def masked(fields, body):
    """A body as it was sent, its narrative masked: what an answer repeats to a key."""
    known = {f.name: f for f in fields}
    return {
        n: known[n].shown(v, False) if n in known and isinstance(v, dict | list | str) else v for n, v in body.items()
    }


def schema_of(fields, more=None):
    """JSON Schema of a table of fields."""
    properties = {f.name: {**f.schema(), "title": str(f.label or f.name)} for f in fields} | (more or {})
    required = [f.name for f in fields if f.required]
    return {"type": "object", "additionalProperties": False, "properties": properties} | (
        {"required": required} if required else {}
    )
