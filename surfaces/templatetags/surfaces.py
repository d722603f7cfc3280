"""Tags and filters of the pages: icons, badges, fields, charts, numbers, days. Showing only; no rule lives here.

Load with `{% load surfaces %}`. Each tag names its template in `templates/components/`, whose head lists parameters.
"""

import re
from decimal import Decimal
from typing import Any

from django import forms, template
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from surfaces import charts, form_errors, words

register = template.Library()

# ── Marks ──

ICON_OF = {"ok": "check", "warn": "warn", "bad": "stop", "info": "info", "": "info"}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """`{% icon "home" %}`: a picture from the sprite, for decoration; the word stands beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("components/badge.html")
def badge(kind: str, text: Any, icon: str = "", title: str = "") -> dict[str, Any]:
    """`{% badge "warn" _("筹建") icon="planned" %}`; kind is ok, warn, bad, info or "" (plain)."""
    return {"kind": kind, "text": text, "icon": icon or ICON_OF.get(kind, "info"), "title": title}


@register.inclusion_tag("components/notice.html")
def notice(kind: str, title: Any = "", text: Any = "", **more: Any) -> dict[str, Any]:
    """`{% notice "info" "" text %}`; also items=[(label, url)], url, url_label, role."""
    return {
        "kind": kind,
        "title": title,
        "text": text,
        "icon": more.pop("icon", "") or ICON_OF.get(kind, "info"),
        **more,
    }


@register.inclusion_tag("components/empty.html")
def empty(icon: str, title: Any, text: Any = "", url: str = "", label: Any = "") -> dict[str, Any]:
    """What stands where nothing is yet, with the action that changes it."""
    return {"icon": icon, "title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Any, label: Any) -> dict[str, Any]:
    """Tabs are URLs: items = [{url, label, count, current}]."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/segment.html")
def segment(items: Any, label: Any) -> dict[str, Any]:
    """Two to four views of the same thing: items = [{url, label, current}]."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/chips.html")
def chips(items: Any, label: Any) -> dict[str, Any]:
    """Filters that are links: items = [{url, label, count, current}]."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/crumbs.html")
def crumbs(items: Any) -> dict[str, Any]:
    """Where this page lies: items = [(label, url)]; the last has no url."""
    return {"items": items}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, target: str = "") -> dict[str, Any]:
    """Previous and next of a Django `Page`, or of {previous, next, text} with whole URLs; target = htmx selector."""
    given = page if isinstance(page, dict) else {}
    request = context.get("request")

    def link(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    if not given and hasattr(page, "paginator"):
        given = {
            "previous": link(page.previous_page_number()) if page.has_previous() else "",
            "next": link(page.next_page_number()) if page.has_next() else "",
            "text": _("%(first)s–%(last)s / %(all)s")
            % {
                "first": words.number(page.start_index()),
                "last": words.number(page.end_index()),
                "all": words.number(page.paginator.count),
            },
        }
    return {**given, "target": target}


@register.inclusion_tag("components/progress.html")
def progress(done: Any, total: Any, title: Any = "", left: Any = None) -> dict[str, Any]:
    """A bar with done / total and the time left as soon as it is known; total unknown: it only says that it runs."""
    return {"done": done, "total": total, "title": title, "left": left}


# ── Forms ──


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, hint: Any = "", size: str = "") -> dict[str, Any]:
    """A form field with label, help, and its error in words beside it. size="short" for days and counts."""
    widget = bound.field.widget
    kind = _kind(widget)
    marks: dict[str, str | bool] = {}
    described = [bound.id_for_label + "-hint"] if (hint or bound.help_text) else []
    if bound.errors:
        described.append(bound.id_for_label + "-error")
        marks["aria-invalid"] = "true"
    if described and kind not in ("choice", "choices"):
        marks["aria-describedby"] = " ".join(described)
    if kind in ("input", "file"):
        marks["class"] = " ".join(
            filter(
                None,
                ["input", f"is-{size}" if size else "", "is-file" if kind == "file" else "", widget.attrs.get("class")],
            )
        )
    if isinstance(bound.field, (forms.IntegerField, forms.FloatField, forms.DecimalField)):
        marks.setdefault("inputmode", "decimal" if not isinstance(bound.field, forms.IntegerField) else "numeric")
    if isinstance(bound.field, forms.DateField) and isinstance(widget, forms.DateInput):
        # A day that cannot be read stays as it was typed; the browser's calendar would drop it.
        widget.input_type, widget.format = "text" if form_errors.unreadable_day(bound) else "date", "%Y-%m-%d"
    return {
        "bound": bound,
        "kind": kind,
        "control": bound.as_widget(attrs=marks),
        "hint": hint or bound.help_text,
        "errors": form_errors.said(bound),
    }


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.RadioSelect):
        return "choice"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "file" if isinstance(widget, forms.FileInput) else "input"


