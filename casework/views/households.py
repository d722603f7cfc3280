"""/households/ID/: who lives together, who did; moving in and out, another head. Each person is shown as deep as the reader has him."""

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import present
from casework import actions
from casework.access import FULL
from casework.client_forms import FoundForm, LastDayForm, MoveInForm, RestateForm
from casework.errors import fault
from casework.models import Client, Household
from casework.views.clients import OfClient, found, sex_and_age
from casework.views.registering import PersonPage
from periods import today
from surfaces.pages import Page
from workforce.actions.workers import last_day


def members_of(user, household):
    """Rows of a family with their client as the reader has him (`seen`: None out of reach), the head first."""
    rows = list(household.members.select_related("client").order_by("-is_head", "span", "pk"))
    depths = dict(Client.objects.visible_to(user).filter(memberships__household=household).values_list("pk", "seen_as"))
    for row in rows:
        row.seen = depths.get(row.client_id)
    return rows


def person(row):
    """One member as a list shows him."""
    client, full = row.client, row.seen == FULL
    return {
        "name": present({"name": client.name}, row.seen or "none", False)["name"], "about": sex_and_age(client) if full else "",
        "url": reverse("client", args=[client.public_id]) if row.seen else "", "relation": row.relation, "is_head": row.is_head,
        "since": row.span.lower, "until": last_day(row.span), "pk": row.pk,
    }  # fmt: skip


def living_there(user, household):
    """Those of today, the head first."""
    return [person(row) for row in members_of(user, household) if today() in row.span]


class OfHousehold:
    """Pages below one family: 404 out of reach."""

    model = Household

    @cached_property
    def household(self):
        found = (
            Household.objects.visible_to(self.request.user)
            .select_related("station")
            .filter(public_id=self.kwargs["household"])
            .first()
        )
        if found is None:
            raise Http404
        return found

    @property
    def url(self):
        return reverse("household", args=[self.household.public_id])


class HouseholdPage(OfHousehold, Page):
    template_name = "casework/household.html"
    verb = "see"

    def dispatch(self, request, *args, **kwargs):
        self.model = self.household  # 404 before 403
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        user, household, day = self.request.user, self.household, today()
        rows = members_of(user, household)
        may = user.can("change", household)
        key = household.public_id
        now = [person(row) for row in rows if day in row.span]
        for one in now:
            one["out_url"] = reverse("household_out", args=[key, one["pk"]]) if may else ""
        return super().get_context_data(**kwargs) | {
            "household": household, "note": household.note.clear if household.note else "", "now": now,
            "before": [person(row) for row in sorted(rows, key=lambda r: r.span.lower, reverse=True) if day not in row.span],
            "in_url": reverse("household_in", args=[key]) if may else "",
            "head_url": reverse("household_head", args=[key]) if may and now else "",
            "crumbs": [(_("服务对象"), reverse("clients")), (_("家庭"), "")],
        }  # fmt: skip


class FoundHousehold(OfClient, PersonPage):
    """/clients/ID/household/: a family whose head this person is; others then move in."""

    form_class, verb, model = FoundForm, "change", Household
    title, done = gettext_lazy("建家庭档案"), gettext_lazy("已建家庭档案")

    @property
    def obj(self):
        return self.client

    @property
    def cancel_url(self):
        return self.url

    def crumbs(self):
        return [(_("服务对象"), reverse("clients")), (_("档案"), self.url), (self.title, "")]

    def get_context_data(self, **kwargs):
        lead = _("户主：%(name)s。家里的其他人随后加进来") % {"name": self.client.name.clear}
        return super().get_context_data(**kwargs) | {"lead": lead}

    def act(self, form):
        data = form.cleaned_data
        household = actions.found_household(self.request.user, self.client, since=data["since"], note=data["note"])
        return reverse("household", args=[household.public_id])


class _OfHousehold(OfHousehold, PersonPage):
    verb = "change"

    @property
    def obj(self):
        return self.household

    @property
    def cancel_url(self):
        return self.url

    def crumbs(self):
        return [(_("服务对象"), reverse("clients")), (_("家庭"), self.url), (self.title, "")]


class MoveIn(_OfHousehold):
    """/households/ID/in/: somebody on file; of several who are called so one is chosen."""

    form_class = MoveInForm
    title, done = gettext_lazy("加家庭成员"), gettext_lazy("已加入这一户")
    submit = gettext_lazy("加入")

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if self.request.method == "POST" and (who := self.request.POST.get("who", "").strip()):
            self.people = list(found(self.request.user, who[:60]).filter(seen_as=FULL).select_related("station")[:20])
            if len(self.people) > 1:
                form.offer([(p.public_id, f"{p.name.clear}，{sex_and_age(p)}，{p.station}") for p in self.people])
        return form

    def act(self, form):
        user, data = self.request.user, form.cleaned_data
        if not self.people:
            raise fault("who", "out_of_scope", _("范围内没有这个人的档案，先建档"))
        chosen = next((p for p in self.people if p.public_id == data.get("chosen")), None) or self.people[0]
        actions.move_in(user, self.household, chosen, relation=data["relation"], since=data["since"])
        return self.url


class MoveOut(_OfHousehold):
    """/households/ID/out/ROW/: the last day somebody lived there."""

    form_class = LastDayForm
    title, done = gettext_lazy("迁出"), gettext_lazy("已迁出")

    @cached_property
    def row(self):
        rows = members_of(self.request.user, self.household)
        found = next((row for row in rows if str(row.pk) == str(self.kwargs["row"])), None)
        if found is None:
            raise Http404
        return found

    def check_right(self):
        super().check_right()
        self.row  # noqa: B018 — 404 where the family has no such row

    def get_context_data(self, **kwargs):
        who = person(self.row)
        return super().get_context_data(**kwargs) | {
            "lead": _("%(who)s，从 %(day)s 起住在这一户") % {"who": who["name"], "day": who["since"]}
        }

    def act(self, form):
        actions.move_out(self.request.user, self.household, self.row, last=form.cleaned_data["last"])
        return self.url


class Restate(_OfHousehold):
    """/households/ID/head/: another head, and what the others are to him; the note."""

    form_class = RestateForm
    title, done = gettext_lazy("改家庭"), gettext_lazy("已保存")

    @cached_property
    def people(self):
        return [row for row in members_of(self.request.user, self.household) if row.span.upper is None]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"members": [(row, person(row)["name"]) for row in self.people]}

    def get_initial(self):
        head = next((str(row.pk) for row in self.people if row.is_head), None)
        return {"head": head, "note": self.household.note.clear if self.household.note else ""}

    def act(self, form):
        actions.restate_household(self.request.user, self.household, **form.wanted())
        return self.url
