"""Where a worksheet's content lies, and what a parser would hide: error cells, formulas, merged ranges, far cells, wrong references.

Two scanners give the same facts: a fast one for markup as common writers make it, and an exact one for all else.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from exchange import limits
from exchange.vetting import markup
from exchange.vetting.refused import Refused

LETTERS, DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

FILLED = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="[0-9]{1,6}")?(?: t="[a-zA-Z]{1,9}")?>')
BLANK = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?(?: t="[a-zA-Z]{1,9}")?/>')
UNUSUAL = re.compile(rb"<c[>/\t\r\n]|<\w+:c[\s>/]")
STRING_INDEX = re.compile(rb't="s"><v>([^<]*)</v>')
ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]* t="e">(?:<f[^<]*(?:/>|</f>))?<v>([^<]*)')
FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(<v>[^<])?')
FORMULA_TAG = re.compile(rb"<f[\s>/]")
MERGED = re.compile(rb'<mergeCell\s[^>]*ref="([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?"')


@dataclass
class SheetFacts:
    """Rows and columns count from 1. `formulas` maps a cell to whether its value was calculated."""

    name: str
    hidden: bool
    columns: set = field(default_factory=set)
    cells: int = 0
    content_rows: int = 0
    last_row: int = 0
    last_column: int = 0
    errors: dict = field(default_factory=dict)
    formulas: dict = field(default_factory=dict)
    merged: list = field(default_factory=list)
    struck: Counter = field(default_factory=Counter)  # row → how many of its filled cells are struck through


def column_number(letters):
    """1 for b"A", 27 for b"AA"."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def place(reference):
    """(row, column) of b"B3"."""
    letters = reference.rstrip(DIGITS)
    return int(reference[len(letters) :]), column_number(letters)


def scan_sheet(package, part, facts, strings, struck=frozenset()):
    """Fill `facts` of the worksheet in `part`; `strings` = how many shared strings there are. Raises Refused.

    `struck` = the cell formats that are struck through.
    """
    scanner = FastScanner(facts, strings, struck)
    for segment in _whole_cells(markup.checked_segments(package, part)):
        if scanner.odd:
            continue
        scanner.take(segment)
    if scanner.odd:
        from exchange.vetting.exact import ExactScanner

        for attribute in ("columns", "errors", "formulas", "merged", "struck"):
            getattr(facts, attribute).clear()
        facts.cells = facts.content_rows = facts.last_row = facts.last_column = 0
        ExactScanner(facts, strings, struck).scan(package, part)
    bounded(facts)


def _whole_cells(segments):
    """Join segments so that each ends just before a cell's start."""
    carry = b""
    for segment in segments:
        carry += segment
        cut = carry.rfind(b"<c ")
        if cut > 0:
            yield carry[:cut]
            carry = carry[cut:]
        elif len(carry) > 2 * limits.TOKEN_BYTES:
            yield carry
            carry = b""
    yield carry


def bounded(facts):
    """Refuse too many rows or columns, and cells far outside the data."""
    if len(facts.columns) > limits.COLUMNS:
        raise Refused("columns", sheet=facts.name, count=len(facts.columns))
    if facts.content_rows > limits.ROWS + limits.HEADER_ROWS:
        raise Refused("rows", sheet=facts.name)
    area = facts.last_row * facts.last_column
    far = facts.last_row > limits.ROWS + limits.HEADER_ROWS or facts.last_column > limits.COLUMNS
    if far or (area > limits.DENSE_CELLS and area > limits.SPARSE * facts.cells):
        raise Refused("far_cell", sheet=facts.name, row=facts.last_row, column=facts.last_column)


class FastScanner:
    """Counts by regular expressions over whole pieces. Sets `odd` where the markup is not of the common shape."""

    def __init__(self, facts, strings, struck):
        self.facts, self.strings, self.odd, self.rows = facts, strings, False, set()
        styles = b"|".join(style.encode() for style in struck)
        self.struck = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,7})" s="(?:' + styles + rb')"[^>/]*>') if struck else None

    def take(self, segment):
        filled = FILLED.findall(segment)
        blank = len(BLANK.findall(segment)) if b"/>" in segment else 0
        if UNUSUAL.search(segment) or b"<!" in segment or len(filled) + blank != segment.count(b"<c "):
            self.odd = True
        else:
            self._extent(filled)
            self._strings(segment)
            self._marks(segment)

    def _extent(self, filled):
        facts = self.facts
        self.rows.update(map(int, {reference.lstrip(LETTERS) for reference in filled}))
        facts.columns.update(map(column_number, {reference.rstrip(DIGITS) for reference in filled}))
        facts.cells += len(filled)
        facts.content_rows = len(self.rows)
        facts.last_row, facts.last_column = max(self.rows, default=0), max(facts.columns, default=0)
        if facts.last_row > limits.ROWS or facts.last_column > limits.COLUMNS or 0 in self.rows:
            self.odd = True  # an opened cell may still be empty: the exact scanner decides

    def _strings(self, segment):
        try:
            highest = max(map(int, STRING_INDEX.findall(segment)), default=-1)
        except ValueError:
            self.odd = True
            return
        if highest >= self.strings:
            raise Refused("string_index")

    def _marks(self, segment):
        """Error cells, formulas, merged ranges, struck cells: rare, so each is looked for only where it may stand."""
        facts = self.facts
        if self.struck:
            facts.struck.update(map(int, self.struck.findall(segment)))
        if b' t="e"' in segment:
            errors = ERROR.findall(segment)
            facts.errors.update((place(at), text.decode("utf-8", "replace")) for at, text in errors)
            self.odd = self.odd or len(errors) != segment.count(b' t="e"')
        if b"<f" in segment:
            formulas = FORMULA.findall(segment)
            facts.formulas.update((place(at), bool(value)) for at, value in formulas)
            self.odd = self.odd or len(formulas) != len(FORMULA_TAG.findall(segment))
        if b"<mergeCell " in segment:
            merged = MERGED.findall(segment)
            facts.merged += [_range(*found) for found in merged]
            self.odd = self.odd or len(merged) != segment.count(b"<mergeCell ")


def _range(left, top, right, bottom):
    row, column = int(top), column_number(left)
    return row, column, int(bottom or top), column_number(right) if right else column
