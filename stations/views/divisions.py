"""/divisions/: the code list by level on a day, who owes a station; and what new lists changed."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from periods import today
from stations.coverage import TIER_OF_LEVEL
from stations.finding import asked, matching
from stations.models import CoverageUnit, Division, DivisionChange, Station
from stations.models.divisions import LEVEL_NAMES, LEVEL_OF, VILLAGE
from stations.places import find_place, home_of
from surfaces.pages import Page
from surfaces.words import prose_day


class DivisionList(Page):
    template_name = "stations/divisions.html"
    model, verb = Division, "see"

    @cached_property
    def on(self):
        return self.day() or today()

    @cached_property
    def within(self):
        """The division whose insides are shown: the one asked for, else where the user's work begins."""
        code = self.request.GET.get("within", "")
        place = find_place(code, self.request.user) if code else home_of(self.request.user)
        return place.division if isinstance(place, Station) else place

    @cached_property
    def level(self):
        """The level asked for, else the one below `within`."""
        word = self.request.GET.get("level", "")
        return LEVEL_OF.get(word) or min((self.within.level if self.within else 0) + 1, VILLAGE)

    def rows(self):
        rows = self.visible(Division).on(self.on)
        if self.within:
            rows = rows.within(self.within)
        if text := self.request.GET.get("q"):
            return rows.filter(matching(text))
        return rows.filter(level=self.level)

    def get_context_data(self, **kwargs):
        units = CoverageUnit.objects.visible_to(self.request.user).owing_on(self.on).filter(division=OuterRef("pk"))
        standing = Station.objects.visible_to(self.request.user).operating_on(self.on).filter(division=OuterRef("pk"))
        rows = self.rows().select_related("parent").annotate(owes=Exists(units)).order_by("level", "code")
        for level, tier in TIER_OF_LEVEL.items():
            rows = rows.annotate(**{f"stands{level}": Exists(standing.filter(tier=tier))})
        page = self.paged(rows)
        text = asked(self.request.GET.get("q", ""))
        return super().get_context_data(**kwargs) | {
            "q": text, "page": page, "total": page.paginator.count, "rows": [self.row(d) for d in page],
            "title_line": self.title_line(), "crumbs": self.crumbs(), "chips": self.chips(text),
            "load_hint": _("用命令 load_divisions 载入代码表") if self.request.user.is_superuser else "",
        }  # fmt: skip

    def row(self, division):
        standing = getattr(division, f"stands{division.level}", False)
        return {
            "code": division.code, "name": division.name, "level_label": LEVEL_NAMES[division.level],
            "url": self.link(within=division.code, level=None, q=None) if division.level < VILLAGE else "",
            "parent_name": division.parent and division.parent.name,
            "owes": division.owes if division.level > 1 else None, "covered": standing,
            "valid_from": division.valid_from, "valid_until": division.valid_until,
        }  # fmt: skip

    def title_line(self):
        where = self.within.name if self.within else _("全部")
        return _("%(place)s · %(day)s的代码") % {"place": where, "day": prose_day(self.on)}

    def crumbs(self):
        home = self.request.path
        line = [(_("行政区划"), home)]
        if self.within:
            seen = Division.objects.visible_to(self.request.user)
            above = [self.within.province_id, self.within.city_id, self.within.district_id, self.within.township_id]
            for d in seen.filter(pk__in=[pk for pk in above if pk]).order_by("level"):
                line.append((d.name, f"{home}?within={d.code}" if d.pk != self.within.pk else ""))
        return line

    def chips(self, text):
        chips = [
            {
                "url": self.link(level=word, q=None),
                "label": LEVEL_NAMES[n],
                "count": "",
                "current": not text and n == self.level,
            }
            for word, n in LEVEL_OF.items()
            if n > (self.within.level if self.within else 0) - 1
        ]
        return [*chips, {"url": reverse("division_changes"), "label": _("新表改了什么"), "count": "", "current": False}]

    def link(self, **changed):
        query = self.request.GET.copy()
        for name, value in (("page", None), *changed.items()):
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path


class DivisionChanges(Page):
    """/divisions/changes/: renames, mergers, new parents, each with its day and its paper."""

    template_name = "stations/division_changes.html"
    model, verb = Division, "see"

    def get_context_data(self, **kwargs):
        rows = DivisionChange.objects.filter(division__in=Division.objects.visible_to(self.request.user).values("pk"))
        return super().get_context_data(**kwargs) | {
            "page": self.paged(rows.select_related("division").order_by("-effective_on", "division__code", "pk")),
            "crumbs": [(_("行政区划"), reverse("divisions")), (_("新表改了什么"), "")],
        }  # fmt: skip