@register.inclusion_tag("components/error_summary.html")
def error_summary(*all_forms: Any) -> dict[str, Any]:
    """On top of a form: how many things are wrong, each a link to its field. Takes the focus."""
    items: list[tuple[str, str, str]] = []
    for form in all_forms:
        if not form or not form.is_bound:
            continue
        items += [("", "", str(e)) for e in form.non_field_errors()]
        items += [
            (b.id_for_label or b.auto_id, "" if str(b.label) in e else str(b.label), e)
            for b in form
            for e in form_errors.said(b)
        ]
    return {"items": items}


# ── Charts ──


def _of(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def _rate(row: Any) -> Any:
    """The exact ratio of a row that has numerator and denominator, else its rate; None where there is none."""
    exact = (
        words.fraction(_of(row, "numerator"), _of(row, "denominator")) if _of(row, "denominator") is not None else None
    )
    if exact is None:
        return _of(row, "rate")
    return Decimal(exact.numerator) / Decimal(exact.denominator)


@register.inclusion_tag("components/chart_line.html")
def trend_chart(trend: Any, id: str = "trend") -> dict[str, Any]:
    """A trend with its table; `trend` is described at the top of components/chart_line.html."""
    points, is_rate = list(trend["points"]), trend.get("kind") == "rate"
    values = [_rate(p) if is_rate else _of(p, "value") for p in points]
    drawing = charts.line(
        values,
        [_of(p, "short") or _of(p, "label") for p in points],
        target=trend.get("target"),
        ceiling=1 if is_rate else None,
        urls=[_of(p, "url") or "" for p in points],
    )

    def say(value: Any, places: int = 0) -> str:
        return words.percent(value, places=places) if is_rate else words.number(value)

    known = [(p, v) for p, v in zip(points, values, strict=True) if v is not None]
    ends = (known[0], known[-1]) if known else ()
    return {
        "id": id,
        "trend": trend,
        "rows": [{"point": p, "text": say(v, 2)} for p, v in zip(points, values, strict=True)],
        "is_rate": is_rate,
        "drawing": drawing,
        "ticks": [{"at": t, "text": say(t.label)} for t in drawing.ticks_y],
        "ends": [{"label": _of(p, "label"), "text": say(v), "exact": say(v, 2)} for p, v in ends],
        "target": say(trend.get("target")) if trend.get("target") is not None else "",
    }


@register.inclusion_tag("components/chart_bars.html")
def ranking(rows: Any, target: Any = None, caption: Any = "", head: Any = "") -> dict[str, Any]:
    """Bars with links, in the order given: a table whose second column is drawn. See components/chart_bars.html."""
    rows = list(rows)
    is_rate = any(_of(r, "denominator") is not None or _of(r, "rate") is not None for r in rows)
    values = [_rate(r) if is_rate else _of(r, "value") for r in rows]
    most = Decimal(1) if is_rate else max([charts.as_decimal(v) or Decimal(0) for v in values], default=Decimal(0))
    drawn = [{"row": r, "rate": v, "length": charts.share(v, most)} for r, v in zip(rows, values, strict=True)]
    return {"rows": drawn, "is_rate": is_rate, "mark": charts.share(target, most, 99), "caption": caption, "head": head}


@register.inclusion_tag("components/chart_tiles.html")
def tiles(items: Any, title: Any, desc: Any, legend: Any = (), id: str = "tiles") -> dict[str, Any]:
    """Hexagons, one a place, with links and a table. `items` and `legend`: see components/chart_tiles.html."""
    items = list(items)
    drawing = charts.tile_map(items)
    return {"drawing": drawing, "items": items, "title": title, "desc": desc, "legend": legend, "id": id}


@register.inclusion_tag("components/spark.html")
def sparkline(values: Any) -> dict[str, Any]:
    """A trend the size of a word; decoration beside a figure, so hidden from screen readers."""
    return {"spark": charts.spark(list(values or []))}


@register.inclusion_tag("components/mini.html")
def mini(rate: Any, target: Any = None) -> dict[str, Any]:
    """The bar of one ratio (0 … 1) with a mark for its target."""
    return {"length": charts.share(rate), "mark": charts.share(target, 1, 99)}


# ── Numbers and days ──


@register.filter
def percent0(value: Any, of: Any = None) -> str:
    """Headline: 25 of 27 → 93%."""
    return words.percent(value, of)


@register.filter
def percent1(value: Any, of: Any = None) -> str:
    """Rates of people: 42 of 74 → 56.8%."""
    return words.percent(value, of, 1)


@register.filter
def percent2(value: Any, of: Any = None) -> str:
    """Tables: 25 of 27 → 92.59%."""
    return words.percent(value, of, 2)


@register.filter
def bare_percent(value: Any, of: Any = None) -> str:
    """Headline without its sign, which is set smaller beside it: 93."""
    return words.percent(value, of).removesuffix("%")


register.filter("count", words.number)
register.filter("headline", words.headline)
register.filter("signed", words.signed)
register.filter("iso_day", words.iso_day)
register.filter("prose_day", words.prose_day)
register.filter("near_day", words.near_day)
register.filter("moment", words.moment)
register.filter("seconds_left", words.seconds)


@register.filter
def known(value: Any) -> Any:
    """— for what is not known; everything else as it is, 0 included."""
    return words.UNKNOWN if value is None or value == "" else value


@register.filter
def period_label(value: Any) -> str:
    """2022年7月, 2022年三季度, 2022年上半年, 2022年: of a Period or of its code."""
    from periods import Period

    if not value:
        return words.UNKNOWN
    period = Period.parse(value) if isinstance(value, str) else value
    return str(period.label)


@register.filter
def marked(text: Any, query: Any) -> SafeString:
    """`text` with every piece that matches `query` in <mark>."""
    text, query = str(text), str(query or "").strip()
    if not query:
        return escape(text)
    parts = re.split(f"({re.escape(query)})", text, flags=re.IGNORECASE)
    return mark_safe("".join(f"<mark>{escape(p)}</mark>" if i % 2 else str(escape(p)) for i, p in enumerate(parts)))


@register.filter
def undo_url(message: Any) -> str:
    """The address that takes back what a message reports: `messages.success(…, extra_tags="undo:/imports/7/undo/")`."""
    return next((t.removeprefix("undo:") for t in (message.extra_tags or "").split() if t.startswith("undo:")), "")


@register.filter
def tabbar(nav: Any) -> list[dict[str, Any]]:
    """The first four rooms, for the bar under the thumb; the fifth place is one's own account, which lists them all."""
    return [item for group in nav or [] for item in group["items"]][:4]


@register.filter
def device(user_agent: Any) -> str:
    """Browser and system of a User-Agent line in two words: "Chrome · Android"."""
    agent = str(user_agent or "")
    browsers = {
        "MicroMessenger": _("微信"),
        "Edg": "Edge",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    found = [next((name for key, name in words_.items() if key in agent), "") for words_ in (browsers, systems)]
    return " · ".join(filter(None, found)) or agent[:60] or _("不认识的设备")
