"""Files of the set-up pages: written so that no cell runs, read through the vetting reader alone."""

import csv
import io
import tempfile

import tablib
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format

from accounts.errors import DomainError
from exchange.reading import read_workbook
from exchange.refusals import Unusable
from surfaces.rows import plain

MOST_ROWS = 5_000  # a simple list; a roster goes through its own page


def _cells(dataset):
    return ([_cell(value) for value in row] for row in dataset)


def _cell(value):
    from surfaces.renderers import (
        unrunnable,  # renderers are named in the settings of the API, which reads them itself first
    )

    value = plain(value)
    return value if value is None or isinstance(value, (int, float)) else unrunnable(str(value))


class Workbook(Format):
    """An .xlsx: text as text, numbers as numbers. Reads any workbook or CSV that the vetting lets through."""

    wanted = ()  # the headers that a file to be read must have

    def __init__(self, encoding=None):
        """The package hands an encoding to every format; a workbook has its own, and the reader finds that of a CSV."""

    def get_title(self):
        return "xlsx"

    def get_extension(self):
        return "xlsx"

    def get_content_type(self):
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_export(self):
        return True

    def can_import(self):
        return True

    def export_data(self, dataset, **kwargs):
        from surfaces.renderers import workbook

        return workbook([str(h) for h in dataset.headers], _cells(dataset))

    def create_dataset(self, in_stream):
        """The first sheet's rows under its first row that is not blank. Raises DomainError with the reader's sentence."""
        with tempfile.NamedTemporaryFile(suffix=".part") as file:
            file.write(in_stream)
            file.flush()
            try:
                rows = list(_first_sheet(file.name))
            except Unusable as e:
                raise DomainError(e.message, code=e.code) from e
        if len(rows) < 2:
            raise DomainError(_("表里没有数据，只有表头或空白。"), code="empty")
        if len(rows) > MOST_ROWS:
            raise DomainError(_("这里一次最多 %(n)s 行") % {"n": MOST_ROWS}, code="too_large")
        width = max(map(len, rows))
        head, *rest = [row + [""] * (width - len(row)) for row in rows]
        if missing := [h for h in self.wanted if head.count(h) != 1]:
            said = {"missing": "、".join(missing), "wanted": "、".join(self.wanted)}
            raise DomainError(
                _("第一行要有这些表头，各一次：%(wanted)s。这里缺或重复：%(missing)s") % said, code="no_header"
            )
        return tablib.Dataset(*rest, headers=head)


def _first_sheet(path):
    """Rows of the first visible sheet that has any, blank ones left out, cells as text."""
    found = False
    for sheet, batch in read_workbook(path):
        if sheet is not None and found:
            found = None  # the next sheet begins; the file is still read to its end, so that a refusal is heard
        if batch is None or found is None:
            continue
        for row in batch[1]:
            cells = [str(cell[0] if isinstance(cell, list) else cell).strip() for cell in row]
            if any(cells):
                found = True
                yield cells


class Csv(Format):
    """UTF-8 with its mark, as spreadsheet programs expect it."""

    def get_title(self):
        return "csv"

    def get_extension(self):
        return "csv"

    def get_content_type(self):
        return "text/csv; charset=utf-8"

    def can_export(self):
        return True

    def export_data(self, dataset, **kwargs):
        from surfaces.renderers import unrunnable

        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([unrunnable(str(h)) for h in dataset.headers])
        writer.writerows(_cells(dataset))
        return out.getvalue().encode("utf-8-sig")
