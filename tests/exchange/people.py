"""A kind of workbook that no room owns: the reader's rules are tested on it without a database."""

from exchange.kinds import Column, Kind
from exchange.normalising import area, integer, read_date, read_id_number, read_name, read_phone, read_text


def _none(*_args, **_more):
    return None


PEOPLE = Kind(
    code="people",
    title="人员名册",
    columns=(
        Column("name", "姓名", read_name),
        Column("id_number", "身份证号", read_id_number, ("身份证号码",)),
        Column("phone", "电话", read_phone, ("联系电话", "负责人/联系方式")),
        Column("station", "站点", read_name, ("所属社工站",)),
        Column("born", "出生日期", read_date, ("出生年月",), dated=True),
        Column("staff", "专职", integer, ("驻站社工/专职",), adds_up=True),
        Column("area", "面积", area, adds_up=True),
        Column("note", "备注", read_text),
    ),
    identifying=(("name",), ("born",)),
    planner=_none,
    writer=_none,
    undoer=_none,
    changed_since=_none,
    refusal=_none,
    place=_none,
    places=_none,
    may=_none,
    kept_codes=_none,
)
