"""What casework gives the home page: a worker's day, and what waits for those who supervise or manage. Reads only; who sees what is access's affair."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import access, codes, worklists
from casework.access import FULL
from casework.doors import paper_url
from casework.models import Case, DueItem, Record
from casework.shapes import title_of
from casework.views.due_words import folded, mark, when, work_row
from periods import today
from surfaces.words import moment, near_day

SHOWN, MOST = 8, 60  # lines on the page; beyond MOST the number is not told
OWN = 200  # cases of one's own that are looked through
LATELY = 14  # days
MINE = 6


def works_on_cases(user):
    """May `user` read cases in full, somewhere?"""
    return user.can("see", Record)


# ── what is due ──────────────────────────────────────────────────────────────────────────────────
def due_list(user):
    """{rows, total (None: more than MOST), url}: what is due for `user`, the first first."""
    items = list(worklists.todo_of(user)[: MOST + 1])
    total = len(folded(items)) if len(items) <= MOST else None
    rows = []
    for item in folded(items)[:SHOWN]:
        case = item.case
        row = work_row(item, case.client.name.clear)  # whoever has work in a case has it in full
        whose = "" if case.worker.user_id == user.pk else f" · {case.worker.name}"
        rows.append(row | {"url": worklists.door(item, user), "why": row["why"] + whose})
    return {"rows": rows, "total": total, "most": MOST, "url": reverse("todo"), "items": items}


# ── a worker's own ───────────────────────────────────────────────────────────────────────────────
def own_work(user, items=()):
    """A worker's cases, the first due first, what changed in them, what he noted lately, his month; None for who has none."""
    own = Case.objects.visible_to(user).filter(access.any_of(access.held(user), ["own"]), closed_on=None)
    cases = list(own.select_related("client", "station").order_by("-opened_on", "pk")[:OWN])
    if not cases and not worklists.is_worker(user):
        return None
    first: dict = {}
    for item in items:
        first.setdefault(item.case_id, item)
    cases.sort(key=lambda c: first[c.pk].due_on if c.pk in first else dt.date.max)
    changed, noted, contacts = _lately(user, cases)
    return {
        "cases": [_case_line(case, first.get(case.pk)) for case in cases[:MINE]], "total": len(cases),
        "all_url": f"{reverse('cases')}?mine=yes", "changed": changed, "noted": noted, "month": _month(len(cases), contacts),
        "quick": _quick(user),
    }  # fmt: skip


def _case_line(case, item):
    kind, icon = mark(item) if item else ("", "case")
    return {
        "url": reverse("case", args=[case.number]), "kind": kind, "icon": icon if kind else "case", "what": case.client.name.clear,
        "why": " · ".join([str(codes.STAGES[case.stage]), case.number]), "due": when(item) if item else "", "crisis": case.crisis,
    }  # fmt: skip


def _lately(user, cases):
    """(what others did in these cases, what `user` noted, how many contacts he noted this month). One query."""
    since = timezone.now() - dt.timedelta(days=LATELY)
    first = today().replace(day=1)
    mine = Q(author=user.pk, kind="contacts", draft=False) & (Q(on__gte=first) | Q(at__gte=since))
    others = Q(at__gte=since) & ~Q(author=user.pk) & ~Q(kind__in=("opened", "stage")) & Q(draft=False)
    rows = Record.objects.visible_to(user).filter(mine | others, case__in=[c.pk for c in cases])
    rows = list(rows.select_related("author", "case__client").defer("narrative").order_by("-at")[:200])
    noted = [r for r in rows if r.author_id == user.pk]
    changed = [_line(r, str(r.author or "")) for r in rows if r.author_id != user.pk][:5]
    month = [r for r in noted if r.on and r.on >= first]
    return changed, [_line(r, "") for r in noted[:3]], len(month)


def _line(record, by):
    marks = {"return": ("warn", "undo"), "approve": ("ok", "check"), "note": ("info", "edit"), "raise": ("bad", "stop")}
    kind, icon = marks.get(record.code, ("ok", "check") if record.kind == "contacts" else ("info", "info"))
    day = near_day(record.on) if record.kind == "contacts" else moment(record.at)
    return {
        "url": paper_url(record.case.number, record.record), "kind": kind, "icon": icon,
        "what": f"{record.case.client.name.clear} · {title_of(record)}", "why": " · ".join(filter(None, (by, day))), "due": "",
    }  # fmt: skip


def _month(cases, contacts):
    return [
        {"label": _("在办个案"), "value": cases, "unit": "", "url": f"{reverse('cases')}?mine=yes"},
        {"label": _("本月服务（次）"), "value": contacts, "unit": "", "url": ""},
    ]


def _quick(user):
    log = "/log/"
    return [
        {"url": f"{log}?way=home_visit", "label": codes.WAYS["home_visit"], "icon": "home"},
        {"url": f"{log}?way=phone", "label": codes.WAYS["phone"], "icon": "phone"},
        {"url": f"{log}?way=face_to_face", "label": codes.WAYS["face_to_face"], "icon": "people"},
        {"url": "/cases/new/", "label": _("开案"), "icon": "plus"},
    ]


# ── those who supervise or manage ────────────────────────────────────────────────────────────────
def waiting(user):
    """{rows, total, url} of papers that wait for a word of `user`, or None for who gives none."""
    if not worklists.approves(user):
        return None
    queue = worklists.queue(user)
    rows = []
    for w in queue[:SHOWN]:
        kind = "bad" if w.is_red else "warn" if w.due_on and w.due_on < today() else ""
        rows.append({
            "url": f"/approvals/{w.record}/", "kind": kind, "icon": "stop" if w.is_red else "clock",
            "what": f"{w.case.client.name.clear} · {w.title}", "why": f"{w.by or w.case.worker.name} · {w.case.station.name}", "due": near_day(w.since),
        })  # fmt: skip
    return {"rows": rows, "total": len(queue), "url": reverse("approvals")}


def place_facts(user):
    """[{label, value, unit, url, bad}]: open cases, overdue ones and crises where `user` supervises or manages. One bounded query."""
    late = DueItem.objects.unscoped("of the outer query's cases, which are in reach").open()
    late = late.filter(Q(due_on__lt=today()) | Q(due_at__lt=timezone.now()), case=OuterRef("pk"))
    rows = Case.objects.visible_to(user).filter(seen_as=FULL, closed_on=None)
    found = list(rows.annotate(is_late=Exists(late)).order_by().values_list("is_late", "crisis")[: OWN * 5 + 1])
    more, found = len(found) > OWN * 5, found[: OWN * 5]
    url = reverse("cases")
    numbers = (
        (_("在办个案"), len(found), url), (_("逾期个案"), sum(late for late, _c in found), f"{url}?overdue=yes"),
        (_("危机个案"), sum(crisis for _l, crisis in found), f"{url}?crisis=yes"),
    )  # fmt: skip
    return [{"label": label, "value": _number(n, more), "unit": "", "url": link} for label, n, link in numbers]


def _number(n, more):
    return ngettext("%(n)d 以上", "%(n)d 以上", n) % {"n": n} if more else n
