"""What the page of an import shows: counts, wrong cells by kind, differences cell by cell, the header that was found. Reads only."""

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchange.kinds import kinds
from exchange.models import Import
from exchange.normalising import key_of
from exchange.refusals import address, letters

ROWS, ERRORS, WIDE, COLUMNS = 25, 30, 5, 60  # rows and errors a page, columns of the table of differences, of a header
GROUPS = (
    (gettext_lazy("认不出"), ("missing_required", "unknown_division", "ambiguous_division", "unknown_parent", "ambiguous_parent", "ambiguous_station")),
    (gettext_lazy("不在选项里"), ("bad_choice",)),
    (gettext_lazy("日期、电话、数字"), ("bad_date", "ambiguous_date", "bad_number", "bad_phone", "bad_id_number", "truncated_id", "bad_credit_code", "uncalculated_formula")),
    (gettext_lazy("前后矛盾"), ("inconsistent", "tier_mismatch", "duplicate_in_file", "out_of_scope")),
)  # fmt: skip
BADGES = {
    Import.QUEUED: ("info", "clock"), Import.RUNNING: ("info", "clock"), Import.PREVIEWED: ("warn", "warn"),
    Import.COMMITTED: ("ok", "check"), Import.WRONG: ("bad", "stop"), Import.UNUSABLE: ("bad", "stop"),
    Import.FAILED: ("bad", "stop"), Import.UNDONE: ("", "planned"),
}  # fmt: skip
OUTCOMES = {
    "created": ("ok", "plus", gettext_lazy("新增")), "updated": ("warn", "warn", ""), "unchanged": ("", "check", gettext_lazy("没变")),
    "wrong": ("bad", "stop", gettext_lazy("要改")),
}  # fmt: skip


def badge_of(run):
    """{kind, icon, text} of an import's state."""
    kind, icon = BADGES[run.shown_state]
    text = dict(Import.STATES)[run.shown_state]
    if run.state == Import.COMMITTED:
        text = _("已写入 %(count)d 行") % {"count": run.created + run.updated}
    elif run.state == Import.WRONG:
        text = ngettext("%(count)d 处要改", "%(count)d 处要改", run.error_count) % {"count": run.error_count}
    return {"kind": kind, "icon": icon, "text": text}


def title_of(run):
    """The kind of a run in words."""
    kind = kinds().get(run.kind)
    return kind.title if kind else run.kind


def listed(run):
    """One row of the list of imports."""
    return {
        "url": reverse("import", args=[run.pk]),
        "file": run.file.name,
        "kind": title_of(run),
        "place": run.place_name or _("全部"),
        "at": run.created_at,
        "user": run.user,
        "badge": badge_of(run),
        "message": run.message if run.state == Import.UNUSABLE else "",
    }


def page_of(run, user, query):
    """The whole context of the page, by the import's state."""
    state, kind = run.shown_state, kinds()[run.kind]
    context = {
        "run": run,
        "state": state,
        "kind_title": kind.title,
        "badge": badge_of(run),
        "run_url": reverse("import", args=[run.pk]),
        "crumbs": [(_("导入导出"), reverse("imports")), (run.file.name, "")],
        "steps": _steps(state),
        "place": run.place_name or _("您管的全部"),
        "earlier": run.earlier and {"url": reverse("import", args=[run.earlier_id]), "badge": badge_of(run.earlier), "at": run.earlier.created_at},
        "waiting": state in (Import.QUEUED, Import.RUNNING),
        "blank_url": reverse("import_blank", args=[run.kind]),
        "may_write": state in (Import.PREVIEWED, Import.WRONG, Import.COMMITTED) and user.can("commit", run),
    }  # fmt: skip
    if state in (Import.PREVIEWED, Import.WRONG, Import.COMMITTED, Import.UNDONE):
        context |= (
            _facts(run) | _differences(run, kind, query) | {"headers": _headers(run, kind), "checked": _checked(run)}
        )
        context |= {
            "groups": _errors(run, query),
            "warnings": run.warnings[:ERRORS],
            "more_warnings": max(0, len(run.warnings) - ERRORS),
        }
    return context


def _steps(state):
    order = {Import.PREVIEWED: 1, Import.WRONG: 1, Import.COMMITTED: 3, Import.UNDONE: 3}.get(state, 0)
    return [
        {"label": label, "state": "done" if at < order else "now" if at == order else "shut"}
        for at, label in enumerate((_("上传"), _("核对"), _("写入")))
    ]


def _facts(run):
    wrong_rows = len({(error["sheet"], error["row"]) for error in run.errors})
    return {
        "where": [
            _("工作表“%(sheet)s”，表头在第 %(rows)s 行")
            % {"sheet": found["sheet"], "rows": found["first"] if found["first"] == found["last"] else f"{found['first']}–{found['last']}"}
            for found in run.headers
            if found["sheet"]
        ],
        "wrong_rows": wrong_rows,
        "to_write": run.created + run.updated,
    }  # fmt: skip


def _errors(run, query):
    """Wrong cells of one page, in groups: [{title, count, rows}], with a pager."""
    page = Paginator(run.errors, ERRORS).get_page(query.get("errors", 1))
    found = []
    for title, codes in GROUPS:
        rows = [_error(run, error) for error in page if error["code"] in codes]
        if rows:
            found.append({"title": title, "rows": rows, "count": sum(1 for e in run.errors if e["code"] in codes)})
    return {"page": page, "found": found, "beyond": max(0, run.error_count - len(run.errors))}


