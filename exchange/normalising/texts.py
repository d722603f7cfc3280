"""Texts, names and words out of a list. Cleans what cannot be seen; keeps rare characters and Chinese punctuation."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from exchange.normalising.faults import CellFault

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
PLAIN = re.compile(r"[\u4e00-\u9fff0-9A-Za-z（）、，。：—－·-]*\Z")
HAN = "\u2e80-\u2fff\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
BETWEEN_HAN = re.compile(f"(?<=[{HAN}·]) +(?=[{HAN}·])")
DOTS = re.compile(f"[•‧・･．∙⋅]|(?<=[{HAN}])\\.(?=[{HAN}])")
NOTHING = {"", "-", "--", "—", "——", "－", "/", "／", "\\", "无", "暂无", "空", "N/A", "n/a", "NULL", "null", "None"}


def clean_text(value):
    """The text of a cell: unseen characters gone, full-width digits and letters narrow, runs of spaces one space."""
    if value.__class__ is not str:
        return plain(value)
    if PLAIN.match(value):
        return value
    if "_x" in value:
        value = ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), value)
    value = UNSEEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    value = "".join(char for char in value if not 0xD800 <= ord(char) <= 0xDFFF)
    value = unicodedata.normalize("NFC", value.translate(FULL_WIDTH))
    return SPACES.sub(" ", value).strip()


def plain(value):
    """A number, truth value or date cell as a person would read it: 172.0 is 172."""
    if value.__class__ is list:
        return str(value[0]).removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if value.__class__ is bool:
        return "TRUE" if value else "FALSE"
    if value.__class__ is float and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


@lru_cache(maxsize=1 << 16)
def key_of(text):
    """What two spellings of one name have in common: NFKC, no spaces, brackets alike, lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def read_text(value):
    """Free text, or None where the cell says that there is nothing."""
    text = clean_text(value)
    return None if text in NOTHING else text


def read_name(value):
    """A name of a person or place: padding between its characters removed, its middle dots alike."""
    text = read_text(value)
    if text is None or PLAIN.match(text) and " " not in text:
        return text
    return BETWEEN_HAN.sub("", DOTS.sub("·", text.replace("\n", " ")))


def choice(words, options):
    """A reader for one word out of a list. `words` {spelling: value}; `options` = the spellings to offer, in their order."""
    table = {key_of(word): value for word, value in words.items()}
    offered = "、".join(str(option) for option in options)

    def read(value):
        text = read_text(value)
        if text is None:
            return None
        try:
            return table[key_of(text)]
        except KeyError:
            raise CellFault(
                "bad_choice",
                _("没有“%(text)s”这个选项，可以写：%(options)s。") % {"text": shortened(text), "options": offered},
            ) from None

    return read


YES = ("是", "有", "√", "✓", "✔", "☑", "1", "y", "yes", "true", "已", "对", "到位", "已到位")
NO = ("否", "无", "×", "✗", "✘", "x", "0", "n", "no", "false", "未", "没有", "未到位")
_TRUTHS = {**{key_of(word): True for word in YES}, **{key_of(word): False for word in NO}}


def yes_or_no(value):
    """True or False; a blank is neither."""
    text = clean_text(value)
    if key_of(text) in _TRUTHS:
        return _TRUTHS[key_of(text)]
    if text in NOTHING:
        return None
    raise CellFault("bad_choice", _("这里要写“是”或“否”，不知道就留空。"))


def shortened(text, most=30):
    """`text` for a sentence: no longer than `most` characters."""
    text = plain(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def limited(read, most):
    """`read`, refusing what is longer than `most` characters, since the record cannot hold it."""

    def checked(value):
        text = read(value)
        if text is not None and len(text) > most:
            raise CellFault(
                "inconsistent",
                _("这一格有 %(count)d 个字，最多放 %(most)d 个，请写短些。") % {"count": len(text), "most": most},
            )
        return text

    return checked
