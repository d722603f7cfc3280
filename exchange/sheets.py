"""From a sheet's cells to rows of data: below the header, merged cells filled, totals and notes dropped, every cell normalised."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from exchange import limits
from exchange.headers import check_header, find_header
from exchange.kinds import Fault, Row
from exchange.normalising import CellFault, clean_text, key_of
from exchange.reading import read_workbook
from exchange.refusals import Unusable

TOTAL = re.compile(r"^.{0,12}?(小计|合计|总计|共计|平均|累计)(数|人数)?[:：]?$")
GRAND = re.compile(r"合计|总计|共计|累计")
NOTE = re.compile(
    r"^(注|备注|说明|填表说明|审核人?|填表人|制表人?|填报人|填报单位|填报时间|分管领导|单位负责人|负责人签字|联系电话|盖章)[（(]?[^:：]{0,6}[)）]?[:：]"
)
NOTE_START = re.compile(r"^(注|备注|说明|填表说明)[:：1-9一二三]")
OFFICE = re.compile(r"填报单位(?:[（(]盖?章?[)）])?[:：]\s*([^:：]{2,40}?)\s*(?:填|联系|$)")
REMEMBERED = 2_000  # a column with more different cells than this gains nothing from remembering them
MOST_FAULTS = 5_000


@dataclass
class Reading:
    """What a file of one kind holds. `checked` = totals that were compared: [(label, header, declared, computed)]."""

    kind: Any  # a Kind
    rows: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    headers: dict = field(default_factory=dict)
    error_count: int = 0
    left_out: int = 0
    checked: list = field(default_factory=list)
    office: str = ""
    hidden: list = field(default_factory=list)

    def error(self, fault):
        self.error_count += 1
        if len(self.errors) < MOST_FAULTS:
            self.errors.append(fault)

    def warn(self, fault):
        if len(self.warnings) < MOST_FAULTS:
            self.warnings.append(fault)

    def fault_at(self, row, name, code, message, value=None):
        """A Fault of the cell that holds `name` in `row`, under the header that the file shows."""
        header, value = self.headers[row.sheet], hidden(self.kind.fields[name], value)
        return Fault(
            row.sheet or None, row.number, header.label(name, self.kind), code, message, value, header.fields.get(name)
        )


def hidden(column, value):
    """A value as it may be kept beside a fault: masked where the column holds personal data."""
    return column.mask(str(value)) if column.mask and value is not None else value


def read_rows(kind, path, *, sheet=None, mapping=None, mended=None, skipped=None):
    """Read every sheet of the file at `path` that has the kind's header. Returns a Reading; raises Unusable.

    `sheet`: only the sheet of this name, or of this number counted from 1. `mended` {sheet: {"row:column": text}} is read in
    place of what stands in those cells, `skipped` {sheet: [row]} is left out.
    """
    reading, reader, seen, blank = Reading(kind), None, 0, True
    wanted = str(sheet) if sheet not in (None, "") else None
    for facts, batch in read_workbook(path):
        if facts is not None:
            if reader is not None:
                reader.finish()
            seen += 1
            chosen = wanted is None or wanted in (facts.name, str(seen))
            reader = SheetReader(reading, facts, mapping or {}) if chosen else None
            if reader is not None:
                reader.mend((mended or {}).get(facts.name), (skipped or {}).get(facts.name))
        elif reader is not None:
            reader.take(*batch)
            blank = blank and reader.blank
    if reader is not None:
        reader.finish()
    if not reading.headers:
        raise Unusable("no_rows") if blank else Unusable("no_header", kind=str(kind.title), wanted=kind.wanted())
    if not reading.rows and not reading.error_count:
        raise Unusable("no_rows")
    return reading


class SheetReader:
    """Takes a sheet's rows in their order. Until the header is found it only remembers."""

    def __init__(self, reading, facts, mapping):
        self.reading, self.kind, self.facts, self.mapping = reading, reading.kind, facts, mapping
        self.header, self.plan, self.blank, self.given_up = None, [], True, False
        self.mended, self.skipped = {}, set()
        self.starts = {}
        for found in facts.merged:
            self.starts.setdefault(found[0], []).append(found)
        self.active = []
        self.last = 0
        self.special = {row for row, _c in facts.errors} | {
            row for (row, _c), known in facts.formulas.items() if not known
        }
        self.sums = Sums(reading, facts)

    def mend(self, cells, rows):
        """Take over what people wrote in place of wrong cells, and which rows they took out."""
        found = {tuple(map(int, at.split(":"))): text for at, text in (cells or {}).items()}
        self.mended, self.skipped = found, set(rows or ())
        self.special |= {row for row, _column in found}

    def take(self, first, rows):
        self.blank = self.blank and not any(cell != "" for row in rows for cell in row)
        if self.given_up:
            return
        if self.header is None:
            self.header = find_header(self.kind, rows[: limits.HEADER_ROWS + 3], self.facts.merged, self.mapping)
            if self.header is None:
                self.given_up = True
                return
            self._begin(rows)
            rows, first = rows[self.header.last :], first + self.header.last
        for number, cells in enumerate(rows, first):
            self.row(number, cells)
        self.last = first + len(rows) - 1

    def finish(self):
        """Rows at the end that hold only error cells are not among those that the parser gives."""
        if self.header is not None:
            for number in sorted(row for row in self.special if row > self.last):
                self.row(number, [])

    def _begin(self, rows):
        reading, header = self.reading, self.header
        reading.headers[self.facts.name] = header
        for fault in check_header(header, self.facts.name or None, self.kind):
            reading.warn(fault)
        for row in rows[: header.first - 1]:
            for cell in row:
                if cell.__class__ is str and (found := OFFICE.search(clean_text(cell))):
                    reading.office = reading.office or found.group(1)
        for column in self.kind.columns:
            at = header.fields.get(column.field)
            read = column.read
            if at and column.dated and self.facts.date1904:
                read = _in_1904(read)
            self.plan.append((at - 1 if at else None, column, read, {}))
        self.repeated = {at - 1: key_of(label) for at, label in header.labels.items()}

    def row(self, number, cells):
        """One row of the sheet below the header."""
        if number in self.skipped:
            self.reading.left_out += 1
            return
        head = next((cell for cell in cells if cell != ""), "")
        if head == "" and number not in self.special:
            return
        if (
            self.facts.kind == "csv"
            and len(cells) > self.header.width
            and any(c != "" for c in cells[self.header.width :])
        ):
            raise Unusable("slid", row=number, cells=len(cells), width=self.header.width)
        raw = cells
        if self.starts:
            cells = self._filled(number, cells)
        if head.__class__ is str and head and self._is_no_data(number, head, raw):
            self.reading.left_out += 1
            return
        if number in self.facts.struck:
            self._struck(number, cells)
        self.reading.rows.append(self._data(number, cells))

    def _struck(self, number, cells):
        """Say that a row looks deleted: it is read all the same, since nobody took it out."""
        if self.facts.struck[number] * 2 >= sum(1 for cell in cells if cell != ""):
            at = min(self.header.fields.values())
            message = _("这一行划了删除线，还是照样读了。不要的话，请在表里删掉这一行。")
            self.reading.warn(
                Fault(self.facts.name or None, number, self.header.labels[at], "inconsistent", message, None, at)
            )

    def _filled(self, number, cells):
        """`cells` with the value of each merged range in all of its cells."""
        self.active = [found for found in self.active if found[0] >= number]
        for _top, left, bottom, right in self.starts.get(number, ()):
            value = cells[left - 1] if left <= len(cells) else ""
            if value != "":
                self.active.append((bottom, left, min(right, self.header.width), value))
        if not self.active:
            return cells
        cells = list(cells) + [""] * (self.header.width - len(cells))
        for _bottom, left, right, value in self.active:
            cells[left - 1 : right] = [value] * (right - left + 1)
        return cells

    def _is_no_data(self, number, head, cells):
        """Totals, notes, section titles across the sheet, and headers repeated at a page's top."""
        text = clean_text(head)
        packed = key_of(text)
        if not packed:
            return not any(clean_text(cell) for cell in cells)
        filled = sum(1 for cell in cells if cell != "")
        if TOTAL.match(packed):
            self.sums.declared(number, packed, cells, self.plan, grand=bool(GRAND.search(packed)))
            return True
        if (NOTE.match(text) or NOTE_START.match(text)) and filled <= 4:
            return True
        if filled == 1 and any(
            right - left >= 2 for top, left, _b, right in self.starts.get(number, ()) if top == number
        ):
            return True
        if packed in self.repeated.values():
            hits = sum(
                1 for at, label in self.repeated.items() if at < len(cells) and key_of(clean_text(cells[at])) == label
            )
            return hits >= max(2, 0.6 * len(self.repeated))
        return False

    def _data(self, number, cells):
        values, bad, width = [], None, len(cells)
        special = number in self.special
        for at, column, read, remembered in self.plan:
            cell = "" if at is None or at >= width else cells[at]
            if special and at is not None and (number, at + 1) in self.mended:
                cell = self.mended[number, at + 1]
            elif special and at is not None and (fault := self._special(number, at + 1, column)):
                self.reading.error(fault)
                bad = (bad or frozenset()) | {column.field}
                values.append(None)
                continue
            if cell == "":
                values.append(None)
                continue
            key = cell if cell.__class__ is not list else (cell[0],)
            if key in remembered and remembered[key].__class__ is not CellFault:
                value = remembered[key]
            else:
                value = self._read(number, at, column, read, cell)
                if value.__class__ is CellFault:
                    bad = (bad or frozenset()) | {column.field}
                    value = None
                elif len(remembered) < REMEMBERED:
                    remembered[key] = value
            if column.adds_up:
                self.sums.add(column.field, value)
            values.append(value)
        return Row(self.facts.name, number, tuple(values), bad or frozenset())

    def _read(self, number, at, column, read, cell):
        """The value, or the CellFault, which is noted."""
        try:
            return read(cell)
        except CellFault as fault:
            sheet, label = self.facts.name or None, self.header.labels[at + 1]
            value = hidden(column, clean_text(cell))
            self.reading.error(Fault(sheet, number, label, fault.code, fault.message, value, at + 1))
            if column.adds_up:
                self.sums.unsure.add(column.field)
            return fault

    def _special(self, number, at, column):
        """The fault of an error cell, or of a formula that was never calculated."""
        text = self.facts.errors.get((number, at))
        if text is None and self.facts.formulas.get((number, at), True):
            return None
        message = (
            _("这一格的公式算出来是 %(text)s。请改好公式，或直接填数。") % {"text": text}
            if text
            else _("这一格是公式，还没有算出结果。请在 Excel 里打开、保存一次，或直接填数。")
        )
        if column.adds_up:
            self.sums.unsure.add(column.field)
        return Fault(
            self.facts.name or None, number, self.header.labels[at], "uncalculated_formula", message, text or "=", at
        )


