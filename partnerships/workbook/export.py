"""The pairing report going out: the same columns as it comes in by, so that it can be sent, filled in and read again."""

import io

import xlsxwriter
from django.utils.translation import gettext as _

from partnerships.models import Declared, Pairing
from partnerships.progress import by_pairing
from partnerships.workbook.words import COLUMNS, NUMBERS, with_sign


def report(user, programme):
    """The bytes of the workbook of a programme's pairings in reach: confirmed rows counted, else what was declared."""
    pairings = Pairing.objects.visible_to(user).filter(programme=programme)
    pairings = list(pairings.select_related("sender", "county", "receiver").order_by("county__code", "pk"))
    declared = {(d.pairing_id, d.metric): d for d in Declared.objects.filter(pairing__in=pairings)}
    keys = set(programme.parties.filter(is_key=True).values_list("county", flat=True))
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(_("结对报表"))
    head = book.add_format({"bold": True, "bg_color": "#E7F3EC", "border": 1, "text_wrap": True, "valign": "vcenter"})
    for at, column in enumerate(COLUMNS):
        page.set_column(at, at, column.width)
        page.write_string(0, at, column.header, head)
    page.freeze_panes(1, 3)
    counted = {metric: by_pairing(programme, metric, programme.ends_on) for metric in NUMBERS}
    for line, pairing in enumerate(pairings, 1):
        values = _row(programme, pairing, keys)
        for metric in NUMBERS:
            said = declared.get((pairing.pk, metric))
            values[metric] = with_sign(said.op, said.value) if said else counted[metric].get(pairing.pk, 0)
        for at, column in enumerate(COLUMNS):
            value = values.get(column.field)
            if isinstance(value, int | float):
                page.write_number(line, at, value)
            elif value:
                page.write_string(line, at, str(value))
    book.close()
    return out.getvalue()


def _row(programme, pairing, keys):
    last = pairing.span.upper.fromordinal(pairing.span.upper.toordinal() - 1)
    return {
        "round": programme.slug, "sending": programme.sending.name, "sender": pairing.sender.name,
        "sender_code": pairing.sender.credit_code, "receiving": programme.receiving.name, "county": pairing.county.name,
        "key": "是" if pairing.county_id in keys else "否", "receiver": pairing.receiver and pairing.receiver.name,
        "receiver_code": pairing.receiver and pairing.receiver.credit_code, "signed_on": pairing.signed_on,
        "span": f"{pairing.span.lower} 至 {last}", "note": pairing.note,
    }  # fmt: skip
