"""Changing a station: its particulars, a dated change with its effects before it is done, a new station."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from accounts.errors import Conflict, DomainError, Forbidden
from stations import chronicle, editing
from stations.actions import ACTIONS
from stations.effects import foresee
from stations.forms import DatedForm, NewStationForm, StationForm
from stations.models import Division, Station
from stations.views.station import HINTS, LABELS, crumbs_of, found, verbs_for
from surfaces.drafts import Drafted

TITLES = {
    "open": gettext_lazy("开办%(name)s"), "suspend": gettext_lazy("暂停%(name)s"), "close": gettext_lazy("撤销%(name)s"), "move": gettext_lazy("%(name)s换上级站"),
    "merge": gettext_lazy("%(name)s并入别站"),
}  # fmt: skip
DONE = {
    "open": gettext_lazy("%(name)s从%(day)s起运营"), "suspend": gettext_lazy("%(name)s从%(day)s起暂停"), "close": gettext_lazy("%(name)s从%(day)s起撤销"),
    "move": gettext_lazy("%(name)s从%(day)s起换了上级站"), "merge": gettext_lazy("%(name)s从%(day)s起并入别站"),
}  # fmt: skip


def put_errors(form, error):
    """A domain error beside its fields, or on top where the form has no such field."""
    for one in error.errors:
        form.add_error(one["field"] if one["field"] in form.fields else None, str(one["message"]))


class _OneStation(FormView):
    """A form about one visible station; what follows from it is the action's answer."""

    verb = None

    @cached_property
    def station(self):
        return found(self.request.user, self.kwargs["code"])

    @property
    def url(self):
        return reverse("station", args=[self.station.code])

    def named(self):
        return {"name": self.station.name, "code": self.station.code, "url": self.url, "status": self.station.status}


