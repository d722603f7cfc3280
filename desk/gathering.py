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

    `private`: the text stands in no address, so that rooms may look for people whose names must not.
    """
    groups = [
        {"title": kind["title"], "hits": kind["find"](user, text, most), "all": _whole(kind["all"], text)}
        for kind in declared("search", "SEARCH")
        if private or not kind.get("private")
    ]
    return [group for group in groups if group["hits"]]


def _whole(address, text):
    return address + quote(text) if address.endswith("=") else address
