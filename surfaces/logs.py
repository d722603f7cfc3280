"""Log lines: as JSON, one object a line, or plain. What an exception says in words is left out: it may quote what somebody wrote."""

import json
import logging
import traceback

# Their words name code, tables and settings, never a value that somebody typed.
OWN_WORDS = (
    AttributeError,
    ImportError,
    NameError,
    NotImplementedError,
    SyntaxError,
)


def said(error):
    """The words of an exception as far as they are the program's own, else ""."""
    return str(error) if type(error) in OWN_WORDS else ""


def trace(error):
    """Every exception of the chain with its place: file, line, function and type; words only where they are the program's own."""
    lines = []
    for one in _chain(error):
        lines += ["Traceback (most recent call last):\n", *traceback.format_tb(one.__traceback__)]
        lines.append(f"{type(one).__module__}.{type(one).__qualname__}{': ' if said(one) else ''}{said(one)}\n")
    return "".join(lines).rstrip("\n")


def _chain(error):
    """The first cause first."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(found)


class Lines(logging.Formatter):
    """One line a record, with the trace of an exception behind it."""

    def formatException(self, ei):
        return trace(ei[1]) if ei[1] is not None else ""

    def format(self, record):
        record.exc_text = None  # another handler may have written the words into it
        return super().format(record)


class JSONLines(Lines):
    def format(self, record):
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
