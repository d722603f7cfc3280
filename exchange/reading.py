"""The parent of the reading process: starts `exchange/child.py`, takes its lines under a time limit, and says why where it died."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from exchange import limits
from exchange.refusals import Unusable

HOME = Path(__file__).resolve().parent.parent
BLOCK = 1 << 20


@dataclass
class SheetFacts:
    """What is known of one visible sheet before its rows: merged ranges, error cells and formulas by (row, column)
    from 1, and how many cells of a row are struck through."""

    name: str
    kind: str
    date1904: bool = False
    merged: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    formulas: dict = field(default_factory=dict)
    struck: dict = field(default_factory=dict)


def read_workbook(path):
    """Yield (SheetFacts, None) at each visible sheet's start, then (None, (first row, rows)) in batches, "" for a blank cell.

    A date or time cell is a one-item list with its text. Raises Unusable, also after rows were given: nothing may be kept then.
    """
    for message in _messages(path):
        if "rows" in message:
            first, rows = message["rows"]
            yield None, (first, rows)
        elif "sheet" in message:
            yield _facts(message), None
        elif "refused" in message:
            raise Unusable(message["refused"], **message["facts"])


def _facts(message):
    return SheetFacts(
        name=message["sheet"],
        kind=message["kind"],
        date1904=message.get("date1904", False),
        struck=dict(message.get("struck", ())),
        merged=[tuple(found) for found in message.get("merged", ())],
        errors={(row, column): text for row, column, text in message.get("errors", ())},
        formulas={(row, column): known for row, column, known in message.get("formulas", ())},
    )


def _messages(path):
    """The child's lines as objects. Raises Unusable when it ends without its last line."""
    with open(path, "rb") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "exchange.child"],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HOME,
            env=child_environment(),
            start_new_session=True,
        )
    try:
        complete = False
        for line in _lines(child):
            message = json.loads(line)
            complete = "end" in message or "refused" in message
            yield message
        if not complete:
            raise Unusable("time" if child.wait() == -signal.SIGXCPU else "unreadable")
    finally:
        if child.poll() is None:
            child.kill()
        child.stdout.close()
        child.wait()


def child_environment():
    """What a child may know of ours: no key, only where the site's folder is, by which its processes are found."""
    return {name: os.environ[name] for name in ("VAR_DIR", "PATH") if name in os.environ}


def _lines(child):
    """Whole lines from the child's pipe until it closes. Raises Unusable("time") past the wall limit."""
    pipe, end = child.stdout.fileno(), time.monotonic() + limits.CHILD_WALL_SECONDS
    pieces = []
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise Unusable("time")
        block = os.read(pipe, BLOCK)
        if not block:
            return
        *whole, rest = block.split(b"\n")
        for line in whole:
            pieces.append(line)
            yield b"".join(pieces)
            pieces = []
        pieces.append(rest)
