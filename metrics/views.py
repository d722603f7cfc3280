"""Pages of the room: definitions, one figure with its rows, the board of a place, who owes a station. Thin."""

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.errors import NotInScope
from metrics import access, declared
from metrics.dashboard import board
from metrics.figure import figure
from metrics.models import Cell
from metrics.reading import Figures, path_to, readable
from metrics.switch import board_url, figure_url, period_asked, switch
from metrics.units import with_areas, with_stations
from periods import Period, today
from stations.coverage import covered_units, eligible_units, list_begun, uncovered_units
from stations.models import CoverageUnit, Division, Station
from stations.models.divisions import LEVEL_NAMES, LEVEL_OF
from stations.places import find_place, home_of
from surfaces.pages import Page

COVERED_LEVELS = ("district", "township", "village")


class FiguresPage(Page):
    """A page about figures of one place in one period, both named in the query."""

    @cached_property
    def period(self):
        return period_asked(self.request) or Period.month_of(today())

    @cached_property
    def place(self):
        """The place asked for; by default where the user is at home. Raises NotInScope."""
        code = self.request.GET.get("within")
        place = find_place(code, self.request.user) if code else home_of(self.request.user)
        if place is None:
            raise NotInScope(_("您还没有负责的地方，请找您的上级加上"))
        return place

    @property
    def division(self):
        return self.place.division if isinstance(self.place, Station) else self.place

    @cached_property
    def figures(self):
        return Figures(self.request.user, self.place, self.period)

    @property
    def path(self):
        return self.figures.path

    def crumbs(self, *last):
        """The divisions above, each with its board for those who read figures, then `last`."""
        sees = self.request.user.can("see", Cell)
        own = [self.place] if isinstance(self.place, Station) else []
        return [*((p.name, board_url(p.code, self.period) if sees else "") for p in (*self.path, *own)), *last]


class Definitions(FiguresPage):
    """/metrics/: how each figure is counted, with its value here and now for those who read figures."""

    template_name = "metrics/definitions.html"

    def get_context_data(self, **kwargs):
        somewhere = self.request.GET.get("within") or home_of(self.request.user)
        figures = self.figures if somewhere else None
        wrong = figures.run.difference if figures and figures.run else 0
        return super().get_context_data(**kwargs) | {
            "place": {"name": self.place.name, "code": self.place.code} if somewhere else {"name": _("全部地方"), "code": ""},
            **switch(self.period, within=self.request.GET.get("within")),
            "crumbs": self.crumbs((_("指标"), "")) if somewhere else [(_("指标"), "")],
            "groups": [{"title": title, "rows": [self.row(i, figures) for i in rows]} for title, rows in declared.groups()],
            "alarm": _("夜里核对：%(n)s 格和整体重算的不一样，已按重算的改正") % {"n": wrong} if wrong else "",
            "checked_at": figures and figures.run and figures.run.checked_at,
        }  # fmt: skip

    def row(self, indicator, figures):
        sees = figures is not None and self.request.user.can("see", Cell)
        numerator, denominator = figures.cell(indicator.code) if sees else (None, None)
        place = None if not sees else self.division if indicator.hangs_on == "division" else self.place
        return {
            "code": indicator.code, "name": indicator.name, "unit": indicator.unit, "version": indicator.version,
            "url": figure_url(indicator.code, place.code, self.period) if sees else "",
            "kind": "rate" if indicator.is_share else "count", "source": indicator.source,
            "numerator_words": indicator.numerator.words,
            "denominator_words": indicator.denominator.words if indicator.denominator else "",
            "numerator": indicator.part(numerator), "denominator": denominator,
            "value": None if numerator is None else readable(indicator.value(numerator, denominator)),
        }  # fmt: skip


class FigurePage(FiguresPage):
    """/metrics/CODE/: one figure at one place: how it is counted, its trend, the tier below, the rows it counted."""

    template_name = "metrics/figure.html"
    model, verb = Cell, "see"

    def get_context_data(self, **kwargs):
        indicator = declared.indicators().get(self.kwargs["code"])
        if indicator is None:
            raise Http404
        if isinstance(self.place, Station) and indicator.hangs_on == "division":
            self.place = self.division
        if not access.sees_figure(self.request.user, indicator, self.place):
            raise NotInScope()
        asked = self.request.GET.get("rows", "")
        shown = figure(self.figures, indicator, asked, self.paged)
        return super().get_context_data(**kwargs) | {
            **shown,
            **switch(self.period, within=self.place.code, rows=asked),
            "crumbs": self.crumbs((_("指标"), reverse("metrics")), (indicator.name, "")),
        }  # fmt: skip