class Sums:
    """What the number columns add up to since the last subtotal and in all, against what the sheet declares."""

    def __init__(self, reading, facts):
        self.reading, self.facts = reading, facts
        self.part, self.all, self.unsure = {}, {}, set()

    def add(self, name, value):
        if value is not None:
            self.part[name] = self.part.get(name, 0) + value
            self.all[name] = self.all.get(name, 0) + value

    def declared(self, number, label, cells, plan, *, grand):
        """Compare a row of totals; formulas are the sheet's own sums and are not compared."""
        computed = self.all if grand or not self.part else self.part
        for at, column, read, _remembered in plan:
            if at is None or not column.adds_up or at >= len(cells) or cells[at] == "" or column.field in self.unsure:
                continue
            if (number, at + 1) in self.facts.formulas or "平均" in label:
                continue
            try:
                said = read(cells[at])
            except CellFault:
                continue
            if said is not None:
                self._compare(number, label, at + 1, column, said, computed.get(column.field, 0))
        if not grand:
            self.part = {}

    def _compare(self, number, label, at, column, said, computed):
        header = self.reading.headers[self.facts.name].labels[at]
        self.reading.checked.append((self.facts.name, number, label, header, str(said), str(computed)))
        if Decimal(said) != Decimal(computed):
            message = _("“%(label)s”写 %(said)s，各行加起来是 %(computed)s。") % {
                "label": label,
                "said": said,
                "computed": computed,
            }
            self.reading.warn(Fault(self.facts.name or None, number, header, "total_mismatch", message, str(said), at))


def _in_1904(read):
    return lambda cell: read(cell, True)
