"""The office's own file back: wrong cells coloured and commented, everything else as it was. Long files come back as a fresh one."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from exchange.annotator import AUTHOR
from exchange.kinds import kinds
from exchange.models import Import
from exchange.reading import HOME, child_environment, read_workbook
from exchange.refusals import Unusable, letters

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_PLACE_ROWS = 5_000
SECONDS = 30
WRONG, DOUBTFUL = "FFC7CE", "FFEB9C"


def name_of(run):
    """The name under which the annotated file is given back."""
    return f"{Path(run.file.name).stem[:120]}{_('（标好错）')}.xlsx"


def annotate(run, path):
    """Write the annotated workbook to `path`."""
    with annotated_file(run) as source, open(path, "wb") as out:
        out.write(source.read())


def annotated_file(run):
    """An open temporary file with the annotated workbook. Raises DomainError where the file itself cannot be read."""
    if run.state == Import.UNUSABLE:
        raise DomainError(run.message, code=run.errors[0]["code"] if run.errors else "damaged", status=409)
    if not run.ended:
        raise DomainError(_("还没有核对完，稍等一会儿。"), code="not_pending", status=409)
    notes = _notes(run)
    whole = _is_workbook(run.file.path) and run.rows + run.left_out <= IN_PLACE_ROWS
    out = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    try:
        if whole and (marked := _in_place(run, notes)):
            out.write(marked)
        else:
            _fresh(run, notes, out)
    except Unusable as unusable:
        out.close()
        raise DomainError(unusable.message, code=unusable.code, status=409) from None
    out.seek(0)
    return out


def _notes(run):
    """{sheet: {(row, column): (colour, sentences)}}; a fault without a cell stands at the header of its column, else at A1."""
    kind, headers = kinds()[run.kind], {header["sheet"]: header for header in run.headers}
    found = {}
    for faults, colour in ((run.errors, WRONG), (run.warnings, DOUBTFUL)):
        for fault in faults:
            sheet = fault["sheet"] or (run.headers[0]["sheet"] if run.headers else "")
            at = fault.get("at") or _key_column(headers.get(sheet), kind)
            cell = found.setdefault(sheet, {}).setdefault((fault["row"] or 1, at), [colour, []])
            cell[1].append(fault["message"])
    return found


def _key_column(header, kind):
    """The column that says which record a row is: where a fault of a column that the file has not is shown."""
    if header:
        by_field = {column["field"]: column["column"] for column in header["columns"]}
        for name in [name for names in kind.identifying for name in names]:
            if name in by_field:
                return by_field[name]
    return 1


def _is_workbook(path):
    with open(path, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _in_place(run, notes):
    """The office's own file, marked by a process of its own; None where that failed or took too long."""
    said = [
        {"sheet": sheet, "row": row, "column": column, "colour": colour, "text": "\n".join(sentences)}
        for sheet, cells in notes.items()
        for (row, column), (colour, sentences) in cells.items()
    ]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "exchange.annotator", str(run.file.path)],
            input=json.dumps(said).encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=HOME,
            env=child_environment(), timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"PK") else None


def _fresh(run, notes, out):
    """A new workbook with the cells' values; of a long file the rows with faults, under the rows of its header."""
    book = xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    formats = {colour: book.add_format({"bg_color": f"#{colour}"}) for colour in (WRONG, DOUBTFUL)}
    headers = {header["sheet"]: header for header in run.headers}
    whole = run.rows + run.left_out <= IN_PLACE_ROWS
    page = marks = keep = None
    written = 0
    for facts, batch in read_workbook(run.file.path):
        if facts is not None:
            if facts.name not in headers:
                page = None
                continue
            page = book.add_worksheet((facts.name or "CSV")[:31])
            marks, keep, written = notes.get(facts.name, {}), headers[facts.name]["last"], 0
            rows_marked = {row for row, _column in marks}
            continue
        if page is None:
            continue
        for number, cells in enumerate(batch[1], batch[0]):
            if whole or number <= keep or number in rows_marked:
                at = number - 1 if whole else written
                _write_row(page, at, cells, marks, number, formats, None if whole else number)
                written += 1
    book.close()


def _write_row(page, at, cells, marks, number, formats, told):
    """One row; `told` is the row's number in the office's file, said in the comments where rows were left out."""
    for column, cell in enumerate(cells, 1):
        value = cell[0] if cell.__class__ is list else cell
        mark = marks.get((number, column))
        if value != "" or mark:
            _write_cell(page, at, column - 1, value, formats[mark[0]] if mark else None)
    for (row, column), (_colour, sentences) in marks.items():
        if row == number:
            text = "\n".join(sentences)
            page.write_comment(
                at, column - 1, text if told is None else f"{letters(column)}{told}：{text}", {"author": AUTHOR}
            )


def _write_cell(page, row, column, value, style):
    if value.__class__ is str:
        page.write_string(row, column, value, style) if value else page.write_blank(row, column, None, style)
    elif value.__class__ is bool:
        page.write_boolean(row, column, value, style)
    else:
        page.write_number(row, column, value, style)