class EditStation(Drafted, _OneStation):
    """/stations/CODE/edit/: a stale form gets both values and keeps what was typed."""

    template_name = "stations/edit.html"
    form_class = StationForm

    def dispatch(self, request, *args, **kwargs):
        if not request.user.can("change", self.station):
            raise Forbidden(_("这个站点的资料由它的站长和民政干部改"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "instance": self.station}

    def get_initial(self):
        return {"version": editing.version_of(self.station)}

    def form_valid(self, form):
        try:
            editing.save(self.request.user, self.station, form.cleaned_data["version"] or 0, form.wanted())
        except Conflict as e:
            if e.code != "stale":
                put_errors(form, e)
                return self.form_invalid(form)
            form.data = form.data.copy()
            form.data["version"] = e.extra["version"]
            return self.render_to_response(self.get_context_data(form=form, conflict=e.extra["conflicts"]), status=409)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        messages.success(self.request, _("已保存"), extra_tags=undo_tag(self.request.user, self.station))
        return HttpResponseRedirect(self.url)

    def get_context_data(self, **kwargs):
        url = self.url
        return super().get_context_data(**kwargs) | {
            "title": _("改资料"), "station": self.named(), "cancel_url": url,
            "change_url": f"{url}change/" if verbs_for(self.request.user, self.station) else "",
            "crumbs": crumbs_of(self.request.user, self.station, (_("改资料"), "")),
        }  # fmt: skip


class ChangeStation(_OneStation):
    """/stations/CODE/change/?do=…: a day, a reason, what it will do; then it is done."""

    template_name = "stations/change.html"
    form_class = DatedForm

    @cached_property
    def verbs(self):
        return verbs_for(self.request.user, self.station)

    @cached_property
    def verb(self):
        asked = self.request.GET.get("do") or next(iter(self.verbs), "")
        if asked not in ACTIONS:
            raise Http404
        if not self.request.user.can(asked, self.station):
            raise Forbidden(_("这一步不在您的职责内"))
        return asked

    def dispatch(self, request, *args, **kwargs):
        if not self.verbs and "do" not in request.GET:
            raise Forbidden(_("这个站点现在没有您能做的变更"))
        assert self.verb
        return super().dispatch(request, *args, **kwargs)

    def get_template_names(self):
        return ["stations/_effects.html"] if self.request.htmx else [self.template_name]

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"verb": self.verb, "user": self.request.user, "station": self.station}
        if self.request.method == "GET" and self.request.GET.get("on"):
            kwargs |= {"data": self.request.GET}
        return kwargs

    def get(self, request, *args, **kwargs):
        """With a day in the address the effects are shown at once."""
        form = self.get_form()
        effects = self.effects(form) if form.is_bound and form.is_valid() else None
        return self.render_to_response(self.get_context_data(form=form, effects=effects))

    def form_valid(self, form):
        if self.request.POST.get("step") != "do" or self.request.htmx:
            effects = self.effects(form)
            return self.render_to_response(self.get_context_data(form=form, effects=effects))
        try:
            ACTIONS[self.verb](self.request.user, self.station, **form.cleaned_data)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        day = form.cleaned_data["on"].isoformat()
        messages.success(
            self.request, DONE[self.verb] % {"name": self.station.name, "day": day},
            extra_tags=undo_tag(self.request.user, self.station),
        )  # fmt: skip
        return HttpResponseRedirect(self.url)

    def form_invalid(self, form):
        """A fragment answers what is wrong in its own place: the form itself stays as it is."""
        return self.render_to_response(self.get_context_data(form=form, effects=None))

    def effects(self, form):
        try:
            return foresee(self.request.user, self.station, self.verb, **form.cleaned_data)
        except DomainError as e:
            put_errors(form, e)
            return None

    def get_context_data(self, **kwargs):
        name, url, effects = {"name": self.station.name}, self.url, kwargs.pop("effects", None)
        form = kwargs["form"]
        if effects is None and form.is_bound and form.errors and self.request.htmx:
            effects = {
                "warnings": [e for errors in form.errors.values() for e in errors],
                "on": None,
                "stations": [],
                "figures": [],
            }
        return super().get_context_data(**kwargs) | {
            "station": self.named(), "do": self.verb, "effects": effects, "previewed": effects is not None,
            "title": TITLES[self.verb] % name, "lead": HINTS[self.verb], "verb": LABELS[self.verb],
            "danger": False, "cancel_url": url, "crumbs": crumbs_of(self.request.user, self.station, (LABELS[self.verb], "")),
            "kinds": [{"url": f"{url}change/?do={v}", "label": LABELS[v], "current": v == self.verb} for v in self.verbs],
        }  # fmt: skip


class NewStation(Drafted, FormView):
    """/stations/new/: a station at a division. Pressing twice makes one."""

    template_name = "stations/edit.html"
    form_class = NewStationForm

    def dispatch(self, request, *args, **kwargs):
        if not request.user.can("create", Station):
            raise Forbidden(_("只有民政干部可以建站点"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        first = {"client_ref": uuid.uuid4()}
        code = self.request.GET.get("division", "")
        division = Division.objects.visible_to(self.request.user).highest(code) if code else None
        return first | ({"division": division.code} if division else {})

    def form_valid(self, form):
        body = dict(form.cleaned_data)
        ref = body.pop("client_ref")
        try:
            station = editing.create_once(self.request.user, ref, **body)
        except DomainError as e:
            if e.code == "ref_reused":
                form.data = form.data.copy()
                form.data["client_ref"] = str(uuid.uuid4())
            put_errors(form, e)
            return self.form_invalid(form)
        messages.success(self.request, _("已建%(name)s") % {"name": station.name})
        return HttpResponseRedirect(reverse("station", args=[station.code]))

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "title": _("新站"), "station": None, "cancel_url": reverse("stations"), "change_url": "",
            "crumbs": [(_("站点"), reverse("stations")), (_("新站"), "")],
        }  # fmt: skip


def undo_tag(user, station):
    """The tag that gives a message its 撤销: the newest event of the station, which the user has just made."""
    newest = chronicle.newest_of(user, station)
    return f"undo:{reverse('station_undo', args=[station.code, newest])}" if newest else ""
