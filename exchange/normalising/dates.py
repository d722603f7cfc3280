"""Dates in all the forms that offices write (dossier §6.1): text, number, serial of both date systems. Ambiguous ones are refused."""

import calendar
import datetime as dt
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from exchange.normalising.faults import CellFault
from exchange.normalising.texts import NOTHING, clean_text, shortened

EPOCH_1900, EPOCH_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)
SERIALS = range(2_101, 80_000)  # October 1905 to 2119; smaller numbers are years or counts
YEARS = range(1900, 2101)
OPEN_END = {"至今", "长期", "永久", "长期有效", "在职", "在岗"}

DAY = re.compile(r"(\d{4})[年./\-](\d{1,2})[月./\-](\d{1,2})[日号]?\Z")
MONTH_WORDS = re.compile(r"(\d{4})年(\d{1,2})月?份?\Z")
MONTH = re.compile(r"(\d{4})[./\-](\d{1,2})\Z")
DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
MONTH_DIGITS = re.compile(r"(\d{4})(\d{2})\Z")
TIME = re.compile(r"[ T]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\Z")
SHORT_YEAR = re.compile(r"'?\d{1,2}[年./\-]\d{1,2}([月./\-]\d{1,4}日?)?\Z")
RANGE = re.compile(r"\d{4}.*[-—–~至到]+.*\d{4}")
HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def read_date(value, date1904=False):
    """A day. A month alone is its first day. Raises CellFault bad_date or ambiguous_date."""
    if value.__class__ is list:
        return _cell_date(value[0])
    if value.__class__ in (int, float) and value.__class__ is not bool:
        return _number(value, date1904)
    text = unicodedata.normalize("NFKC", clean_text(value))
    text = TIME.sub("", text.replace("。", ".")).replace(" ", "").rstrip(".")
    if text in NOTHING or text in OPEN_END:
        return None
    return _text(text, date1904)


def _cell_date(text):
    """A cell with a date format, as the parser wrote it out: 2020-01-16 00:00:00."""
    match = re.match(r"(\d{4})-(\d{2})-(\d{2})", text)
    if not match:
        raise CellFault("bad_date", _("这一格是时间，不是日期。要写年月日，例如 2022-08-09。"))
    return _day(*map(int, match.groups()))


def _number(number, date1904):
    if number != number or number in (float("inf"), float("-inf")):
        raise _unreadable(number)
    if number == int(number):
        whole = int(number)
        if 19_000_101 <= whole <= 21_001_231:
            return _text(str(whole))
        if 190_001 <= whole <= 210_012 and whole % 100 in range(1, 13):
            return _day(whole // 100, whole % 100, 1)
        if whole in YEARS:
            raise CellFault("bad_date", _("只写了年份 %(year)d，要写到年月日，例如 %(year)d-08-09。") % {"year": whole})
    if 1900 <= number < 2101:
        return _year_and_month(number)
    if int(number) in SERIALS:
        return (EPOCH_1904 if date1904 else EPOCH_1900) + dt.timedelta(days=int(number))
    raise _unreadable(number)


def _year_and_month(number):
    """2022.8 is August; 2022.1 may have been 2022.10, whose zero the software dropped."""
    year, _dot, month = repr(round(number, 2)).partition(".")
    if month == "1":
        raise _ambiguous_month(year)
    return _day(int(year), int(month), 1)


def _ambiguous_month(year):
    return CellFault(
        "ambiguous_date", _("%(year)s.1 分不清是1月还是10月。写成 %(year)s-01 或 %(year)s-10。") % {"year": year}
    )


def _text(text, date1904=False):
    if found := DAY.match(text) or DAY_DIGITS.match(text):
        return _day(*map(int, found.groups()))
    if found := MONTH_WORDS.match(text):
        return _day(int(found.group(1)), int(found.group(2)), 1)
    if found := MONTH.match(text):
        if found.group(2) == "1":
            raise _ambiguous_month(found.group(1))
        return _day(int(found.group(1)), int(found.group(2)), 1)
    if found := MONTH_DIGITS.match(text):
        return _day(int(found.group(1)), int(found.group(2)), 1)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _number(float(text), date1904)
    if re.search("[一二三四五六七八九〇零○]", text) and "年" in text:
        return _text(_from_han(text))
    if RANGE.search(text):
        raise CellFault("ambiguous_date", _("这里写了一段时间，只要一个日期，例如 2022-08-09。"))
    if SHORT_YEAR.match(text):
        raise CellFault(
            "ambiguous_date", _("“%(text)s”分不清年月日。年份写四位，例如 2022-08-09。") % {"text": shortened(text)}
        )
    raise _unreadable(text)


def _from_han(text):
    """二〇二二年八月十九日 → 2022年8月19日."""
    text = re.sub("([一二三]?)十([一二三四五六七八九]?)", lambda f: (f[1] or "一") + (f[2] or "〇"), text)
    text = text.translate(HAN_DIGITS)
    if re.search("[一二三四五六七八九十]", text):
        raise _unreadable(text)
    return text


def _day(year, month, day):
    if year not in YEARS:
        raise CellFault("bad_date", _("年份 %(year)d 不对。") % {"year": year})
    if not 1 <= month <= 12:
        raise CellFault("bad_date", _("没有%(month)d月。") % {"month": month})
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise CellFault(
            "bad_date", _("%(year)d年%(month)d月没有%(day)d日。") % {"year": year, "month": month, "day": day}
        )
    return dt.date(year, month, day)


def _unreadable(value):
    return CellFault(
        "bad_date", _("“%(text)s”不是日期。写成 2022-08-09 或 2022年8月9日。") % {"text": shortened(value)}
    )
