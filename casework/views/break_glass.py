"""/break-glass/: the system administrator opens case data for an hour; who did, why and what was read, for the station as well."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from accounts.errors import DomainError, Forbidden
from casework import actions
from casework.client_forms import GlassForm
from casework.glass import reads_through
from casework.models import BreakGlass, Case
from casework.views.registering import put_errors
from stations.models import Station
from surfaces.pages import Page


class GlassList(Page):
    """GET lists the uses one may know of, POST opens one."""

    template_name = "casework/break_glass.html"
    model, verb = BreakGlass, "see"
    form = None

    def get_context_data(self, **kwargs):
        user = self.request.user
        rows = self.visible(BreakGlass).select_related("user", "station", "case", "seen_by")
        page = self.paged(rows, 50)
        mine = self.visible(BreakGlass).in_force().filter(user=user.pk).select_related("station", "case").first()
        may = user.can("create", BreakGlass)
        return super().get_context_data(**kwargs) | {
            "page": page, "rows": [shown(row) for row in page], "total": page.paginator.count, "may": may,
            "form": (self.form or GlassForm(initial={"place": self.request.GET.get("place", "")[:24]})) if may and not mine else None,
            "mine": mine and shown(mine) | {"end_url": reverse("break_glass_end", args=[mine.public_id]), "cases": self.opened(mine)},
            "crumbs": [(_("应急查看"), "")],
        }  # fmt: skip

    def opened(self, row):
        """The cases that are open now, the newest first."""
        numbers = Case.objects.unscoped("numbers alone, which the administrator knows without a break-glass")
        cases = numbers.filter(station=row.station_id).order_by("-opened_on", "-pk")
        cases = cases.filter(pk=row.case_id) if row.case_id else cases
        return [
            {"number": c.number, "url": reverse("case", args=[c.number]), "stage": c.get_stage_display()}
            for c in cases[:50]
        ]

    def post(self, request, *args, **kwargs):
        if not request.user.can("create", BreakGlass):
            raise Forbidden()
        self.form = GlassForm(request.POST)
        if self.form.is_valid():
            try:
                row = actions.open_break_glass(
                    request.user, reason=self.form.cleaned_data["reason"], **self.place(request.user)
                )
            except DomainError as e:
                if e.status in (403, 404):
                    raise
                put_errors(self.form, e)
            else:
                messages.success(
                    request, _("已打开 %(what)s，一小时后自己关上；每次查看都有记录，站里会看到") % {"what": row.what}
                )
                return HttpResponseRedirect(reverse("break_glass"))
        return self.render_to_response(self.get_context_data(), status=422)

    def place(self, user):
        """The station or case that was named. Raises DomainError."""
        text = self.form.cleaned_data["place"].strip()
        station = Station.objects.visible_to(user).filter(code=text).first()
        if station is not None:
            return {"station": station}
        case = Case.objects.visible_to(user).select_related("station").filter(number=text).first()
        if case is None:
            raise DomainError(_("没有“%(text)s”这个站点或个案") % {"text": text}, code="bad_choice", field="place")
        return {"case": case}


def shown(row):
    """One use as lists show it."""
    return {
        "url": reverse("break_glass_one", args=[row.public_id]), "who": str(row.user), "what": row.what, "station": row.station,
        "opened_at": row.opened_at, "ended": row.ended, "until": row.until, "is_open": row.is_open, "reason": row.reason.clear,
        "seen_by": str(row.seen_by) if row.seen_by_id else "", "seen_at": row.seen_at,
    }  # fmt: skip


def read_of(event):
    """What was read, in words that name no client."""
    if event.kind == "casework.case":
        return _("个案 %(number)s") % {"number": event.label}
    return _("服务对象档案") if event.kind == "casework.client" else _("列表")


class OfGlass:
    """Pages of one use: 404 out of reach."""

    @cached_property
    def row(self):
        rows = BreakGlass.objects.visible_to(self.request.user).select_related("user", "station", "case", "seen_by")
        found = rows.filter(public_id=self.kwargs["glass"]).first()
        if found is None:
            raise Http404
        return found


class GlassPage(OfGlass, Page):
    """/break-glass/ID/: why, and every address that was read through it."""

    template_name = "casework/break_glass_one.html"
    model, verb = BreakGlass, "see"

    def get_context_data(self, **kwargs):
        user, row = self.request.user, self.row
        page = self.paged(reads_through(row), 50)
        n = page.paginator.count
        waits = row.seen_at is None and self.visible(BreakGlass).to_be_told(user).filter(pk=row.pk).exists()
        key = row.public_id
        return super().get_context_data(**kwargs) | {
            "glass": shown(row), "page": page, "reads": [{"at": e.at, "what": read_of(e), "path": e.detail.get("path", "")} for e in page],
            "count": ngettext("%(n)d 次查看", "%(n)d 次查看", n) % {"n": n},
            "seen_url": reverse("break_glass_seen", args=[key]) if waits else "",
            "end_url": reverse("break_glass_end", args=[key]) if row.is_open and row.user_id == user.pk else "",
            "crumbs": [(_("应急查看"), reverse("break_glass")), (str(row.what), "")],
        }  # fmt: skip


class EndGlass(OfGlass, View):
    http_method_names = ["post"]

    def post(self, request, glass):
        actions.end_break_glass(request.user, self.row)
        messages.success(request, _("已关上"))
        return HttpResponseRedirect(reverse("break_glass"))


class SeeGlass(OfGlass, View):
    http_method_names = ["post"]

    def post(self, request, glass):
        actions.see_break_glass(request.user, self.row)
        messages.success(request, _("已收起，记下是您看过"))
        return HttpResponseRedirect(reverse("break_glass_one", args=[self.row.public_id]))
