"""A station as a roster sees it: the columns that its cells may change, read by one query for many divisions."""

from collections import defaultdict
from typing import NamedTuple

import exchange.arrays  # noqa: F401  (the lookup one_of)
from stations.models import Station

SEEN_FIELDS = (
    "id", "code", "name", "tier", "division_id", "status", "parent_id", "established_on", "operation_mode", "operator__name", "address",
    "manager_name", "phone", "floor_area", "reported_full_time", "reported_certified", "site_ready", "staff_ready", "funds_ready",
    "note", "tree_id", "lft", "rght",
)  # fmt: skip


class Seen(NamedTuple):
    """A station as it stands now, as much as a roster may change."""

    id: int
    code: str
    name: str
    tier: int
    division_id: int
    status: str
    parent_id: int | None
    established_on: object
    operation_mode: str
    operator: str | None
    address: str
    manager_name: str
    phone: str
    floor_area: object
    reported_full_time: int | None
    reported_certified: int | None
    site_ready: bool | None
    staff_ready: bool | None
    funds_ready: bool | None
    note: str
    tree_id: int
    lft: int
    rght: int


def stations_at(division_ids):
    """{division id: [Seen]} of the stations at these divisions."""
    found = defaultdict(list)
    for values in Station.objects.filter(division_id__one_of=division_ids).order_by("id").values_list(*SEEN_FIELDS):
        found[values[4]].append(Seen(*values))
    return found