class Dashboard(FiguresPage):
    """/dashboard/CODE/: the board of any place in reach, one tier after the other."""

    template_name = "metrics/dashboard.html"
    model, verb = Cell, "see"

    @cached_property
    def place(self):
        return find_place(self.kwargs["code"], self.request.user)

    def get_context_data(self, **kwargs):
        own = self.place if isinstance(self.place, Station) else self.visible(Station).open().filter(division=self.place).order_by("tier").first()  # fmt: skip
        return super().get_context_data(**kwargs) | {
            **board(self.figures),
            "crumbs": [*self.crumbs()[:-1], (self.place.name, "")],
            "station_url": reverse("station", args=[own.code]) if own else "",
        }  # fmt: skip


class Coverage(FiguresPage):
    """/coverage/: who owes a station, by which paper, and who has one."""

    template_name = "metrics/coverage.html"
    model, verb = CoverageUnit, "see"

    @property
    def path(self):
        return path_to(self.request.user, self.division)

    def get_context_data(self, **kwargs):
        word = self.request.GET.get("level") or ("township" if self.division.level < 5 else "village")
        if word not in COVERED_LEVELS:
            raise ValidationError({"level": _("应是 district、township 或 village")})
        level, day = LEVEL_OF[word], self.period.as_of
        eligible = eligible_units(level, day).visible_to(self.request.user).within(self.division)
        covered = covered_units(level, day).visible_to(self.request.user).within(self.division)
        counts = {"all": eligible.count(), "in": covered.count()}
        counts["out"] = counts["all"] - counts["in"]
        show = self.request.GET.get("show", "all")
        rows = {
            "in": covered,
            "out": uncovered_units(level, day).visible_to(self.request.user).within(self.division),
        }.get(show, eligible)
        page = self.paged(with_areas(rows))
        missing = counts["out"]
        return super().get_context_data(**kwargs) | {
            "place": {"name": self.division.name, "code": self.division.code},
            "as_of": day,
            "crumbs": self.crumbs((_("应建站名单"), "")),
            "levels": [
                {"url": self.link(level=w), "label": LEVEL_NAMES[LEVEL_OF[w]], "current": w == word} for w in COVERED_LEVELS
            ],
            "coverage": {
                "numerator": counts["in"], "denominator": counts["all"], "words": _("个应建站单位在运营"),
                "note": _("还差 %(n)s 个") % {"n": missing} if missing else "",
                "no_list": not counts["all"] and not list_begun(self.division, level, day),
            },
            "chips": [
                {"url": self.link(level=word, show=key), "label": label, "count": counts[key], "current": show == key}
                for key, label in (("all", _("全部")), ("out", _("还没有站")), ("in", _("已有站")))
            ],
            "rows": with_stations(self.request.user, level, day, page.object_list),
            "total": counts["all"],
            "page": page,
            "admin_url": self.admin_url(),
            "outside_note": self.outside(level, day, eligible),
        }  # fmt: skip

    def link(self, **changed):
        query = self.request.GET.copy()
        query.pop("page", None)
        for name, value in changed.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def admin_url(self):
        """Where the list is kept, for those who keep it here."""
        user = self.request.user
        if not (user.is_staff and user.can("keep", self.division)):
            return ""
        try:
            return reverse("admin:stations_coverageunit_changelist")
        except NoReverseMatch:
            return ""

    def outside(self, level, day, eligible):
        """Which divisions of this level are not on the list."""
        others = (
            self.visible(Division)
            .on(day)
            .within(self.division)
            .filter(level=level)
            .exclude(pk__in=eligible.values("division"))
        )
        names = list(others.order_by("code").values_list("name", flat=True)[:6])
        if not names:
            return ""
        listed = "、".join(names[:5]) + (_("等") if len(names) > 5 else "")
        return _("不在名单上的：%(names)s。") % {"names": listed}
