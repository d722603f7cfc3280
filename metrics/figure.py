"""One figure at one place for its page: the cell, its trend, the tier below, and the rows it counted."""

from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.models import Case
from metrics import explain
from metrics.reading import below_name, readable
from metrics.switch import board_url, figure_url
from stations.coverage import list_begun
from stations.models import Station
from stations.models.divisions import LEVEL_OF
from surfaces.words import iso_day, number
from workforce.models import Training

MOST_BELOW = 60


def figure(figures, indicator, asked, paged):
    """Context of metrics/figure.html less the frame, of `figures` (a Figures of the place and period).

    `asked` says which rows (in, all, out), `paged` makes a page of a queryset.
    """
    place, period = figures.place, figures.period
    numerator, denominator = figures.cell(indicator.code)
    level = LEVEL_OF.get(indicator.level)
    no_list = bool(level) and not denominator and not list_begun(figures.division, level, period.as_of)
    return {
        "indicator": {
            "code": indicator.code, "name": indicator.name, "version": indicator.version, "unit": indicator.unit,
            "kind": "rate" if indicator.is_share else "count", "numerator_words": indicator.numerator.words,
            "denominator_words": indicator.denominator.words if indicator.denominator else "", "source": indicator.source,
            "better": indicator.better,
        },
        "place": {"name": place.name, "code": place.code, "url": board_url(place.code, period)},
        "as_of": figures.as_of,
        "cell": {
            "numerator": indicator.part(numerator), "denominator": denominator,
            "value": None if numerator is None else readable(indicator.value(numerator, denominator)), "state": "draft",
            "state_label": _("草稿"), "state_kind": "info", "state_icon": "info", "target": None, "open": period.is_open,
            "reason": "no_list" if no_list else "",
        },
        "trend": {
            "title": _("%(name)s走势") % {"name": indicator.name}, "kind": "rate" if indicator.is_share else "count",
            "points": figures.points(indicator.code, lambda p: figure_url(indicator.code, place.code, p)), "unit": indicator.unit,
        },
        **_below(figures, indicator),
        **_rows(figures, indicator, asked, paged),
        "api_url": reverse("metrics-api") + "?" + urlencode({"indicator": indicator.code, "place": place.code, "period": period.code}),
        "workbook_url": _workbook(indicator, place, period),
    }  # fmt: skip


def _workbook(indicator, place, period):
    query = {"indicator": indicator.code, "place": place.code, "period": period.code, "format": "xlsx"}
    return reverse("explain-api") + "?" + urlencode(query)


def _below(figures, indicator):
    """The tier below, largest first: divisions, or below a station its children are rows already."""
    if isinstance(figures.place, Station):
        return {"ranking": [], "ranking_title": "", "tiers": []}
    rows = []
    for division, cells in figures.below([indicator.code])[:MOST_BELOW]:
        n, d = cells.get(indicator.code, (0, 0) if indicator.is_ratio else (0, None))
        url = figure_url(indicator.code, division.code, figures.period)
        value = {"numerator": n, "denominator": d} if indicator.is_share else {"value": readable(indicator.value(n, d))}
        if n or d:
            rows.append({"name": division.name, "url": url, "figure_url": url, **value})
    rows.sort(key=lambda r: -(r["numerator"] / r["denominator"] if r.get("denominator") else r.get("value") or 0))
    return {"ranking": rows, "tiers": rows, "ranking_title": _("各%(tier)s") % {"tier": below_name(figures.division)}}


def _rows(figures, indicator, asked, paged):
    """The rows counted; of a ratio whose parts count the same things also those in the denominator alone, and these first."""
    place, period = figures.place, figures.period
    counted = explain.rows_behind(indicator, "numerator", place, period)
    choices = {"in": (_("计入"), counted)}
    if indicator.is_ratio and indicator.numerator.kind == indicator.denominator.kind:
        whole = explain.rows_behind(indicator, "denominator", place, period)
        inside = Exists(counted.order_by().filter(pk=OuterRef("pk")))
        choices = {"all": (_("全部"), whole), "out": (_("没计入"), whole.exclude(inside)), **choices}
    elif indicator.is_ratio:
        choices["all"] = (_("分母"), explain.rows_behind(indicator, "denominator", place, period))
    key = asked if asked in choices else next(iter(choices))
    rows = choices[key][1]
    if "out" in choices:
        page = paged(
            rows.annotate(inside=inside)
            .order_by("inside", "explained_station", "pk")
            .values_list(*explain.COLUMNS, explain.PLACE, "inside")
        )
    else:
        page = paged(rows.order_by("explained_station", "pk").values_list(*explain.COLUMNS, explain.PLACE))
    seen = explain.seen_codes(figures.user, [values[3] for values in page.object_list if values[3]])
    pages = _pages(figures.user, indicator.numerator.kind, page.object_list)
    n, d = figures.cell(indicator.code)
    counts = {"all": d, "in": n, "out": None if n is None else (d or 0) - n} if "out" in choices else {}
    return {
        "rows_title": _("数了哪些：%(n)s 行") % {"n": number(page.paginator.count)},
        "rows_chips": [
            {"url": figure_url(indicator.code, place.code, period, rows=k) + "#rows", "label": label, "count": counts.get(k), "current": k == key}
            for k, (label, _rows) in choices.items()
        ]
        if len(choices) > 1
        else [],
        "columns": [
            {"label": _("名称")}, {"label": _("站点编号")}, {"label": _("自")},
            {"label": _("算不算")} if "out" in choices else {"label": _("算几个"), "num": True},
        ],
        "rows": [_row(indicator, seen, pages, *values) for values in page.object_list],
        "page": page,
        "rows_note": "",
        "rows_hidden": "",
    }  # fmt: skip


def _pages(user, kind, rows):
    """{pk: address} of the rows of cases and trainings that `user` opens. One query."""
    if kind in ("case", "case_record") and user.can("see", Case):
        seen = set(
            Case.objects.visible_to(user).filter(number__in=[row[1] for row in rows]).values_list("number", flat=True)
        )
        return {row[0]: reverse("case", args=[row[1]]) for row in rows if row[1] in seen}
    if kind == "training" and user.can("see", Training):
        found = Training.objects.visible_to(user).filter(pk__in=[row[0] for row in rows])
        return {training.pk: reverse("training", args=[training.public_id]) for training in found.only("pk")}
    return {}


def _row(indicator, seen, pages, pk, label, on, station, amount, place, inside=None):
    station = station if station in seen else ""
    url = reverse("station", args=[station]) if station else ""
    opens = pages.get(pk) or url or (reverse("dashboard", args=[place]) if indicator.hangs_on == "division" else "")
    if inside is None:
        last = {"text": number(indicator.part(amount)), "num": True, "label": _("算几个")}
    elif inside:
        last = {"text": _("计入"), "kind": "ok", "icon": "check", "key": True}
    else:
        last = {"text": _("没计入"), "kind": "none", "icon": "planned", "key": True}
    return {
        "cells": [
            {"text": label, "url": opens},
            {"text": station or "—", "url": url, "label": _("站点编号")},
            {"text": iso_day(on), "label": _("自")},
            last,
        ]
    }
