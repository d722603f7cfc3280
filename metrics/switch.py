"""The period switch of a page, and addresses of figures: links in the query string, so that every view can be sent on."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from periods import Period, today

BACK = {"month": 13, "quarter": 8, "half": 6, "year": 5}  # periods that a trend and the menu go back


def period_asked(request):
    """The period that the query names, or None. Raises ValidationError."""
    text = request.GET.get("period")
    try:
        return Period.parse(text) if text else None
    except ValueError as e:
        raise ValidationError({"period": str(e)}) from e


def back_from(period):
    """The periods of the same kind up to `period`, oldest first: what a trend shows."""
    found = [period]
    while len(found) < BACK[period.kind]:
        found.append(found[-1].previous())
    return found[::-1]


def switch(period, **kept):
    """Context of components/period.html; `kept` are the other parameters of the page."""

    def link(one):
        return "?" + urlencode({**{k: v for k, v in kept.items() if v}, "period": one.code})

    day = today()
    names = {"month": _("月"), "quarter": _("季"), "half": _("半年"), "year": _("年")}
    newest = Period.of(period.kind, day)
    return {
        "period": period,
        "kinds": [
            {"url": link(Period.of(kind, min(period.last, day))), "label": label, "current": kind == period.kind}
            for kind, label in names.items()
        ],
        "previous_url": link(period.previous()),
        "next_url": link(period.next()) if period.next().first <= day else "",
        "period_choices": [
            {"url": link(p), "label": p.label, "current": p == period} for p in reversed(back_from(max(newest, period)))
        ],
    }


def figure_url(code, place, period, **more):
    """The page of one figure at one place."""
    return reverse("figure", args=[code]) + "?" + urlencode({"within": place, "period": period.code, **more})


def board_url(place, period):
    return reverse("dashboard", args=[place]) + "?" + urlencode({"period": period.code})
