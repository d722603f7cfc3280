"""Cursor paging by the sort key itself: complete and without doubles while rows come and go.

DRF's own cursor counts an offset among rows of equal first key, which slips when such rows are inserted.
Imports no view: DRF loads this module while its views load.
"""

import base64
import datetime as dt
import json

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.utils.urls import replace_query_param

MOST = 1000


class CursorPages(BasePagination):
    """`{"next", "previous", "results"}`; `page_size` up to 1000.

    The view gives `ordering_of(request)`: field names with an optional minus, the last one unique, none ever null,
    and `rows_of(queryset, fields)`: the rows as dictionaries.
    With `updated_since` deleted rows follow as tombstones and `synced_to` says what to ask with next time.
    """

    def page(self, request, queryset, view):
        """The body of one page of `queryset`."""
        size, mark = self.size_of(request), self._mark(request)
        ordering = view.ordering_of(request)
        since = request.query_params.get("updated_since")
        synced = None if since is None else mark.get("s") or now_settled()
        rows: list = []
        more = before = False
        if "t" not in mark:
            rows, more, before = self._rows(queryset, ordering, size, mark, view)
        body = {"next": None, "previous": None, "results": [row for _key, row in rows]}
        if synced:
            body["synced_to"] = synced
        if more:
            body["next"] = self._link(request, {"d": 1, "v": rows[-1][0], "s": synced})
        elif since is not None:
            self._add_tombstones(request, body, view, size, mark, since, synced)
        if before:
            body["previous"] = self._link(request, {"d": -1, "v": rows[0][0], "s": synced})
        return body

    def _rows(self, queryset, ordering, size, mark, view):
        """[(key, row)], whether more follow, whether some came before."""
        back = mark.get("d") == -1
        keys = [name.lstrip("-") for name in ordering]
        steps = [(k, name.startswith("-") != back) for k, name in zip(keys, ordering, strict=True)]
        if "v" in mark:
            try:
                queryset = queryset.filter(_beyond(steps, mark["v"]))
            except (ValueError, TypeError, OverflowError) as e:
                raise _bad_cursor() from e
        queryset = queryset.order_by(*[("-" if down else "") + k for k, down in steps])[: size + 1]
        found = view.keyed_rows(queryset, keys)
        more, found = len(found) > size, found[:size]
        if back:
            return found[::-1], bool(found), more
        return found, more, "v" in mark and bool(found)

    def _add_tombstones(self, request, body, view, size, mark, since, synced):
        room = size - len(body["results"])
        dead = view.tombstones(moment_of(since), mark.get("t", 0), room + 1)
        body["results"] += [row for _id, row in dead[:room]]
        if len(dead) > room:
            last = dead[room - 1][0] if room else mark.get("t", 0)
            body["next"] = self._link(request, {"t": last, "s": synced})

    @staticmethod
    def size_of(request):
        text = request.query_params.get("page_size", "100")
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= MOST and len(text) <= 4):
            raise ValidationError({"page_size": _("应是 1 到 %(most)s 的整数") % {"most": MOST}})
        return int(text)

    @staticmethod
    def _mark(request):
        text = request.query_params.get("cursor")
        if text is None:
            return {}
        try:
            mark = json.loads(base64.urlsafe_b64decode(text[:4000].encode("ascii") + b"=="))
            json.dumps(mark, ensure_ascii=False).encode()  # no half characters
            if not _sound(mark):
                raise ValueError(text)
        except (ValueError, RecursionError) as e:
            raise _bad_cursor() from e
        return mark

    @staticmethod
    def _link(request, mark):
        mark = {k: v for k, v in mark.items() if v is not None}
        text = (
            base64.urlsafe_b64encode(json.dumps(mark, default=str, separators=(",", ":")).encode()).decode().rstrip("=")
        )
        return replace_query_param(request.build_absolute_uri(), "cursor", text)

    def paginate_queryset(self, queryset, request, view=None):
        raise TypeError("use page()")

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
                "synced_to": {"type": "string", "format": "date-time"},
            },
        }


def _sound(mark):
    """Is this what `_link` writes? A direction and the values of the last row's key, or the last tombstone; and a moment."""
    if not isinstance(mark, dict):
        return False
    values = mark.get("v", [])
    return (
        isinstance(values, list)
        and all(isinstance(v, str | int | float) for v in values)
        and type(mark.get("t", 0)) is int
        and mark.get("d", 1) in (1, -1)
        and isinstance(mark.get("s", ""), str)
    )


def _bad_cursor():
    return ValidationError({"cursor": _("这个游标不能用了，请从第一页开始")})


def _beyond(steps, values):
    """Rows after the key `values` in the order `steps` [(field, descending)]: the row comparison spelt out."""
    if len(values) != len(steps):
        raise ValueError(values)
    condition, equal = Q(), Q()
    for (name, down), value in zip(steps, values, strict=True):
        condition |= equal & Q(**{f"{name}__{'lt' if down else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def now_settled():
    """A moment before which every transaction is over, as the API writes moments: ask with it next time, lose nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(now(), min(xact_start)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND xact_start IS NOT NULL"
        )
        return cursor.fetchone()[0].astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text):
    """The aware datetime of an ISO 8601 text with its zone. Raises ValidationError."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None or not 1900 < moment.year < 2200:
            raise ValueError(text)
    except (ValueError, OverflowError) as e:
        raise ValidationError({"updated_since": _("应是带时区的时刻，如 2022-08-09T10:00:00Z")}) from e
    return moment
