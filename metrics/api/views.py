"""Figures for programs: definitions, cells, the rows behind one cell, and asking for a roll-up. Thin."""

from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.errors import DomainError, NotInScope
from jobs.models import Job
from metrics import access, actions, declared, explain
from metrics.api import serializers
from metrics.cells import COLUMNS, place_of, read
from metrics.models import Cell, RollupRun
from periods import Period
from stations.models import Station
from stations.models.divisions import LEVEL_OF
from stations.places import find_place, home_of
from surfaces.api import ScopedView, ScopedViewSet
from surfaces.paging import CursorPages
from surfaces.rows import moment


def period_of(text, field="period"):
    """The Period that a parameter names. Raises ValidationError."""
    try:
        return Period.parse(text)
    except ValueError as e:
        raise ValidationError({field: str(e)}) from e


class IndicatorView(ScopedView):
    """What figures there are, and how each is counted, in words."""

    scope_name = "metrics"
    is_list = True
    basename = "indicators"
    params = ("page_size", "cursor")

    def column_labels(self):
        return {n: f.label for n, f in serializers.IndicatorRow().fields.items()}

    @extend_schema(responses=serializers.IndicatorRow(many=True))
    def get(self, request):
        codes = list(declared.indicators())
        size, after = CursorPages.size_of(request), request.query_params.get("cursor")
        if after is not None and after not in codes:
            raise ValidationError({"cursor": _("这个游标不能用了，请从第一页开始")})
        start = codes.index(after) + 1 if after else 0
        page = codes[start : start + size]
        more = start + size < len(codes)
        link = replace_query_param(request.build_absolute_uri(), "cursor", page[-1]) if more else None
        return Response({"next": link, "previous": None, "results": [self.row(declared.indicators()[c]) for c in page]})

    @staticmethod
    def row(indicator):
        names = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                names[language[:2]] = str(indicator.name)
        return {
            "code": indicator.code,
            "name": str(indicator.name),
            "names": names,
            "unit": str(indicator.unit),
            "kind": indicator.kind,
            "hangs_on": indicator.hangs_on,
            "numerator": str(indicator.numerator.words),
            "denominator": str(indicator.denominator.words) if indicator.denominator else None,
            "better": indicator.better,
            "source": str(indicator.source),
            "version": indicator.version,
        }


class MetricViewSet(ScopedViewSet):
    """Cells of places. `place` exactly one, `within` all below it, itself included; neither: those of one's own places.

    A period that is not rolled up is rolled up first (on a large site asked for with POST rollups/).
    """

    model, serializer_class = Cell, serializers.CellRow
    scope_name = "metrics"
    params = ("indicator", "place", "within", "tier", "period", "state")

    def ordering_of(self, request):
        if request.query_params.get("ordering") not in (None, "pk"):
            raise ValidationError({"ordering": _("这张表只有一种次序：期间、指标、地方")})
        return ["run_id", "indicator", "division_id", "pk"]

    def filtered(self, queryset):
        query = self.request.query_params
        queryset = self._at_places(queryset, query.get("place"), query.get("within"))
        self.runs = RollupRun.objects.visible_to(self.request.user).order_by()
        if periods := query.getlist("period"):
            self.runs = self._runs([period_of(p) for p in periods])
            queryset = queryset.filter(run__in=[run.pk for run in self.runs])
        if codes := query.getlist("indicator"):
            queryset = queryset.filter(indicator__in=codes)
        if tier := query.get("tier"):
            queryset = queryset.of_tier(self._choice("tier", tier, LEVEL_OF))
        if (state := query.get("state")) and self._choice("state", state, serializers.STATES) != "draft":
            return queryset.none()
        return queryset

    def _at_places(self, queryset, place, within):
        user = self.request.user
        if place and within:
            raise ValidationError({"within": _("place 和 within 只能给一个")})
        if place:
            return queryset.at(find_place(place, user))
        if within:
            return queryset.within(find_place(within, user))
        if user.is_superuser:
            home = home_of(user)
            return queryset.at(home) if home else queryset.none()
        return queryset.filter(access.own_cells(user))

    def _runs(self, periods):
        """The runs of these periods; one that is missing is rolled up where that is quick."""
        codes = [p.code for p in periods]
        found = RollupRun.objects.visible_to(self.request.user).filter(code__in=codes).order_by()
        if self.request.user.can("see", Cell) and len(found) < len(set(codes)):
            for period in periods:
                actions.ensure(period)
            found = found.all()
        return found

    def _choice(self, name, value, choices):
        if value not in choices:
            raise ValidationError({name: _("应是 %(names)s 之一") % {"names": "、".join(choices)}})
        return value

    def keyed_rows(self, queryset, keys):
        only, at = self.fields(), [COLUMNS.index(key) for key in keys]
        found = read(queryset, {run.pk: (run.code, run.as_of.isoformat()) for run in self.runs})
        return [([values[i] for i in at], {n: row[n] for n in only} if only else row) for values, row in found]


