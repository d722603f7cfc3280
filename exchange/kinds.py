"""What a workbook of a kind holds: its columns, and what the room that owns it does with a row. The rooms list theirs in `imports.py`.

A room's `imports.py` has `KINDS = [Kind(...)]`; they are found by name, so that exchange imports no domain room.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from exchange.normalising import clean_text, read_text


@dataclass(frozen=True)
class Column:
    """One column of a kind. `aliases` are other headers; "负责人/姓名" is the leaf 姓名 below a header that ends in 负责人.

    `read` takes a cell that is not blank and returns its value or raises CellFault. `adds_up` columns are checked against
    the totals that the sheet declares. `describes` columns say something of the row, but are no field of it.
    """

    field: str
    header: str
    read: Callable = read_text
    aliases: tuple = ()
    adds_up: bool = False
    dated: bool = False
    options: tuple = ()
    width: int = 14
    example: str = ""
    hint: Any = ""
    listed: bool = True  # stands in the blank template
    mask: Callable | None = None  # how its values may be kept and shown where they are personal data


@dataclass(frozen=True)
class Kind:
    """A kind of workbook. `columns` in the order of the blank template.

    `identifying`: sets of fields; a header must have one of them whole, else it is none.
    `planner(reading, context)` → Plan, without writing; `writer(plan, context)` writes it inside an open event.
    `tidier()` does after a write what nobody waits for.
    `undoer(event id, context)` puts back what an event wrote, inside an open event, and returns how many records;
    `changed_since(event id, ignored)` → [(code, name)] that forbid it, `refusal(those)` → the exception that names them.
    `place(code, user)` → the place a code names, or NotInScope; `places(user)` → [(code, name)] to offer.
    `may(user, verb, place)` for the verbs preview and commit; `kept_codes(user)` → Q of the imports a keeper sees.
    `record_urls(keys)` → {key: address}; `show(field, value)` → a value as people read it;
    `shown`: the fields that a table of differences has columns for; `label_field` names a row.
    """

    code: str
    title: Any
    columns: tuple
    identifying: tuple
    planner: Callable
    writer: Callable
    undoer: Callable
    changed_since: Callable
    refusal: Callable
    place: Callable
    places: Callable
    may: Callable
    kept_codes: Callable
    tidier: Callable = lambda: None
    record_urls: Callable = lambda keys: {}
    show: Callable = lambda field, value: str(value)
    shown: tuple = ()
    label_field: str = "name"
    fields: dict = field(default_factory=dict)
    position: dict = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "fields", {column.field: column for column in self.columns})
        object.__setattr__(self, "position", {column.field: at for at, column in enumerate(self.columns)})

    def wanted(self):
        """The identifying columns in words."""
        return " 或 ".join("、".join(self.fields[name].header for name in names) for names in self.identifying)


def kinds():
    """{code: Kind} of every installed room."""
    from django.apps import apps

    found = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.imports"):
            found |= {kind.code: kind for kind in import_module(f"{config.name}.imports").KINDS}
    return found


@dataclass(slots=True, eq=False)
class Row:
    """One row of data. `values` in the order of the kind's columns, None where the cell is blank, says nothing, or is `bad`."""

    sheet: str
    number: int
    values: tuple
    bad: frozenset = frozenset()


@dataclass(slots=True)
class Fault:
    """Something wrong with one cell, or a warning about it. `column` is the header as the file shows it."""

    sheet: str | None
    row: int | None
    column: str | None
    code: str
    message: Any
    value: Any = None
    at: int | None = None  # the column's number in the sheet, for the annotated file

    def as_json(self):
        value = self.value if self.value is None or isinstance(self.value, str) else clean_text(self.value)
        return {
            "sheet": self.sheet, "row": self.row, "column": self.column, "code": self.code, "message": str(self.message),
            "value": None if value is None else value[:200],
        }  # fmt: skip
