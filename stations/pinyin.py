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
    from pypinyin import Style, lazy_pinyin, load_phrases_dict  # 0.6 s to import: only where names are written

    if not getattr(key_of, "loaded", False):
        load_phrases_dict({word: [[r] for r in reading] for word, reading in READINGS.items()})
        key_of.loaded = True
    parts = lazy_pinyin(re.sub(r"\s+", "", name), style=Style.NORMAL, errors=lambda text: list(text.lower()))
    return "".join(parts)[:200], "".join(p[0] for p in parts if p)[:40]
