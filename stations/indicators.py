"""The figures of this room: coverage at three levels, stations operating, three things in place, two workers.

Coverage hangs on divisions alone (an uncovered unit has no station); facts of stations roll up both trees.
"""

import datetime as dt

from django.db.models import Case, F, IntegerField, JSONField, OuterRef, Subquery, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models import Change
from periods import today
from periods.indicators import Rows, Touch, as_of_count, ratio
from periods.period import SHANGHAI
from stations.coverage import TIER_OF_LEVEL, covered_units, eligible_units
from stations.models import Station
from stations.models.stations import TOWNSHIP

GROUP = _("站点与覆盖")
TWO = 2  # full-time workers that a station should have (dossier §3.4)


def known_on(stations, day, name):
    """Add `{name}_then`: the undated column `name` as it was known at the end of `day`, read back from the change log."""
    if day >= today():
        return stations.annotate(**{f"{name}_then": F(name)})
    night = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI)
    later = Change.objects.filter(
        table="stations_station", row_id=OuterRef("pk"), after__isnull=False, before__has_key=name, event__at__gte=night
    ).order_by("pk")
    field = Station._meta.get_field(name)
    return stations.annotate(
        **{f"{name}_later": Subquery(later.values("before")[:1], output_field=JSONField())}
    ).annotate(
        **{
            f"{name}_then": Case(
                When(**{f"{name}_later__isnull": True}, then=F(name)),
                default=Cast(KT(f"{name}_later__{name}"), type(field)() if field.choices is None else IntegerField()),
            )
        }
    )


def operating(period, day):
    """Stations whose dated status on `day` is operating."""
    return Station.objects.operating_on(day)


def in_place(period, day):
    """Operating stations of which room, staff and funds are known to be there."""
    found = Station.objects.operating_on(day)
    for name in ("site_ready", "staff_ready", "funds_ready"):
        found = known_on(found, day, name).filter(**{f"{name}_then": True})
    return found


def towns(period, day):
    """Operating stations of townships."""
    return Station.objects.operating_on(day).filter(tier=TOWNSHIP)


def with_two(period, day):
    """Those of them that report at least two full-time workers; one that reports none at all is not shown to have two."""
    return known_on(towns(period, day), day, "reported_full_time").filter(reported_full_time_then__gte=TWO)


def _stations(of, words):
    return Rows(
        of=of, place="pk", words=words, kind="station", label="name", on="status_rows__span__startswith", station="code"
    )


def _standing(level):
    """The code of a station that covers the unit."""

    def code(day):
        tier = TIER_OF_LEVEL[level]
        here = Station.objects.operating_on(day).filter(division=OuterRef("division"), tier=tier).order_by("code")
        return Subquery(here.values("code")[:1])

    return code


def _coverage(code, name, level, word, covered, owing):
    return ratio(
        code, name, level=word, hangs_on="division", source=_("应建站单位名单；同一单位有两个站只算一次"),
        numerator=Rows(
            of=lambda period, day: covered_units(level, day), place="division_id", words=covered, kind="coverage_unit",
            label="division__name", on="span__startswith", station=_standing(level),
        ),
        denominator=Rows(
            of=lambda period, day: eligible_units(level, day), place="division_id", words=owing, kind="coverage_unit",
            label="division__name", on="span__startswith", station=_standing(level),
        ),
    )  # fmt: skip


INDICATORS = [
    _coverage(
        "station_coverage", _("社工站覆盖率"), 4, "township",
        _("期末有社工站在运营的应建站乡镇（街道）"), _("期末应建站的乡镇（街道）"),
    ),
    _coverage(
        "district_coverage", _("总站覆盖率"), 3, "district",
        _("期末有社工总站在运营的应建站区县"), _("期末应建站的区县"),
    ),
    _coverage(
        "village_coverage", _("社工室覆盖率"), 5, "village",
        _("期末有社工室在运营的应建站村（社区）"), _("期末应建站的村（社区）"),
    ),
    as_of_count(
        "stations_operating", _("运营站点数"), unit=_("个"), source=_("站点状态历史"),
        numerator=_stations(operating, _("期末状态为运营的各级站点")),
    ),
    as_of_count(
        "stations_three_in_place", _("三到位站点数"), unit=_("个"), source=_("场所、人员、资金三项都到位"),
        numerator=_stations(in_place, _("期末在运营，场所、人员、资金都到位的站点")),
    ),
    # Over all that operate, as the formula has it: an unreported number is not shown to be two, and is listed as such.
    ratio(
        "stations_two_workers_rate", _("每站两名专职达标率"), source=_("每站至少两名专职社工"),
        numerator=_stations(with_two, _("期末在运营、上报专职社工不少于 2 名的乡镇（街道）站")),
        denominator=_stations(towns, _("期末在运营的乡镇（街道）站")),
    ),
]  # fmt: skip

# Undated columns that figures read: they count from the day they were changed.
READ = ("reported_full_time", "site_ready", "staff_ready", "funds_ready")
TOUCHES = [
    Touch(table="stations_stationstatus", station="station_id", days=("span",), span=True),
    Touch(table="stations_stationparent", station="station_id", days=("span",), span=True, tree=True),
    Touch(table="stations_station", station="id", division="division_id", columns=(*READ, "tier", "division_id")),
    Touch(table="stations_coverageunit", division="division_id", days=("span",), span=True),
    Touch(
        table="stations_division", division="id", days=("valid_from",), divisions=True,
        columns=("parent_id", "province_id", "city_id", "district_id", "township_id", "level"),
    ),
]  # fmt: skip