def _error(run, error):
    at = f"{error['row']}:{error['at'] or 0}"
    sheet = error["sheet"] or ""
    number = next((n for n, header in enumerate(run.headers) if header["sheet"] == sheet), 0)
    cell = address(error["row"], error["at"]) if error.get("at") else _("第%(row)s行") % {"row": error["row"]}
    return {
        **error,
        "cell": f"{sheet}!{cell}" if len(run.headers) > 1 else cell,
        "name": f"c:{number}:{at}" if error.get("at") and error["code"] != "duplicate_in_file" else "",
        "drop": f"d:{number}:{error['row']}" if error["code"] == "duplicate_in_file" else "",
    }


def mended(run, data):
    """({(sheet, row, column): text}, {(sheet, row)}) out of the form beside the wrong cells. An untouched field says nothing."""
    cells, rows = {}, set()
    for name, text in data.items():
        kind, *numbers = name.split(":")
        if kind not in ("c", "d") or not all(n.isdigit() and len(n) < 9 for n in numbers):
            continue
        numbers = [int(n) for n in numbers]
        if not numbers or numbers[0] >= max(1, len(run.headers)):
            continue
        sheet = run.headers[numbers[0]]["sheet"] if run.headers else ""
        if kind == "c" and len(numbers) == 3 and text.strip():
            cells[sheet, numbers[1], numbers[2]] = text
        elif kind == "d" and len(numbers) == 2:
            rows.add((sheet, numbers[1]))
    return cells, rows


def _differences(run, kind, query):
    """The rows that change, a page at a time: the columns that change among them, and the rest as a list."""
    outcome = query.get("show") if query.get("show") in ("created", "updated", "unchanged") else None
    rows = run.import_rows.exclude(outcome="wrong").order_by("pk")
    rows = rows.filter(outcome=outcome) if outcome else rows.exclude(outcome="unchanged")
    page = Paginator(rows, ROWS).get_page(query.get("page", 1))
    found = list(page)
    changed = {name for row in found for name, _before, _after in row.triples()}
    columns = [name for name in (*kind.shown, *kind.fields) if name in changed and name != kind.label_field]
    columns = list(dict.fromkeys(columns))[:WIDE]
    urls = kind.record_urls([row.key for row in found if row.key])
    return {
        "columns": [{"label": kind.fields[name].header, "num": kind.fields[name].adds_up} for name in columns],
        "rows": [_row(row, kind, columns, urls, len(run.headers) > 1) for row in found],
        "page": page,
        "filters": _filters(run, outcome),
    }


def _row(row, kind, columns, urls, with_sheet):
    by_field = {name: (kind.show(name, before), kind.show(name, after)) for name, before, after in row.triples()}
    badge_kind, icon, text = OUTCOMES[row.outcome]
    if row.outcome == "updated":
        text = ngettext("改 %(count)d 格", "改 %(count)d 格", len(row.changes)) % {"count": len(by_field)}
    return {
        "number": f"{row.sheet} {row.number}" if with_sheet else row.number,
        "label": row.label,
        "url": urls.get(row.key, ""),
        "badge": {"kind": badge_kind, "icon": icon, "text": text},
        "new": row.outcome == "created",
        "cells": [
            {"label": kind.fields[name].header, "num": kind.fields[name].adds_up, "change": by_field.get(name)} for name in columns
        ],
        "more": [
            (kind.fields[name].header, before, after)
            for name, (before, after) in by_field.items()
            if name not in columns and name in kind.fields and not (row.outcome == "created" and name == kind.label_field)
        ],
    }  # fmt: skip


def _filters(run, outcome):
    chips = (
        (None, _("有变化"), run.created + run.updated),
        ("created", _("新增"), run.created),
        ("updated", _("修改"), run.updated),
        ("unchanged", _("没变"), run.unchanged),
    )
    return [
        {
            "url": f"?show={name}#h-diff" if name else "?#h-diff",
            "label": label,
            "count": count,
            "current": name == outcome,
        }
        for name, label, count in chips
    ]


def _headers(run, kind):
    """The header of each sheet: its columns with what they were taken for, and the choices."""
    return {
        "sheets": [
            {
                "sheet": header["sheet"],
                "columns": [
                    {
                        **column,
                        "letter": letters(column["column"]),
                        "name": f"m:{at}:{column['column']}",
                        "taken_for": kind.fields[column["field"]].header if column["field"] in kind.fields else "",
                    }
                    for column in header["columns"][:COLUMNS]
                ],
            }
            for at, header in enumerate(run.headers)
        ],
        "choices": [column.header for column in kind.columns],
        "unknown": sum(bool(column.get("unknown")) for header in run.headers for column in header["columns"]),
        "known": sum(bool(column["field"]) for header in run.headers for column in header["columns"]),
    }  # fmt: skip


def chosen_mapping(run, data):
    """{key of the header's path: field or ""} of the columns that people take for something else than the reader did."""
    fields = {key_of(column.header): column.field for column in kinds()[run.kind].columns}
    found = dict(run.mapping)
    for at, header in enumerate(run.headers):
        for column in header["columns"]:
            said = data.get(f"m:{at}:{column['column']}")
            chosen = None if said is None else fields.get(key_of(said.strip()), "" if not said.strip() else None)
            if chosen is not None and chosen != column["field"]:
                found[key_of(column["path"])] = chosen
    return found


def _checked(run):
    """Totals that the sheet declares: [{text, computed, right}]."""
    return [
        {
            "text": _("%(header)s“%(label)s %(said)s”（第 %(row)s 行）")
            % {"header": header, "label": label, "said": said, "row": number},
            "computed": computed,
            "right": said == computed,
        }
        for _sheet, number, label, header, said, computed in run.checked[:12]
    ]  # fmt: skip