class ExplainViewSet(ScopedViewSet):
    """The rows behind one cell, with the cell's own members beside the list."""

    model, serializer_class = Cell, serializers.ExplainRow
    scope_name = "metrics"
    params = ("indicator", "place", "period", "part")

    @extend_schema(responses=serializers.ExplainRow(many=True))
    def list(self, request):
        indicator, place, period = self.cell()
        part = request.query_params.get("part", "numerator")
        if part not in ("numerator", "denominator") or (part == "denominator" and not indicator.is_ratio):
            raise ValidationError({"part": _("应是 numerator；比率还可以是 denominator")})
        self.rows, self.scaled = getattr(indicator, part), indicator.part if part == "numerator" else int
        answer = self.listed(explain.rows_behind(indicator, part, place, period))
        counted = explain.parts_of(indicator, place, period)
        totals = {name: total for name, (_rows, total) in counted.items()}
        value = indicator.text(totals["numerator"], totals.get("denominator"))
        answer.data |= {
            "indicator": indicator.code, "version": indicator.version, "place": place_of(place), "period": period.code,
            "part": part, "numerator": indicator.part(totals["numerator"]),
            "denominator": totals.get("denominator"), "value": value,
            "count": counted[part][0], "total": self.scaled(counted[part][1]),
        }  # fmt: skip
        return answer

    def cell(self):
        """(indicator, place, period) of exactly one cell. Raises ValidationError, NotInScope."""
        query, missing = self.request.query_params, {}
        for name in ("indicator", "place", "period"):
            if len(query.getlist(name)) != 1 or not query[name]:
                missing[name] = _("这里要恰好一格：indicator、place、period 各给一个")
        if missing:
            raise ValidationError(missing)
        indicator, period = declared.indicators().get(query["indicator"]), period_of(query["period"])
        if indicator is None:
            raise ValidationError({"indicator": _("没有这个指标")})
        place = find_place(query["place"], self.request.user)
        if isinstance(place, Station) and indicator.hangs_on == "division":
            raise ValidationError({"place": _("这个指标只挂在区划上，没有站点的格")})
        if not access.sees_figure(self.request.user, indicator, place):
            raise NotInScope()
        return indicator, place, period

    def keyed_rows(self, queryset, keys):
        only, kind, out = self.fields(), self.rows.kind, []
        found = list(queryset.values_list(*keys, *explain.COLUMNS))
        seen = explain.seen_codes(self.request.user, [station for *_rest, station, _amount in found if station])
        for key, pk, label, on, station, amount in found:
            row = {"kind": kind, "id": str(pk), "on": on and on.isoformat(), "station": station if station in seen else None, "label": label,
                   "amount": self.scaled(amount)}  # fmt: skip
            out.append(([key], {n: row[n] for n in only} if only else row))
        return out


class RollupViewSet(ScopedViewSet):
    """Asking for a roll-up, and how far it is. Only one's own are shown."""

    model, serializer_class = RollupRun, serializers.RollupAnswer
    scope_name = ("rollups", "metrics")
    verbs = {"create": "create", "retrieve": "see", "metadata": "see"}

    def get_queryset(self):
        return Job.objects.visible_to(self.request.user).filter(kind="metrics.rollup")

    @extend_schema(request=serializers.RollupInput, responses={202: serializers.RollupAnswer})
    def create(self, request):
        body = self.valid(serializers.RollupInput)
        period = period_of(body["period"])
        place = find_place(body["within"], request.user) if "within" in body else home_of(request.user)
        if place is None:
            raise DomainError(_("请说明在哪个地方"), code="required", field="within")
        return self.once(lambda: actions.ask(request.user, period, place))

    def one(self, job, status=200):
        return Response(
            {
                "id": str(job.pk),
                "period": job.input["period"],
                "state": job.state,
                "progress": job.progress,
                "started": moment(job.started_at),
                "finished": moment(job.finished_at),
                "changed": job.result and job.result.get("changed"),
                "message": job.message,
            },
            status=202 if status == 201 else status,
        )
