"""The process that reads one stranger's file: standard input in, JSON lines out, and nothing else of the machine.

Started by `exchange/reading.py`. It has no keys, no network use, no file to write, and may die at any moment.
Lines: {"sheet": …facts}, then {"rows": [first, [[cell, …], …]]} with "" for blank and [text] for a date or time,
at the end {"end": …} or {"refused": reason, "facts": {…}}.
"""

import io
import json
import os
import resource
import sys

from exchange import limits
from exchange.vetting import sniff
from exchange.vetting.refused import Refused
from exchange.vetting.text import rows_of_text
from exchange.vetting.workbook import vet_workbook

BATCH = 1000


def confine():
    """Give up what a parser does not need, before the first byte is read."""
    for what, most in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY),
        (resource.RLIMIT_CPU, limits.CHILD_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, limits.CHILD_FILES),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most if what != resource.RLIMIT_CPU else hard))
    os.nice(5)


def messages(data):
    """Every message about the file `data`, in order. Raises Refused."""
    if sniff(data) == "csv":
        yield {"sheet": "", "kind": "csv"}
        yield from batches(rows_of_text(data))
    else:
        vetted = vet_workbook(data)
        yield from workbook_messages(data, vetted)
    yield {"end": True}


def workbook_messages(data, vetted):
    """The visible sheets one after the other, by the fast parser where the file was found honest."""
    open_sheet = _fast(data) if vetted.trusted else _careful(data)
    for facts in vetted.sheets:
        if facts.hidden:
            yield {"hidden": facts.name}
            continue
        yield {
            "sheet": facts.name,
            "kind": vetted.kind,
            "date1904": vetted.date1904,
            "merged": facts.merged,
            "struck": list(facts.struck.items()),
            "errors": [[row, column, text] for (row, column), text in facts.errors.items()],
            "formulas": [[row, column, known] for (row, column), known in facts.formulas.items()],
        }
        if facts.cells:
            yield from batches(open_sheet(facts.name))


def batches(rows):
    """Group rows, so that a line of the pipe carries a thousand of them."""
    first, held = 1, []
    for row in rows:
        held.append(row)
        if len(held) == BATCH:
            yield {"rows": [first, held]}
            first, held = first + BATCH, []
    if held:
        yield {"rows": [first, held]}


def _fast(data):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))

    def rows(name):
        sheet = book.get_sheet_by_name(name)
        aside = [""] * (sheet.start[1] if sheet.start else 0)  # the parser leaves out blank columns on the left
        return (aside + row for row in sheet.iter_rows()) if aside else sheet.iter_rows()

    return rows


def _careful(data):
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)

    def rows(name):
        sheet = book[name]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield ["" if cell is None else cell for cell in row]

    return rows


def main():
    confine()
    out = sys.stdout.buffer

    def say(message):
        out.write(json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=lambda v: [str(v)]).encode())
        out.write(b"\n")

    try:
        for message in messages(sys.stdin.buffer.read(limits.FILE_BYTES + 1)):
            say(message)
    except Refused as refused:
        say({"refused": refused.reason, "facts": refused.facts})
    except MemoryError:
        say({"refused": "memory", "facts": {}})
    except BaseException:  # a parser's panic is no Exception; whatever it was, the file cannot be read
        say({"refused": "unreadable", "facts": {}})
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
