"""How numbers and days are written: one place for rounding, thousands, and the words for near days.

`None` is "not known" and is written "—"; 0 is "none" and is written 0. Rounding is half up on exact decimals.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from periods import today

UNKNOWN = "—"


def fraction(value: Any, of: Any = None) -> Fraction | None:
    """`value / of` exactly (`of` absent: `value` is the rate itself). Unknown or over nothing: None."""
    if value is None or value == "":
        return None
    try:
        part = Fraction(str(value))
        return part if of is None else (part / Fraction(str(of)) if Fraction(str(of)) else None)
    except (ValueError, TypeError, ZeroDivisionError):
        return None


def rounded(value: Fraction, places: int) -> Decimal:
    """`value` to `places` decimals, half up, without passing through a float."""
    scaled = value * 10**places
    whole = (Decimal(scaled.numerator) / Decimal(scaled.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    return (whole / Decimal(10) ** places).quantize(Decimal(1).scaleb(-places))


def percent(value: Any, of: Any = None, places: int = 0) -> str:
    """25 of 27 as "93%" or "92.59%"; a rate (0.9259) without `of`."""
    rate = fraction(value, of)
    return UNKNOWN if rate is None else f"{rounded(rate * 100, places):,}%"


def number(value: Any, places: int | None = None) -> str:
    """1825 as "1,825"; decimals as they are, or to `places`."""
    exact = fraction(value)
    if exact is None:
        return UNKNOWN
    if places is None:
        text = f"{Decimal(str(value)):,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{rounded(exact, places):,}"


def headline(value: Any) -> str:
    """As `number`, but from 10,000 on in 万 (Chinese): "4.14万". The exact value belongs into the title beside it."""
    exact = fraction(value)
    if exact is None or abs(exact) < 10_000 or not translation.get_language().startswith("zh"):
        return number(value)
    return _("%(number)s万") % {"number": number(rounded(exact / 10_000, 2))}


def signed(value: Any, places: int | None = None) -> str:
    """A difference with its sign: "+13", "−1" (a true minus), "0"."""
    exact = fraction(value)
    if exact is None:
        return UNKNOWN
    text = number(abs(exact) if places is not None else abs(Decimal(str(value))), places)
    return f"+{text}" if exact > 0 else f"−{text}" if exact < 0 else text


def as_day(value: Any) -> datetime.date | None:
    """The day of a date or of a moment (in the site's time zone); ISO text is read; anything else is None."""
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def iso_day(value: Any) -> str:
    """For tables: 2022-08-09."""
    day = as_day(value)
    return day.isoformat() if day else UNKNOWN


def prose_day(value: Any) -> str:
    """For sentences: 2022年8月9日, in English 9 August 2022."""
    day = as_day(value)
    return dateformat.format(day, pgettext("date format", "Y年n月j日")) if day else UNKNOWN


def near_day(value: Any, now: datetime.date | None = None) -> str:
    """今天, 昨天, 明天; this week with its weekday; this year without the year; else the whole date."""
    day = as_day(value)
    if day is None:
        return UNKNOWN
    now = now or today()
    near = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}.get((day - now).days)
    if near:
        return near
    if day.isocalendar()[:2] == now.isocalendar()[:2]:
        weekday = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[day.weekday()]
        return f"{dateformat.format(day, pgettext('date format', 'n月j日'))} {weekday}"
    if day.year == now.year:
        return dateformat.format(day, pgettext("date format", "n月j日"))
    return prose_day(day)


def moment(value: Any, now: datetime.date | None = None) -> str:
    """A near day and its time of day: "今天 09:26"; a plain date has no time."""
    if not isinstance(value, datetime.datetime):
        return near_day(value, now)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{near_day(local, now)} {local:%H:%M}"


def seconds(value: Any) -> str:
    """A rough time left: "约 6 秒", "约 3 分钟"."""
    exact = fraction(value)
    if exact is None:
        return UNKNOWN
    if exact < 60:
        return _("约 %(n)s 秒") % {"n": max(1, int(exact))}
    return _("约 %(n)s 分钟") % {"n": int(rounded(exact / 60, 0))}
