"""The words in which rooms declare their indicators. What is done with a declaration is `metrics`' affair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ADDITIVE, SEMI_ADDITIVE, RATIO, DISTINCT = "additive", "semi-additive", "ratio", "distinct"
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What one part of a figure counts.

    `of(period, day)` gives a queryset with one row for each thing counted, `day` the last day that counts. `place` is
    the path of the column that holds the id of the place a row hangs on, `amount` that of the column summed (whole
    numbers; None where every row counts one). `distinct` is the path of the id of the person a row is of: all rows of one
    person count once at every place, whatever lies below it, and amounts are not summed. `words` says what is counted.
    The rest describes a row to whoever asks which ones they were: `kind` a word, `label` what it is called, `on` its
    day, `station` the code of its station; each a path, or a function of the day that gives an expression.
    """

    of: Callable
    place: str
    words: str
    kind: str
    amount: str | None = None
    distinct: str | None = None
    label: str | Callable = "pk"
    on: str | Callable | None = None
    station: str | Callable | None = None


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A declared figure. `hangs_on` names the tree its rows hang on: "division" alone, or "station" (rolls up both).

    `scale` divides the stored numerator once, at the end (minutes → hours: 60).
    """

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
    scale: int = 1
    level: str = ""

    @property
    def is_ratio(self):
        return self.kind == RATIO

    @property
    def is_share(self):
        """Is it shown as a percentage?"""
        return self.kind == RATIO and self.unit == "%"

    def part(self, whole):
        """A stored numerator as it is shown: divided by the scale, an int where it is one. None stays None."""
        if whole is None or self.scale == 1:
            return whole
        return whole // self.scale if whole % self.scale == 0 else whole / self.scale

    def value(self, numerator, denominator):
        """The figure of one cell as Decimal, half-up at four places where it is no whole number; None for a ratio over nothing."""
        if not self.is_ratio:
            exact = Decimal(numerator or 0) / self.scale
            return exact if exact == exact.to_integral_value() else exact.quantize(FOUR_PLACES, ROUND_HALF_UP)
        if not denominator:
            return None
        return (Decimal(numerator or 0) / (self.scale * denominator)).quantize(FOUR_PLACES, ROUND_HALF_UP)

    def text(self, numerator, denominator):
        """The same as the API writes it: "0.9259" for a ratio, "45" or "45.5" else; None for a ratio over nothing."""
        if self.is_ratio:
            if not denominator or denominator < 0 or numerator < 0:
                value = self.value(numerator, denominator)
                return None if value is None else str(value)
            below = 2 * denominator * self.scale
            whole, rest = divmod((20_000 * numerator + below // 2) // below, 10_000)  # half up
            return f"{whole}.{rest:04d}"
        return str(numerator) if self.scale == 1 else f"{self.value(numerator, None).normalize():f}"


@dataclass(frozen=True, kw_only=True)
class Touch:
    """How a changed row of `table` tells which places' figures it moves, and from which day on.

    `station`, `division` name the columns that hold the places' ids ("id": the row is the place); `days` the columns of
    a span (`span=True`) or of dates that say since when it matters, none where the row is not dated: then it matters
    from the day of the change. `lag` is how many days after its date a row counts by itself. `columns` limits it to
    changes of these. `tree` marks rows that move stations in their tree, `divisions` those that move divisions in theirs.
    `through` = (table, column[, own column]): the places stand in rows of that table whose `column` equals the changed
    row's (own) column; then `station` or `division` is a column of that table.
    """

    table: str
    station: str | None = None
    division: str | None = None
    days: Sequence[str] = ()
    span: bool = False
    lag: int = 0
    through: tuple[str, ...] | None = None
    columns: Sequence[str] = ()
    tree: bool = False
    divisions: bool = False


def count(code, name, **more):
    """An indicator that counts or sums day-dated facts: months add up to quarters and years."""
    return Indicator(code=code, name=name, kind=ADDITIVE, **more)


def as_of_count(code, name, **more):
    """An indicator that counts what stands on the period's last day."""
    return Indicator(code=code, name=name, kind=SEMI_ADDITIVE, **more)


def ratio(code, name, **more):
    """An indicator that divides one count by another; recomputed from its parts at every place, never averaged."""
    return Indicator(code=code, name=name, kind=RATIO, **{"unit": "%", **more})


def distinct(code, name, **more):
    """An indicator that counts persons: each once at every place, whatever lies below it. Its rows name the person."""
    return Indicator(code=code, name=name, kind=DISTINCT, **more)
