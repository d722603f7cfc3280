"""A county's sheet as it comes: title rows, two-row headers, merged cells, subtotals, notes. Rows of data come out, and nothing else."""

import dataclasses

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from exchange.refusals import Unusable
from exchange.sheets import read_rows
from tests.exchange import workbooks as w
from tests.exchange.people import PEOPLE

TITLE = ("太和镇人员基本情况统计表",)
OFFICE = ("填报单位（盖章）：太和镇民政办", None, "填报时间：2022年8月9日")


@pytest.fixture
def read(tmp_path):
    def reader(*lines, merges=(), kind=PEOPLE, **more):
        path = tmp_path / "sent"
        ranges = "".join(f'<mergeCell ref="{at}"/>' for at in merges)
        after = f"<mergeCells>{ranges}</mergeCells>" if merges else ""
        path.write_bytes(w.book(*lines, after=after))
        return read_rows(kind, path, **more)

    return reader


def names(found):
    return [row.values[0] for row in found.rows]


def codes(faults):
    return [(fault.row, fault.column, fault.code) for fault in faults]


def test_the_header_is_found_below_titles_and_flattened_over_two_rows(read):
    found = read(
        ("附件1",), TITLE, OFFICE, ("序号", "姓名", "驻站社工（人）", None, "负责人", None), (None, None, "专职", "持证", "姓名", "联系方式"),
        (1.0, "王德福", 2.0, 1.0, "吴刚", 13900000001.0),
        merges=("A2:F2", "A4:A5", "B4:B5", "C4:D4", "E4:F4"),
    )  # fmt: skip
    header = found.headers["名册"]
    assert (header.first, header.last) == (4, 5)
    assert header.fields == {"name": 2, "staff": 3, "phone": 6}
    assert header.label("staff", PEOPLE) == "专职"
    assert found.office == "太和镇民政办"
    assert found.rows[0].values[:3] == ("王德福", None, "13900000001")
    assert [fault.column for fault in found.warnings] == ["持证", "姓名"]


def test_only_merged_cells_are_filled_never_blank_ones(read):
    found = read(
        ("姓名", "站点"), ("甲某", "太和镇站"), ("乙某", None), ("丙某", None), ("丁某", None), merges=("B2:B3",)
    )  # fmt: skip
    assert [row.values[3] for row in found.rows] == ["太和镇站", "太和镇站", None, None]


def test_totals_notes_and_repeated_headers_are_no_data(read):
    found = read(
        ("姓名", "专职"), ("甲某", 2.0), ("乙某", 3.0), ("小  计", 5.0), ("姓名", "专职"), ("丙某", 1.0), ("合计：", 6.0),
        ("注：1.本表一式两份。",), ("审核人：李某", None, "填表人：王某"),
    )  # fmt: skip
    assert names(found) == ["甲某", "乙某", "丙某"]
    assert found.left_out == 5 and not found.warnings
    assert [(label, said, computed) for _s, _n, label, _h, said, computed in found.checked] == [
        ("小计", "5", "5"),
        ("合计:", "6", "6"),
    ]


def test_a_declared_total_that_does_not_add_up_is_told(read):
    found = read(("姓名", "专职", "面积"), ("甲某", 2.0, 100.0), ("乙某", 3.0, 50.5), ("合计", 6.0, 150.5))
    assert codes(found.warnings) == [(4, "专职", "total_mismatch")]
    assert "6" in str(found.warnings[0].message) and "5" in str(found.warnings[0].message)


def test_a_person_called_like_a_total_is_a_person(read):
    assert names(read(("姓名", "站点"), ("计合", "太和镇站"), ("总计划", "太和镇站"))) == ["计合", "总计划"]


def test_a_section_title_across_the_sheet_is_no_data(read):
    found = read(("姓名", "站点", "电话", "备注"), ("一、太和镇",), ("甲某", "太和镇站"), merges=("A2:D2",))
    assert names(found) == ["甲某"]


def test_columns_that_nobody_knows_are_told_and_passed_over(read):
    found = read(("姓名", "电话", "星座"), ("甲某", "13900000001", "处女"))
    assert codes(found.warnings) == [(1, "星座", "unknown_column")]


def test_two_columns_of_one_meaning_are_told_and_the_better_one_is_read(read):
    found = read(("姓名", "联系电话", "电话"), ("甲某", "13900000001", "13900000002"))
    assert found.rows[0].values[2] == "13900000002"
    assert codes(found.warnings) == [(1, "联系电话", "unknown_column")]


def test_what_an_office_said_of_its_headers_wins(read):
    found = read(
        ("大名", "姓名", "星座"), ("甲某", "别名", "处女"), mapping={"大名": "name", "姓名": "", "星座": "note"}
    )
    assert found.rows[0].values[0] == "甲某" and found.rows[0].values[-1] == "处女"


def test_every_fault_of_a_row_is_told_with_its_cell(read):
    found = read(("姓名", "电话", "出生日期", "专职"), ("甲某", "139", "2022-02-30", "若干"))
    assert codes(found.errors) == [(2, "电话", "bad_phone"), (2, "出生日期", "bad_date"), (2, "专职", "bad_number")]
    assert [fault.value for fault in found.errors] == ["139", "2022-02-30", "若干"]
    assert [fault.at for fault in found.errors] == [2, 3, 4]
    assert found.rows[0].bad == {"phone", "born", "staff"}


def test_what_people_wrote_beside_a_wrong_cell_is_read_in_its_place(read):
    lines = (("姓名", "电话"), ("甲某", "139"), ("乙某", "13900000002"), ("乙某", "13900000002"))
    found = read(*lines, mended={"名册": {"2:2": "13900000001"}}, skipped={"名册": [4]})
    assert not found.errors
    assert [row.values[2] for row in found.rows] == ["13900000001", "13900000002"]


def test_rows_are_counted_whole(read):
    found = read(("姓名", "专职"), ("甲某", 1.0), (), ("乙某", "若干"), ("合计", 1.0))
    assert len(found.rows) == 2 and found.error_count == 1 and found.left_out == 1
    assert [row.number for row in found.rows] == [2, 4]


def test_a_table_that_does_not_begin_in_the_first_cell_keeps_its_addresses(read):
    found = read((), (), (None, None, "姓名", "电话"), (None, None, "甲某", "139"))
    assert codes(found.errors) == [(4, "电话", "bad_phone")] and found.errors[0].at == 4


def test_a_sheet_that_is_not_there_is_no_header(read):
    with pytest.raises(Unusable) as caught:
        read(("姓名",), ("甲某",), sheet="没有这张")
    assert caught.value.code in ("no_header", "empty")


def test_personal_data_beside_a_fault_is_masked(read):
    masked = dataclasses.replace(
        PEOPLE, columns=tuple(dataclasses.replace(c, mask=lambda text: text[:2] + "**") if c.field == "phone" else c for c in PEOPLE.columns),
        fields={}, position={},
    )  # fmt: skip
    found = read(("姓名", "电话"), ("甲某", "1390000"), kind=masked)
    assert found.errors[0].value == "13**"


def test_a_row_that_is_struck_out_is_read_and_told(tmp_path):
    book = Workbook()
    for line in (("姓名", "电话"), ("甲某", "13900000001"), ("乙某", "13900000002")):
        book.active.append(line)
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    path = tmp_path / "sent.xlsx"
    book.save(path)
    found = read_rows(PEOPLE, path)
    assert names(found) == ["甲某", "乙某"]
    assert [(fault.row, fault.code) for fault in found.warnings] == [(3, "inconsistent")]
