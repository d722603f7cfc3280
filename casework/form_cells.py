"""One declared field of a body as one field of a page's form: how it is drawn, and what was typed as the API's value.

No cell decides what is right: what is no date, number or word of the list goes on as it was typed, and fields.py says so.
"""

import datetime as dt
import re
import unicodedata

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework import fields as declared

CHIPS = 7  # so many words stand as chips; more are a list to open
LINE = 120  # a text of at most so many characters is one line
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D(\d{1,2})日?")


class Cell(forms.Field):
    """What was typed: None for nothing, else the API's value, or the text itself where it is none."""

    def clean(self, value):
        if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
            return None
        return self.read(value)

    def read(self, value):
        return value

    def shown(self, value):
        """A kept value as the control takes it."""
        return value


class WordsCell(Cell):
    def read(self, value):
        return value.replace("\r\n", "\n")


class DayCell(Cell, forms.DateField):
    widget = forms.DateInput

    def read(self, value):
        found = _DAY.fullmatch(unicodedata.normalize("NFKC", value.strip()))
        return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else value.strip()


class ClockCell(Cell):
    def read(self, value):
        return unicodedata.normalize("NFKC", value.strip())


class MomentCell(Cell):
    """In the site's time on the page, with its offset in the body."""

    def read(self, value):
        try:
            moment = dt.datetime.fromisoformat(unicodedata.normalize("NFKC", value.strip()))
            return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).isoformat()
        except (ValueError, OverflowError):
            return value

    def shown(self, value):
        try:
            return timezone.localtime(dt.datetime.fromisoformat(value)).strftime("%Y-%m-%dT%H:%M")
        except (TypeError, ValueError, OverflowError):
            return value


class WholeCell(Cell, forms.IntegerField):
    def read(self, value):
        text = unicodedata.normalize("NFKC", value.strip()).replace("−", "-")
        return int(text) if re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII) else value


class ChoiceCell(Cell, forms.ChoiceField):
    """`kept` maps what a page sends to what a body holds: codes that are numbers, yes and no."""

    kept: dict = {}

    def read(self, value):
        return self.kept.get(value, value)

    def shown(self, value):
        return next((word for word, kept in self.kept.items() if kept == value and type(kept) is type(value)), value)


class ManyCell(Cell, forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class LinesCell(Cell):
    """A list of short texts, one a line."""

    def read(self, value):
        return [line.strip() for line in value.splitlines() if line.strip()]

    def shown(self, value):
        return "\n".join(value) if isinstance(value, list) else value


class TokensCell(LinesCell):
    """A list of codes in one line: F01、F20."""

    def read(self, value):
        return [part for part in re.split(r"[\s,，、;；]+", value.strip()) if part]

    def shown(self, value):
        return "、".join(value) if isinstance(value, list) else value


# ── Which cell a declared field gets ─────────────────────────────────────────────────────────────
YES_NO = {"yes": True, "no": False}


def cell_of(field, *, choices=None, hidden=False, value=None):
    """The form field of a declared leaf. `choices` [(value, words)] offers a text's values, `value` is what it holds now."""
    made = _made(field, choices, value)
    made.label, made.required = field.label or field.name, field.required
    if hidden:
        made.widget = made.hidden_widget() if not isinstance(made, ManyCell) else made.hidden_widget()
    made.initial = None if value is None else made.shown(value)
    made.widget.is_required = False  # the browser does not stop anybody: a draft may lack anything
    return made


def _made(field, choices, value):
    if isinstance(field, declared.Texts):
        if choices is not None:
            return ManyCell(choices=choices)
        return LinesCell(widget=forms.Textarea(attrs={"rows": 2}), help_text=_("一行写一个"))
    if isinstance(field, declared.Many):
        return ManyCell(choices=list(field.codes.items()))
    if isinstance(field, declared.Choice):
        return _one_of([(str(code), words) for code, words in field.codes.items()], field, value, _by_text(field.codes))
    if isinstance(field, declared.Flag):
        return _one_of([("yes", _("是")), ("no", _("否"))], field, value, YES_NO)
    if choices is not None:
        return ChoiceCell(choices=choices, widget=forms.Select)
    return _plain(field)


def _plain(field):
    if isinstance(field, declared.Day):
        return DayCell()
    if isinstance(field, declared.Moment):
        return MomentCell(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    if isinstance(field, declared.Clock):
        return ClockCell(widget=forms.TimeInput(attrs={"type": "time"}))
    if isinstance(field, declared.Whole):
        return WholeCell(widget=forms.TextInput(attrs={} if field.least < 0 else {"inputmode": "numeric"}))
    if field.most <= LINE:
        return WordsCell(widget=forms.TextInput())
    return WordsCell(widget=forms.Textarea(attrs={"rows": 2 if field.most <= 500 else 4}))


def _by_text(codes):
    return {str(code): code for code in codes if not isinstance(code, str)}


def _one_of(choices, field, value, kept):
    """Chips for a few words, a list for many. An open choice that was made can be taken back by an empty one."""
    made = ChoiceCell(choices=choices)
    made.kept = kept
    if len(choices) > CHIPS:
        made.choices = [("", "—"), *choices]
        made.widget = forms.Select(choices=made.choices)
    else:
        if not field.required and value is not None:
            choices = [*choices, ("", _("不填"))]
        made.choices = choices
        made.widget = forms.RadioSelect(choices=choices)
    return made
