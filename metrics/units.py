"""The units that owe a station, each with the station that stands there: lists and tiles of a board, rows of the coverage page."""

import re
from collections import defaultdict
from math import ceil, sqrt

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.switch import board_url
from stations.coverage import TIER_OF_LEVEL, eligible_units
from stations.indicators import TWO
from stations.models import Station
from stations.models.divisions import TOWNSHIP
from surfaces.words import percent

RANK = {"operating": 0, "suspended": 1, "building": 2, "planned": 3, "closed": 4}
WIDE = 9  # tiles abreast
SUFFIX = re.compile(
    r"(社区居委会|村委会|居委会|社区|街道|镇|乡|自治县|自治州|地区|(?<!发)(?<!新)(?<!济)(?<!假)区|县|市|省|村)$"
)


def owing(user, division, level, day):
    """Units of `level` in `division` that owe a station on `day`, by code: what `with_stations` takes, whole or a page of it."""
    return with_areas(eligible_units(level, day).visible_to(user).within(division))


def with_areas(units):
    return units.select_related("division", "division__parent").order_by("division__code")


def with_stations(user, level, day, units):
    """Each of `units` as a dictionary with its best station of that day. Two queries.

    A unit: {name, code, url, area, status, station_name, station_url, workers, since, document, …}.
    """
    units = list(units)
    standing = defaultdict(list)
    stations = (
        Station.objects.visible_to(user)
        .filter(tier=TIER_OF_LEVEL[level], division__in=[u.division_id for u in units])
        .status_on(day)
        .exclude(status_then=None)
    )
    for row in stations.values("division_id", "code", "name", "status_then", "reported_full_time", "operating_since"):
        standing[row["division_id"]].append(row)
    return [_unit(unit, standing[unit.division_id]) for unit in units]


def _unit(unit, stations):
    division = unit.division
    best = min(stations, key=lambda s: (RANK[s["status_then"]], s["code"]), default=None)
    status = best["status_then"] if best and best["status_then"] != "closed" else ""
    url = reverse("station", args=[best["code"]]) if best else reverse("dashboard", args=[division.code])
    return {
        "name": division.name, "code": division.code, "area": division.parent.name if division.parent_id else "",
        "url": url, "status": status, "counted": status == "operating", "station_name": best["name"] if best else "",
        "station_code": best["code"] if best else "", "station_url": reverse("station", args=[best["code"]]) if best else "",
        "workers": best["reported_full_time"] if best else None, "operating_since": best["operating_since"] if status == "operating" else None,
        "document": unit.document, "since": unit.span.lower, "row": division.tile_row, "col": division.tile_column,
        "district": division.district_id,
    }  # fmt: skip


def short_name(name):
    """太和镇 → 太和, 葛店开发区 → 葛店开: what fits into a tile."""
    return (SUFFIX.sub("", name) or name)[:3]


def unit_tiles(units, level):
    """Tiles of units of a level, a block a district, with their legend."""
    words = {"covered": _("运营"), "few": _("运营，不足两人"), "planned": _("筹建"), "out": _("没有站")}
    items, counts = [], dict.fromkeys(words, 0)
    for unit in laid_out(units):
        state = _state(unit, level)
        counts[state] += 1
        label = words[state] if state != "out" or not unit["status"] else _("暂停")
        sub = _("%(n)s人") % {"n": unit["workers"]} if unit["workers"] is not None and unit["counted"] else ""
        items.append(
            {"name": unit["name"], "short": short_name(unit["name"]), "url": unit["url"], "row": unit["at"][0], "col": unit["at"][1],
             "state": state, "state_label": label, "sub": sub, "note": "", "area": unit["area"], "value": unit["workers"]}
        )  # fmt: skip
    legend = [{"state": s, "label": f"{words[s]} {n}"} for s, n in counts.items() if n]
    return items, legend


def understaffed(unit, level):
    """A township's station that reports fewer than two workers; a village's room may have one."""
    return level == TOWNSHIP and unit["counted"] and unit["workers"] is not None and unit["workers"] < TWO


def _state(unit, level):
    if unit["counted"]:
        return "few" if understaffed(unit, level) else "covered"
    return "planned" if unit["status"] in ("planned", "building") else "out"


def laid_out(units):
    """The units with `at` (row, column): as laid out by hand where every place is taken once, else the districts' blocks
    side by side, in as many lines of blocks as it takes."""
    places = {(u["row"], u["col"]) for u in units}
    if len(places) == len(units) and not any(None in at for at in places):
        for unit in units:
            unit["at"] = unit["row"], unit["col"]
        return units
    blocks = defaultdict(list)
    for unit in units:
        blocks[unit["district"]].append(unit)
    top = left = deep = 0
    for block in blocks.values():
        places = _places(block)
        wide = max(col for _row, col in places) + 1
        if left and left + wide > WIDE:
            top, left, deep = top + deep + deep % 2, 0, 0
        for unit, (row, col) in zip(block, places, strict=True):
            unit["at"] = top + row, left + col
        left, deep = left + wide, max(deep, max(row for row, _col in places) + 1)
    return units


def _places(block):
    """[(row, column)] of a district's units: as packed in the code list, closed up to a block of its own."""
    known = [(u["row"], u["col"]) for u in block]
    if any(None in at for at in known) or len(set(known)) < len(known):
        width = ceil(sqrt(len(block)))
        return [divmod(i, width) for i in range(len(block))]
    top, left = min(r for r, _c in known), min(c for _r, c in known)
    return [(r - top, c - left) for r, c in known]


def area_tiles(below, code, period):
    """Tiles of the places one tier down where the units are too many to draw: how far each is covered; – where none is owed."""
    words = {"covered": _("全部覆盖"), "few": _("部分覆盖"), "out": _("还没有"), "planned": _("没有应建站单位")}
    items, counts = [], dict.fromkeys(words, 0)
    for i, (division, cells) in enumerate(below):
        n, d = cells.get(code, (0, 0))
        state = "planned" if not d else "covered" if n == d else "few" if n else "out"
        counts[state] += 1
        items.append(
            {"name": division.name, "short": short_name(division.name), "url": board_url(division.code, period), "row": i // WIDE,
             "col": i % WIDE, "state": state, "state_label": words[state], "sub": percent(n, d) if d else "–", "note": f"{n} / {d}" if d else "",
             "area": "", "value": None}
        )  # fmt: skip
    return items, [{"state": s, "label": f"{words[s]} {n}"} for s, n in counts.items() if n]
