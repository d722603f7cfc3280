"""PDF files from a template and data, made in a process of their own: what runs away there takes no web process with it.

`templates` are typst files that stand beside the code of their room; they hold layout alone, words come with the data.
Long documents belong into a Job all the same. What a document says is its room's affair.
"""

import json
import logging
import subprocess
import sys
import time
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError

log = logging.getLogger("shegong.pdf")
CHILD = Path(__file__).with_name("typesetting.py")
FAMILIES = ["Noto Serif SC", "Libertinus Serif", "DejaVu Sans Mono"]  # in this order; the last two are typst's own
MOST_MEGABYTES, MOST_SECONDS = 1024, 60


class NotPrinted(DomainError):
    """The typesetter gave up, took too long or too much memory."""

    status, code, message = 503, "not_printed", _("没有排出版来，请过一会儿再试；总是这样，请告诉管理员")


class TooLong(NotPrinted):
    """It would have taken more time or memory than one document may."""

    code, message = "too_long", _("内容太长，超过了一份文件许用的时间或内存")


def typeset(template, data, *, megabytes=MOST_MEGABYTES, seconds=MOST_SECONDS):
    """The PDF (bytes; PDF/A-2a and PDF/UA-1) of `template` (a path) filled with `data` (JSON: dict of text, numbers, lists).

    The template reads `json(bytes(sys.inputs.data))`; beside `data` it finds `lang` and `unprintable` [[code, name]].
    Raises TooLong, NotPrinted. Peak of a hundred pages: about 250 MB, for two seconds.
    """
    order = {
        "template": str(template), "fonts": fonts(), "families": FAMILIES, "megabytes": megabytes, "seconds": seconds,
        "timestamp": int(time.time()), "data": {"lang": translation.get_language()[:2], **data},
    }  # fmt: skip
    text = json.dumps(order, ensure_ascii=True).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=text,
            capture_output=True,
            timeout=seconds,
            cwd="/",
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.error("typesetting %s took more than %s s", Path(template).name, seconds)
        raise TooLong() from None
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    # What it says may quote the text: only how it ended is noted.
    log.error("typesetting %s ended with %s", Path(template).name, done.returncode)
    raise (TooLong if done.returncode < 0 or b"memory allocation" in done.stderr[-2000:] else NotPrinted)()


def fonts():
    """The font files that every document may use."""
    import pylopdf_fonts_zh_cn as wheel  # 17 MB of fonts beside it: found when first needed

    return [str(wheel.serif_path()), str(wheel.sans_path())]
