"""The words in which rooms declare their indicators. What is done with a declaration is `metrics`' affair."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ADDITIVE, SEMI_ADDITIVE, RATIO, DISTINCT = "additive", "semi-additive", "ratio", "distinct"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What one part of a figure counts.

    `of(period)` gives a queryset with one row for each thing counted; `place` is the name of its column that holds
    the id of the place it hangs on (a division or a station, as the indicator says); `amount` is the column summed,
    or None where every row counts one; `day` is the column (or None) that says when, for the list of rows;
    `label` the column that says what. `words` says in a sentence what is counted.
    """

    of: Callable
    place: str
    words: str
    amount: str | None = None
    day: str | None = None
    label: str = "pk"
    kind: str = ""
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A declared figure. `hangs_on` names the tree its rows hang on: "division" alone, or "station" (rolls up both)."""

    code: str
    name: str
    unit: str
    kind: str
    numerator: Rows
    denominator: Rows | None = None
    hangs_on: str = "station"
    version: int = 1
    source: str = ""
    better: str = "up"
    tables: tuple[str, ...] = ()

    @property
    def is_ratio(self):
        return self.kind == RATIO

    def value(self, numerator, denominator):
        """The figure of one cell as Decimal, half-up at four places for a ratio; None for a ratio over nothing."""
        if not self.is_ratio:
            return Decimal(numerator or 0)
        if not denominator:
            return None
        return (Decimal(numerator or 0) / Decimal(denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def count(code, name, **more):
    """An indicator that counts or sums day-dated facts: months add up to quarters and years."""
    return Indicator(code=code, name=name, kind=ADDITIVE, **more)


def as_of_count(code, name, **more):
    """An indicator that counts what stands on the period's last day."""
    return Indicator(code=code, name=name, kind=SEMI_ADDITIVE, **more)


def ratio(code, name, **more):
    """An indicator that divides one count by another; recomputed from its parts at every place, never averaged."""
    return Indicator(code=code, name=name, kind=RATIO, **{"unit": "%", **more})
