"""Cells as programs get them: the columns read, and the row made of them."""

from metrics import declared
from stations.models import Station
from stations.models.divisions import LEVELS
from stations.models.stations import TIERS
from surfaces.rows import UTCText

COLUMNS = (
    "run_id", "indicator", "division_id", "pk", "version", "numerator", "denominator", "computed",
    "division__code", "division__name", "division__level", "station__code", "station__name", "station__tier",
)  # fmt: skip
LEVEL_WORDS, TIER_WORDS = dict(LEVELS), dict(TIERS)
STATE = "draft"  # until reports freeze a period


def read(cells, runs):
    """[(values of COLUMNS, row as the contract shows it)] of a queryset of cells. One query.

    `runs` {id: (period code, as-of day as text)} holds every run that the cells may belong to.
    """
    known = declared.indicators()
    found = cells.annotate(computed=UTCText("computed_at")).values_list(*COLUMNS)
    return [(values, _row(values, known, runs)) for values in found]


def _row(values, known, runs):
    (run, code, _division, _pk, version, numerator, denominator, computed,
     at_code, at_name, level, station_code, station_name, tier) = values  # fmt: skip
    indicator, (period, as_of) = known.get(code) or Forgotten(code), runs[run]
    if station_code is None:
        place, word = {"kind": "division", "code": at_code, "name": at_name}, LEVEL_WORDS[level]
    else:
        place, word = {"kind": "station", "code": station_code, "name": station_name}, TIER_WORDS[tier]
    return {
        "indicator": code, "version": version, "place": place, "tier": word, "period": period,
        "numerator": indicator.part(numerator), "denominator": denominator, "value": indicator.text(numerator, denominator),
        "target": None, "status": None, "suppressed": False, "as_of": as_of, "computed_at": computed, "state": STATE,
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
