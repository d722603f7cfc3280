"""The half-year report of a programme: what came in the period, how far from the targets at its end, pairing by pairing. As data, PDF and workbook."""

import io
from pathlib import Path

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from partnerships import progress
from partnerships.codes import METRICS, in_words
from partnerships.models import Pairing
from surfaces.templatetags.surfaces import period_label
from surfaces.words import iso_day, number

TEMPLATE = Path(__file__).with_name("print") / "halfyear.typ"
BY_PAIRING = (
    "pairing_batches", "pairing_person_trips", "pairing_persons", "pairing_workdays", "pairing_person_workdays",
    "pairing_trained_person_times", "pairing_professionals",
)  # fmt: skip


def document(user, programme, period):
    """Everything the report says, for the rows that `user` may see: {title, lead, printed, tables: [{title, head, widths, rows, note}]}.

    Cells are numbers or text. Totals are the programme's, whoever asks; pairings are those in reach.
    """
    last = min(period.last, programme.ends_on)
    return {
        "title": _("%(programme)s半年报") % {"programme": programme},
        "lead": _("%(period)s · %(sending)s → %(receiving)s · 只计对方已确认的记录，数据截至 %(day)s")
        % {
            "period": period_label(period), "sending": programme.sending.name, "receiving": programme.receiving.name,
            "day": iso_day(last),
        },
        "printed": _("%(who)s %(when)s 印") % {"who": user, "when": iso_day(timezone.localdate())},
        "tables": [_targets(programme, period, last), _pairings(user, programme, period, last), _fields(programme, period, last)],
        "note": _("工作日按“队”算，含线上。人、人次、批次、工作日、学时是五种单位，不相加。"),
    }  # fmt: skip


def _targets(programme, period, last):
    rows = []
    for line in progress.progress(programme, last):
        if line["target"]:
            here = progress.actual(programme, line["metric"], last, period.first)
            missing = _("已达到") if line["met"] else line["missing"]
            rows.append(
                [line["name"], in_words(line["op"], line["target"], line["unit"]), here, line["actual"], missing]
            )
    head = [_("目标"), _("要达到"), _("本期"), _("累计"), _("还差")]
    return {"title": _("目标和进度"), "head": head, "widths": [3, 3, 1, 1, 1], "rows": rows, "note": ""}


def _pairings(user, programme, period, last):
    counted = {metric: progress.by_pairing(programme, metric, last, period.first) for metric in BY_PAIRING}
    pairings = Pairing.objects.visible_to(user).filter(programme=programme).select_related("sender", "county")
    rows = [
        [str(pairing), *(counted[metric].get(pairing.pk, 0) for metric in BY_PAIRING)]
        for pairing in pairings.order_by("county__code", "pk")
    ]
    _agencies, counties = progress.unpaired(programme)
    names = "、".join(county.name for county in counties)
    return {
        "title": _("各结对本期"), "head": [_("结对"), *(str(METRICS[metric][0]) for metric in BY_PAIRING)],
        "widths": [4, *([1] * len(BY_PAIRING))], "rows": rows,
        "note": _("还没有对上的县（区）：%(unpaired)s。一家机构只对一个县（区）。") % {"unpaired": names} if names else "",
    }  # fmt: skip


def _fields(programme, period, last):
    rows = [
        [
            str(field["name"]),
            field["activities"],
            field["person_times"],
            iso_day(field["last"]) if field["last"] else "—",
        ]
        for field in progress.by_field(programme, period.first, last)
    ]
    head = [_("方面"), _("活动"), _("人次"), _("最近一次")]
    return {"title": _("六个合作方面本期"), "head": head, "widths": [3, 1, 1, 2], "rows": rows, "note": ""}


def as_text(data):
    """The same with numbers as they are printed."""
    tables = [
        {**table, "rows": [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in table["rows"]]}
        for table in data["tables"]
    ]
    return {**data, "tables": tables}


def workbook(data):
    """The bytes of the report as a workbook: a sheet a table, numbers as numbers, no text that could run as a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bg_color": "#E7F3EC", "border": 1, "text_wrap": True})
    for table in data["tables"]:
        page = book.add_worksheet(table["title"][:31])
        page.write_string(0, 0, data["title"])
        page.write_string(1, 0, data["lead"])
        for at, (head, width) in enumerate(zip(table["head"], table["widths"], strict=True)):
            page.set_column(at, at, 8 + 6 * width)
            page.write_string(3, at, str(head), bold)
        for line, row in enumerate(table["rows"], 4):
            for at, cell in enumerate(row):
                if isinstance(cell, int | float):
                    page.write_number(line, at, cell)
                elif cell is not None:
                    page.write_string(line, at, str(cell))
        page.write_string(5 + len(table["rows"]), 0, table["note"] or data["note"])
    book.close()
    return out.getvalue()
