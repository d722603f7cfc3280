"""A blank workbook of a kind to fill in: its columns with drop-downs, dates and whole numbers checked while typing, and what each means."""

import io

import xlsxwriter
from django.utils.translation import gettext as _

from exchange.normalising import read_date

ROWS = 2_000  # how far the drop-downs reach


def blank_workbook(kind):
    """The bytes of the blank workbook of `kind`."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page, notes = book.add_worksheet(str(kind.title)), book.add_worksheet(_("填表说明"))
    head = book.add_format({"bold": True, "bg_color": "#E7F3EC", "border": 1, "text_wrap": True, "valign": "vcenter"})
    text = book.add_format({"num_format": "@"})
    columns = [column for column in kind.columns if column.listed]
    for at, column in enumerate(columns):
        page.set_column(at, at, column.width, None if column.adds_up else text)
        page.write_string(0, at, column.header, head)
        _check_while_typing(page, at, column)
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, 0, len(columns) - 1)
    _explain(notes, columns, head)
    book.close()
    return out.getvalue()


def _check_while_typing(page, at, column):
    place = (1, at, ROWS, at)
    if column.options:
        page.data_validation(
            *place,
            {
                "validate": "list",
                "source": list(column.options),
                "error_title": column.header,
                "error_message": _("请从列表里选一项。"),
            },
        )
    elif column.adds_up:
        page.data_validation(
            *place,
            {
                "validate": "decimal",
                "criteria": ">=",
                "value": 0,
                "ignore_blank": True,
                "error_title": column.header,
                "error_message": _("要一个不小于 0 的数；不知道就留空。"),
            },
        )
    elif hint := _hint(column):
        page.data_validation(
            *place, {"validate": "any", "input_title": column.header[:32], "input_message": hint[:255]}
        )


def _hint(column):
    if column.hint:
        return str(column.hint)
    return _("年月日，例如 2022-08-09") if column.read is read_date else ""


def _explain(page, columns, head):
    """What each column means, on a sheet of its own, which the reader passes over."""
    page.set_column(0, 0, 18)
    page.set_column(1, 2, 48)
    for at, title in enumerate((_("列"), _("怎么填"), _("例"))):
        page.write_string(0, at, title, head)
    for row, column in enumerate(columns, 1):
        page.write_string(row, 0, column.header)
        page.write_string(row, 1, "、".join(column.options) or _hint(column))
        page.write_string(row, 2, column.example)
    page.write_string(len(columns) + 2, 0, _("空着的格子不改库里的内容；少写的行不会被删。表头请不要改。"))
