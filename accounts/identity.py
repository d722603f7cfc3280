"""Numbers that name a person: resident ID (GB 11643-1999, dossier §5.1), other documents, phones (§5.3). What is wrong with one, and what it tells.

No sentence here repeats the number: it may end in a log, an error report or another person's screen.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from stdnum import numdb
from stdnum.cn import ric

from accounts.errors import DomainError
from periods import today

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(?:转\d{1,6}|-\d{1,6})?", re.ASCII)
SERVICE = re.compile(r"[48]00-?\d{3}-?\d{4}", re.ASCII)
OLDEST = 120
RESIDENCE_PERMITS = ("81", "82", "83")  # of people from Hong Kong, Macao, Taiwan; 9… is a foreigner's
OTHER_DOCUMENTS = {  # accounts' own shapes: what fits is kept, nothing is computed from it
    "passport": r"[A-Z0-9]{5,20}",
    "hk_macao": r"[HM]\d{8}(?:\d{2})?|\d{17}[\dX]",
    "taiwan": r"\d{8}(?:\d{2})?|\d{17}[\dX]",
    "foreigner": r"[A-Z]{3}\d{12}|\d{17}[\dX]",
    "military": r"[\u4e00-\u9fff]{0,4}[A-Z0-9]{4,20}号?",
}


@dataclass(frozen=True, repr=False)
class IdNumber:
    """A checked resident's ID number: `number` of 18 characters, `birth_date`, `sex` ("male", "female"), `region` of 6 digits.

    `warnings` are `{"code", "message"}`: they never refuse.
    """

    number: str
    birth_date: dt.date
    sex: str
    region: str
    warnings: tuple = field(default=())


def plain_number(value):
    """`value` without spaces, apostrophes and hyphens, narrow, in capitals."""
    return re.sub(r"[\s'’\-‐–—]", "", unicodedata.normalize("NFKC", str(value))).upper()


def check_id_number(value, *, sex=None, birth_date=None, on=None):
    """An `IdNumber`. Raises DomainError `bad_id_number` (length, characters, date, check digit) or `truncated_id`.

    A region that was abolished or is not listed, a stated `sex` or `birth_date` that differs, are warnings.
    `on` is the day that must not lie before the birth (today).
    """
    text = plain_number(value)
    born = _birth_date(text, on or today())
    if ric.calc_check_digit(text) != text[17]:
        if text.endswith("000"):
            raise _truncated()
        raise _bad(_("身份证号的最后一位对不上，请核对有没有抄错。"))
    found = IdNumber(text, born, "male" if int(text[16]) % 2 else "female", text[:6])
    return IdNumber(found.number, born, found.sex, found.region, tuple(_warnings(found, sex, birth_date)))


def _birth_date(text, on):
    if not text.isdigit() and re.fullmatch(r"\d+(\.\d+)?(E\+?\d+)?", text, re.ASCII):
        raise _truncated()
    if len(text) != 18:
        raise _bad(_("身份证号应是18位，这里%(count)d位。") % {"count": len(text)})
    if not re.fullmatch(r"\d{17}[\dX]", text, re.ASCII):
        raise _bad(_("身份证号只有数字，最后一位可以是 X。"))
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise _bad(_("身份证号里的出生日期不存在，请核对有没有抄错。")) from None
    if born > on:
        raise _bad(_("身份证号里的出生日期还没有到，请核对有没有抄错。"))
    if age_on(born, on) > OLDEST:
        raise _bad(_("身份证号里的出生日期在 %(years)d 年以前，请核对有没有抄错。") % {"years": OLDEST})
    return born


def _warnings(found, sex, birth_date):
    if (code := _region_fault(found.region, found.birth_date.year)) == "unknown_region":
        yield {"code": code, "message": _("身份证号开头的地区代码不在代码表里，请再核对一次。")}
    elif code:
        yield {"code": code, "message": _("身份证号开头的地区现已撤并，号码照常使用。")}
    if sex in ("male", "female") and sex != found.sex:
        yield {"code": "inconsistent", "message": _("身份证号里的性别和填的不一样。")}
    if birth_date and birth_date != found.birth_date:
        yield {"code": "inconsistent", "message": _("身份证号里的出生日期和填的不一样。")}


@lru_cache(maxsize=4096)
def _region_fault(region, year):
    """None, or what is odd about a region for somebody born in `year`: not listed, gone before the birth, gone since."""
    if region.startswith((*RESIDENCE_PERMITS, "9")):
        return None
    names = [part["county"] for _number, part in numdb.get("cn/loc").info(region) if "county" in part]
    if not names:
        return "unknown_region"
    ends = [re.match(r"\[\d*-(\d*)\]", name) for name in names[0].split(",")]
    last = max(int(found[1] or 9999) if found else 9999 for found in ends)
    if last < year:
        return "unknown_region"
    return "abolished_division" if last < 9999 else None


def widen(value):
    """The 18 characters of an old number of 15 digits: "19" before the year, the check digit behind. Only an alias to search by."""
    text = plain_number(value)
    if not re.fullmatch(r"\d{15}", text, re.ASCII):
        raise _bad(_("旧身份证号应是15位数字，这里%(count)d位。") % {"count": len(text)})
    wide = f"{text[:6]}19{text[6:]}"
    return wide + ric.calc_check_digit(wide + "0")


def check_document(kind, value, **stated):
    """(number, warnings) of a document of `kind` (case-api §1, `id_type`); a resident's ID by `check_id_number`."""
    if kind == "resident_id":
        found = check_id_number(value, **stated)
        return found.number, found.warnings
    text = plain_number(value)
    if kind not in OTHER_DOCUMENTS or not re.fullmatch(OTHER_DOCUMENTS[kind], text, re.ASCII):
        raise _bad(_("证件号和证件种类不符，请核对。"))
    return text, ()


def check_phone(value, field="phone"):
    """One phone: a mobile's 11 digits, or a landline with its area code. Raises DomainError `bad_phone`."""
    text = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", str(value))).translate(
        dict.fromkeys(map(ord, "‐–—"), "-")
    )
    bare = re.sub(r"^(?:\+|00)?86-?(?=1[3-9]|0\d{2})", "", text)
    digits = bare.replace("-", "")
    if MOBILE.fullmatch(digits):
        return digits
    if LANDLINE.fullmatch(bare) or SERVICE.fullmatch(bare):
        return bare
    raise DomainError(_("手机号应是11位，座机要带区号，例如 0711-3350000。"), code="bad_phone", field=field)


def age_on(born, day):
    """Full years on `day`; somebody born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _bad(message):
    return DomainError(message, code="bad_id_number", field="id_number")


def _truncated():
    message = _("身份证号像被表格软件截断了，末几位已经丢了，请照证件重新填。")
    return DomainError(message, code="truncated_id", field="id_number")
