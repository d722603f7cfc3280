"""Coverage (dossier §7.1): units that owe a station, those covered, and the rate. Units, never codes and never stations."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Exists, OuterRef

from stations.models import CoverageUnit, Station
from stations.models.divisions import LEVEL_OF
from stations.models.stations import LEVEL_OF_TIER

TIER_OF_LEVEL = {level: tier for tier, level in LEVEL_OF_TIER.items()}


def eligible_units(level, day):
    """Coverage units of a level (2–5) that owe a station on `day`."""
    return CoverageUnit.objects.owing_on(day).filter(division__level=level)


def covered_units(level, day):
    """Those of them where a station of that tier operates on `day`: two stations in one unit cover it once."""
    return eligible_units(level, day).filter(_standing(level, day))


def uncovered_units(level, day):
    """The others."""
    return eligible_units(level, day).exclude(_standing(level, day))


def _standing(level, day):
    return Exists(Station.objects.operating_on(day).filter(division=OuterRef("division"), tier=TIER_OF_LEVEL[level]))


def coverage(user, division, level, day):
    """The contract's coverage answer for `division` (a Division) and a level's name, on `day`, as far as `user` sees.

    `rate` is a decimal string half-up at four places, `percent` a number at one; both None over nothing.
    """
    number = LEVEL_OF[level]
    eligible = eligible_units(number, day).visible_to(user).within(division)
    covered = covered_units(number, day).visible_to(user).within(division)
    units, met = eligible.count(), covered.count()
    missing = uncovered_units(number, day).visible_to(user).within(division).order_by("division__code")
    rate = Decimal(met) / Decimal(units) if units else None
    answer = {
        "within": division.code,
        "level": level,
        "as_of": day.isoformat(),
        "eligible": units,
        "covered": met,
        "rate": None if rate is None else str(rate.quantize(Decimal("0.0001"), ROUND_HALF_UP)),
        "percent": None if rate is None else float((rate * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)),
        "uncovered": [{"code": c, "name": n} for c, n in missing.values_list("division__code", "division__name")],
    }
    if not units and not list_begun(division, number, day):
        answer["reason"] = "no_list"
    return answer


def list_begun(division, level, day):
    """Had the province's list of units of this level begun by `day`?"""
    top = division.province or division
    return CoverageUnit.objects.within(top).filter(division__level=level, span__startswith__lte=day).exists()
