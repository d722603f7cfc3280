"""Finding the header of a sheet: one to three rows within the first fifteen, flattened, recognised by aliases."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from exchange import limits
from exchange.kinds import Fault
from exchange.normalising import clean_text, key_of
from exchange.refusals import Unusable, letters

TALLEST = 3
ENOUGH = 0.6
UNIT = re.compile(r"[(\[]([^()\[\]]{1,12})[)\]]$")
DECORATION = re.compile(r"^[*★※]+|[*★※:：]+$")
IGNORED = {"序号", "编号", "no.", "no", "行号", "序"}


@dataclass
class Header:
    """Where a sheet's header stands, and which column holds which field. Columns count from 1."""

    first: int
    last: int
    fields: dict  # {field: column number}
    labels: dict  # {column number: leaf label as the file shows it}
    paths: dict  # {column number: "驻站社工（人）/专职"}
    units: dict = field(default_factory=dict)  # {column number: "万元"}
    unknown: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    cut: int = 0  # merged ranges that it cuts through, and titles that it mistakes for labels

    @property
    def width(self):
        return max(self.labels, default=0)

    def label(self, name, kind):
        """The header of a field as the file shows it, else its canonical one."""
        column = self.fields.get(name)
        return self.labels[column] if column else kind.fields[name].header


def find_header(kind, rows, merged=(), mapping=None):
    """The best Header within `rows` (the first rows of a sheet), or None.

    `mapping` {header path key: field or ""} is what an office once said about its own headers; it wins over aliases.
    """
    aliases, best = alias_table(kind), None
    for first in range(min(limits.HEADER_ROWS, len(rows))):
        for height in range(1, TALLEST + 1):
            if first + height > len(rows):
                break
            found = _read_header(kind, rows, first, height, merged, aliases, mapping or {})
            if found and (best is None or _rank(found) > _rank(best)):
                best = found
    return best


def alias_table(kind):
    """{key of a header: (rank, field)}, with and without its unit; the canonical header ranks first."""
    table = {}
    for bare in (False, True):
        for column in kind.columns:
            for rank, header in enumerate((column.header, *column.aliases)):
                table.setdefault(_bare(header)[0] if bare else key_of(header), (rank, column.field))
    return table


def _rank(header):
    """More fields first, cut merges count against it; then fewer unknown columns, fewer rows, further up."""
    return len(header.fields) - header.cut, -len(header.unknown), header.first - header.last, -header.first


def _read_header(kind, rows, first, height, merged, aliases, mapping):
    paths, labels = {}, {}
    for column in range(1, max(map(len, rows[first : first + height]), default=0) + 1):
        pieces = []
        for row in range(first, first + height):
            text = _label_at(rows, row, column, merged, first)
            if text and (not pieces or key_of(text) != key_of(pieces[-1])):
                pieces.append(text)
        if pieces:
            labels[column], paths[column] = pieces[-1], "/".join(pieces)
    if not labels or (height > 1 and not _all_rows_labelled(rows, first, height)):
        return None
    header = Header(
        first + 1, first + height, {}, labels, paths, cut=_cut(merged, first + 1, first + height, len(labels))
    )
    _assign(header, aliases, mapping)
    known = len(labels) - sum(key_of(label) in IGNORED for label in labels.values())
    complete = any(all(name in header.fields for name in names) for names in kind.identifying)
    if not complete or (len(header.fields) + len(header.doubled) < ENOUGH * known and len(header.fields) < 4):
        return None
    return header


def _cut(merged, first, last, width):
    """How many merged ranges cross the header's edges, end side by side in its last row, or span it like a title."""
    cut = 0
    for top, left, bottom, right in merged:
        if bottom < first or top > last:
            continue
        title = right - left + 1 >= max(3, width - 1)
        cut += top < first or bottom > last or (bottom == last and right > left) or title
    return cut


def _all_rows_labelled(rows, first, height):
    """A header of several rows has text in each of them, and no number below the first."""
    for row in rows[first : first + height]:
        filled = [cell for cell in row if cell != ""]
        if not filled or any(cell.__class__ is not str for cell in filled):
            return False
    return True


def _label_at(rows, row, column, merged, first):
    for top, left, bottom, right in merged:
        if top - 1 <= row < bottom and left <= column <= right and top - 1 >= first:
            row, column = top - 1, left
            break
    cells = rows[row]
    return clean_text(cells[column - 1]).replace("\n", "") if column <= len(cells) and cells[column - 1] != "" else ""


def _bare(text):
    """(key without decoration and unit, unit): 场地面积（㎡）* → 场地面积, m2."""
    key = DECORATION.sub("", key_of(text))
    unit = UNIT.search(key)
    return (key[: unit.start()], unit.group(1)) if unit and unit.start() else (key, "")


def _assign(header, aliases, mapping):
    """Give each column its field; the better spelling wins where two columns mean the same."""
    claims = {}
    for column, path in header.paths.items():
        bare, unit = _bare(header.labels[column])
        if unit:
            header.units[column] = unit
        claim = _claim(path, bare, aliases, mapping)
        if claim is None:
            if bare not in IGNORED:
                header.unknown.append(column)
            continue
        claims.setdefault(claim[1], []).append((claim[0], column))
    for name, columns in claims.items():
        columns.sort()
        header.fields[name] = columns[0][1]
        header.doubled += [(columns[0][1], column) for _rank_of, column in columns[1:]]


def _claim(path, bare, aliases, mapping):
    """(rank, field) that a column claims by its mapping, its path, or its leaf; None where nobody knows it."""
    chosen = mapping.get(key_of(path))
    if chosen is not None:
        return (-1, chosen) if chosen else None
    pieces = [_bare(piece)[0] for piece in path.split("/")]
    for key in (key_of(path), "/".join(pieces)):
        if key in aliases:
            return aliases[key]
    for rank, (alias, (_r, name)) in enumerate(aliases.items()):
        above, slash, leaf = alias.rpartition("/")
        if slash and leaf == pieces[-1] and any(piece.endswith(above) for piece in pieces[:-1]):
            return 50 + rank, name
    if len(pieces) > 1:
        joined = "".join(pieces)
        for key in (joined, pieces[-1], bare):
            if key in aliases:
                return aliases[key][0] + 100, aliases[key][1]
        return None
    return aliases.get(key_of(path)) or aliases.get(bare)


def check_header(header, sheet, kind):
    """Warnings about the columns of a header. Raises Unusable("duplicate_header") where two have the same name."""
    seen = {}
    for column, path in header.paths.items():
        key = key_of(path)
        if key in seen and (key not in IGNORED):
            raise Unusable(
                "duplicate_header", header=header.labels[column], first=letters(seen[key]), second=letters(column)
            )
        seen[key] = column
    faults = []
    for column in header.unknown:
        message = _("不认识“%(header)s”这一列，没有读。") % {"header": header.labels[column]}
        faults.append(
            Fault(sheet, header.last, header.labels[column], "unknown_column", message, header.labels[column], column)
        )
    for kept, dropped in header.doubled:
        message = _("“%(dropped)s”和“%(kept)s”是同一项，只读后者。") % {
            "dropped": header.labels[dropped],
            "kept": header.labels[kept],
        }
        faults.append(
            Fault(
                sheet, header.last, header.labels[dropped], "unknown_column", message, header.labels[dropped], dropped
            )
        )
    return faults
