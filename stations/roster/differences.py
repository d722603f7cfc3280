"""The cells of a row against the station that it means: what changes, as people read it and as it is written."""

from decimal import Decimal

from stations.models.stations import OPERATION_MODES, STATUSES, TIER_NAMES
from stations.names import same_name
from stations.roster.seen import Seen
from stations.roster.words import AT

# column of the roster → what it is of a station; status, parent and tier have rules of their own
PLAIN = (
    "operation_mode", "established_on", "address", "manager_name", "phone", "floor_area", "reported_full_time", "reported_certified",
    "note", "site_ready", "staff_ready", "funds_ready",
)  # fmt: skip
POSITIONS = [(field, AT[field]) for field in PLAIN]
COMPARED = [(field, AT[field], Seen._fields.index(field)) for field in (*PLAIN, "name", "operator")]
NAME, OPERATOR = AT["name"], AT["operator"]
_MODES, _STATUSES = dict(OPERATION_MODES), dict(STATUSES)


def shown(field, value):
    """A value as a person reads it; "" for none."""
    if value is None or value == "":
        return ""
    if field == "operation_mode":
        return str(_MODES.get(value, value))
    if field == "tier":
        return str(TIER_NAMES.get(value, value))
    if field == "status":
        return str(_STATUSES.get(value, value))
    if value is True or value is False:
        return "是" if value else "否"
    if field == "floor_area":
        return f"{Decimal(value).normalize():f}"
    return str(value)


def new_values(row):
    """{attribute: value} of the cells of a row for a new station; `operator` as its name."""
    values = row.values
    out = {field: values[at] for field, at in POSITIONS if values[at] is not None}
    if values[OPERATOR] is not None:
        out["operator"] = values[OPERATOR]
    out["name"] = values[NAME]
    return out


def changes_of(row, station, status):
    """The cells that change, flat as `Entry.changes`: a blank cell changes nothing, another spelling of the suffix is no new name."""
    values, found = row.values, []
    for field, at, position in COMPARED:
        value = values[at]
        before = station[position]
        if value is not None and value != before and (field != "name" or not same_name(value, before)):
            found += (field, before, value)
    if status != station.status:
        found += ("status", station.status, status)
    return tuple(found)
