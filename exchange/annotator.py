"""The process that opens an office's workbook whole and marks its cells: path as argument, notes on standard input, workbook out.

Started by `exchange/annotating.py`. The library it uses can be made to work for minutes by one stray cell, so it may be killed.
"""

import io
import json
import resource
import sys

from exchange import limits
from exchange.vetting.workbook import vet_workbook

SECONDS = 25
AUTHOR = "社工"


def main():
    """Read, mark, write. Leaves with another code than 0 where that did not work."""
    for what, most in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, limits.PART_BYTES),  # its writer keeps each sheet in a temporary file
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    with open(sys.argv[1], "rb") as file:
        data = file.read(limits.FILE_BYTES + 1)
    vet_workbook(data)
    sys.stdout.buffer.write(marked(data, json.load(sys.stdin)))


def marked(data, notes):
    """The workbook `data` with `notes` [{sheet, row, column, colour, text}] in its cells, as bytes."""
    from openpyxl import load_workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    book = load_workbook(io.BytesIO(data), rich_text=True)
    for note in notes:
        cell = anchor(book[note["sheet"]], note["row"], note["column"])
        cell.fill = PatternFill("solid", start_color=note["colour"], end_color=note["colour"])
        before = f"\n——\n{cell.comment.text}" if cell.comment is not None else ""
        cell.comment = Comment(note["text"] + before, AUTHOR, 120, 320)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def anchor(page, row, column):
    """The cell, or the upper left one of the merged range it lies in: others take neither colour nor comment."""
    for merged in page.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_col <= column <= merged.max_col:
            return page.cell(merged.min_row, merged.min_col)
    return page.cell(row, column)


if __name__ == "__main__":
    main()
