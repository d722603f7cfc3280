"""The sort and search keys of Chinese names: full pinyin and initials."""

import re
from functools import lru_cache

# The library reads these surnames and places wrongly; people may correct a key, this list only starts it better.
READINGS = {
    "长港": ["chang", "gang"],
    "长寿": ["chang", "shou"],
    "涂家垴": ["tu", "jia", "nao"],
    "重庆": ["chong", "qing"],
}


@lru_cache(maxsize=65536)
def key_of(name):
    """(pinyin, initials) of a name in lower case without tones: 太和镇 → ("taihezhen", "thz")."""
    parts: list[str] = _reader()(re.sub(r"\s+", "", name).lower())
    return "".join(parts)[:200], "".join(p[0] if p[0].isalpha() else p for p in parts if p)[:40]


@lru_cache(maxsize=1)
def _reader():
    """The library's function, with our readings loaded: 0.6 s to import, so only where names are written."""
    from pypinyin import lazy_pinyin, load_phrases_dict

    load_phrases_dict({word: [[r] for r in reading] for word, reading in READINGS.items()})
    return lazy_pinyin
