"""The columns of the pairing report with their aliases, and how their cells are read."""

import re
import unicodedata

from django.utils.translation import gettext as _

from exchange.kinds import Column
from exchange.normalising import (
    CellFault,
    clean_text,
    integer,
    limited,
    read_credit_code,
    read_date,
    read_name,
    read_text,
    yes_or_no,
)
from partnerships.codes import AT_LEAST, EQUAL, MORE_THAN

COMPARED = (
    (AT_LEAST, re.compile(r"^(?:>=|≥|不少于|至少|不低于)")), (MORE_THAN, re.compile(r"^(?:>|超过|多于|大于)")),
)  # fmt: skip
BETWEEN = re.compile(r"\s*(?:至|到|~|～|—|–|--)\s*")


class Compared(int):
    """A number with its comparator: `op` is "=", ">=" or ">"."""

    op = EQUAL

    def same_as(self, op, value):
        return self.op == op and int(self) == value


def read_compared(value):
    """A whole number as offices write it: 60, >1100, 不少于30. A comparator without a number is refused, never 0."""
    text = unicodedata.normalize("NFKC", clean_text(value)).strip()
    op, found = next(((op, m) for op, form in COMPARED if (m := form.match(text))), (EQUAL, None))
    rest = text[found.end() :] if found else value
    if found and not rest.strip():
        raise CellFault("bad_number", _("“%(text)s”后面没有数。") % {"text": text})
    number = integer(rest)
    if number is None:
        return None
    compared = Compared(number)
    compared.op = op
    return compared


def read_span(value):
    """Two days, "2022-01-01 至 2025-12-31"."""
    text = clean_text(value).strip()
    parts = BETWEEN.split(text)
    if len(parts) != 2:
        raise CellFault("bad_date", _("起止应写成“2022-01-01 至 2025-12-31”。"))
    first, last = (read_date(part) for part in parts)
    if first is None or last is None:
        raise CellFault("bad_date", _("起止应写成“2022-01-01 至 2025-12-31”。"))
    if last < first:
        raise CellFault("inconsistent", _("结束日期早于开始日期。"))
    return first, last


def _number(field, header, aliases=()):
    return Column(field, header, read_compared, aliases, adds_up=True, width=12)


COLUMNS = (
    Column("round", "期次", limited(read_text, 80), ("轮次", "批次期次"), width=16, example="第二轮"),
    Column("sending", "援派省", limited(read_name, 40), ("援派省份",), width=12),
    Column("sender", "援派机构", limited(read_name, 120), ("援派单位", "派出机构", "帮扶机构"), width=30),
    Column("sender_code", "信用代码", read_credit_code, ("统一社会信用代码", "援派机构信用代码"), width=22),
    Column("receiving", "受援省区", limited(read_name, 40), ("受援省", "受援省份"), width=12),
    Column("county", "受援县（区）", limited(read_name, 40), ("受援地", "受援县", "受援县区"), width=14),
    Column("key", "是否国家乡村振兴重点帮扶县", yes_or_no, ("重点帮扶县",), options=("是", "否"), width=12),
    Column("receiver", "受援机构", limited(read_name, 120), ("对接机构", "结对机构"), width=30),
    Column("receiver_code", "受援机构信用代码", read_credit_code, ("对接机构信用代码", "结对机构信用代码"), width=22),
    Column("signed_on", "结对协议签订日期", read_date, ("协议签订日期", "签订日期"), dated=True, width=14),
    Column("span", "起止", read_span, ("起止日期", "结对起止"), width=26, example="2022-01-01 至 2025-12-31"),
    _number("pairing_batches", "派驻批次", ("批次",)),
    _number("pairing_person_trips", "派出人次", ("援派人次",)),
    _number("pairing_persons", "派出人数"),
    _number("pairing_workdays", "服务工作日", ("服务天数", "工作日")),
    _number("online", "其中线上"),
    _number("pairing_stations_built", "建设社工站数", ("建成社工站数",)),
    _number("pairing_agencies_cultivated", "培育机构数", ("孵化机构数",)),
    _number("pairing_professionals", "培养专业人才数（人）", ("培养专业人才数",)),
    _number("pairing_trained_person_times", "培训人次"),
    Column("note", "备注", limited(read_text, 200), ("说明",), width=24),
)  # fmt: skip
IDENTIFYING = (("sender", "county"), ("sender_code", "county"))
AT = {column.field: position for position, column in enumerate(COLUMNS)}
NUMBERS = tuple(c.field for c in COLUMNS if c.field.startswith("pairing_"))
SIGNS = {EQUAL: "", AT_LEAST: "≥", MORE_THAN: ">"}


def with_sign(op, value):
    """A number as the workbook shows it: a number where it is exact, else ">1100"."""
    return value if op == EQUAL else f"{SIGNS[op]}{value}"


def shown(_field, value):
    """A value as people read it in a difference."""
    if value is None or value == "":
        return ""
    if isinstance(value, (list, tuple)):
        return " 至 ".join(str(day) for day in value)
    if value is True or value is False:
        return str(_("是")) if value else str(_("否"))
    return str(with_sign(value.op, int(value))) if isinstance(value, Compared) else str(value)
