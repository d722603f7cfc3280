"""/trainings/: what was taught, who came, how long; planning one, changing it, signing people in."""

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.errors import DomainError
from periods import Period, today
from stations.finding import asked as normal
from stations.models import Station
from stations.places import find_place
from stations.views.changes import put_errors
from surfaces.pages import Page
from surfaces.rows import moment
from workforce import access, actions
from workforce.api.fields import hour_minutes
from workforce.forms import SignInForm, TrainingForm
from workforce.models import Assignment, Attendance, Training, Worker
from workforce.models.trainings import CANCELLED, STATES
from workforce.views.forms_of import FormPage, OfTraining, writable_stations
from workforce.views.people import tabs

BADGES = {
    "planned": ("warn", "planned"),
    "held": ("ok", "check"),
    "confirmed": ("ok", "lock"),
    "cancelled": ("", "close"),
}
PEOPLE = 200  # so many are offered to tick; more are found by their list


def badge_of(state):
    """How a training stands, as a badge."""
    kind, icon = BADGES[state]
    return {"kind": kind, "icon": icon, "label": dict(STATES)[state]}


class TrainingList(Page):
    template_name, fragment_name = "workforce/trainings.html", "workforce/_trainings.html"
    model, verb = Training, "see"

    @cached_property
    def asked(self):
        state, period = self.request.GET.get("state", ""), self.request.GET.get("period", "")
        try:
            found = Period.parse(period) if period else None
        except ValueError:
            found = None
        return {
            "q": normal(self.request.GET.get("q", "")), "period": found,
            "state": state if state in dict(STATES) else "",
        }  # fmt: skip

    @cached_property
    def within(self):
        code = self.request.GET.get("within", "")
        return find_place(code, self.request.user) if code else None

    def rows(self):
        asked, rows = self.asked, self.visible(Training).with_state().with_person_times()
        if self.within:
            rows = rows.filter(station__in=self.visible(Station).within(self.within))
        if asked["q"]:
            rows = rows.filter(Q(title__contains=asked["q"]) | Q(organiser__contains=asked["q"]))
        if asked["period"]:
            rows = rows.filter(ends_on__range=(asked["period"].first, asked["period"].last))
        if asked["state"]:
            rows = rows.filter(state_now=asked["state"])
        return rows.select_related("station").order_by("-starts_on", "-pk")

    def get_context_data(self, **kwargs):
        page, user, asked = self.paged(self.rows(), 50), self.request.user, self.asked
        may = user.can("create", Training)
        chips = [("", _("全部")), *STATES]
        return super().get_context_data(**kwargs) | {
            "q": asked["q"], "page": page, "total": page.paginator.count, "within": self.within, "period": asked["period"],
            "rows": [{"training": t, "url": reverse("training", args=[t.public_id]), "badge": badge_of(t.state_now),
                      "hours": t.minutes / hour_minutes()} for t in page],
            "chips": [{"url": self.link(state=s, page=""), "label": label, "count": "", "current": s == asked["state"]} for s, label in chips],
            "tabs": tabs("trainings", user) if user.can("see", Worker) else [],
            "new_url": reverse("training_new") if may else "", "import_url": "/imports/?kind=training" if may else "",
            "export_url": "/api/v1/trainings/?format=xlsx", "state": asked["state"],
        }  # fmt: skip

    def link(self, **changed):
        query = self.request.GET.copy()
        for name, value in changed.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else self.request.path


