"""What the rooms declare for the desk: their `todo.py` lists TODO (what is due), their `search.py` lists SEARCH (what is found)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import quote

from django.apps import apps


@cache
def declared(module, name):
    """Everything that installed rooms list under `name` in their `module`."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.{module}"):
            found += getattr(import_module(f"{config.name}.{module}"), name)
    return found


def due(user, but=()):
    """What is due for `user` in every room: [{url, kind, icon, what, why, due}]; `but`: of what is shown otherwise nothing."""
    return [item for ask in declared("todo", "TODO") if ask not in but for item in ask(user)]


def search(user, text, most=20, *, private=False):
    """[{title, hits, all}] of every room that finds something; `all` is where the whole list is.

    `private`: the text stands in no address, so that rooms may look for people whose names must not; where one finds such
    a person, no link repeats the text either.
    """
    kinds = [kind for kind in declared("search", "SEARCH") if private or not kind.get("private")]
    found = [(kind, hits) for kind in kinds if (hits := kind["find"](user, text, most))]
    is_name = any(kind.get("private") for kind, _hits in found)
    return [
        {"title": kind["title"], "hits": hits, "all": _whole(kind["all"], "" if is_name else text)}
        for kind, hits in found
    ]


def _whole(address, text):
    """The address of the whole list, with the text where it takes one."""
    if not address.endswith("="):
        return address
    return address + quote(text) if text else address.partition("?")[0]
