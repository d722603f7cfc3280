"""/cases/new/: is this person known already? Then the day, the field and who keeps the case; it lands on the intake form."""

import uuid

from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import NotInScope
from accounts.masking import present
from casework import actions
from casework.actions.clients import find_client
from casework.client_forms import OpeningForm
from casework.models import Case, Client
from casework.views.clients import FOUND, found, row, with_cases
from casework.views.registering import PersonPage, writable_stations
from surfaces.pages import Page
from workforce.models import Assignment


class OpenCase(Page):
    """The address of both halves: without `client` it looks for the person, with it the case is opened."""

    def dispatch(self, request, *args, **kwargs):
        half = Opening if request.GET.get("client") else FindPerson
        return half.as_view()(request, *args, **kwargs)


class FindPerson(Page):
    """GET asks who it is; POST shows who is on file under that name or number."""

    template_name, fragment_name = "casework/case_new.html", "casework/case_new_found.html"
    model, verb = Case, "create"
    asked = ""

    def post(self, request, *args, **kwargs):
        self.asked = request.POST.get("q", "").strip()[:60]
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs):
        user = self.request.user
        rows = list(with_cases(found(user, self.asked), user)[:FOUND]) if self.asked else []
        address = reverse("case_new")
        return super().get_context_data(**kwargs) | {
            "q": self.asked, "rows": [row(c) | {"case_url": f"{address}?client={c.public_id}"} for c in rows],
            "crumbs": [(_("个案"), reverse("cases")), (_("开案"), "")],
            "file_url": f"{reverse('client_new')}?then=case" if user.can("create", Client) else "",
        }  # fmt: skip


class Opening(PersonPage):
    template_name = "casework/case_new_form.html"
    model, form_class = Case, OpeningForm
    title, done = gettext_lazy("开案"), gettext_lazy("已开案，接着写接案登记表")
    submit = gettext_lazy("开案")

    @cached_property
    def client(self):
        return find_client(self.request.user, self.request.GET.get("client", ""))

    @property
    def cancel_url(self):
        return reverse("client", args=[self.client.public_id])

    def crumbs(self):
        return [(_("个案"), reverse("cases")), (_("档案"), self.cancel_url), (self.title, "")]

    def check_right(self):
        super().check_right()
        if self.client is None:
            raise NotInScope()

    def get_initial(self):
        return {"client_ref": uuid.uuid4(), "station": self.client.station.code}

    def get_form_kwargs(self):
        user = self.request.user
        stations = list(writable_stations(user)[:200])
        own = getattr(user, "worker", None)
        return super().get_form_kwargs() | {
            "stations": writable_stations(user) if len(stations) > 1 else stations,
            "workers": self.workers(stations), "own": own.public_id if own else None,
        }  # fmt: skip

    def workers(self, stations):
        """[(id, words)] of those in post at the stations one writes at; None for workers, who open for themselves."""
        user = self.request.user
        if not {post.role for post in user.posts_now} & {"manager", "supervisor"}:
            return None
        jobs = (
            Assignment.objects.visible_to(user)
            .unended()
            .filter(station__in=[s.pk for s in stations], worker__user__isnull=False)
        )
        found = {}
        for job in jobs.select_related("worker", "station").order_by("station__tier", "worker__pinyin"):
            found.setdefault(job.worker.public_id, f"{job.worker.name} · {job.station.name}")
        return list(found.items())

    def act(self, form):
        body = {"client": self.client.public_id} | {k: v for k, v in form.wanted().items() if v is not None}
        case = self.once(form, lambda: actions.open_case(self.request.user, body))
        return intake_of(case)

    def get_context_data(self, **kwargs):
        rows = Client.objects.visible_to(self.request.user).filter(pk=self.client.pk)
        shown = row(with_cases(rows, self.request.user)[0])
        name = present({"name": self.client.name}, self.client.seen_as, False)["name"]
        return super().get_context_data(**kwargs) | {"lead": name, "person": shown}


def intake_of(case):
    """Where the intake of a new case is written."""
    try:
        return reverse("case_form", args=[case.number, "intake"])
    except NoReverseMatch:
        return reverse("case", args=[case.number])