class TrainingPage(OfTraining, Page):
    """GET shows it, POST signs people in: all that are ticked and written, or none."""

    template_name = "workforce/training.html"
    model, verb = Training, "see"
    form = None

    def get_context_data(self, **kwargs):
        training, user = self.training, self.request.user
        url, may = reverse("training", args=[training.public_id]), user.can("change", training)
        entries = (
            Attendance.objects.visible_to(user)
            .filter(training=training)
            .select_related("worker", "station")
            .order_by("pk")
        )
        page = self.paged(entries, 100)
        came = training.attendances.filter(attended=True).aggregate(people=Count("pk"), minutes=Sum("minutes"))
        return super().get_context_data(**kwargs) | {
            "training": training, "url": url, "badge": badge_of(training.state), "hours": training.minutes / hour_minutes(),
            "crumbs": [(_("人员与培训"), reverse("workers")), (_("培训"), reverse("trainings")), (training.title, "")],
            "person_times": came["people"], "person_hours": (came["minutes"] or 0) / hour_minutes(),
            "page": page, "entries": [self.entry(one, url, may) for one in page],
            "form": (self.form or SignInForm(self.people())) if self.open_for(user) else None,
            "edit_url": f"{url}edit/" if may else "",
            "sheet_url": f"/api/v1/trainings/{training.public_id}/attendances/?format=xlsx",
        }  # fmt: skip

    def open_for(self, user):
        """Whether people can be signed in now: by those who write here, once it has begun."""
        training = self.training
        return training.decided != CANCELLED and access.may_at(user, "create", Attendance, training.station)

    def people(self):
        """Those in post at the station or below on the last day who are not on the list yet."""
        training, user = self.training, self.request.user
        here = Station.objects.visible_to(user).within(training.station)
        jobs = Assignment.objects.visible_to(user).on(training.ends_on).filter(station__in=here)
        noted = training.attendances.exclude(worker=None).values("worker")
        rows = Worker.objects.visible_to(user).filter(pk__in=jobs.values("worker")).exclude(pk__in=noted)
        return rows.order_by("pinyin", "pk")[:PEOPLE]

    @staticmethod
    def entry(one, url, may):
        return {
            "name": str(one), "where": one.unit or one.station.name, "attended": one.attended, "minutes": one.minutes,
            "certificate_no": one.certificate_no, "guest": one.worker_id is None,
            "worker_url": reverse("worker", args=[one.worker.public_id]) if one.worker_id and may else "",
            "edit_url": f"{url}came/{one.public_id}/" if may else "", "remove_url": f"{url}came/{one.public_id}/remove/" if may else "",
        }  # fmt: skip

    def post(self, request, *args, **kwargs):
        self.form = SignInForm(Worker.objects.visible_to(request.user), request.POST)
        if self.form.is_valid():
            try:
                made = actions.record_attendances(request.user, self.training, self.form.rows())
            except DomainError as e:
                if e.status in (403, 404):
                    raise
                put_errors(self.form, e)
            else:
                told = ngettext("已记 %(n)s 人", "已记 %(n)s 人", len(made)) % {"n": len(made)}
                messages.success(request, told)
                return HttpResponseRedirect(reverse("training", args=[self.training.public_id]))
        self.form.fields["workers"].queryset = self.people()
        return self.render_to_response(self.get_context_data(), status=422)


class NewTraining(FormPage):
    """/trainings/new/"""

    model, form_class = Training, TrainingForm
    title, done = gettext_lazy("排一场培训"), gettext_lazy("已排上")

    @property
    def cancel_url(self):
        return reverse("trainings")

    def crumbs(self):
        return [(_("培训"), reverse("trainings")), (self.title, "")]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stations": writable_stations(self.request.user)}

    def get_initial(self):
        return self.first_values() | {"starts_on": today()}

    def act(self, form):
        training = self.once(form, lambda: actions.create_training(self.request.user, **form.wanted()))
        return reverse("training", args=[training.public_id])


class EditTraining(OfTraining, FormPage):
    """/trainings/ID/edit/"""

    form_class = TrainingForm
    verb = "change"
    title, done = gettext_lazy("改培训"), gettext_lazy("已保存")

    @property
    def obj(self):
        return self.training

    @property
    def cancel_url(self):
        return reverse("training", args=[self.training.public_id])

    def crumbs(self):
        return [(_("培训"), reverse("trainings")), (self.training.title, self.cancel_url), (self.title, "")]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stations": writable_stations(self.request.user)}

    def get_initial(self):
        now = Training.objects.visible_to(self.request.user).select_related("station").get(pk=self.training.pk)
        names = (
            "title", "starts_on", "ends_on", "minutes", "mode", "category", "organiser", "lecturer", "place", "ce_eligible",
            "declared_head_count",
        )  # fmt: skip
        more = {"station": now.station, "state": now.decided, "version": moment(now.updated_at)}
        return {name: getattr(now, name) for name in names} | more

    def act(self, form):
        actions.update_training(self.request.user, self.training, check=self.unless_stale(form), **form.wanted())
        return self.cancel_url
