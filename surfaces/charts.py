"""The geometry of charts: numbers in, places and lengths out. Their looks are in `components/` and the style sheet.

Every chart is drawn by the server as SVG with attributes and classes alone, so that it needs no script and no style
attribute. A value that is not known (`None`) breaks a line and leaves a bar empty; it is never drawn as nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import sqrt
from typing import Any

WIDTH, HEIGHT = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 408, 14, 176
LABELS_AT_MOST = 6


@dataclass(frozen=True)
class Mark:
    """One point of a line or one tick: where it stands, what it says, where it leads."""

    x: float
    y: float
    label: str = ""
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Line:
    """A trend: runs of neighbouring known points, dots, ticks of both axes, and the target where it lies inside."""

    runs: list[str]
    areas: list[str]
    dots: list[Mark]
    ticks_x: list[Mark]
    ticks_y: list[Mark]
    first: Mark | None
    last: Mark | None
    target_y: float | None
    starts_at_zero: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def as_decimal(value: Any) -> Decimal | None:
    """`value` as a Decimal; None, an empty string and what is no number are None."""
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def nice_scale(low: Decimal, high: Decimal, steps: int = 4) -> list[Decimal]:
    """At least two round ticks (1, 2, 2.5 or 5 × a power of ten) that enclose `low` … `high`."""
    if high <= low:
        high = low + (abs(low) or Decimal(1))
    raw = (high - low) / steps
    power = Decimal(10) ** raw.adjusted()
    step = next(m * power for m in map(Decimal, ("1", "2", "2.5", "5", "10")) if m * power >= raw)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * n for n in range(int(first), int(last) + 1)]


def line(
    values: Sequence[Any],
    labels: Sequence[str] = (),
    *,
    target: Any = None,
    ceiling: Any = None,
    urls: Sequence[str] = (),
    titles: Sequence[str] = (),
) -> Line:
    """A trend over equally spaced periods.

    `values` are numbers or None; `target` is drawn dashed; `ceiling` (1 for a rate) is never exceeded by the axis.
    The axis starts at 0 unless all values lie in the upper half of the range; its ticks then say where it starts.
    """
    known = [as_decimal(v) for v in values]
    goal, most = as_decimal(target), as_decimal(ceiling)
    seen = [v for v in known if v is not None] + ([goal] if goal is not None else [])
    low, high = (min(seen), max(seen)) if seen else (Decimal(0), Decimal(1))
    floor = Decimal(0) if low >= 0 and low * 2 < high else low
    ticks = [t for t in nice_scale(floor, high) if most is None or t <= most] or [Decimal(0), Decimal(1)]
    if len(ticks) == 1:
        ticks.insert(0, ticks[0] - 1)

    def x(i: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * (i / (len(known) - 1) if len(known) > 1 else 0.5), 1)

    def y(v: Decimal) -> float:
        return round(BOTTOM - float((v - ticks[0]) / (ticks[-1] - ticks[0])) * (BOTTOM - TOP), 1)

    at = [None if v is None else (x(i), y(v)) for i, v in enumerate(known)]
    runs = list(_runs(at))
    marks = [
        Mark(*p, label=_get(labels, i), url=_get(urls, i), title=_get(titles, i))
        for i, p in enumerate(at)
        if p is not None
    ]
    return Line(
        runs=[" ".join(f"{px},{py}" for px, py in run) for run in runs],
        areas=[" ".join(f"{px},{py}" for px, py in [(run[0][0], BOTTOM), *run, (run[-1][0], BOTTOM)]) for run in runs],
        dots=_turning(marks),
        ticks_x=[Mark(x(i), BOTTOM, _get(labels, i)) for i in spread(len(known), LABELS_AT_MOST)],
        ticks_y=[Mark(LEFT, y(t), str(t.normalize())) for t in ticks],
        first=marks[0] if marks else None,
        last=marks[-1] if marks else None,
        target_y=None if goal is None else y(goal),
        starts_at_zero=ticks[0] == 0,
    )


def _get(items: Sequence[str], i: int) -> str:
    return str(items[i]) if i < len(items) else ""


def _runs(at: Iterable[tuple[float, float] | None]) -> Iterable[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for p in [*at, None]:
        if p is not None:
            run.append(p)
        elif run:
            yield run
            run = []


def _turning(marks: list[Mark]) -> list[Mark]:
    """Dots where the line turns, first and last included: a flat stretch needs none."""
    return [
        m
        for i, m in enumerate(marks)
        if i in (0, len(marks) - 1) or marks[i - 1].y != m.y or (m.url and marks[i + 1].y != m.y)
    ]


def spread(n: int, most: int) -> list[int]:
    """Up to `most` indices of 0 … n − 1, evenly spaced, the last always among them, the ends never crowded."""
    if n <= most:
        return list(range(n))
    step = -(-n // most)
    found = list(range(0, n - 1, step))
    if n - 1 - found[-1] < step:
        found.pop()
    return [*found, n - 1]


def spark(values: Sequence[Any], width: int = 72, height: int = 28, pad: int = 3) -> dict[str, Any] | None:
    """A trend the size of a word: `{"points": "x,y …", "x": …, "y": …}`, or None with fewer than two known values."""
    known = [(i, v) for i, v in enumerate(map(as_decimal, values)) if v is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    span = high - low
    last = len(values) - 1

    def place(i: int, v: Decimal) -> tuple[float, float]:
        share = float((v - low) / span) if span else 0.5
        return round(pad + (width - 2 * pad) * i / last, 1), round(height - pad - share * (height - 2 * pad), 1)

    at = [place(i, v) for i, v in known]
    return {
        "points": " ".join(f"{x},{y}" for x, y in at),
        "x": at[-1][0],
        "y": at[-1][1],
        "width": width,
        "height": height,
    }


def share(value: Any, most: Any = 1, length: int = 100) -> float | None:
    """The length of a bar for `value` on an axis from 0 to `most`, held between 0 and `length`; None stays None."""
    v, m = as_decimal(value), as_decimal(most)
    if v is None or not m or m < 0:
        return None
    return round(float(min(max(v / m, Decimal(0)), Decimal(1))) * length, 2)


# ── Tile map: one hexagon a division, placed by row and column, or packed in the order given ──

SIDE = 31.0  # of a hexagon, pointy top: width √3 × side, rows 1.5 × side apart
GAP = 2.5


@dataclass(frozen=True)
class Tile:
    """One hexagon: its outline, its middle, and what the caller gave for it (`of`)."""

    x: float
    y: float
    outline: str
    of: Any


@dataclass(frozen=True)
class TileMap:
    """All tiles and the size of the drawing."""

    tiles: list[Tile] = field(default_factory=list)
    width: float = 0
    height: float = 0

    @property
    def shown_width(self) -> int:
        """The width at which a tile is as large as its text wants; narrower screens shrink the whole drawing."""
        return round(self.width * 1.25)


def hexagon(x: float, y: float, side: float = SIDE) -> str:
    """The outline of a pointy-top hexagon around (x, y) as an SVG points list."""
    w, h = side * sqrt(3) / 2, side
    corners = [(0, -h), (w, -h / 2), (w, h / 2), (0, h), (-w, h / 2), (-w, -h / 2)]
    return " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)


def tile_map(items: Iterable[Any], side: float = SIDE) -> TileMap:
    """Hexagons for `items` (mappings or objects with `row` and `col`); odd rows stand half a tile to the right.

    Items without a place, and a second one on a taken place, are packed below the others, so that none is lost.
    """
    placed: dict[tuple[int, int], Any] = {}
    loose: list[Any] = []
    for item in items:
        row, col = (item.get("row"), item.get("col")) if isinstance(item, dict) else (item.row, item.col)
        if row is None or col is None or (row, col) in placed:
            loose.append(item)
        else:
            placed[row, col] = item
    count = len(placed) + len(loose)
    columns = max([c for _, c in placed] or [0]) - min([c for _, c in placed] or [0]) + 1
    columns = max(columns, min(8, max(1, round(sqrt(count * 1.4)))))
    left = min([c for _, c in placed] or [0])
    row = max([r for r, _ in placed] or [-1]) + 1
    for i, item in enumerate(loose):
        placed[row + i // columns, left + i % columns] = item
    return _drawn(placed, side)


def _drawn(placed: dict[tuple[int, int], Any], side: float) -> TileMap:
    if not placed:
        return TileMap()
    step_x, step_y = side * sqrt(3) + GAP, side * 1.5 + GAP
    top, left = min(r for r, _ in placed), min(c for _, c in placed)
    centres = {(r, c): (step_x * (c - left + (0.5 if r % 2 else 0)), step_y * (r - top)) for r, c in placed}
    x0 = min(x for x, _ in centres.values()) - side * sqrt(3) / 2 - 2
    y0 = -side - 2
    tiles = [
        Tile(round(x - x0, 1), round(y - y0, 1), hexagon(x - x0, y - y0, side), placed[at])
        for at, (x, y) in sorted(centres.items())
    ]
    return TileMap(
        tiles,
        round(max(x for x, _ in centres.values()) - x0 + side * sqrt(3) / 2 + 2, 1),
        round(max(y for _, y in centres.values()) - y0 + side + 2, 1),
    )
