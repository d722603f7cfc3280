"""The cells of a row against the station that it means: what changes, as people read it and as it is written."""

from stations.models.stations import OPERATION_MODES, STATUSES
from stations.names import same_name
from stations.roster.words import AT

# column of the roster → what it is of a station; status, parent and tier have rules of their own
PLAIN = (
    "operation_mode", "established_on", "address", "manager_name", "phone", "floor_area", "reported_full_time", "reported_certified",
    "note", "site_ready", "staff_ready", "funds_ready",
)  # fmt: skip
POSITIONS = [(field, AT[field]) for field in PLAIN]
NAME, OPERATOR, STATUS = AT["name"], AT["operator"], AT["status"]
_MODES, _STATUSES = dict(OPERATION_MODES), dict(STATUSES)


def shown(field, value):
    """A value as a person reads it; "" for none."""
    if value is None or value == "":
        return ""
    if field == "operation_mode":
        return str(_MODES.get(value, value))
    if field == "status":
        return str(_STATUSES.get(value, value))
    if value is True or value is False:
        return "是" if value else "否"
    if field == "floor_area":
        return f"{value.normalize():f}"
    return str(value)


def new_values(row, station):
    """{attribute: value} that the row gives and the station has not; `operator` as its name."""
    values, out = row.values, {}
    for field, at in POSITIONS:
        value = values[at]
        if value is not None and (station is None or value != getattr(station, field)):
            out[field] = value
    name = values[NAME]
    if name is not None and (station is None or not same_name(name, station.name)):
        out["name"] = name
    operator = values[OPERATOR]
    if operator is not None and (station is None or operator != station.operator):
        out["operator"] = operator
    return out


def changes_of(row, station, status):
    """((field, before, after), …) of the cells that change."""
    found = [(field, shown(field, getattr(station, field)), shown(field, value)) for field, value in new_values(row, station).items()]
    if status != station.status:
        found.append(("status", shown("status", station.status), shown("status", status)))
    return tuple(found)
