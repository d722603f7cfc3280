"""The board of one place: headline, tiles, trend, ranking, what needs attention. Context for metrics/_board.html.

Reads rolled-up cells and the units of the place; computes nothing that the roll-up has.
"""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics import declared
from metrics.reading import Figures, below_name, shown
from metrics.switch import board_url, figure_url, switch
from metrics.units import area_tiles, owing, understaffed, unit_tiles, with_stations
from periods import Period, today
from stations.coverage import list_begun
from stations.models.divisions import TOWNSHIP
from surfaces.words import number, percent

MOST_UNITS = 60  # more units than this are not listed one by one
HEADLINE = {True: ("station_coverage", 4), False: ("village_coverage", 5)}  # above townships, and from there down
MEASURES = ("stations_operating", "district_coverage", "station_coverage", "village_coverage", "stations_three_in_place",
            "stations_two_workers_rate")  # fmt: skip
WORK = ("cases_open", "cases_overdue", "cases_closed", "training_sessions", "training_person_times", "training_persons",
        "training_hours")  # beside the headline: what the stations do  # fmt: skip


def dashboard(user, place, day=None, period=None):
    """The context of metrics/_board.html (and of the period switch above it) for `place`, as far as `user` sees it.

    `place` is a Division or a Station (then coverage is its division's); `period` a Period or its code, by default the
    month of `day` (today). The switch's links are `?period=…` of whatever page shows the board. Six queries or fewer.
    """
    period = Period.parse(period) if isinstance(period, str) and period else period or Period.month_of(day or today())
    return board(Figures(user, place, period))


def board(figures):
    """The same of a Figures that a page has read already."""
    user, place, period = figures.user, figures.place, figures.period
    code, level = HEADLINE[figures.division.level < 4]
    below = figures.below((code, *MEASURES))
    numerator, denominator = figures.cell(code)
    units = []
    if denominator and denominator <= MOST_UNITS:
        day = figures.run.as_of
        units = with_stations(user, level, day, owing(user, figures.division, level, day))
    return {
        "place": {"name": place.name, "code": place.code, "url": board_url(place.code, period)},
        "as_of": figures.as_of,
        "state": None,
        "workbook_url": reverse("metrics-api") + "?" + urlencode({"within": place.code, "period": period.code, "format": "xlsx"}),
        **switch(period),
        **_headline(figures, code, level, units),
        **_tiles(figures, code, level, units, below),
        "ranking": _ranking(below, code, period) if figures.division.level < TOWNSHIP else [],
        "ranking_title": _("各%(tier)s排名") % {"tier": below_name(figures.division)},
        "trend": _trend(figures, code),
        "trend_note": _("期末值"),
        "measures": [_measure(figures, c) for c in MEASURES if c != code and _says_something(figures, c)],
        "work": [_fact(figures, c) for c in WORK if _says_something(figures, c)],
        "definitions_url": reverse("metrics") + "?" + urlencode({"within": place.code, "period": period.code}),
        "attention": _attention(figures, units, level),
        "attention_empty": _("应建站单位都有站在运营，上报的人数也都够两名。") if units else "",
        "compare": _compare(figures, below),
    }  # fmt: skip


def _headline(figures, code, level, units):
    indicator, (numerator, denominator) = declared.indicators()[code], figures.cell(code)
    missing = (denominator or 0) - (numerator or 0)
    place, period = figures.division.code, figures.period
    covered = [u for u in units if u["counted"]]
    no_list = not denominator and not list_begun(figures.division, level, period.as_of)
    return {
        "coverage": {
            "title": indicator.name, "numerator": numerator, "denominator": denominator,
            "url": figure_url(code, place, period), "definition_url": reverse("metrics") + f"#{code}",
            "words": _("个应建站单位在运营"), "note": _("还差 %(n)s 个") % {"n": missing} if missing else "", "target": None,
            "no_list": no_list,
        },
        "uncovered": [u for u in units if not u["counted"]],
        "covered": covered[:60],
        "covered_more_url": _coverage_page(place, level, period, "in") if len(covered) > 60 else "",
    }  # fmt: skip


def _coverage_page(place, level, period, show):
    words = {3: "district", 4: "township", 5: "village"}
    return (
        reverse("coverage")
        + "?"
        + urlencode({"within": place, "level": words[level], "period": period.code, "show": show})
    )


def _tiles(figures, code, level, units, below):
    if units:
        items, legend = unit_tiles(units, level)
        title = _("各单位，点一格看那个站")
    else:
        items, legend = area_tiles(below, code, figures.period)
        title = _("各%(tier)s，点一格往下看") % {"tier": below_name(figures.division)}
    return {
        "tiles": items, "tiles_legend": legend, "tiles_title": title,
        "tiles_desc": _("每格一个单位，按状态标出；附表列出每一格。") if items else "",
        "roster_url": reverse("stations"),
    }  # fmt: skip


def _ranking(below, code, period):
    rows = [
        {"name": d.name, "url": board_url(d.code, period), "figure_url": figure_url(code, d.code, period),
         "numerator": cells[code][0], "denominator": cells[code][1]}
        for d, cells in below if cells.get(code, (0, 0))[1]
    ]  # fmt: skip
    return sorted(rows, key=lambda r: -r["numerator"] / r["denominator"])[:40]


