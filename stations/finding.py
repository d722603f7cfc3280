"""Finding stations and divisions by what a person types: a name, a code, full pinyin, initials. Reading only."""

import unicodedata

from django.db.models import Q

from stations.names import SUFFIX

LONGEST = 60
NUMBER = 4  # so many digits are a code: asking the name as well walks its index for every three of them (20 × the time)


def asked(text):
    """What was typed, made comparable: NFKC, outer blanks away, at most 60 characters."""
    return " ".join(unicodedata.normalize("NFKC", text or "").split())[:LONGEST]


def matching(text):
    """Rows (of stations or divisions) that `text` finds: digits begin a code, letters stand in the pinyin or the initials,
    everything may stand in the name; the office's spelling of the suffix does not matter. Each part has its trigram index.
    """
    text = asked(text)
    stem = SUFFIX.sub("", text) or text
    found = Q(name__contains=stem)
    if text.isascii():
        plain = "".join(text.lower().split())
        if (digits := plain.replace("-", "")).isdigit():
            if len(digits) >= NUMBER:
                return Q(code__startswith=plain)
            found |= Q(code__startswith=plain)
        elif plain.isalpha():
            found |= Q(pinyin__contains=plain) | Q(initials__contains=plain)
    return found
