"""Every address of the site, read from the URLconf. What is expected of each stands in `table.py`."""

import re
from dataclasses import dataclass

from django.urls import get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\][+*]?|[^()])*\)")


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf: the address with its parameters as {name}, its name, and the view behind it."""

    path: str
    name: str | None
    view: object

    @property
    def parameters(self):
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def view_class(self):
        return getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)

    @property
    def is_api(self):
        return self.path.startswith("/api/v1/")

    def at(self, **values):
        return self.path.format(**values)


def addresses():
    """All of them, one a path: where two patterns stand for one path, the first answers."""
    found = {}
    for path, pattern in _walk(get_resolver().url_patterns, "/"):
        found.setdefault(path, Address(path, pattern.name, pattern.callback))
    return list(found.values())


def _walk(patterns, before):
    for pattern in patterns:
        path = before + _plain(str(pattern.pattern))
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern


def _plain(pattern):
    """A pattern of path() or re_path() with its parameters as {name}."""
    pattern = PARAMETER.sub(lambda m: "{" + (m[1] or m[2]) + "}", pattern)
    return pattern.replace("^", "").replace("$", "").replace("\\", "")


def api_lists():
    """Addresses below /api/v1/ that are read without a parameter in them, the schema and its page aside."""
    return [
        a for a in addresses()
        if a.is_api and not a.parameters and a.name not in ("schema", "docs", "nowhere") and hasattr(a.view_class, "known_params")
    ]  # fmt: skip
