"""/stations/: the tree at the left, the roster at the right; one branch or the roster alone as fragments at the same address."""

import datetime as dt

from django.db.models import Count, F, Q
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from periods import today
from stations.browsing import Picture
from stations.finding import asked, matching
from stations.forms import RosterQuery
from stations.models import Station
from stations.models.stations import STATUSES, TIER_NAMES, TIER_OF
from stations.places import find_place
from surfaces.frame import first_post
from surfaces.pages import Page
from surfaces.words import iso_day, number, prose_day

ROWS = 30
FEW = Q(tier=3, status_then="operating", reported_full_time__lt=2)
# word in the address → (column, label, is a number)
COLUMNS = {
    "name": ("pinyin", gettext_lazy("站点"), False), "status": ("status_then", gettext_lazy("状态"), False),
    "area": ("division__district__code", gettext_lazy("区"), False), "tier": ("tier", gettext_lazy("层级"), False),
    "full": ("reported_full_time", gettext_lazy("专职"), True), "certified": ("reported_certified", gettext_lazy("持证"), True),
    "since": ("established_on", gettext_lazy("成立日期"), False),
}  # fmt: skip
SHORT_TIERS = {
    1: gettext_lazy("市"), 2: gettext_lazy("区县"), 3: gettext_lazy("乡镇（街道）"), 4: gettext_lazy("村（社区）"),
}  # fmt: skip


