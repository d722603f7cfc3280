"""/stations/CODE/: one station, what it is and whether it is in order; its history; taking the last step back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from accounts.errors import DomainError
from periods import today
from stations import chronicle
from stations.access import roles_at
from stations.actions import FROM
from stations.browsing import Picture
from stations.models import CoverageUnit, Station
from stations.models.stations import TIER_NAMES
from surfaces.pages import Page
from surfaces.words import percent

CHILDREN = 6
FIGURE_READERS = {"official", "manager", "viewer"}
FIGURES = {2: "district_coverage", 3: "station_coverage", 4: "village_coverage"}
LABELS = {
    "open": gettext_lazy("开办"), "suspend": gettext_lazy("暂停"), "close": gettext_lazy("撤销"), "move": gettext_lazy("换上级站"), "merge": gettext_lazy("并入别站"),
}  # fmt: skip
HINTS = {
    "open": gettext_lazy("从某天起运营"), "suspend": gettext_lazy("从某天起暂停，不再计入覆盖率"), "close": gettext_lazy("从某天起撤销，下级站另归上级"),
    "move": gettext_lazy("从某天起归另一个上级站"), "merge": gettext_lazy("撤销本站，下级站归并入的站"),
}  # fmt: skip
TO = {"open": "operating", "suspend": "suspended", "close": "closed"}


def found(user, code):
    """The visible station of `code` with what its pages show, or 404."""
    station = (
        Station.objects.visible_to(user)
        .select_related("division__district", "division__city", "parent", "operator")
        .filter(code=code[:24])
        .first()
    )
    if station is None:
        raise Http404
    return station


def verbs_for(user, station):
    """The dated actions that `user` may do to the station as it stands."""
    verbs = [v for v, status in TO.items() if station.status in FROM[status]]
    if station.status != "closed":
        verbs += (["move"] if station.tier > 1 else []) + ["merge"]
    return [v for v in verbs if user.can(v, station)]


def reads_figures(user, station):
    """Those whose pages of figures open at this station's place; the figures' own room decides again."""
    return user.is_superuser or bool(roles_at(user, station) & FIGURE_READERS)


def crumbs_of(user, station, *more):
    """[(label, url)] from the list of stations down, divisions as far as they are in reach; `more` stands after the station."""
    crumbs = [(_("站点"), reverse("stations"))]
    for division in (station.division.city, station.division.district):
        if division and division.pk != station.division_id and user.can("see", division):
            crumbs.append((division.name, f"{reverse('stations')}?within={division.code}"))
    return [*crumbs, (station.division.name, reverse("station", args=[station.code]) if more else ""), *more]


class StationPage(Page):
    template_name = "stations/station.html"
    model, verb = Station, "see"
    tab = "overview"

    def get_context_data(self, **kwargs):
        station = found(self.request.user, self.kwargs["code"])
        user, picture = self.request.user, Picture(self.request.user)
        path = picture.path(station)
        nodes = picture.nodes(path=path, here=station.pk, alone=True)
        url = reverse("station", args=[station.code])
        return super().get_context_data(**kwargs) | {
            "station": station,
            "status": station.status,
            "division": {"name": station.division.name, "code": station.division.code, "url": self.board_of(user, station)},
            "parent": {"name": station.parent.name, "url": self.link_to(station.parent, path)} if station.parent else None,
            "operator": station.operator and station.operator.name,
            "serves": station.division.name,
            "tier_label": TIER_NAMES[station.tier],
            "crumbs": crumbs_of(user, station),
            "tabs": self.tabs(user, station, url),
            "tab": self.tab,
            "nodes": nodes,
            "back_url": reverse("stations"),
            "actions": [
                {"url": f"{url}change/?do={v}", "label": LABELS[v], "hint": HINTS[v], "kind": "danger" if v in ("close", "merge") else ""}
                for v in verbs_for(user, station)
            ],
            "edit_url": f"{url}edit/" if user.can("change", station) else "",
            **self.particulars(user, station, picture, nodes),
        }  # fmt: skip

    def tabs(self, user, station, url):
        """Its own pages, and between them what the other rooms have of it."""
        from stations.views.tabs import panels

        rooms = [(p["tab"], p["label"], f"{url}{p['tab']}/") for p in panels() if p["for"](user, station)]
        own = [("overview", _("概况"), url), *rooms, ("history", _("历史"), f"{url}history/")]
        return [{"url": link, "label": label, "current": self.tab == tab} for tab, label, link in own]

    @staticmethod
    def board_of(user, station):
        """The division's board for those who read figures there, else its line in the code list."""
        code = station.division.code
        return f"/dashboard/{code}/" if reads_figures(user, station) else f"/divisions/?q={code}"

    @staticmethod
    def link_to(parent, path):
        """The parent's page where it is in reach; its name alone stands there otherwise."""
        return reverse("station", args=[parent.code]) if any(parent.pk == s.pk for s in path) else ""

    def particulars(self, user, station, picture, nodes):
        children = self.children(nodes, station.code)
        return {
            "facts": self.facts(station, len(children)),
            "in_place": [
                {"kind": {True: "ok", False: "warn", None: ""}[ready], "label": label if ready is not None else f"{label} —"}
                for label, ready in ((_("场所"), station.site_ready), (_("资金"), station.funds_ready), (_("人员"), station.staff_ready))
            ],
            "covers": self.covers(user, station),
            "children": children[:CHILDREN],
            "children_total": len(children),
            "children_url": f"{reverse('stations')}?within={station.code}",
            "history": chronicle.latest(station),
        }  # fmt: skip

    @staticmethod
    def children(nodes, code):
        """The station's own node is in the tree already, opened: its children are what the tree read."""
        level = nodes
        while level:
            here = next((node for node in level if node["here"]), None)
            if here:
                return [
                    {"name": n["title"], "url": n["url"], "status": n["status"], "tail": n["tail"]}
                    for n in here["children"]
                ]
            level = [child for node in level for child in node["children"]]
        return []

    @staticmethod
    def facts(station, children):
        full, certified = station.reported_full_time, station.reported_certified
        share = f"，{percent(certified, full)}" if full and certified is not None else ""
        facts = [
            {
                "label": _("专职社工"),
                "value": "—" if full is None else full,
                "unit": _("人") if full is not None else "",
            },
            {
                "label": _("持证"),
                "value": "—" if certified is None else certified,
                "unit": _("人") + share if certified is not None else "",
            },
        ]
        if children or station.tier < 4:
            facts.append(
                {
                    "label": _("下级站"),
                    "value": children,
                    "unit": _("个"),
                    "url": f"{reverse('stations')}?within={station.code}",
                }
            )
        return facts

    @staticmethod
    def covers(user, station):
        """Whether the station counts for its unit, and why."""
        indicator = FIGURES.get(station.tier)
        if indicator is None or station.status == "closed":
            return None
        code = station.division.code
        owed = CoverageUnit.objects.visible_to(user).owing_on(today()).filter(division=station.division_id).exists()
        counted = owed and station.status == "operating"
        place = {"place": station.division.name, "status": station.get_status_display()}
        if not owed:
            words = _("%(place)s不在应建站名单里") % place
        elif counted:
            words = _("%(place)s应建站，本站在运营") % place
        else:
            words = _("%(place)s应建站，本站还是%(status)s") % place
        url = f"/metrics/{indicator}/?within={code}" if reads_figures(user, station) else f"/divisions/?q={code}"
        return {"counted": counted, "words": words, "url": url}


class StationHistory(StationPage):
    tab = "history"

    def particulars(self, user, station, picture, nodes):
        page = Paginator(chronicle.events_of(station), 20).get_page(self.request.GET.get("page"))
        parents = chronicle.parents_of(station)
        reach = set(Station.objects.visible_to(user).filter(child_rows__station=station).values_list("pk", flat=True))
        return {
            "history": chronicle.described(user, station, list(page)),
            "page": page,
            "parents": [
                {"name": row.parent.name, "url": reverse("station", args=[row.parent.code]) if row.parent_id in reach else "",
                 "since": row.span.lower, "until": row.span.upper}
                for row in parents
            ],
        }  # fmt: skip


class Undo(View):
    """POST /stations/CODE/undo/EVENT/: the last step of a station is taken back."""

    http_method_names = ["post"]

    def post(self, request, code, event):
        station = found(request.user, code)
        try:
            chronicle.take_back(request.user, station, event)
        except DomainError as e:
            if e.status != 409:
                raise
            messages.error(request, e.message)
        else:
            messages.success(request, _("已撤销，和之前一样"))
        return HttpResponseRedirect(reverse("station", args=[code]))
