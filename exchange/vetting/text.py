"""CSV as offices send it: UTF-8 with or without BOM, or GB18030. Refuses what would slide columns or swallow rows."""

import csv
import io
import re

from exchange import limits
from exchange.vetting.refused import Refused

BOM = b"\xef\xbb\xbf"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
SWALLOWED_LINES = 20  # a quoted field with more line breaks than this is an unpaired quote


def rows_of_text(data):
    """Yield the records of a CSV as lists of text. Raises Refused."""
    text = decoded(data)
    csv.field_size_limit(limits.CELL_CHARACTERS)
    count = content = 0
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            count += 1
            content += any(record)
            _bounded(record, content)
            if any(cell.count("\n") > SWALLOWED_LINES for cell in record):
                raise Refused("quotes", row=count)
            yield record
    except csv.Error as error:
        raise Refused("cell_characters" if "field limit" in str(error) else "quotes", row=count + 1) from None


def decoded(data):
    """The text of `data`. Raises Refused where no encoding of the contract fits."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused("utf16")
    if b"\x00" in data:
        raise Refused("zero_bytes")
    for encoding in ("utf-8-sig",) if data.startswith(BOM) else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROLS.search(text):
            raise Refused("not_text")
        return text
    raise Refused("text_encoding" if data.startswith(BOM) else "not_text")


def _delimiter(text):
    head = text[:4096]
    return max(",\t;", key=lambda mark: (head.count(mark), mark == ","))


def _bounded(record, content):
    if content > limits.ROWS + limits.HEADER_ROWS:
        raise Refused("rows")
    if len(record) > limits.COLUMNS and sum(1 for cell in record if cell) > limits.COLUMNS:
        raise Refused("columns", count=len(record))
