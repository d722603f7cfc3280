"""All SQL of the roll-up: the tree of a day (trees), sums (cells), distinct persons (people), the change log (log)."""

from contextlib import contextmanager

from django.db import connection

from metrics.sql import cells, people
from metrics.sql.cells import lock
from metrics.sql.log import due_between, logged, settled_below, unread
from metrics.sql.trees import cities_of, homes, is_small, number_then, stations_at, subtree_on

__all__ = [
    "cities", "cities_of", "due_between", "homes", "is_small", "lock", "logged", "number_then", "settled_below",
    "stations_at", "subtree_on", "touched", "unread", "whole",
]  # fmt: skip


@contextmanager
def all_at_once():
    """Statements over everything: what a planner without statistics (right after a load) takes for a nested loop takes hours."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def whole(run, indicator, day, tree, *, first=False):
    """Roll one indicator up for all places; `first` where the run has no cells of it yet. Returns how many cells changed."""
    with all_at_once():
        if people.counts_people(indicator):
            return people.whole(run, indicator, day, first=first)
        return cells.whole(run, indicator, day, tree, first=first)


def touched(run, indicator, day, divisions, stations):
    """Bring what hangs on these places, and every cell above, up to date; `stations` are all that stand in `divisions`."""
    module = people if people.counts_people(indicator) else cells
    return module.touched(run, indicator, day, divisions, stations)


def cities(run, indicator, day, tree, lock_ids):
    """Roll the station trees of these cities up anew: after moves, and where stations are gone."""
    if people.counts_people(indicator):
        return people.cities(run, indicator, day, lock_ids)
    return cells.cities(run, indicator, day, tree, lock_ids)
