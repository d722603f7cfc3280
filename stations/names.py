"""When two names of stations are the same: the office's spelling of the suffix is no change of name."""

import re
import unicodedata

SUFFIX = re.compile(r"(社会工作服务站|社会工作站|社工服务站|社工站)$")


def plain_name(name):
    """A name for comparing: NFKC, no blanks, one suffix for 社会工作服务站, 社会工作站, 社工服务站 and 社工站."""
    return SUFFIX.sub("社工站", re.sub(r"\s+", "", unicodedata.normalize("NFKC", name or "")))


def same_name(one, other):
    return plain_name(one) == plain_name(other)
