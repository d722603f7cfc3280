"""/clients/new/, /clients/ID/edit/ and its categories: filing a person, changing what is known. A double is shown before it is made."""

import uuid

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError, Forbidden
from accounts.masking import mask_id, mask_phone, present
from casework import access, actions
from casework.client_forms import CONTACTS, PERSON, CategoryForm, ClientForm, LastDayForm
from casework.errors import Duplicate
from casework.models import Client, ClientCategory
from casework.views.clients import OfClient, row, with_cases
from stations.models import Station
from surfaces.models import ClientRef
from surfaces.rows import moment
from workforce.views.forms_of import FormPage, shown


def writable_stations(user):
    """Stations where `user` files people and opens cases, his own first."""
    rows = Station.objects.visible_to(user).filter(access.stations_written(user)).exclude(status="closed")
    return rows.select_related("division").order_by("tier", "code")


def put_errors(form, error):
    """A domain error beside its fields; `guardian.phone` is the form's `guardian_phone`."""
    for one in error.errors:
        field = (one["field"] or "").replace(".", "_")
        form.add_error(field if field in form.fields else None, str(one["message"]))


class PersonPage(FormPage):
    """A form of this room: 422 with what was typed where it is wrong."""

    template_name = "casework/client_form.html"
    submit = gettext_lazy("保存")

    def dispatch(self, request, *args, **kwargs):
        self.check_right()
        return super(FormPage, self).dispatch(request, *args, **kwargs)

    def check_right(self):
        """404 out of reach, 403 without the verb."""
        if not self.request.user.can(self.verb, self.obj or self.model):
            raise Forbidden(_("这一步由承办社工、督导和站长来做"))

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"submit": self.submit}


class WithWarnings(PersonPage):
    """What is odd is shown before it is written; sending the same again says that it is meant."""

    def form_valid(self, form):
        if self.was_sent_before(form):
            return super().form_valid(form)
        try:
            odd = actions.foresee_client(self.request.user, form.wanted(), self.as_it_is())
        except Duplicate as e:
            return self.render_to_response(self.get_context_data(form=form, double=self.double(e)), status=409)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        mark = ",".join(sorted(f"{w['field']}:{w['code']}" for w in odd))
        if odd and form.cleaned_data["confirmed"] != mark:
            form.data = form.data.copy()
            form.data["confirmed"] = mark
            return self.render_to_response(self.get_context_data(form=form, odd=[w["message"] for w in odd]))
        return super().form_valid(form)

    def was_sent_before(self, form):
        """Pressed twice: the first one is answered, it is no double of itself."""
        ref = form.cleaned_data.get("client_ref")
        return bool(ref) and ClientRef.objects.filter(user=self.request.user.pk, ref=ref, action="client.form").exists()

    def as_it_is(self):
        return None

    def double(self, error):
        """The person who is on file under this number, as the reader sees him."""
        rows = Client.objects.visible_to(self.request.user).filter(public_id=error.extra["existing"])
        found = with_cases(rows, self.request.user).first()
        return found and row(found) | {"case_url": f"{reverse('case_new')}?client={found.public_id}"}


class NewClient(WithWarnings):
    """/clients/new/: `then=case` goes on to open a case. What was typed to find the person comes by POST."""

    model, form_class = Client, ClientForm
    title, done = gettext_lazy("建档"), gettext_lazy("已建档")
    lead = gettext_lazy("先看这个人是不是已经在档：证件号对得上的，不会建第二份")

    @property
    def cancel_url(self):
        return reverse("clients")

    def crumbs(self):
        return [(_("服务对象"), reverse("clients")), (self.title, "")]

    def post(self, request, *args, **kwargs):
        if "begin" in request.POST:
            return self.render_to_response(
                self.get_context_data(form=self.form_class(initial=self.get_initial(), **self.places()))
            )
        return super().post(request, *args, **kwargs)

    def places(self):
        stations = list(writable_stations(self.request.user)[:200])
        if not stations:
            raise Forbidden()
        own = {p.station_id for p in access.places(self.request.user)}
        home = max((s for s in stations if s.pk in own), key=lambda s: s.tier, default=stations[0])
        return (
            {"station": home, "stations": writable_stations(self.request.user)}
            if len(stations) > 1
            else {"station": home}
        )

    def get_form_kwargs(self):
        return super().get_form_kwargs() | self.places()

    def get_initial(self):
        typed = self.request.POST.get("typed", "").strip()[:60] if "begin" in self.request.POST else ""
        by_number = any(c.isdigit() for c in typed)
        return {
            "client_ref": uuid.uuid4(),
            ("id_number" if by_number else "name"): typed,
            "station": self.places()["station"].code,
        }

    def act(self, form):
        client = self.once(form, lambda: actions.create_client(self.request.user, form.wanted()))
        if self.request.GET.get("then") == "case":
            return f"{reverse('case_new')}?client={client.public_id}"
        return reverse("client", args=[client.public_id])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "lead": self.lead, "submit": _("建档，接着开案") if self.request.GET.get("then") == "case" else _("建档"),
        }  # fmt: skip


