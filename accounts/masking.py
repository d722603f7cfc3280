"""How personal data looks to whoever may not read it: one family of masks for pages, API, admin, exports, search and messages.

A mask takes a text, a `Protected` or None, and gives None for None. Who may read what is `present`'s table, drawn from
the contract §2 and case-api §0; opening a masked value with a purpose is `reveals`' affair.
"""

import re
import unicodedata

from accounts.protection import MASK, Protected

FULL, SUMMARY = "full", "summary"


def _text(value):
    return value.clear if isinstance(value, Protected) else value


def _letters(text):
    """The letters as a person counts them: marks and variation selectors belong to the one before."""
    out = []
    for char in text:
        if out and (unicodedata.category(char) in ("Mn", "Me", "Cf")):
            out[-1] += char
        else:
            out.append(char)
    return out


def mask_name(value):
    """王*, 张**, 欧***: the first character, a `*` for each other."""
    text = _text(value)
    if not text:
        return text
    letters = _letters(text.strip())
    return "".join(letters[:1]) + "*" * (len(letters) - 1)


def mask_id(value):
    """420***********101X: the first three and last four of a resident's number; of a shorter document the first and last two."""
    text = _text(value)
    if not text:
        return text
    text = text.strip()
    first, last = (3, 4) if len(text) >= 15 else (1, 2) if len(text) >= 6 else (0, 0)
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]


def mask_phone(value):
    """138****5678; a landline keeps its area code and last two digits (0711-*****00); several are joined by 、."""
    text = _text(value)
    return "、".join(_mask_phone(part.strip()) for part in re.split("[、,，;；/]", text)) if text else text


def _mask_phone(text):
    if re.fullmatch(r"1\d{10}", text, re.ASCII):
        return f"{text[:3]}****{text[7:]}"
    if found := re.fullmatch(r"(0\d{2,3}-|0(?:10|2\d)|0[3-9]\d{2})?(\d{7,8})((?:转|-)\d{1,6})?", text, re.ASCII):
        area, number, extension = found.groups(default="")
        return area + "*" * (len(number) - 2) + number[-2:] + re.sub(r"\d", "*", extension)
    keep = 2 if len(re.sub(r"\D", "", text)) >= 7 else 0
    shown, out = 0, ""
    for char in reversed(text):
        shown += char.isdigit()
        out = (char if not char.isalnum() or (char.isdigit() and shown <= keep) else "*") + out
    return out


# One part an administrative level; the words before a suffix hold no sign of a lower level, so that 莲花小区 is no district.
_LOWER = r"路街巷弄号栋幢座楼室单元组\d"
_ADDRESS = re.compile(
    r"(?P<province>[^\d]{2,8}?(?:省|自治区|特别行政区))?"
    rf"(?P<city>[^县镇乡村{_LOWER}]{{1,10}}?(?:自治州|地区|盟|市))?"
    rf"(?P<district>[^镇乡村{_LOWER}]{{1,12}}?(?:自治县|县|自治旗|旗|林区|(?<![小园校片厂院库社])区|市)(?!城|场))?"
    rf"(?P<town>[^村{_LOWER}]{{1,12}}?(?:街道办事处|街道|民族乡|镇|乡|苏木))?"
    rf"(?P<village>[^{_LOWER}]{{1,14}}?(?:社区居委会|社区|村委会|村民委员会|居委会|嘎查|(?<!新)村)(?![路街道巷口里]))?"
)


def mask_address(value):
    """湖北省鄂州市梁子湖区太和镇谢埠村***: down to the village or community that is written there, never further."""
    text = _text(value)
    if not text:
        return text
    text = re.sub(r"\s", "", text)
    kept = _ADDRESS.match(text).group()  # type: ignore[union-attr]
    return text if kept == text else kept + MASK


def mask_narrative(value):
    """`***` for what is filled, whatever its shape; nothing for nothing."""
    text = _text(value)
    return MASK if text else text


MASKS = {"name": mask_name, "id": mask_id, "phone": mask_phone, "address": mask_address, "narrative": mask_narrative}
# Which word a field of case-api is. A dictionary stands for the members of a nested object, or of each in a list.
WORDS = {
    "name": "name",
    "id_number": "id",
    "phone": "phone",
    "birth_date": "birth_date",
    "address": "address",
    "guardian": {"name": "name", "phone": "phone"},
    "emergency_contact": {"name": "name", "phone": "phone"},
}
CLEAR_IN_FULL = {"name", "birth_date", "address", "narrative"}  # in a session: nobody works with 王**
LEFT_OUT = {"birth_date", "address"}  # masked they are null beside age and residence_division


def present(values, depth, key, words=WORDS):
    """`values` {field: value} as this asker may see them; a new dictionary, plain values only.

    `depth` is "full" or anything less; `key` whether an API key asks. `words` {field: word, or {member: word}} says what
    is personal; a `Protected` that stands in no word is narrative. In a session at depth full name, birth date, address
    and narrative are clear, ID numbers and phones masked; for everybody else all is masked.
    """
    clear = CLEAR_IN_FULL if depth == FULL and not key else frozenset()
    return {name: _shown(value, words.get(name), clear) for name, value in values.items()}


def _shown(value, word, clear):
    if word is None:
        if not isinstance(value, Protected):
            return value
        word = "narrative"
    if isinstance(word, dict):
        return _members(_text(value), word, clear)
    if word in clear:
        return _text(value)
    return None if word in LEFT_OUT else MASKS[word](value)


def _members(value, words, clear):
    if isinstance(value, list):
        return [_members(one, words, clear) for one in value]
    if not isinstance(value, dict):
        return mask_narrative(value)
    return {name: _shown(inner, words.get(name), clear) for name, inner in value.items()}
