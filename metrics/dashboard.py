"""The board of one place: headline, tiles, trend, ranking, what needs attention. Context for metrics/_board.html.

Reads rolled-up cells and the units of the place; computes nothing that the roll-up has.
"""

from django.utils.translation import gettext as _

from periods import Period, today
from stations.coverage import coverage
from stations.models import Station


def dashboard(user, place, day=None, period=None):
    """The context of metrics/_board.html (and of the period switch above it) for `place`, as far as `user` sees it.

    `place` is a Division or a Station (then its division's board); `period` a Period or its code, by default the month
    of `day` (today). The switch's links are `?period=…` of whatever page shows the board.
    """
    day = day or today()
    period = Period.parse(period) if isinstance(period, str) and period else period or Period.month_of(day)
    division = place.division if isinstance(place, Station) else place
    answer = coverage(user, division, "township", period.as_of)
    return {
        "place": {"name": division.name, "code": division.code, "url": f"/dashboard/{division.code}/"},
        "period": period,
        "as_of": None,
        "state": None,
        "kinds": [],
        "previous_url": f"?period={period.previous().code}",
        "next_url": "" if period.is_open else f"?period={period.next().code}",
        "period_choices": [],
        "coverage": {
            "title": _("社工站覆盖率"), "numerator": answer["covered"], "denominator": answer["eligible"],
            "url": f"/metrics/station_coverage/?within={division.code}&period={period.code}",
            "definition_url": f"/metrics/?within={division.code}", "words": _("个应建站单位在运营"), "note": "", "target": None,
            "no_list": answer.get("reason") == "no_list",
        },
        "uncovered": [{"name": u["name"], "url": "", "area": "", "status": ""} for u in answer["uncovered"][:60]],
        "covered": [], "ranking": [], "tiles": [], "measures": [], "attention": [],
        "trend": {"title": _("走势"), "kind": "rate", "points": []},
        "compare": {"rows": []},
    }  # fmt: skip
