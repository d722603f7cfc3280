"""Counts, areas and money as offices type them: 2人, ４, 约30, 1,200, 3万元. A blank is not 0."""

import math
import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from exchange.normalising.faults import CellFault
from exchange.normalising.texts import NOTHING, clean_text, shortened

ABOUT = re.compile(r"^(约|大约|近|大概|共|约有|共有)")
UNIT = r"(人次|人|名|位|个|所|间|处|家|户次|户|次|场|节|天|批|平方米|平米|平方|m2|m²|元|万元|万)?"
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(余|多|\+)?" + UNIT + r"(余|多|左右|以上|\+)?\Z")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|\Z))")


class Approximate(int):
    """A whole number that the office called approximate (约30, 30余人)."""


def _parts(value):
    """(Decimal, unit, approximate) of a cell, or None where it says that there is nothing."""
    if value.__class__ is bool or value.__class__ is list:
        raise _no_number(value)
    if value.__class__ in (int, float):
        if not math.isfinite(value) or abs(value) > 1e15:
            raise _no_number(value)
        return Decimal(repr(value)), None, False
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", clean_text(value)))
    if text in NOTHING:
        return None
    about = ABOUT.search(text)
    found = NUMBER.match(THOUSANDS.sub("", ABOUT.sub("", text)))
    if not found or len(found.group(1)) > 16:
        raise _no_number(value)
    return Decimal(found.group(1)), found.group(3), bool(about or found.group(2) or found.group(4))


def _no_number(value):
    text = value[0] if value.__class__ is list else value
    return CellFault(
        "bad_number", _("“%(text)s”不是数。要一个数，不知道就留空，空不等于 0。") % {"text": shortened(text)}
    )


def integer(value):
    """A whole number, not negative."""
    parts = _parts(value)
    if parts is None:
        return None
    number, unit, approximate = parts
    if unit in ("万", "万元"):
        number *= 10_000
    if number != number.to_integral_value():
        raise CellFault("bad_number", _("要整数，这里是 %(number)s。") % {"number": shortened(value)})
    if number < 0:
        raise CellFault("bad_number", _("不能小于 0，这里是 %(number)s。") % {"number": shortened(value)})
    if number > 2_000_000_000:
        raise CellFault("bad_number", _("%(number)s 太大了，看看是不是填错了列。") % {"number": shortened(value)})
    return Approximate(number) if approximate else int(number)


def decimal(places, most):
    """A reader of numbers that are not negative, with at most `places` decimals kept and no more than `most`."""
    step = Decimal(1).scaleb(-places)

    def read(value):
        parts = _parts(value)
        if parts is None:
            return None
        number = parts[0]
        if number < 0:
            raise CellFault("bad_number", _("不能小于 0，这里是 %(number)s。") % {"number": shortened(value)})
        if number > most:
            raise CellFault("bad_number", _("%(number)s 太大了，看看是不是填错了列。") % {"number": shortened(value)})
        return number.quantize(step)

    return read


area = decimal(2, Decimal("9999999"))


def money(header_unit="元"):
    """A reader of money in 分. A unit in the cell (3万元) wins over that of the header ("元" or "万元")."""

    def read(value):
        parts = _parts(value)
        if parts is None:
            return None
        number, unit, _about = parts
        if number < 0:
            raise CellFault("bad_number", _("不能小于 0，这里是 %(number)s。") % {"number": shortened(value)})
        return int((number * (1_000_000 if (unit or header_unit).startswith("万") else 100)).to_integral_value())

    return read
