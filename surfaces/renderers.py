"""What an answer looks like on the wire: JSON, problem+json, and lists as CSV or a workbook that run no formula."""

import csv
import io
import json

import xlsxwriter
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from surfaces import problems
from surfaces.rows import plain

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones too: some spreadsheets run them


class Encoder(DjangoJSONEncoder):
    def default(self, o):
        return force_str(o) if isinstance(o, Promise) else super().default(o)


class JSON(BaseRenderer):
    media_type, format, charset = "application/json", "json", None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        answer = (renderer_context or {}).get("response")
        if getattr(answer, "is_problem", False):
            answer["Content-Type"] = problems.CONTENT_TYPE  # type: ignore[index]
        return (
            b"" if data is None else json.dumps(data, ensure_ascii=False, cls=Encoder, separators=(",", ":")).encode()
        )


class _Table(BaseRenderer):
    """A list as a table: `data["results"]` under the labels of the view's serializer."""

    charset = None
    render_style = "binary"
    content_type = ""

    def table(self, head, rows):
        """The bytes of a table."""
        raise NotAcceptable()

    def render(self, data, accepted_media_type=None, renderer_context=None):
        context = renderer_context or {}
        answer, view = context["response"], context["view"]
        if getattr(answer, "is_problem", False) or not isinstance(data, dict) or "results" not in data:
            return JSON().render(data, None, renderer_context)
        rows = data["results"]
        names = list(rows[0]) if rows else list(view.column_labels())
        labels = view.column_labels()
        answer["Content-Disposition"] = f'attachment; filename="{view.basename or "list"}.{self.format}"'
        answer["Content-Type"] = self.content_type
        return self.table(
            [force_str(labels.get(n, n)) for n in names], ([plain(r.get(n)) for n in names] for r in rows)
        )


class CSV(_Table):
    media_type, format = "text/csv", "csv"
    content_type = "text/csv; charset=utf-8"

    def table(self, head, rows):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(map(unrunnable, head))
        writer.writerows([unrunnable(v) for v in row] for row in rows)
        return out.getvalue().encode("utf-8-sig")


class Workbook(_Table):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format, content_type = "xlsx", media_type

    def table(self, head, rows):
        return workbook(head, rows)


def unrunnable(value):
    """Text that a spreadsheet would run gets a leading apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(RUNS):
        return "'" + value
    return value


def workbook(head, rows):
    """An .xlsx as bytes: one sheet, a frozen header, text as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for i, text in enumerate(head):
            sheet.write_string(0, i, text, bold)
            sheet.set_column(i, i, min(40, max(10, 2 * len(text))))
        for n, row in enumerate(rows, 1):
            for i, value in enumerate(row):
                if isinstance(value, (int, float)):
                    sheet.write_number(n, i, value)
                elif value is not None:
                    sheet.write_string(n, i, str(value)[:32767])
    return out.getvalue()


class Negotiation(DefaultContentNegotiation):
    """`?format=` decides; without it JSON, whatever `Accept` says."""

    def select_renderer(self, request, renderers, format_suffix=None):
        wanted = format_suffix or request.query_params.get("format")
        renderers = [r for r in renderers if r.format == wanted] if wanted else renderers[:1]
        if not renderers:
            raise NotAcceptable()
        return renderers[0], renderers[0].media_type
