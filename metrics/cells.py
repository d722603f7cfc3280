"""Cells as they are shown: the columns read, and the row that programs get. No query of its own."""

from metrics import declared
from stations.models import Station
from stations.models.divisions import LEVELS
from stations.models.stations import TIERS
from surfaces.rows import moment

COLUMNS = (
    "run__code", "run__as_of", "indicator", "version", "numerator", "denominator", "computed_at",
    "division__code", "division__name", "division__level", "station__code", "station__name", "station__tier",
)  # fmt: skip
LEVEL_WORDS, TIER_WORDS = dict(LEVELS), dict(TIERS)
STATE = "draft"  # until reports freeze a period


def row_of(values, seen):
    """One cell as the contract shows it, from a tuple of COLUMNS. `seen` remembers what many rows share."""
    (period, as_of, code, version, numerator, denominator, computed_at,
     at_code, at_name, level, station_code, station_name, tier) = values  # fmt: skip
    indicator = seen.get(code)
    if indicator is None:
        indicator = seen[code] = declared.indicators().get(code) or Forgotten(code)
    at = seen.get(computed_at)
    if at is None:
        at = seen[computed_at] = moment(computed_at)
    if station_code is None:
        place, word = {"kind": "division", "code": at_code, "name": at_name}, LEVEL_WORDS[level]
    else:
        place, word = {"kind": "station", "code": station_code, "name": station_name}, TIER_WORDS[tier]
    return {
        "indicator": code, "version": version, "place": place, "tier": word, "period": period,
        "numerator": indicator.part(numerator), "denominator": denominator,
        "value": indicator.text(numerator, denominator), "target": None, "status": None, "suppressed": False,
        "as_of": as_of.isoformat(), "computed_at": at, "state": STATE,
    }  # fmt: skip


def place_of(place):
    """A Division or Station as `{kind, code, name}`."""
    kind = "station" if isinstance(place, Station) else "division"
    return {"kind": kind, "code": place.code, "name": place.name}


class Forgotten:
    """Stands for an indicator that is no longer declared: its old cells keep their whole numbers."""

    def __init__(self, code):
        self.code = code

    def part(self, whole):
        return whole

    def text(self, numerator, denominator):
        return None if denominator is not None else str(numerator)