class StationTree(Page):
    template_name = "stations/tree.html"
    model, verb = Station, "see"

    @cached_property
    def picture(self):
        return Picture(self.request.user, self.day())

    @cached_property
    def query(self):
        return RosterQuery(self.request.GET).asked()

    @cached_property
    def within(self):
        code = self.request.GET.get("within", "")
        return find_place(code, self.request.user) if code else None

    @property
    def is_roster(self):
        return bool(self.request.htmx) and self.request.htmx.target == "roster"

    def get_template_names(self):
        if "branch" in self.request.GET:
            return ["stations/_branch.html"]
        return ["stations/_roster.html" if self.is_roster else self.template_name]

    def get_context_data(self, **kwargs):
        if "branch" in self.request.GET:
            return {"nodes": self.picture.branch(self.named("branch"))}
        context = super().get_context_data(**kwargs) | self.roster()
        if self.is_roster:
            return context
        counts = self.counts()
        return context | self.doors() | {
            "nodes": self.picture.nodes(path=self.opened()),
            "chips": self.chips(counts),
            "counts_line": self.counts_line(counts),
        }  # fmt: skip

    def named(self, parameter):
        """The visible station that a parameter names, or 404."""
        rows = self.visible(Station).select_related("division")
        station = rows.filter(code=self.request.GET[parameter][:24]).first()
        if station is None:
            raise Http404
        return station

    def opened(self):
        return self.picture.path(self.named("open")) if self.request.GET.get("open") else ()

    # ── the roster ───────────────────────────────────────────────────────────────────────────────
    def base(self):
        rows = self.picture.stations()
        return rows.within(self.within) if self.within else rows

    def rows(self):
        asked_for = self.query
        rows = self.base()
        if asked_for["q"]:
            rows = rows.filter(matching(asked_for["q"]))
        elif not asked_for["status"]:
            rows = rows.exclude(status_then="closed")
        if asked_for["status"]:
            rows = rows.filter(status_then=asked_for["status"])
        if asked_for["tier"]:
            rows = rows.filter(tier=TIER_OF[asked_for["tier"]])
        return rows.filter(FEW) if asked_for["few"] else rows

    def sorting(self):
        """(word, is descending) of the address; by code where it says nothing known."""
        word = self.query["sort"]
        return (word.lstrip("-"), word.startswith("-")) if word.lstrip("-") in COLUMNS else ("", False)

    def roster(self):
        word, down = self.sorting()
        order: list = ["code"]
        if word:
            column = F(COLUMNS[word][0])
            order.insert(0, column.desc(nulls_last=True) if down else column.asc(nulls_last=True))
        page = self.paged(
            self.rows().order_by(*order).select_related("division__district").only(
                "code", "name", "tier", "reported_full_time", "reported_certified", "established_on",
                "division__district__name",
            ),
            ROWS,
        )  # fmt: skip
        return {
            "q": asked(self.query["q"]),
            "total": page.paginator.count,
            "page": page,
            "rows": [_row(station) for station in page],
            "columns": [self.column(key, word, down) for key in COLUMNS],
        }

    def column(self, key, word, down):
        _column, label, is_number = COLUMNS[key]
        sort = ("descending" if down else "ascending") if key == word else ""
        return {
            "label": label,
            "num": is_number,
            "sort": sort,
            "sort_url": self.link(sort=f"-{key}" if sort == "ascending" else key),
        }

    # ── what stands above ────────────────────────────────────────────────────────────────────────
    def counts(self):
        """How many by tier, by status and short of hands: one query."""
        kinds = {f"tier{n}": Q(tier=n) & ~Q(status_then="closed") for n in SHORT_TIERS}
        kinds |= {status: Q(status_then=status) for status, _label in STATUSES} | {"few": FEW}
        return self.base().aggregate(**{name: Count("pk", filter=which) for name, which in kinds.items()})

    def counts_line(self, counts):
        tiers = "，".join(f"{SHORT_TIERS[n]} {number(counts[f'tier{n}'])}" for n in SHORT_TIERS if counts[f"tier{n}"])
        post = first_post(self.request.user)
        where = self.within.name if self.within else post.place_name if post else _("全站")
        line = _("%(place)s范围内 %(n)s 个") % {
            "place": where,
            "n": number(sum(counts[f"tier{n}"] for n in SHORT_TIERS)),
        }
        line += f"：{tiers}" if tiers else ""
        return _("%(day)s的样子。") % {"day": prose_day(self.picture.day)} + line if self.picture.day else line

    def chips(self, counts):
        on = self.query
        plain = not (on["status"] or on["tier"] or on["few"])
        every = sum(counts[f"tier{n}"] for n in SHORT_TIERS)
        chips = [
            {
                "url": self.link(status=None, tier=None, few=None),
                "label": _("全部"),
                "count": number(every),
                "current": plain,
            }
        ]
        for word, n in TIER_OF.items():
            if counts[f"tier{n}"] and counts[f"tier{n}"] < every:
                chips.append(self.chip("tier", word, SHORT_TIERS[n], counts[f"tier{n}"]))
        for status, label in STATUSES:
            if (counts[status] and status != "operating") or on["status"] == status:
                chips.append(self.chip("status", status, label, counts[status]))
        if counts["few"] or on["few"]:
            chips.append(self.chip("few", "1", _("不足 2 人"), counts["few"]))
        if self.within:
            chips.append(
                {"url": self.link(within=None), "label": f"{self.within.name} ×", "count": "", "current": True}
            )
        return [*chips, self.day_chip()]

    def chip(self, name, value, label, count):
        current = bool(self.query[name]) and (name == "few" or self.query[name] == value)
        return {
            "url": self.link(**{name: None if current else value}),
            "label": label,
            "count": number(count),
            "current": current,
        }

    def day_chip(self):
        """A look back: the end of last month, or away from the day that is shown."""
        if self.picture.day:
            return {
                "url": self.link(as_of=None),
                "label": f"{iso_day(self.picture.day)} ×",
                "count": "",
                "current": True,
            }
        last = today().replace(day=1) - dt.timedelta(days=1)
        return {"url": self.link(as_of=last), "label": _("上月末的样子"), "count": "", "current": False}

    def link(self, **changed):
        """This address with some parameters changed, from the first page on."""
        query = self.request.GET.copy()
        for name in ("page", "branch"):
            query.pop(name, None)
        for name, value in changed.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    def doors(self):
        user = self.request.user
        query = {k: v for k, v in self.query.items() if k in ("status", "tier") and v}
        query |= {"search": asked(self.query["q"])} if self.query["q"] else {}
        query |= {"within": self.within.code} if self.within else {}
        query |= {"as_of": self.picture.day} if self.picture.day else {}
        return {
            "may_create": user.can("create", Station),
            "create_url": "/stations/new/",
            "import_url": "/imports/" if user.can("import", Station) else "",
            "export_url": "/api/v1/stations/?" + "&".join(["format=xlsx", *(f"{k}={v}" for k, v in query.items())]),
        }


def _row(station):
    district = station.division.district
    return {
        "code": station.code, "name": station.name, "url": f"/stations/{station.code}/", "status": station.status_then,
        "area": district.name if district else "—", "tier_label": TIER_NAMES[station.tier],
        "reported_full_time": station.reported_full_time, "reported_certified": station.reported_certified,
        "established_on": station.established_on,
    }  # fmt: skip