class _OfClient(OfClient, PersonPage):
    """A form about one person that leads back to his page."""

    verb = "change"

    @property
    def obj(self):
        return self.client

    @property
    def cancel_url(self):
        return self.url

    def crumbs(self):
        return [(_("服务对象"), reverse("clients")), (_("档案"), self.url), (self.title, "")]

    def get_context_data(self, **kwargs):
        name = present({"name": self.client.name}, self.client.seen_as, False)["name"]
        return super().get_context_data(**kwargs) | {"lead": name}


class EditClient(_OfClient, WithWarnings):
    """/clients/ID/edit/: a stale form gets both values and keeps what was typed."""

    form_class = ClientForm
    title, done = gettext_lazy("改资料"), gettext_lazy("已保存")

    def as_it_is(self):
        return Client.objects.visible_to(self.request.user).select_related("station").get(pk=self.client.pk)

    def get_form_kwargs(self):
        client = self.client
        known = {"id_number": mask_id(client.id_number), "phone": mask_phone(client.phone)}
        for contact in CONTACTS:
            known[f"{contact}_phone"] = mask_phone((self.contact(contact) or {}).get("phone"))
        places = (client.residence_division, client.registered_division)
        return super().get_form_kwargs() | {"station": client.station, "known": known, "places": places}

    def contact(self, name):
        value = getattr(self.client, name)
        return value.clear if value is not None else None

    def get_initial(self):
        client = self.client
        first = {
            n: getattr(client, n) for n in ("id_type", "id_absent_reason", "sex", "ethnicity", "residence_separation")
        }
        first |= {
            "name": client.name.clear,
            "birth_date": client.born,
            "address": client.address.clear if client.address else "",
        }
        first |= {"residence_division": client.residence_division, "registered_division": client.registered_division}
        for contact in CONTACTS:
            first |= {f"{contact}_{n}": (self.contact(contact) or {}).get(n, "") for n, _w in PERSON if n != "phone"}
        return first | {"version": moment(client.updated_at)}

    def both(self, form):
        """Only what is shown in clear is laid side by side."""
        rows = super().both(form)
        return [r for r in rows if r["label"] and shown(r["mine"]) != shown(r["theirs"])]

    def act(self, form):
        body = form.wanted()
        for contact in CONTACTS:  # an empty phone of a contact leaves the one that is known
            old = self.contact(contact)
            if body[contact] and old and old.get("phone") and not body[contact].get("phone"):
                body[contact]["phone"] = old["phone"]
        actions.change_client(self.request.user, self.client, body, check=self.unless_stale(form))
        return self.url


class AddCategory(_OfClient):
    """/clients/ID/categories/: another group, from a day on."""

    form_class = CategoryForm
    title, done = gettext_lazy("加身份类别"), gettext_lazy("已加上")

    def act(self, form):
        data = form.cleaned_data
        actions.add_category(self.request.user, self.client, data["category"], data["since"])
        return self.url


class EndCategory(_OfClient):
    """/clients/ID/categories/ROW/: the last day of a group."""

    form_class = LastDayForm
    title, done = gettext_lazy("结束身份类别"), gettext_lazy("已写上末日")

    @property
    def row(self):
        found: ClientCategory | None = self.client.category_rows.filter(pk=self.kwargs["row"]).first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "lead": _("%(group)s，从 %(day)s 起")
            % {"group": self.row.get_category_display(), "day": self.row.span.lower}
        }

    def act(self, form):
        actions.end_category(self.request.user, self.client, self.row, form.cleaned_data["last"])
        return self.url
