"""Numbers that name something: phones, division codes, ID numbers, credit codes. Damaged ones are refused, never guessed."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.identity import LANDLINE, MOBILE, SERVICE, check_id_number, plain_number
from exchange.normalising.faults import CellFault
from exchange.normalising.texts import NOTHING, clean_text, shortened

SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+\Z")
BETWEEN_PHONES = re.compile(r"[/、,;，；|\n]+|(?<=\d) +(?=1[3-9]\d[\d -]{8,})|(?<=\d{7}) +(?=0\d{2,3}-)")
STATION_CODE = re.compile(r"\d{12}-\d{1,4}\Z")


def read_phone(value):
    """One phone, or several joined by 、. A mobile is 11 digits; a landline has its area code."""
    if value.__class__ is list or value.__class__ is bool:
        raise _bad_phone(value)
    if value.__class__ in (int, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise _bad_phone(value)
        digits = str(int(value)) if value == int(value) else ""
        if MOBILE.fullmatch(digits):
            return digits
        if LANDLINE.fullmatch("0" + digits) and len(digits) in (10, 11) and not digits.startswith("1"):
            return "0" + digits  # the software dropped the area code's zero
        raise _bad_phone(digits or value)
    if MOBILE.fullmatch(value):
        return value
    text = unicodedata.normalize("NFKC", clean_text(value)).replace("—", "-").replace("–", "-")
    if text in NOTHING:
        return None
    text = re.sub(r"\+?86[\s-]+(?=1[3-9]\d|0\d{2})", "", text)
    numbers = [_one_phone(part, value) for part in BETWEEN_PHONES.split(text) if part.strip()]
    return "、".join(dict.fromkeys(numbers))


def _one_phone(text, whole):
    text = re.sub(r"^[^\d+(]{0,12}|[^\d)]{0,8}$", "", text.strip())  # a name before or behind
    text = re.sub(r"[\s()]", "", text)
    bare = re.sub(r"^(\+?86-?)(?=1[3-9]\d|0\d{2})", "", text)
    digits = bare.replace("-", "")
    if MOBILE.fullmatch(digits):
        return digits
    if LANDLINE.fullmatch(bare):
        return bare
    if re.match(r"0\d{2,3}\d{7,8}\Z", digits):
        return digits
    if SERVICE.fullmatch(bare):
        return digits
    if re.fullmatch(r"\d+\.0", bare) and MOBILE.fullmatch(bare[:-2]):
        return bare[:-2]
    raise _bad_phone(whole)


def _bad_phone(value):
    text = clean_text(value) if value.__class__ is not list else value[0]
    digits = re.sub(r"\D", "", str(text))
    if SCIENTIFIC.match(str(text).strip()):
        return CellFault(
            "bad_phone", _("电话被表格软件写成了科学计数，后面的数字已经丢了。请把这一格设为文本，重新填。")
        )
    if digits.startswith("1") and re.fullmatch(r"[\d\s+-]+", str(text)):
        return CellFault("bad_phone", _("手机号应是11位，这里%(count)d位。") % {"count": len(digits)})
    return CellFault(
        "bad_phone", _("“%(text)s”不是电话。手机11位，座机要带区号，例如 0711-3350000。") % {"text": shortened(text)}
    )


def read_division_code(value):
    """12 digits; 6 and 9 digits are padded with zeros. A station's code (12 digits, "-", number) is returned as it is."""
    if value.__class__ is float and value.is_integer() and 0 < value < 1e12:
        text = str(int(value))
    elif value.__class__ is str and len(value) == 12 and value.isascii() and value.isdigit():
        return value
    else:
        text = re.sub(r"[\s']", "", unicodedata.normalize("NFKC", clean_text(value)))
    if text in NOTHING:
        return None
    if text.isascii() and text.isdigit() and len(text) in (6, 9, 12):
        return text.ljust(12, "0")
    if STATION_CODE.match(text):
        return text
    if SCIENTIFIC.match(text):
        raise CellFault(
            "unknown_division", _("区划代码被写成了科学计数，后面的数字已经丢了。请把这一列设为文本，重新填。")
        )
    raise CellFault("unknown_division", _("区划代码应是6、9或12位数字，这里是“%(text)s”。") % {"text": shortened(text)})


def read_id_number(value):
    """A resident's ID number of 18 characters. One that went through a number cell is refused: its end is lost."""
    if value.__class__ is not str:
        raise _truncated()
    text = plain_number(clean_text(value))
    if text in NOTHING or not text:
        return None
    if SCIENTIFIC.match(text) or re.fullmatch(r"\d+\.0", text) or (len(text) == 18 and text.endswith("000")):
        raise _truncated()
    try:
        return check_id_number(text).number
    except DomainError as error:
        raise CellFault(error.code, error.message) from None


def _truncated():
    return CellFault("truncated_id", _("身份证号被表格软件当成数字，末几位已经丢了。请把这一列设为文本，重新填。"))


def read_credit_code(value):
    """A unified social credit code of 18 characters, with its check character."""
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", clean_text(value))).upper()
    if text in NOTHING:
        return None
    from stdnum.cn import uscc
    from stdnum.exceptions import ValidationError

    if len(text) != 18:
        raise CellFault("bad_credit_code", _("统一社会信用代码应是18位，这里%(count)d位。") % {"count": len(text)})
    try:
        return uscc.validate(text)
    except ValidationError:
        raise CellFault(
            "bad_credit_code", _("统一社会信用代码的校验位对不上，请核对有没有抄错（没有 I、O、S、V、Z）。")
        ) from None
