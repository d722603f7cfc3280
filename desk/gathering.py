"""What the rooms declare for the desk: their `todo.py` lists TODO (what is due), their `search.py` lists SEARCH (what is found)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


@cache
def declared(module, name):
    """Everything that installed rooms list under `name` in their `module`."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.{module}"):
            found += getattr(import_module(f"{config.name}.{module}"), name)
    return found


def due(user):
    """What is due for `user` in every room: [{url, kind, icon, what, why, due}]."""
    return [item for ask in declared("todo", "TODO") for item in ask(user)]


def search(user, text, most=20):
    """[{title, hits, all}] of every room that finds something."""
    groups = [
        {"title": kind["title"], "hits": kind["find"](user, text, most), "all": kind["all"]}
        for kind in declared("search", "SEARCH")
    ]
    return [group for group in groups if group["hits"]]
