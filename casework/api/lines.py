"""Paging a timeline: lines in the order of their moments, a cursor that names the last one shown."""

import base64
import json

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.utils.urls import remove_query_param, replace_query_param

from surfaces.paging import CursorPages


def page_of_lines(request, lines):
    """{"next", "previous", "results"} of `lines` [(key, row)], sorted by their keys."""
    size, mark = CursorPages.size_of(request), _mark(request)
    start = next((n for n, (key, _row) in enumerate(lines) if list(key) > mark), len(lines)) if mark else 0
    shown, more, url = lines[start : start + size], len(lines) > start + size, request.build_absolute_uri()
    before = lines[max(0, start - size - 1)][0] if start > size else None
    return {
        "next": _link(url, shown[-1][0]) if more else None,
        "previous": (_link(url, before) if before else remove_query_param(url, "cursor")) if start else None,
        "results": [row for _key, row in shown],
    }


def _link(url, key):
    text = base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")
    return replace_query_param(url, "cursor", text)


def _mark(request):
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        mark = json.loads(base64.urlsafe_b64decode(text[:400].encode("ascii") + b"=="))
        if not (isinstance(mark, list) and [type(x) for x in mark] == [str, int]):
            raise ValueError(text)
    except ValueError as e:
        raise ValidationError({"cursor": _("这个游标不能用了，请从第一页开始")}) from e
    return mark
