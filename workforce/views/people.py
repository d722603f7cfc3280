"""/workers/: who works where, with which certificate, registered until when; taking a person in."""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import mask_phone
from periods import today
from stations.models import Station
from stations.places import find_place
from surfaces.pages import Page
from workforce.actions import create_worker
from workforce.forms import NewWorkerForm
from workforce.models import Assignment, Worker
from workforce.models.certificates import GRADES
from workforce.reading import with_certificate
from workforce.search import people_named
from workforce.views.forms_of import FormPage, writable_stations

SOON = 90  # days before the end of a registration within which it can be renewed (dossier §3.4)
COLUMNS = {
    "name": ("pinyin", gettext_lazy("姓名")), "station": (None, gettext_lazy("站点")), "duty": (None, gettext_lazy("岗位")),
    "grade": ("grade_now", gettext_lazy("职业资格")), "until": ("registered_last", gettext_lazy("登记有效期至")),
    "phone": (None, gettext_lazy("手机")),
}  # fmt: skip
ONLY = {
    "": gettext_lazy("在岗"), "certified": gettext_lazy("持证"), "bare": gettext_lazy("未持证"), "due": gettext_lazy("登记快到期"),
    "over": gettext_lazy("登记已过期"), "left": gettext_lazy("已离岗"),
}  # fmt: skip


def condition(only, day):
    """What a chip leaves."""
    return {
        "certified": Q(grade_now__gt=0),
        "bare": Q(grade_now=0),
        "due": Q(registered_last__range=(day, day + dt.timedelta(days=SOON))),
        "over": Q(registered_last__lt=day),
    }.get(only, Q())


def registration_state(until, day):
    """(kind, words) of the badge beside the last day of a registration."""
    if until is None:
        return "", ""
    if until < day:
        return "bad", _("已过期")
    return ("warn", _("可续登记")) if until <= day + dt.timedelta(days=SOON) else ("ok", _("有效"))


def tabs(current, user):
    """People and trainings beside each other."""
    return [
        {"url": reverse("workers"), "label": _("人员"), "count": "", "current": current == "workers"},
        {"url": reverse("trainings"), "label": _("培训"), "count": "", "current": current == "trainings"},
    ]


class WorkerList(Page):
    template_name, fragment_name = "workforce/workers.html", "workforce/_workers.html"
    model, verb = Worker, "see"

    @cached_property
    def asked(self):
        only, sort = self.request.GET.get("only", ""), self.request.GET.get("sort", "")
        return {
            "q": self.request.GET.get("q", "").strip()[:60],
            "only": only if only in ONLY else "",
            "sort": sort if COLUMNS.get(sort.lstrip("-"), (None,))[0] else "",
        }

    @cached_property
    def within(self):
        code = self.request.GET.get("within", "")
        return find_place(code, self.request.user) if code else None

    def rows(self):
        user, day, asked = self.request.user, today(), self.asked
        jobs = Assignment.objects.visible_to(user)
        if self.within:
            jobs = jobs.filter(station__in=Station.objects.visible_to(user).within(self.within))
        now = Exists(jobs.on(day).filter(worker=OuterRef("pk")))
        rows = with_certificate(self.visible(Worker)).filter(condition(asked["only"], day))
        if asked["only"] == "left":
            rows = rows.filter(~now, Exists(jobs.filter(worker=OuterRef("pk"))))
        else:
            rows = rows.filter(now)
        if asked["q"]:
            rows = rows.filter(people_named(asked["q"]))
        shown = Prefetch(
            "assignments", Assignment.objects.visible_to(user).on(day).select_related("station").order_by("-full_time", "span"), "now"
        )  # fmt: skip
        return rows.prefetch_related(shown).order_by(*self.ordering())

    def ordering(self):
        word = self.asked["sort"]
        if not word:
            return ["pinyin", "pk"]
        column = F(COLUMNS[word.lstrip("-")][0])
        first = column.desc(nulls_last=True) if word.startswith("-") else column.asc(nulls_last=True)
        return [first, "pinyin", "pk"]

    def get_context_data(self, **kwargs):
        page, user = self.paged(self.rows(), 50), self.request.user
        may = user.can("create", Worker)
        return super().get_context_data(**kwargs) | {
            "q": self.asked["q"], "only": self.asked["only"], "page": page, "total": page.paginator.count,
            "rows": [row(worker) for worker in page], "columns": [self.column(key) for key in COLUMNS],
            "chips": [{"url": self.link(only=only, page=""), "label": label, "count": "", "current": only == self.asked["only"]}
                      for only, label in ONLY.items()],
            "within": self.within, "tabs": tabs("workers", user),
            "new_url": reverse("worker_new") if may else "",
            "import_url": "/imports/?kind=staff" if may else "",
            "export_url": "/api/v1/workers/?format=xlsx",
        }  # fmt: skip

    def column(self, key):
        field, label = COLUMNS[key]
        word = self.asked["sort"]
        sort = ("descending" if word.startswith("-") else "ascending") if field and word.lstrip("-") == key else ""
        return {
            "label": label, "num": False, "sort": sort,
            "sort_url": self.link(sort=f"-{key}" if sort == "ascending" else key, page="") if field else "",
        }  # fmt: skip

    def link(self, **changed):
        query = self.request.GET.copy()
        for name, value in changed.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else self.request.path


def row(worker):
    """One line of the list: name, station, duty, certificate and how long its registration holds."""
    first = worker.now[0] if worker.now else None
    kind, words = registration_state(worker.registered_last, today())
    return {
        "name": worker.name, "url": reverse("worker", args=[worker.public_id]),
        "station": first.station if first else None, "more": max(0, len(worker.now) - 1),
        "duty": first.get_duty_display() if first else "", "part_time": bool(first and not first.full_time),
        "grade": dict(GRADES).get(worker.grade_now, ""), "until": worker.registered_last, "kind": kind, "words": words,
        "phone": mask_phone(worker.phone),
    }  # fmt: skip


class NewWorker(FormPage):
    """/workers/new/"""

    model, form_class = Worker, NewWorkerForm
    title, done = gettext_lazy("加人员"), gettext_lazy("已加入名册")

    @property
    def cancel_url(self):
        return reverse("workers")

    def crumbs(self):
        return [(_("人员与培训"), reverse("workers")), (self.title, "")]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stations": writable_stations(self.request.user)}

    def get_initial(self):
        return self.first_values()

    def act(self, form):
        worker = self.once(form, lambda: create_worker(self.request.user, **form.wanted()))
        return reverse("worker", args=[worker.public_id])
