"""/cases/: which cases, what is due in them first; filters in the address, names only for those who have a case in full."""

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, pgettext_lazy

from casework import browsing, codes, due
from casework.access import FULL, NARROW
from casework.browsing import ALL, MANY, OPEN, Asked
from casework.codes import CLOSED
from casework.models import Case, DueItem
from casework.views.base import RISK_MARKS, about
from casework.views.due_words import mark, when
from periods import today
from stations.access import places
from stations.browsing import short_name
from stations.models import Station
from stations.places import find_place
from surfaces.pages import Page
from workforce.api.fields import number_of
from workforce.models import Worker

ROWS = 50
STAGES = {OPEN: gettext_lazy("在办"), CLOSED: gettext_lazy("已结案"), ALL: gettext_lazy("全部")}
ONLY = {"mine": pgettext_lazy("casework", "我的"), "overdue": gettext_lazy("逾期"), "crisis": gettext_lazy("危机")}


class CaseList(Page):
    template_name, fragment_name = "casework/cases.html", "casework/_cases.html"
    model, verb = Case, "see"

    # ── what is asked ────────────────────────────────────────────────────────────────────────────
    def flag(self, name):
        return self.request.GET.get(name, "") in ("yes", "true", "1")

    @cached_property
    def stage(self):
        word = self.request.GET.get("stage", "")
        return word if word in codes.STAGES or word == ALL else OPEN

    @cached_property
    def number(self):
        return "".join(c for c in self.request.GET.get("q", "") if c.isascii() and (c.isdigit() or c == "-"))[:24]

    @cached_property
    def place(self):
        """The place that `within` or `station` names, or None."""
        code = self.request.GET.get("within") or self.request.GET.get("station")
        return find_place(code[:24], self.request.user) if code else None

    @cached_property
    def worker(self):
        word = self.request.GET.get("worker", "")
        if not word:
            return None
        found = self.visible(Worker).filter(pk=number_of("w", word)).first()
        if found is None:
            raise Http404
        return found

    @property
    def stations(self):
        """The one station that the address asks for, or None."""
        alone = self.place is not None and not self.request.GET.get("within") and isinstance(self.place, Station)
        return [self.place.pk] if alone else None

    def asked(self):
        return Asked(
            stage=self.stage, number=self.number, stations=self.stations, place=None if self.stations else self.place, worker=self.worker and self.worker.pk,
            **{name: self.flag(name) for name in ONLY},
        )  # fmt: skip

    # ── what is found ────────────────────────────────────────────────────────────────────────────
    @cached_property
    def found(self):
        text = self.request.GET.get("page", "1")
        page = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1
        return browsing.find(
            self.request.user, self.asked(), size=ROWS, page=page, after=self.request.GET.get("after", "")
        )

    def rows(self):
        keys = self.found.keys
        cases = self.visible(Case).filter(pk__in=keys).select_related("client", "station", "worker")
        cases = {case.pk: case for case in cases}
        known = [pk for pk, case in cases.items() if case.seen_as != NARROW]
        items: dict = {}
        for item in (
            DueItem.objects.unscoped("of cases that the reader may know of")
            .open()
            .filter(case__in=known)
            .order_by("due_on", "due_at")
        ):
            items.setdefault(item.case_id, item)
        return [self.row(cases[pk], items.get(pk)) for pk in keys if pk in cases]

    def row(self, case, item):
        kind = mark(item)[0] if item else ""
        narrow = case.seen_as == NARROW
        return {
            "number": case.number, "url": reverse("case", args=[case.number]), "person": self.person(case),
            "stage": codes.STAGES[case.stage], "closed": case.is_closed, "station": case.station.name, "station_short": short_name(case.station.name),
            "station_url": self.link(station=case.station.code), "opened_on": case.opened_on, "closed_on": case.closed_on,
            "worker": "" if narrow else case.worker.name, "worker_url": "" if narrow else self.link(worker=case.worker.public_id),
            "due": item and {"kind": kind, "name": due.name_of(item), "when": when(item)},
            "risk": None if narrow or not case.risk_level else
            {"kind": RISK_MARKS.get(case.risk_level, ""), "text": codes.RISK_LEVELS[case.risk_level]},
            "crisis": case.crisis and not narrow, "suspended": bool(case.suspended_on) and not narrow,
        }  # fmt: skip

    @staticmethod
    def person(case):
        """{name, about} where the reader has the case in full, else None."""
        if case.seen_as != FULL:
            return None
        client = case.client
        return {"name": client.name.clear, "about": about({"sex": client.sex, "age": client.age_on(today())})}

    # ── the page ─────────────────────────────────────────────────────────────────────────────────
    def get_context_data(self, **kwargs):
        rows, user = self.rows(), self.request.user
        return super().get_context_data(**kwargs) | {
            "rows": rows, "named": any(row["person"] for row in rows), "total": self.found.total, "many": MANY, "pages": self.pages(),
            "q": self.number, "stage": self.stage, "stages": list(codes.STAGES.items()), "chips": self.chips(), "asked": self.narrowed(),
            "kept": {n: self.request.GET[n] for n in (*ONLY, "station", "within", "worker") if self.request.GET.get(n)},
            "filtered": bool(self.number or self.worker or self.place or self.stage or any(map(self.flag, ONLY))),
            "new_url": "/cases/new/" if user.can("create", Case) else "",
            "log_url": "/log/" if any(post.role == "worker" for post in places(user)) else "",
        }  # fmt: skip

    def pages(self):
        """previous, next, text for the pager; where there are many only on."""
        found = self.found
        if found.total is None:
            return {"previous": "", "next": self.link(after=found.next, keep=True) if found.next else "", "text": ""}
        last = -(-found.total // ROWS)
        first = (found.page - 1) * ROWS
        return {
            "previous": self.link(page=found.page - 1, keep=True) if found.page > 1 else "",
            "next": self.link(page=found.page + 1, keep=True) if found.page < last else "",
            "text": f"{first + 1}–{min(first + ROWS, found.total)} / {found.total}",
        }  # fmt: skip

    def chips(self):
        """Which cases: one of three; and what alone of them: switches."""
        states = [
            {"url": self.link(stage=word), "label": label, "count": "", "current": self.stage == word}
            for word, label in STAGES.items()
        ]
        only = [
            {"url": self.link(**{name: "" if self.flag(name) else "yes"}), "label": label, "count": "", "current": self.flag(name)}
            for name, label in ONLY.items()
            if name != "mine" or getattr(self.request.user, "worker", None)
        ]  # fmt: skip
        return [*states[:1], *only, *states[1:]]

    def narrowed(self):
        """[{label, url}]: what else the address asks for, each with the address without it."""
        found = []
        if self.place is not None:
            found.append({"label": self.place.name, "url": self.link(station="", within="")})
        if self.worker is not None:
            found.append({"label": self.worker.name, "url": self.link(worker="")})
        if self.stage not in STAGES:
            found.append({"label": codes.STAGES[self.stage], "url": self.link(stage="")})
        return found

    def link(self, *, keep=False, **changed):
        """This address with something `changed`; from the first page unless `keep`."""
        query = self.request.GET.copy()
        for name in ("page", "after", *changed):
            query.pop(name, None)
        for name, value in changed.items():
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else self.request.path
