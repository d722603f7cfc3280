"""One row of the table: what was measured beside what, and how it is printed and kept."""

import gc
import json
import statistics
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass

RESULTS = []


@dataclass
class Row:
    """`ours` and `reference` in seconds (or `unit`); the contract allows `most` times the reference."""

    work: str
    ours: float
    against: str
    reference: float
    most: float
    unit: str = "s"

    @property
    def ratio(self):
        return self.ours / self.reference if self.reference else float("inf")

    @property
    def kept(self):
        return self.ratio <= self.most


class Clock:
    seconds = 0.0


@contextmanager
def clock():
    """`with clock() as c: …` then `c.seconds`."""
    c = Clock()
    gc.collect()
    start = time.perf_counter()
    yield c
    c.seconds = time.perf_counter() - start


def in_turn(ours, reference, times=15):
    """Median seconds of two functions called in turn, each warmed once: (ours, reference)."""
    ours(), reference()
    taken = ([], [])
    for _ in range(times):
        for kept, call in zip(taken, (ours, reference), strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return tuple(statistics.median(kept) for kept in taken)


def in_database(call):
    """Seconds that the statements of `call` take, their rows' way to us included; putting them together is left out."""
    from django.db import connection

    spent = 0.0

    def timed(execute, *args):
        nonlocal spent
        start = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent += time.perf_counter() - start

    with connection.execute_wrapper(timed):
        call()
    return spent


def in_database_in_turn(ours, reference, times=15):
    """The same as `in_turn` in the database's time: what a statement of a tenth of a millisecond is measured by, beside
    which Django's putting it together would be most of it."""
    ours(), reference()
    taken = [(in_database(ours), in_database(reference)) for _ in range(times)]
    return tuple(statistics.median(seconds) for seconds in zip(*taken, strict=True))


def tell(work, ours, against, reference, most, unit="s"):
    """Keep a row and print it at once."""
    row = Row(work, ours, against, reference, most, unit)
    RESULTS.append(row)
    say(line(row))
    return row


def line(row):
    digits = (
        (lambda v: f"{v * 1000:.1f} ms") if row.unit == "s" and row.reference < 1 else (lambda v: f"{v:.1f} {row.unit}")
    )
    mark = "✓" if row.kept else "✗"
    return f"{mark} {row.ratio:7.3f} ≤ {row.most:<5g} {digits(row.ours):>12} / {digits(row.reference):<12} {row.work} / {row.against}"


def say(text):
    print(text, flush=True)


def keep(path, **about):
    """Write all rows to `path` as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(r), "ratio": round(r.ratio, 4), "kept": r.kept} for r in RESULTS]
    path.write_text(
        json.dumps({**about, "python": sys.version.split()[0], "rows": rows}, ensure_ascii=False, indent=1) + "\n"
    )
