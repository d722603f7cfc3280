"""The typesetter's own process: data in on standard input, PDF out on standard output. Started by `surfaces/pdf.py` alone.

Nothing of the site is imported here, nothing is asked of a network, and nothing is written to a disk. Text is data: it
reaches the template by `sys.inputs`, never as markup. A character that no font here can draw, or that would only turn the
line about, is printed as its code 〔U+1F600〕 and told to the template, so that none is swallowed and none stops the work.
"""

import contextlib
import json
import os
import resource
import sys
import unicodedata
from pathlib import Path

import typst

STANDARDS = ["a-2a", "ua-1"]  # to be kept for decades, and read aloud
LINE_ENDS = str.maketrans(
    {"\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": "  "}
)
UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # among them what turns a line about or hides in it
JOINERS = frozenset("\u00ad\u200b\u200c\u200d")  # but for these: they only say where letters part or join
LONGEST_RUN = 16  # letters without a place to break, before one is made
MEGABYTE = 1 << 20
PROBE = """
#set document(title: "probe")
#set text(font: json(bytes(sys.inputs.fonts)))
#for one in json(bytes(sys.inputs.data)) [#one #parbreak()]
"""


def limit(megabytes, seconds):
    """This process may use so much address space and so much of a processor, and no more: it is killed at once beyond."""
    for what, most in (
        (resource.RLIMIT_AS, megabytes * MEGABYTE),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system with less to give, or without this limit
            resource.setrlimit(what, (most, most))
    os.nice(5)


class Typesetter:
    """One template with its fonts."""

    def __init__(self, template, fonts, families):
        self.template, self.families = Path(template), json.dumps(families)
        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=sorted({str(Path(f).parent) for f in fonts}))

    def set(self, data, format="pdf", standards=STANDARDS, timestamp=None):
        """The pages: bytes of a PDF, or a list of pictures where `format` is png."""
        data, codes = self.printable(data)
        inputs = {"data": json.dumps(data | {"unprintable": codes}), "fonts": self.families}
        more = {"pdf_standards": standards, "timestamp": timestamp} if format == "pdf" else {"ppi": 110.0}
        try:
            return self._compile(self.template, inputs, format=format, **more)
        except typst.TypstError:
            if format != "pdf" or not standards:
                raise
            # What is allowed letter by letter may be refused together; a plain PDF is better than none.
            return self._compile(self.template, inputs, format="pdf", timestamp=timestamp)

    def _compile(self, source, inputs, **more):
        compiler = typst.Compiler(
            source, root=self.template.parent, font_paths=self.fonts, ignore_system_fonts=True, sys_inputs=inputs
        )
        return compiler.compile(**more)

    # ── Characters ───────────────────────────────────────────────────────────────────────────────
    def printable(self, data):
        """(`data` with every text fit to be printed, [[code, name of the character]])."""
        letters = sorted(set().union(*map(set, texts_of(data))) - {"\n"})
        refused = {c for c in letters if unicodedata.category(c) in UNPRINTED and c not in JOINERS}
        refused |= set(self._refused([c for c in letters if c not in refused]))
        codes = {c: f"〔U+{ord(c):04X}〕" for c in sorted(refused)}
        table = str.maketrans(codes)
        return each_text(data, lambda text: breakable(text.translate(table))), [
            [code, unicodedata.name(c, "")] for c, code in codes.items()
        ]

    def _refused(self, letters):
        """Those of `letters` that the fonts or the standard refuse, found by halving."""
        if not letters or self._accepts(letters):
            return []
        if len(letters) == 1:
            return letters
        half = len(letters) // 2
        return self._refused(letters[:half]) + self._refused(letters[half:])

    def _accepts(self, letters):
        # A mark or a joiner alone has nothing to stand on: it is tried between letters.
        inputs = {"data": json.dumps([f"中{c}文" for c in letters]), "fonts": self.families}
        try:
            self._compile(PROBE.encode(), inputs, format="pdf", pdf_standards=STANDARDS)
        except typst.TypstError:
            return False
        return True


def texts_of(data):
    """Every text inside JSON data, its line ends made one kind."""
    if isinstance(data, str):
        yield data.replace("\r\n", "\n").translate(LINE_ENDS)
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_of(value)


def each_text(data, change):
    """The same data with `change` made to every text."""
    if isinstance(data, str):
        return change(data.replace("\r\n", "\n").translate(LINE_ENDS))
    if isinstance(data, dict):
        return {name: each_text(value, change) for name, value in data.items()}
    return [each_text(value, change) for value in data] if isinstance(data, list) else data


def breakable(text):
    """`text` with places to break (zero-width spaces) in runs of letters that have none and would leave the page."""
    out, run = [], 0
    for char in text:
        run = 0 if char.isspace() or char == "-" or unicodedata.east_asian_width(char) in "WF" else run + 1
        if run > LONGEST_RUN and not unicodedata.combining(char):
            out.append("\u200b")
            run = 1
        out.append(char)
    return "".join(out)


def main():
    # A broken pipe or a lone surrogate must not end in a traceback that quotes the text.
    order = json.loads(sys.stdin.buffer.read())
    limit(order["megabytes"], order["seconds"])
    try:
        made = Typesetter(order["template"], order["fonts"], order["families"]).set(
            order["data"], timestamp=order.get("timestamp")
        )
    except typst.TypstError as error:
        sys.stderr.write(f"typst: {error.message}"[:400])
        raise SystemExit(3) from None
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
