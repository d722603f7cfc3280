"""Which cases a list shows and in what order: what is due first, then the last opened; fast whatever the reach.

A reach of up to `MANY` cases is read by keys and sorted whole. A wider one is walked along an index, a page at a time from
where the last one ended; nothing is counted then but that there are many.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils import timezone

from casework import access, codes
from casework.access import NARROW
from casework.models import Case, DueItem
from periods import today
from stations.models.stations import inside

MANY = 5000
OPEN, ALL = "", "all"
FAR = dt.date.max


@dataclass(frozen=True)
class Asked:
    """What is asked for: a stage, open cases ("") or all; a place or stations, a worker, a number; only what is late, in crisis, mine."""

    stage: str = OPEN
    overdue: bool = False
    crisis: bool = False
    mine: bool = False
    number: str = ""
    worker: int | None = None
    stations: Any = None
    place: Any = None  # a division or station in the asker's reach, with all that stands in it


@dataclass(frozen=True)
class Found:
    """`keys` of the page's cases in order, how many in all (None: more than `MANY`), where the next page begins ("" at the end)."""

    keys: list
    total: int | None
    page: int = 1
    next: str = ""


def cases(user, asked):
    """The cases asked for as far as `user` may know of them. What he may not know of a case does not help to find it."""
    rows = Case.objects.visible_to(user, near=asked.place is None)
    if asked.place is not None:
        rows = rows.filter(inside(asked.place, "station__"))
    if asked.stage == OPEN:
        rows = rows.filter(closed_on=None)
    elif asked.stage in codes.STAGES:
        rows = rows.filter(stage=asked.stage)
    if asked.stations is not None:
        rows = rows.filter(station__in=asked.stations)
    if asked.number:
        rows = rows.filter(number__startswith=asked.number)
    if asked.mine:
        rows = rows.filter(access.any_of(access.held(user), ["own"]))
    if asked.worker is not None:
        rows = rows.filter(worker=asked.worker)
    if asked.crisis:
        rows = rows.filter(crisis=True)
    if asked.overdue:
        rows = rows.filter(Exists(DueItem.objects.filter(_late(), case=OuterRef("pk"), done_on=None)))
    return rows.exclude(seen_as=NARROW) if asked.worker is not None or asked.crisis or asked.overdue else rows


def _late(prefix=""):
    return Q(**{f"{prefix}due_on__lt": today()}) | Q(**{f"{prefix}due_at__lt": timezone.now()})


def find(user, asked, *, size, page=1, after=""):
    """A page of the cases asked for: `page` counts where they are few, `after` (what `Found.next` said) leads on where they are many."""
    rows = cases(user, asked)
    few = list(rows.order_by().values_list("pk", "seen_as", "opened_on")[: MANY + 1])
    if len(few) > MANY:
        return _walked(rows, asked, size, after)
    due = dict(
        DueItem.objects.open().filter(case__one_of=[pk for pk, depth, _on in few if depth != NARROW])
        .order_by("case", "due_on").distinct("case").values_list("case", "due_on")
    )  # fmt: skip
    few.sort(key=lambda row: (due.get(row[0], FAR), -row[2].toordinal(), row[0]))
    last = max(1, -(-len(few) // size))
    page = min(max(1, page), last)
    return Found([pk for pk, _depth, _on in few[(page - 1) * size : page * size]], len(few), page)


def _walked(rows, asked, size, after):
    """Many: open ones along the days on which something is due, then those with nothing due; others by the day of opening."""
    word, day, key = _mark(after)
    keys: list = []
    if asked.stage != ALL and asked.stage != codes.CLOSED and word in ("", "due"):
        found = _by_due(rows, asked, day, key, size)
        keys = [pk for pk, _on in found[:size]]
        if len(found) > size:
            pk, on = found[size - 1]
            return Found(keys, None, next=f"due:{on.isoformat()}:{pk}")
        if asked.overdue:
            return Found(keys, None)
        word, day, key = "opened", None, None
        rows = rows.filter(~_has_due() | Q(seen_as=NARROW))
    elif word == "opened" and asked.stage not in (ALL, codes.CLOSED):
        rows = rows.filter(~_has_due() | Q(seen_as=NARROW))
    room = size - len(keys)
    if day is not None and word == "opened":
        rows = rows.filter(Q(opened_on__lt=day) | Q(opened_on=day, pk__lt=key))
    more = list(rows.order_by("-opened_on", "-pk").values_list("pk", "opened_on")[: room + 1])
    keys += [pk for pk, _on in more[:room]]
    if len(more) <= room or not room:
        return Found(keys, None, next="" if len(more) <= room else "opened:9999-12-31:0")
    pk, on = more[room - 1]
    return Found(keys, None, next=f"opened:{on.isoformat()}:{pk}")


def _by_due(rows, asked, day, key, size):
    """[(case, day)] of the cases in which something is due, by the first such day."""
    earlier = DueItem.objects.filter(case=OuterRef("pk"), done_on=None).filter(
        Q(due_on__lt=OuterRef("waits__due_on")) | Q(due_on=OuterRef("waits__due_on"), pk__lt=OuterRef("waits__pk"))
    )
    wanted = Q(waits__due_on__isnull=False)
    if asked.overdue:
        wanted &= _late("waits__")
    if day is not None:
        wanted &= Q(waits__due_on__gte=day) & (Q(waits__due_on__gt=day) | Q(waits__case_id__gt=key))
    open_items = FilteredRelation("due_items", condition=Q(due_items__done_on__isnull=True))
    rows = rows.exclude(seen_as=NARROW).annotate(waits=open_items)
    rows = rows.filter(wanted, ~Exists(earlier))  # one call, or each condition would join the items anew
    return list(rows.order_by("waits__due_on", "waits__case_id").values_list("pk", F("waits__due_on"))[: size + 1])


def _has_due():
    return Exists(DueItem.objects.filter(case=OuterRef("pk"), done_on=None))


def _mark(text):
    """(word, day, key) of a mark that `Found.next` gave; from the start where it is none."""
    word, _colon, rest = text.partition(":")
    day, _colon, key = rest.partition(":")
    try:
        return (word, dt.date.fromisoformat(day), int(key)) if word in ("due", "opened") else ("", None, None)
    except ValueError:
        return "", None, None
