"""/caseload/: who carries how many cases, and what of it is late; and giving a case to another worker."""

from fractions import Fraction

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict, DomainError, Forbidden
from casework import access, codes, due, worklists
from casework.actions.assigning import assign_case, workers_for
from casework.models import Case, DueItem, Record
from casework.views.base import RISK_MARKS, CasePage
from periods import Period, today
from stations.models import Station
from stations.places import find_place
from surfaces.pages import Page
from surfaces.words import number, rounded
from workforce.api.fields import number_of
from workforce.models import Assignment, Worker

WORDS = {"name", "at"}
COLUMNS = {
    "name": gettext_lazy("社工"), "at": gettext_lazy("站点"), "open": gettext_lazy("在案"), "overdue": gettext_lazy("有逾期"), "red": gettext_lazy("红色风险"),
    "crisis": gettext_lazy("危机中"), "resting": gettext_lazy("中止中"), "hours": gettext_lazy("本月服务小时"),
}  # fmt: skip


class Carried(Page):
    """What both pages read: the open cases that one answers for as supervisor or manager."""

    def dispatch(self, request, *args, **kwargs):
        if not worklists.approves(request.user):
            raise Forbidden(_("这一页只有督导和站长能看"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def hands(self):
        """Of a case, or of a job: it is at a station whose cases one answers for."""
        held = access.held(self.request.user)
        return held["supervisor"] | held["manager"]

    @cached_property
    def within(self):
        code = self.request.GET.get("within", "")
        return find_place(code, self.request.user) if code else None

    def cases(self):
        rows = self.visible(Case).filter(self.hands)
        return rows.filter(station__in=self.visible(Station).within(self.within)) if self.within else rows

    @staticmethod
    def late():
        return Exists(
            DueItem.objects.unscoped("of cases in reach").open().filter(case=OuterRef("pk"), due_on__lt=today())
        )


class Caseload(Carried):
    """/caseload/: a line a worker, those without a case too."""

    template_name = "casework/caseload.html"

    def counts(self):
        """{worker id: {open, overdue, red, crisis, resting}} of open cases."""
        rows = self.cases().filter(closed_on=None).annotate(late=self.late()).order_by().values("worker")
        return {
            row["worker"]: row
            for row in rows.annotate(
                open=Count("pk"), overdue=Count("pk", filter=Q(late=True)), red=Count("pk", filter=Q(risk_level="red")),
                crisis=Count("pk", filter=Q(crisis=True)), resting=Count("pk", filter=Q(suspended_on__isnull=False)),
            )
        }  # fmt: skip

    def minutes(self):
        """{worker id: minutes} of contacts of this month, by who held them."""
        month = Period.month_of(today())
        rows = self.visible(Record).filter(
            kind="contacts", draft=False, on__range=(month.first, month.last), case__in=self.cases().values("pk")
        )
        return dict(rows.order_by().values_list("author__worker").annotate(n=Sum("minutes")))

    def people(self, carrying):
        """[Worker] in post in the place, and who carries a case there; each with the station of a job of his."""
        user = self.request.user
        jobs = (
            Assignment.objects.visible_to(user)
            .on(today())
            .exclude(duty="clerical")
            .filter(self.hands)
            .select_related("station")
        )
        if self.within:
            jobs = jobs.filter(station__in=self.visible(Station).within(self.within))
        at = {job.worker_id: job.station for job in jobs.order_by("full_time", "-span")}
        found = Worker.objects.unscoped("in post at stations in reach, or with a case in reach").filter(
            pk__in={*at, *carrying}
        )
        for worker in (people := list(found.order_by("pinyin", "pk"))):
            worker.at = at.get(worker.pk)
        return people

    def get_context_data(self, **kwargs):
        counts, minutes = self.counts(), self.minutes()
        rows = [
            self.row(worker, counts.get(worker.pk, {}), minutes.get(worker.pk) or 0) for worker in self.people(counts)
        ]
        asked = self.request.GET.get("sort", "")
        if asked.lstrip("-") in COLUMNS.keys() - WORDS:
            rows.sort(key=lambda r: r[asked.lstrip("-")], reverse=asked.startswith("-"))
        else:
            rows.sort(key=lambda r: not r["open"])  # who carries none comes last
        page = self.paged(rows, 60)
        return super().get_context_data(**kwargs) | {
            "rows": list(page), "page": page, "columns": [self.column(key, asked) for key in COLUMNS], "within": self.within,
            "total": {key: sum(r[key] for r in rows) for key in COLUMNS.keys() - WORDS} | {"people": len(rows)},
            "waiting": len(worklists.queue(self.request.user)),
            "crumbs": [(_("个案"), reverse("cases")), (_("工作量"), "")],
        }  # fmt: skip

    @staticmethod
    def row(worker, counts, minutes):
        return {
            "name": worker.name, "id": worker.public_id, "at": worker.at, "url": reverse("caseload_of", args=[worker.public_id]),
            "minutes": minutes, "hours": minutes / 60, "hours_text": number(rounded_hours(minutes)),
            **{key: counts.get(key, 0) for key in ("open", "overdue", "red", "crisis", "resting")},
        }  # fmt: skip

    def column(self, key, asked):
        sort = ("descending" if asked.startswith("-") else "ascending") if asked.lstrip("-") == key else ""
        query = self.request.GET.copy()
        query.pop("page", None)
        query["sort"] = key if sort == "descending" else f"-{key}"
        return {
            "key": key,
            "label": COLUMNS[key],
            "num": key not in WORDS,
            "sort": sort,
            "sort_url": f"?{query.urlencode()}" if key not in WORDS else "",
        }


class CaseloadOf(Carried):
    """/caseload/WORKER/: the cases that one worker carries, each with the way to give it to another."""

    template_name = "casework/caseload_of.html"

    def get_context_data(self, **kwargs):
        pk = number_of("w", self.kwargs["worker"])
        cases = self.cases().filter(worker=pk, closed_on=None).annotate(late=self.late())
        page = self.paged(
            cases.select_related("client", "station").order_by("-late", "-crisis", "stage_since", "pk"), 50
        )
        worker = (
            Worker.objects.unscoped("carries cases in reach, or is in reach").filter(pk=pk).first()
            if page.paginator.count
            else None
        )
        worker = worker or self.visible(Worker).filter(pk=pk).first()
        if worker is None:
            raise Http404
        items = (
            DueItem.objects.visible_to(self.request.user)
            .open()
            .filter(case__in=[c.pk for c in page])
            .order_by("due_on", "due_at")
        )
        first = {}
        for item in items:
            first.setdefault(item.case_id, item)
        return super().get_context_data(**kwargs) | {
            "worker": worker, "page": page, "rows": [self.row(case, first.get(case.pk)) for case in page],
            "note": due.note_of(list(first.values())),
            "crumbs": [(_("个案"), reverse("cases")), (_("工作量"), reverse("caseload")), (worker.name, "")],
        }  # fmt: skip

    @staticmethod
    def row(case, item):
        return {
            "number": case.number, "url": reverse("case", args=[case.number]), "name": case.client.name.clear, "station": case.station,
            "stage": codes.STAGES[case.stage], "since": case.stage_since, "risk": codes.RISK_LEVELS.get(case.risk_level, ""),
            "risk_kind": RISK_MARKS.get(case.risk_level, ""), "crisis": case.crisis, "resting": case.suspended_on is not None,
            "due": due.name_of(item) if item else "", "due_on": item and item.due_on, "late": bool(item) and due.is_overdue(item),
            "assign_url": reverse("case_assign", args=[case.number]),
        }  # fmt: skip


class AssignForm(forms.Form):
    worker = forms.ChoiceField(label=gettext_lazy("改派给"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("原因"), required=False, max_length=200, widget=forms.TextInput(attrs={"class": "input"})
    )
    was = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = choices


class Assign(CasePage):
    """/cases/NUMBER/assign/: to whom, with how much each carries already."""

    template_name = "casework/caseload_assign.html"
    needs, title = "change", gettext_lazy("改派")

    @cached_property
    def people(self):
        return list(workers_for(self.case))

    def choices(self):
        """[(id, words)]: each with what he carries at this station, late ones told."""
        cases = (
            self.visible(Case)
            .filter(worker__in=self.people, closed_on=None)
            .annotate(late=Carried.late())
            .order_by()
            .values("worker")
        )
        load = {r["worker"]: r for r in cases.annotate(n=Count("pk"), late_ones=Count("pk", filter=Q(late=True)))}
        return [(w.public_id, self.words(w, load.get(w.pk))) for w in self.people]

    @staticmethod
    def words(worker, load):
        if not load:
            return _("%(name)s（没有在案）") % {"name": worker.name}
        words = {"name": worker.name, "n": load["n"], "late": load["late_ones"]}
        return (
            _("%(name)s（在案 %(n)d，有逾期 %(late)d）") % words
            if load["late_ones"]
            else _("%(name)s（在案 %(n)d）") % words
        )

    def get_context_data(self, **kwargs):
        form = kwargs.pop("form", None) or AssignForm(
            choices=self.choices(), initial={"was": self.case.worker.public_id}
        )
        return super().get_context_data(**kwargs) | {"form": form, "now": self.case.worker, "people": self.people}

    def post(self, request, *args, **kwargs):
        form = AssignForm(request.POST, choices=self.choices())
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        said = form.cleaned_data
        try:
            case = assign_case(request.user, self.case, said["worker"], was=said["was"], reason=said["reason"])
        except DomainError as e:
            if e.status in (403, 404):
                raise
            form.add_error("worker" if not isinstance(e, Conflict) else None, str(e.message))
            return self.render_to_response(self.get_context_data(form=form), status=e.status)
        messages.success(
            request,
            _("%(number)s 已改派给%(name)s，会出现在待办里") % {"number": case.number, "name": case.worker.name},
        )
        return HttpResponseRedirect(reverse("caseload_of", args=[said["was"] or case.worker.public_id]))


def rounded_hours(minutes):
    """Hours to one place."""
    return rounded(Fraction(minutes, 60), 1)
