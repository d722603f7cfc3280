"""What the room's form pages share: finding the row of an address, once-only creation, errors beside fields, stale forms."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from accounts.errors import Conflict, DomainError, Forbidden
from stations.models import Station
from stations.places import home_of
from stations.views.changes import put_errors
from surfaces.drafts import Drafted
from surfaces.models import ClientRef, digest_of
from surfaces.rows import moment
from workforce import access
from workforce.api.fields import number_of
from workforce.models import Training, Worker

UNSAID = ("csrfmiddlewaretoken", "client_ref", "confirmed")  # what a form sends beside what was typed


def named(rows, letter, text):
    """The row of a public id among `rows`, or 404."""
    number = number_of(letter, text)
    found = rows.filter(pk=number).first() if number is not None else None
    if found is None:
        raise Http404
    return found


def writable_stations(user):
    """Stations at which `user` writes people and trainings down, those that are not closed."""
    rows = Station.objects.visible_to(user).filter(access.stations_of(user, access.WRITERS)).exclude(status="closed")
    return rows.order_by("tier", "code")


class FormPage(Drafted, FormView):
    """A form whose `act(form)` does it and gives the address to go to; domain errors come back beside their fields."""

    template_name = "workforce/form.html"
    title = ""
    done = ""
    model = None
    verb = "create"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.can(self.verb, self.obj or self.model):
            raise Forbidden(_("这一步由站长和民政干部来做"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def obj(self):
        return None

    def form_valid(self, form):
        try:
            url = self.act(form)
        except Conflict as e:
            if e.code != "stale":
                put_errors(form, e)
                return self.form_invalid(form)
            return self.render_to_response(self.get_context_data(form=form, conflict=self.both(form)), status=409)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        messages.success(self.request, self.done)
        return HttpResponseRedirect(url)

    def both(self, form):
        """[{label, theirs, mine}] of the fields that differ from what stands now; the form gets the new version."""
        now = self.get_initial()
        form.data = form.data.copy()
        form.data["version"] = now["version"]
        return [
            {"label": form.fields[name].label, "theirs": shown(now[name]), "mine": shown(value)}
            for name, value in form.cleaned_data.items()
            if name in now and name != "version" and shown(now[name]) != shown(value)
        ]

    def unless_stale(self, form):
        """A check for the held row: the form was drawn from this very state."""

        def check(held):
            if moment(held.updated_at) != form.cleaned_data["version"]:
                raise Conflict(code="stale")

        return check

    def once(self, form, make):
        """What `make()` makes; the first one where the same form is sent twice. Raises Conflict `ref_reused` for other content."""
        ref = form.cleaned_data.get("client_ref")
        if ref is None:
            return make()
        sent = digest_of({name: form.data.getlist(name) for name in form.data if name not in UNSAID})
        with transaction.atomic():
            first, fresh = ClientRef.objects.get_or_create(
                user_id=self.request.user.pk,
                ref=ref,
                action=f"{self.model._meta.model_name}.form",
                defaults={"digest": sent},
            )
            if fresh:
                obj = make()
                first.object_id = str(obj.pk)
                first.save(update_fields=["object_id"])
                return obj
        made = self.model.objects.visible_to(self.request.user).filter(pk=first.object_id or None).first()
        if made is not None and first.digest in ("", sent):
            return made
        form.data = form.data.copy()
        form.data["client_ref"] = str(uuid.uuid4())
        text = _("这张表已经交过一次，第一次的那份没有变；您改过的还在下面，再按一次就另记一份")
        raise Conflict(text, code="ref_reused")

    def first_values(self):
        """What a new form starts with: its reference, and the station asked for or one's own."""
        home = home_of(self.request.user)
        own = home.code if isinstance(home, Station) else ""
        return {"client_ref": uuid.uuid4(), "station": self.request.GET.get("station", own)[:24]}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "title": self.title, "cancel_url": self.cancel_url, "crumbs": self.crumbs(),
        }  # fmt: skip

    def crumbs(self):
        return [(self.title, "")]


def shown(value):
    """A value of a form as a person reads it beside another."""
    if value in (None, ""):
        return ""
    if value is True or value is False:
        return _("是") if value else _("否")
    return str(value)


class OfWorker:
    """Pages below one person."""

    model = Worker

    @cached_property
    def worker(self):
        return named(Worker.objects.visible_to(self.request.user), "w", self.kwargs["pk"])


class OfTraining:
    """Pages below one training."""

    model = Training

    @cached_property
    def training(self):
        rows = Training.objects.visible_to(self.request.user).select_related("station__division")
        return named(rows, "t", self.kwargs["pk"])
