"""/clients/: who is known; one person with what is known, cases, family and who looked; what is masked opened with a purpose."""

from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from accounts.masking import present
from accounts.reveals import PURPOSES
from casework import access, codes, showing
from casework.access import FULL
from casework.api.rows import with_groups
from casework.client_forms import ShowForm, path_of, spelled
from casework.models import Case, Client, Household
from casework.models.clients import PERSONAL
from casework.views.base import about
from periods import today
from surfaces.pages import Page
from workforce.actions.workers import last_day

FOUND = 50  # so many people are shown of a search; more of one name are told apart by their number
ONLY = {"": gettext_lazy("全部"), "mine": gettext_lazy("我承办的"), "none": gettext_lazy("没有在办个案")}
PLACES = ("registered_division", "residence_division")
RELATED = (
    "station__division",
    *(f"{place}__{above}" for place in PLACES for above in ("province", "city", "district", "township")),
)


def tabs(current, user):
    """Cases and people beside each other."""
    items = [("cases", _("个案")), ("clients", _("服务对象"))]
    return [{"url": reverse(name), "label": label, "count": "", "current": name == current} for name, label in items]


def sex_and_age(client):
    """女，78 岁"""
    return about({"sex": client.sex, "age": client.age_on(today())})


class ClientList(Page):
    """GET lists those in reach, POST finds by name or number: what is typed never stands in an address."""

    template_name, fragment_name = "casework/clients.html", "casework/client_rows.html"
    model, verb = Client, "see"
    asked = ""

    def post(self, request, *args, **kwargs):
        self.asked = request.POST.get("q", "").strip()[:60]
        return self.render_to_response(self.get_context_data(**kwargs))

    @property
    def only(self):
        only = self.request.GET.get("only", "")
        return only if only in ONLY else ""

    def rows(self):
        user, rows = self.request.user, self.visible(Client)
        if self.asked:
            return found(user, self.asked)
        open_cases = self.visible(Case).filter(client=OuterRef("pk"), closed_on=None)
        if self.only == "mine":
            rows = rows.filter(Exists(open_cases.filter(worker__user=user.pk)))
        elif self.only == "none":
            rows = rows.filter(~Exists(open_cases))
        return rows

    def get_context_data(self, **kwargs):
        page, user = self.paged(with_cases(self.rows(), user=self.request.user), FOUND), self.request.user
        return super().get_context_data(**kwargs) | {
            "q": self.asked, "only": self.only, "page": page, "total": page.paginator.count,
            "rows": [row(client) for client in page],
            "chips": [{"url": f"?only={only}" if only else reverse("clients"), "label": label, "count": "", "current": only == self.only}
                      for only, label in ONLY.items()],
            "tabs": tabs("clients", user), "new_url": reverse("client_new") if user.can("create", Client) else "",
        }  # fmt: skip


def found(user, text):
    """People in reach who are called so, or whose number it is: the blind index alone is asked."""
    return Client.objects.visible_to(user, near=False).called(spelled(text))


def with_cases(rows, user):
    """Rows of a list: with today's categories and the open cases that the reader may know of."""
    cases = Case.objects.visible_to(user).filter(closed_on=None).select_related("worker").order_by("-opened_on")
    rows = with_groups(rows).select_related("station").prefetch_related(Prefetch("cases", cases, "open_now"))
    return rows.order_by("-filed_on", "-pk")


def row(client):
    """One person of a list; masked to whoever has him not in full."""
    full = client.seen_as == FULL
    name = present({"name": client.name}, client.seen_as, False)["name"]
    return {
        "id": client.public_id, "url": reverse("client", args=[client.public_id]), "name": name, "full": full,
        "about": sex_and_age(client) if full else codes.SEXES[client.sex], "station": client.station, "filed_on": client.filed_on,
        "groups": [codes.CATEGORIES[c] for c in client.groups] if full else [],
        "cases": [{"number": c.number, "stage": codes.STAGES[c.stage], "worker": c.worker.name} for c in client.open_now],
    }  # fmt: skip


