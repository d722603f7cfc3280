"""How a page says what is wrong in a form field: what must be there, and what would be right. No validation lives here."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surfaces import words


def said(bound: forms.BoundField) -> list[str]:
    """The errors of a field as sentences, in the order they were found."""
    errors = bound.form.errors.as_data().get(bound.name, []) if bound.form.is_bound else []
    return [text for error in errors for text in _said(bound, error)]


def _said(bound: forms.BoundField, error: ValidationError) -> list[str]:
    if error.code == "required":
        return [_("%(label)s必须填") % {"label": bound.label}]
    if error.code == "invalid" and isinstance(bound.field, forms.DateField):
        return [_wrong_day(str(bound.data or ""))]
    return [str(text) for text in error.messages]


def _wrong_day(text: str) -> str:
    """2022-02-30 is a day that does not exist; anything else is not written as a day."""
    found = re.fullmatch(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*", text.strip())
    if found and 1 <= int(found[2]) <= 12 and int(found[3]) > 0:
        year, month, day = map(int, found.groups())
        return _("%(year)s年%(month)s月没有%(day)s日") % {"year": year, "month": month, "day": day}
    return _("日期应写成 2022-08-09")


def unreadable_day(bound: forms.BoundField) -> bool:
    """Whether something was typed as a day that is none: the field then keeps it as text."""
    typed = bound.value()
    return bool(typed) and words.as_day(typed) is None
