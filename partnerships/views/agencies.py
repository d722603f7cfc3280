"""/agencies/: the agencies of the network's places and of the programmes in reach, with their credit codes."""

from django.db.models import Q
from django.utils.translation import gettext as _

from partnerships.entries import tabs_of
from partnerships.finding import agencies_in_reach
from partnerships.models import Pairing
from surfaces.pages import Page


class AgencyList(Page):
    template_name = "partnerships/agencies.html"
    model, verb = Pairing, "see"

    def get_context_data(self, **kwargs):
        q = self.request.GET.get("q", "").replace("\0", "").strip()[:60]
        rows = agencies_in_reach(self.request.user).select_related("division").order_by("name", "pk")
        if q:
            rows = rows.filter(Q(name__contains=q) | Q(credit_code__startswith=q.upper()))
        page = self.paged(rows, 50)
        return super().get_context_data(**kwargs) | {
            "q": q, "page": page, "total": page.paginator.count, "tabs": tabs_of("agencies"),
            "crumbs": [(_("结对与资源"), "/programmes/"), (_("机构"), "")],
        }  # fmt: skip
