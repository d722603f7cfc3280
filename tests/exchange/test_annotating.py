"""The office's own file comes back with its wrong cells marked and everything else as it was; no formula is made of a text."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from exchange import annotating
from exchange.models import Import
from tests.exchange import workbooks as w
from tests.exchange.conftest import ROSTERS

HEAD = ["区划代码", "站点名称", "层级", "负责人", "联系电话"]


@pytest.fixture
def back(desk):
    """Preview `data` and give the run with its annotated workbook."""

    def annotated(data, name="花名册.xlsx"):
        path = desk.folder / name
        path.write_bytes(data)
        run = desk.take(path=path, mode=Import.PREVIEW)
        with annotating.annotated_file(run) as file:
            return run, load_workbook(io.BytesIO(file.read()))

    return annotated


def office_book():
    book = Workbook()
    page = book.active
    page.append(["太和镇站点花名册"])
    page.merge_cells("A1:E1")
    page.append(HEAD)
    page.append(["420702100000", "太和镇社工站", "站", "赵强", "139"])
    page.append(["420702101000", "东沟镇社工站", "总部", "=1+1", '=HYPERLINK("http://x")'])
    page["B3"].font, page["E3"].comment = Font(bold=True), Comment("原来的批注", "李某")
    page.column_dimensions["B"].width = 33
    rule = DataValidation("list", formula1='"站,室"')
    rule.add("C3:C9")
    page.add_data_validation(rule)
    book.create_sheet("填表说明")["A1"] = "请勿修改表头"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_offices_file_keeps_all_but_the_marked_cells(back):
    _run, book = back(office_book())
    page = book.worksheets[0]
    assert {cell.coordinate for row in page for cell in row if cell.comment} == {"E3", "C4", "D4", "E4"}
    assert "11位" in page["E3"].comment.text and "原来的批注" in page["E3"].comment.text
    assert page["C4"].fill.fgColor.rgb.endswith("FFC7CE") and page["B4"].fill.fill_type is None
    assert page["D4"].value == "=1+1" and page["B3"].font.bold and page.column_dimensions["B"].width == 33
    assert "A1:E1" in [str(found) for found in page.merged_cells.ranges] and page.data_validations.dataValidation
    assert book["填表说明"]["A1"].value == "请勿修改表头"


def test_a_fault_inside_a_merged_range_is_marked_at_its_corner(back):
    merged = '<mergeCells count="1"><mergeCell ref="E2:E3"/></mergeCells>'
    lines = (
        HEAD,
        ("420702100000", "太和镇社工站", "站", "甲", "139"),
        ("420702101000", "东沟镇社工站", "站", "乙", None),
    )
    run, book = back(w.pack(w.parts(w.sheet(w.rows(*lines), after=merged))))
    assert run.error_count == 2 and book.worksheets[0]["E2"].comment is not None


def test_a_csv_comes_back_as_a_workbook_whose_texts_stay_texts(back):
    _run, book = back(w.csv_of(HEAD, ("420702100000", "=1+1", "总部", "+86", "@x")), "花名册.csv")
    page = book.worksheets[0]
    assert page["B2"].value == "=1+1" and page["B2"].data_type == "s" and page["D2"].value == "+86"
    assert page["C2"].comment is not None


def test_of_a_long_file_the_wrong_rows_come_back(back, monkeypatch):
    monkeypatch.setattr(annotating, "IN_PLACE_ROWS", 3)
    lines = [("420702100000", "太和镇社工站", "站", "甲", "13900000001")] + [
        ("420702101000", "东沟镇社工站", "总部", "乙", "")
    ] * 4
    _run, book = back(w.book(HEAD, *lines))
    page = book.worksheets[0]
    assert [page.cell(1, at).value for at in range(1, 6)] == HEAD
    assert page.max_row == 5 and page["C2"].comment.text.startswith("C3：")


def test_a_file_that_the_library_cannot_open_comes_back_as_a_fresh_one(back, monkeypatch):
    monkeypatch.setattr(annotating, "SECONDS", 0.01)
    _run, book = back((ROSTERS / "ningxia-with-errors.xlsx").read_bytes())
    assert book.worksheets[0]["A1"].value == "区划代码"
