"""The tab of a station page that shows its cases, under this room's own scope (stations/views/tabs.py finds it)."""

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casework import browsing, codes, due
from casework.access import FULL, NARROW
from casework.browsing import Asked
from casework.models import Case, DueItem
from casework.views.base import RISK_MARKS
from casework.views.due_words import mark, when
from periods import today

ROWS = 30


def cases_of_station(request, station):
    """Cases at `station`: how many at each stage, open, late, closed; and the open ones in reach, what is due first."""
    user, url = request.user, f"{reverse('cases')}?station={station.code}"
    rows = Case.objects.visible_to(user).filter(station=station.pk)
    late = DueItem.objects.unscoped("of cases in reach").open().filter(case=OuterRef("pk"), due_on__lt=today())
    stages = dict(rows.order_by().values_list("stage").annotate(n=Count("pk")))
    some = rows.exclude(seen_as=NARROW).filter(closed_on=None).order_by().aggregate(
        n=Count("pk"), late=Count("pk", filter=Exists(late)), crisis=Count("pk", filter=Q(crisis=True))
    )  # fmt: skip
    n_open = sum(n for stage, n in stages.items() if stage != codes.CLOSED)
    known = [
        {"label": _("有逾期"), "value": some["late"], "url": f"{url}&overdue=yes"},
        {"label": _("危机中"), "value": some["crisis"], "url": f"{url}&crisis=yes"},
    ]
    return {
        "facts": [
            {"label": _("在办"), "value": n_open, "url": url},
            *(known if some["n"] else []),
            {"label": _("已结案"), "value": stages.get(codes.CLOSED, 0), "url": f"{url}&stage=closed"},
        ],
        "all_url": url, "n_open": n_open,
        "stages": [
            {"label": label, "value": stages.get(stage, 0), "url": f"{url}&stage={stage}"}
            for stage, label in codes.STAGES.items() if stage != codes.CLOSED
        ],
        **_listed(user, station),
    }  # fmt: skip


def _listed(user, station):
    """{rows, named}: the first open cases in reach."""
    keys = browsing.find(user, Asked(stations=[station.pk]), size=ROWS).keys
    cases = {c.pk: c for c in Case.objects.visible_to(user).filter(pk__in=keys).select_related("client", "worker")}
    known = [pk for pk, case in cases.items() if case.seen_as != NARROW]
    found = DueItem.objects.unscoped("of cases that the reader may know of").open().filter(case__in=known)
    first: dict = {}
    for item in found.order_by("due_on", "due_at"):
        first.setdefault(item.case_id, item)
    rows = [_row(cases[pk], first.get(pk)) for pk in keys if pk in cases]
    return {"rows": rows, "named": any(row["name"] for row in rows)}


def _row(case, item):
    narrow = case.seen_as == NARROW
    risk = "" if narrow else case.risk_level
    return {
        "url": reverse("case", args=[case.number]), "number": case.number, "stage": codes.STAGES[case.stage], "since": case.stage_since,
        "name": case.client.name.clear if case.seen_as == FULL else "", "worker": "" if narrow else case.worker.name,
        "risk": codes.RISK_LEVELS.get(risk, ""), "risk_kind": RISK_MARKS.get(risk, ""), "crisis": case.crisis and not narrow,
        "due": {"kind": mark(item)[0], "name": due.name_of(item), "when": when(item)} if item else None,
    }  # fmt: skip


TABS = [
    {"order": 20, "tab": "cases", "label": _("个案"), "template": "casework/_station_cases.html", "context": cases_of_station,
     "for": lambda user, station: user.can("see", Case)},
]  # fmt: skip
