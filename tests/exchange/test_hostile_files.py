"""A stranger's file gets its verdict before any parser sees it, in a process that may die, and with a sentence that says what to do."""

import os
import resource
import signal
from pathlib import Path

import pytest

from exchange import limits, reading
from exchange.refusals import FILE_CODES, REASONS, Unusable
from exchange.sheets import read_rows
from tests.exchange import workbooks as w
from tests.exchange.hostile import CASES
from tests.exchange.people import PEOPLE


def verdict(path):
    """How many rows were read, or the code of the refusal and its sentence."""
    try:
        return len(read_rows(PEOPLE, path).rows), ""
    except Unusable as unusable:
        return unusable.code, unusable.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_odd_file_gets_its_verdict_and_a_sentence(case, tmp_path):
    path = tmp_path / "sent"
    path.write_bytes(case.make())
    found, sentence = verdict(path)
    assert found == case.verdict, sentence
    if isinstance(case.verdict, str):
        assert sentence.endswith("。") and "%(" not in sentence
        assert Unusable("no_bytes").as_error().keys() == {"sheet", "row", "column", "code", "message", "value"}


def test_no_verdict_takes_much_memory_of_the_reading_process(tmp_path):
    for case in (case for case in CASES if case.verdict == "too_large" or "strings" in case.name):
        path = tmp_path / "sent"
        path.write_bytes(case.make())
        verdict(path)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < (600 << 10)


def test_every_reason_has_a_code_of_the_contract_and_every_code_has_a_reason():
    assert {code for code, _sentence in REASONS.values()} == set(FILE_CODES)


def test_the_reading_process_knows_no_key_and_inherits_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "top-secret")
    seen = {}

    class Spy(reading.subprocess.Popen):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            seen["environment"] = Path(f"/proc/{self.pid}/environ").read_bytes()
            seen["files"] = {os.readlink(f"/proc/{self.pid}/fd/{n}") for n in os.listdir(f"/proc/{self.pid}/fd")}

    monkeypatch.setattr(reading.subprocess, "Popen", Spy)
    path, other = tmp_path / "sent", tmp_path / "other"
    path.write_bytes(w.book(w.HEAD, *w.GOOD))
    with open(other, "w"):
        assert verdict(path) == (2, "")
    assert b"top-secret" not in seen["environment"] and b"SECRET_KEY" not in seen["environment"]
    assert str(other) not in seen["files"]


def test_a_reading_process_that_dies_is_a_damaged_file(monkeypatch, tmp_path):
    class Dying(reading.subprocess.Popen):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            os.kill(self.pid, signal.SIGABRT)

    monkeypatch.setattr(reading.subprocess, "Popen", Dying)
    path = tmp_path / "sent"
    path.write_bytes(w.book(w.HEAD, *w.GOOD * 2_000))
    assert verdict(path)[0] == "damaged"


def test_a_file_that_takes_too_long_is_too_large(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 0.0)
    path = tmp_path / "sent"
    path.write_bytes(w.book(w.HEAD, *w.GOOD))
    assert verdict(path)[0] == "too_large"


def test_formulas_error_cells_and_texts_that_look_like_formulas(tmp_path):
    body = w.rows(("姓名", "备注"))
    body += '<row r="2">' + w.cell(2, 1, "2", "str", "1+1") + w.cell(2, 2, "甲") + "</row>"
    body += '<row r="3">' + w.cell(3, 1, None, "str", 'HYPERLINK("x")') + w.cell(3, 2, "乙") + "</row>"
    body += '<row r="4">' + w.cell(4, 1, "#REF!", "e") + w.cell(4, 2, "丙") + "</row>"
    body += '<row r="5">' + w.cell(5, 1, "=1+1") + w.cell(5, 2, "-2+3") + "</row>"
    body += '<row r="6">' + w.cell(6, 1, "#N/A", "e") + "</row>"
    path = tmp_path / "sent"
    path.write_bytes(w.pack(w.parts(w.sheet(body))))
    found = read_rows(PEOPLE, path)
    assert [(fault.row, fault.column, fault.code) for fault in found.errors] == [
        (3, "姓名", "uncalculated_formula"), (4, "姓名", "uncalculated_formula"), (6, "姓名", "uncalculated_formula"),
    ]  # fmt: skip
    assert [row.values[0] for row in found.rows] == ["2", None, None, "=1+1", None]


def test_hidden_sheets_are_passed_over_and_every_sheet_with_the_header_is_read(tmp_path):
    sheets = [
        w.sheet(w.rows(("填表说明",))),
        w.sheet(w.rows(w.HEAD, *w.GOOD)),
        w.sheet(w.rows(("姓名", "电话"), ("赵一", "13900000003"))),
    ]
    sheets.append(w.sheet(w.rows(w.HEAD, ("不该读", "420799194503121012", "13900000001", "站"))))
    path = tmp_path / "sent"
    path.write_bytes(
        w.pack(w.parts(sheets, names=["说明", "太和镇", "东沟镇", "藏"], states=["", "", "", "veryHidden"]))
    )
    found = read_rows(PEOPLE, path)
    assert [(row.sheet, row.values[0]) for row in found.rows] == [
        ("太和镇", "王德福"),
        ("太和镇", "李秀英"),
        ("东沟镇", "赵一"),
    ]
    assert [row.sheet for row in read_rows(PEOPLE, path, sheet="3").rows] == ["东沟镇"]


def test_a_workbook_of_1904_counts_its_days_from_there(tmp_path):
    path = tmp_path / "sent"
    path.write_bytes(
        w.pack(
            w.parts(
                w.sheet(w.rows(("姓名", "出生日期"), ("王德福", 43_320))), before_sheets='<workbookPr date1904="1"/>'
            )
        )
    )
    assert str(read_rows(PEOPLE, path).rows[0].values[4]) == "2022-08-09"
