"""What an import would do, row by row, before it does it. Made by the planner of a kind, shown by the preview, written by its writer."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

CREATED, UPDATED, UNCHANGED, WRONG = "created", "updated", "unchanged", "wrong"


@dataclass
class Context:
    """Who imports, where, and whether it will be written: then the planner takes its locks before it reads."""

    user: Any
    place: Any = None
    writing: bool = False
    progress: Any = None
    ignored: tuple = ()  # events that do not count as changes since


@dataclass(slots=True, eq=False)
class Entry:
    """What happens to one row. `target` is the planner's own.

    `changes` is flat, for the sake of memory: field, before, after, field, before, after …; read it by `triples`.
    """

    row: Any
    outcome: str
    key: int | None = None
    label: str = ""
    changes: tuple = ()
    target: Any = None

    def triples(self):
        """(field, before, after) of each cell that changes."""
        flat = iter(self.changes)
        return zip(flat, flat, flat, strict=True)


@dataclass
class Plan:
    """Entries in the file's order, and what else the preview says. `faults` and `warnings` are those of the rows' meaning."""

    entries: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    absent: int | None = None  # records of the place that the file does not name

    def count(self, outcome):
        return sum(1 for entry in self.entries if entry.outcome == outcome)

    def digest(self):
        """The same for two plans that would write the same."""
        sums = hashlib.sha256()
        for entry in self.entries:
            said = entry.changes or entry.row.values
            sums.update(repr((entry.row.sheet, entry.row.number, entry.outcome, entry.key, said)).encode())
        return sums.hexdigest()