def _trend(figures, code):
    indicator = declared.indicators()[code]
    return {
        "title": _("%(name)s走势") % {"name": indicator.name},
        "kind": "rate" if indicator.is_share else "count",
        "points": figures.points(code, lambda p: figure_url(code, figures.division.code, p)),
        "target": None, "part_words": _("在运营"), "of_words": _("应建站"), "unit": indicator.unit,
    }  # fmt: skip


def _says_something(figures, code):
    """A figure that this user sees here, and no ratio over nothing."""
    indicator = declared.indicators()[code]
    return figures.home(indicator) is not None and (not indicator.is_ratio or bool(figures.cell(code)[1]))


def _measure(figures, code):
    indicator, (n, d) = declared.indicators()[code], figures.cell(code)
    return {
        "url": figure_url(code, figures.home(indicator).code, figures.period), "name": indicator.name,
        "value": shown(indicator, n, d).removesuffix("%"),
        "unit": indicator.unit, "note": f"{number(n)} / {number(d)}" if indicator.is_ratio and d else "",
        "trend": figures.trend(code),
    }  # fmt: skip


def _fact(figures, code):
    """A figure beside the headline: its name, its value and its page."""
    indicator = declared.indicators()[code]
    return {
        "label": indicator.name, "value": shown(indicator, *figures.cell(code)), "unit": indicator.unit,
        "url": figure_url(code, figures.home(indicator).code, figures.period),
    }  # fmt: skip


def _attention(figures, units, level):
    """What an official would ask about: units without a station, stations that rest, too few or unknown workers."""
    out = []
    place, period = figures.division.code, figures.period
    workers = figures.home(declared.indicators()["stations_two_workers_rate"])
    staffing = figure_url("stations_two_workers_rate", workers.code, period, rows="out") if workers else ""
    resting = [u for u in units if u["status"] == "suspended"]
    few = [u for u in units if understaffed(u, level)]
    unknown = [u for u in units if level == TOWNSHIP and u["counted"] and u["workers"] is None]
    if missing := [u for u in units if not u["counted"] and u["status"] != "suspended"]:
        out.append(
            _item(
                "warn",
                "planned",
                _("没有站"),
                missing,
                _("还没有站在运营"),
                _coverage_page(place, level, period, "out"),
                _("看名单"),
            )
        )
    if resting:
        out.append(
            _item(
                "warn",
                "pause",
                _("暂停"),
                resting,
                _("站点暂停，不算覆盖"),
                _coverage_page(place, level, period, "out"),
                _("看名单"),
            )
        )
    if few:
        out.append(_item("warn", "warn", _("人手"), few, _("上报的专职社工不足两名"),
                         staffing, _("看这些站")))  # fmt: skip
    if unknown:
        out.append(_item("info", "info", _("未报"), unknown, _("没有上报专职社工数，达标率里不算达标"),
                         staffing, _("看这些站")))  # fmt: skip
    if figures.run and figures.run.difference:
        out.append({"kind": "bad", "icon": "stop", "label": _("核对"), "title": _("夜里核对不一致"), "url": "", "action": "",
                    "text": _("有 %(n)s 格和整体重算的不一样，已按重算的改正") % {"n": figures.run.difference}})  # fmt: skip
    return out


def _item(kind, icon, label, units, what, url, action):
    names = "、".join(u["name"] for u in units[:3])
    title = names if len(units) <= 3 else _("%(names)s等 %(n)s 个") % {"names": names, "n": len(units)}
    return {"kind": kind, "icon": icon, "label": label, "title": title, "text": what, "url": url, "action": action}


def _compare(figures, below):
    """The places one tier down side by side, and their total."""
    indicators = [declared.indicators()[c] for c in MEASURES if any(c in cells for _d, cells in below)]
    indicators = [i for i in indicators if figures.home(i, figures.division)]
    if not below or not indicators:
        return {"title": "", "note": "", "columns": [], "rows": []}
    columns = [{"label": below_name(figures.division)}, *({"label": i.name, "num": True} for i in indicators)]
    rows = [
        {"cells": [{"text": d.name, "url": board_url(d.code, figures.period)},
                   *(_cell(i, cells.get(i.code), figure_url(i.code, d.code, figures.period)) for i in indicators)]}
        for d, cells in below[:60]
    ]  # fmt: skip
    whole = [
        _cell(i, figures.cell(i.code), figure_url(i.code, figures.division.code, figures.period)) for i in indicators
    ]
    return {
        "title": _("各%(tier)s比较") % {"tier": below_name(figures.division)}, "note": _("点数字看它数了哪些"),
        "columns": columns, "rows": rows, "total": {"cells": [{"text": figures.division.name}, *whole]},
    }  # fmt: skip


def _cell(indicator, cell, url):
    n, d = cell or ((0, 0) if indicator.is_ratio else (0, None))
    text = percent(n, d, 2) if indicator.is_share else shown(indicator, n, d)
    return {"text": text, "url": url, "num": True, "label": indicator.name}
