"""The slow, exact scanner of a worksheet: one call for each element. For markup that the fast scanner does not vouch for."""

import re

from exchange import limits
from exchange.vetting import markup
from exchange.vetting.refused import Refused
from exchange.vetting.sheet import LAST_COLUMN, LAST_ROW, bounded, column_number

REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")


class ExactScanner:
    """Follows rows and cells by their elements; a cell without a reference stands right of the one before it."""

    def __init__(self, facts, strings, struck):
        self.facts, self.strings, self.struck = facts, strings, struck
        self.style = None
        self.depth = self.row = self.column = 0
        self.rows = set()
        self.kind = self.inside = None
        self.text, self.has_value, self.has_formula = [], False, False

    def scan(self, package, part):
        parser = markup.new_parser()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        for block in package.chunks(part, again=True):
            markup.feed(parser, block)
        markup.feed(parser, b"", last=True)

    def start(self, tag, attributes):
        tag = tag.rsplit(":", 1)[-1]
        self.depth += 1
        if self.depth > limits.XML_DEPTH:
            raise Refused("depth")
        if tag == "row":
            self.row = self._number(attributes.get("r"), self.row + 1, LAST_ROW)
            self.column = 0
        elif tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t", "f"):
            self.inside, self.text = tag, []
            self.has_formula = self.has_formula or tag == "f"
        elif tag == "mergeCell":
            self._merged(attributes.get("ref", ""))

    def _number(self, text, default, most):
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= most:
            raise Refused("reference")
        return int(text)

    def _cell(self, attributes):
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            self.row, self.column = self._place(reference)
        self.kind, self.style = attributes.get("t"), attributes.get("s")
        self.text, self.has_value, self.has_formula = [], False, False

    def _place(self, reference):
        match = REFERENCE.match(reference)
        if not match:
            raise Refused("reference")
        column = column_number(match.group(1).upper().encode())
        if column > LAST_COLUMN:
            raise Refused("reference")
        return self._number(match.group(2), 0, LAST_ROW), column

    def _merged(self, reference):
        first, _, last = reference.partition(":")
        top = self._place(first)
        self.facts.merged.append((*top, *(self._place(last) if last else top)))

    def characters(self, data):
        if self.inside:
            self.text.append(data)

    def end(self, tag):
        self.depth -= 1
        tag = tag.rsplit(":", 1)[-1]
        if tag == self.inside:
            self.inside = None
            if tag in ("v", "t") and any(self.text):
                self._value("".join(self.text))
        elif tag == "c" and self.has_formula:
            self.facts.formulas[self.row, self.column] = self.has_value
            self._content()

    def _value(self, text):
        if len(text) > limits.CELL_CHARACTERS:
            raise Refused("cell_characters")
        if self.kind == "s":
            if not text.strip().isascii() or not text.strip().isdigit() or int(text.strip()[:12]) >= self.strings:
                raise Refused("string_index")
        elif self.kind == "e":
            self.facts.errors[self.row, self.column] = text
        self.has_value = True
        if not self.has_formula:
            self._content()

    def _content(self):
        facts = self.facts
        facts.cells += 1
        facts.columns.add(self.column)
        self.rows.add(self.row)
        if self.style in self.struck:
            facts.struck[self.row] += 1
        facts.content_rows = len(self.rows)
        facts.last_row, facts.last_column = max(facts.last_row, self.row), max(facts.last_column, self.column)
        if facts.content_rows > limits.ROWS + limits.HEADER_ROWS or len(facts.columns) > limits.COLUMNS:
            bounded(facts)