class OfClient:
    """Pages below one client: 404 out of reach."""

    @cached_property
    def client(self):
        rows = Client.objects.visible_to(self.request.user).select_related(*RELATED)
        found = rows.filter(public_id=self.kwargs["client"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def full(self):
        return self.client.seen_as == FULL

    @property
    def url(self):
        return reverse("client", args=[self.client.public_id])


class ClientPage(OfClient, Page):
    """/clients/ID/"""

    template_name = "casework/client.html"
    model, verb = Client, "see"

    def dispatch(self, request, *args, **kwargs):
        if request.user.can("see", Client) and self.full:
            showing.note_look(request.user, self.client)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        user, client = self.request.user, self.client
        may = self.full and user.can("change", client)
        cases = list(
            self.visible(Case).filter(client=client).select_related("station", "worker").order_by("-opened_on", "-pk")
        )
        context = {
            "client_id": client.public_id, "full": self.full, "station": client.station, "filed_on": client.filed_on,
            "name": present({"name": client.name}, client.seen_as, False)["name"],
            "about": sex_and_age(client) if self.full else codes.SEXES[client.sex],
            "crumbs": [(_("服务对象"), reverse("clients")), (_("档案"), "")],
            "cases": [self.case_row(case) for case in cases],
            "new_case_url": f"{reverse('case_new')}?client={client.public_id}" if user.can("create", Case) else "",
            "edit_url": reverse("client_edit", args=[client.public_id]) if may else "",
        }  # fmt: skip
        if self.full:
            context |= self.known(may) | {"looks": showing.looks_at(client, [c for c in cases if c.seen_as == FULL])}
        return super().get_context_data(**kwargs) | context

    @staticmethod
    def case_row(case):
        closed = case.is_closed
        return {
            "number": case.number, "url": reverse("case", args=[case.number]), "stage": codes.STAGES[case.stage], "closed": closed,
            "opened_on": case.opened_on, "closed_on": case.closed_on, "station": case.station,
            "worker": case.worker.name if case.seen_as != access.NARROW else "",
        }  # fmt: skip

    def known(self, may):
        """What is known of a person whom the reader has in full."""
        client = self.client
        shown = present({name: getattr(client, name) for name in PERSONAL}, FULL, False)
        opened = showing.opened(self.request, client)
        today_, history = today(), sorted(client.category_rows.all(), key=lambda r: r.span.lower, reverse=True)
        return {
            "shown": shown | (opened or {}), "opened": opened, "purposes": PURPOSES, "id_type": client.get_id_type_display(),
            "id_absent_reason": client.id_absent_reason, "ethnicity": client.ethnicity,
            "separation": codes.SEPARATIONS.get(client.residence_separation, ""),
            "residence": path_of(client.residence_division) if client.residence_division else "",
            "registered": path_of(client.registered_division) if client.registered_division else "",
            "groups": [self.group(r, may) for r in history if today_ in r.span],
            "former": [self.group(r, False) for r in history if today_ not in r.span],
            "category_url": reverse("client_categories", args=[client.public_id]) if may else "", **self.families(may),
        }  # fmt: skip

    def group(self, row, may):
        ends = (
            reverse("client_category_end", args=[self.client.public_id, row.pk])
            if may and row.span.upper is None
            else ""
        )
        return {
            "label": codes.CATEGORIES.get(row.category, row.category), "since": row.span.lower, "until": last_day(row.span),
            "end_url": ends,
        }  # fmt: skip

    def families(self, may):
        """The family of today with who lives there, or where one can be founded."""
        homes = self.visible(Household).filter(members__client=self.client, members__span__contains=today())
        home = homes.first()
        if home is None:
            return {"home": None, "found_url": reverse("household_new", args=[self.client.public_id]) if may else ""}
        from casework.views.households import living_there

        people = living_there(self.request.user, home)
        n = len(people)
        return {
            "home": {"url": reverse("household", args=[home.public_id]), "people": people,
                     "count": ngettext("%(n)d 人", "%(n)d 人", n) % {"n": n}},
            "found_url": "",
        }  # fmt: skip


class ShowClient(OfClient, View):
    """POST /clients/ID/show/: ID number and phone in clear for five minutes, with the purpose in the record."""

    http_method_names = ["post"]

    def post(self, request, client):
        form = ShowForm(request.POST)
        form.is_valid()
        asked, case, back = form.cleaned_data, None, self.url
        if asked.get("case"):
            case = Case.objects.visible_to(request.user).filter(number=asked["case"], client=self.client).first()
            if case is None:
                raise Http404
            back = reverse("case", args=[case.number])
        showing.show(request, self.client, asked.get("purpose", ""), asked.get("note", ""), case)
        return HttpResponseRedirect(f"{back}#reveal")
