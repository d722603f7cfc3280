"""Stations, divisions, coverage and `me/`. Thin: querysets read, actions write."""

from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.errors import DomainError
from accounts.keys import SCOPES
from periods import today
from stations import actions, tree
from stations.access import places
from stations.api import serializers
from stations.api.filters import DivisionFilter, StationFilter
from stations.coverage import coverage
from stations.models import Agency, Division, Station
from stations.models.divisions import LEVEL_OF
from stations.models.stations import LEVEL_OF_TIER, above_now, subtree
from stations.places import find_place, home_of
from stations.tombstones import deleted_stations
from surfaces.api import ScopedView, ScopedViewSet


class DivisionViewSet(ScopedViewSet):
    """The code list. `within` takes a code at the highest level that has it; rows say their level."""

    model, serializer_class, filterset_class = Division, serializers.DivisionRow, DivisionFilter
    scope_name = ("divisions", "stations")
    key = "pk"
    orderings = ("code", "name", "level")
    default_ordering = "code"
    search_fields = ("name__contains", "code__startswith", "pinyin__startswith", "initials__startswith")

    def get_queryset(self):
        return super().get_queryset().on(self.day() or today())


class StationViewSet(ScopedViewSet):
    """Stations; with `as_of` as they stood on that day."""

    model, serializer_class, filterset_class = Station, serializers.StationRow, StationFilter
    scope_name = "stations"
    lookup_field = "code"
    lookup_value_regex = "[^/]+"
    key = "code"
    orderings = ("name", "tier", "updated_at")
    search_fields = (
        "name__contains",
        "code__startswith",
        "pinyin__contains",
        "initials__contains",
        "division__name__contains",
    )
    since = "updated_at"
    listings = ("children", "ancestors", "descendants")
    params = ("as_of",)
    verbs = ScopedViewSet.verbs | {
        "create": "create", "partial_update": "change", "children": "see", "ancestors": "see", "descendants": "see",
        **{name: name for name in actions.ACTIONS},
    }  # fmt: skip

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Station.objects.none()
        return Station.objects.visible_to(self.user).as_of(self.day())

    def keyed_rows(self, queryset, keys):
        if "status_then" not in queryset.query.annotations:
            queryset = queryset.as_of(self.day())
        return super().keyed_rows(queryset, keys)

    def tombstones(self, since, after, most):
        return deleted_stations(self.user, since, after, most)

    def create(self, request):
        body = self.valid(serializers.StationInput)
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        level = LEVEL_OF_TIER[body["tier"]]
        reach = Division.objects.visible_to(self.user).on(today()).filter(code=body["division"])
        division = reach.filter(level=level).first() or reach.order_by("level").first()
        if division is None:
            raise DomainError(
                _("没有 %(code)s 这个区划，或不在您的范围内") % {"code": body["division"]},
                code="unknown_division",
                field="division",
            )
        body["division"], body["parent"] = division, self.station_named(body.get("parent"), "parent")
        return actions.create_station(self.user, **self.with_operator(body))

    def partial_update(self, request, code):
        station = self.get_object()
        body = dict(self.valid(serializers.StationPatch))
        if not body:
            raise ValidationError({"": _("没有要改的内容")})
        return self.one(
            actions.update_station(request.user, station, check=self.check_match, **self.with_operator(body))
        )

    def with_operator(self, body):
        """The agency that `operator` names, of those in reach."""
        if body.get("operator"):
            found = Agency.objects.visible_to(self.user).filter(name=body["operator"]).first()
            if found is None:
                raise DomainError(
                    _("没有叫“%(name)s”的机构") % {"name": body["operator"]}, code="unknown_operator", field="operator"
                )
            body["operator"] = found
        return body

    def station_named(self, code, field):
        if not code:
            return None
        found = Station.objects.visible_to(self.user).filter(code=code).first()
        if found is None:
            raise DomainError(
                _("没有 %(code)s 这个站点，或不在您的范围内") % {"code": code}, code=f"unknown_{field}", field=field
            )
        return found

    @action(detail=True)
    def children(self, request, code):
        one, day = self.get_object(), self.day()
        then = {"parent": one} if day is None else {"parent_rows__parent": one, "parent_rows__span__contains": day}
        return self.listed(self.filtered(self.get_queryset().filter(**then)))

    @action(detail=True)
    def ancestors(self, request, code):
        """From the top down to the parent, as far as they are in reach."""
        one, day = self.get_object(), self.day()
        above = Q(pk__in=tree.above_on(one, day)) if day else above_now(one.pk)
        return self.listed(self.filtered(self.get_queryset().filter(above)))

    @action(detail=True)
    def descendants(self, request, code):
        one, day = self.get_object(), self.day()
        below = Q(pk__in=tree.below_on(one, day)) if day else subtree(one.pk) & ~Q(pk=one.pk)
        return self.listed(self.filtered(self.get_queryset().filter(below)))

    def _dated(self, verb, serializer_class=serializers.Dated, **more):
        station = self.get_object()
        if not self.user.can(verb, station):
            raise DomainError(_("这一步不在您的职责内"), code="forbidden", status=403)
        body = dict(self.valid(serializer_class))
        for name in more:
            body[name] = self.station_named(body[name], name)
        return self.one(actions.ACTIONS[verb](self.user, station, **body))

    @extend_schema(request=serializers.Dated)
    @action(detail=True, methods=["post"])
    def open(self, request, code):
        return self._dated("open")

    @extend_schema(request=serializers.Dated)
    @action(detail=True, methods=["post"])
    def suspend(self, request, code):
        return self._dated("suspend")

    @extend_schema(request=serializers.Dated)
    @action(detail=True, methods=["post"])
    def close(self, request, code):
        return self._dated("close")

    @extend_schema(request=serializers.MoveInput)
    @action(detail=True, methods=["post"])
    def move(self, request, code):
        return self._dated("move", serializers.MoveInput, parent=True)

    @extend_schema(request=serializers.MergeInput)
    @action(detail=True, methods=["post"])
    def merge(self, request, code):
        return self._dated("merge", serializers.MergeInput, into=True)


class CoverageView(ScopedView):
    """Units that owe a station, those covered, the rate, and the uncovered by name."""

    scope_name = ("stations", "metrics")
    params = ("within", "level", "as_of")

    @extend_schema(responses=serializers.CoverageAnswer)
    def get(self, request):
        level = request.query_params.get("level", "township")
        if level not in list(LEVEL_OF)[1:]:
            raise ValidationError({"level": _("应是 city、district、township 或 village")})
        code = request.query_params.get("within")
        place = find_place(code, request.user) if code else home_of(request.user)
        if place is None:
            raise ValidationError({"within": _("请说明在哪个地方")})
        division = place if isinstance(place, Division) else place.division
        return Response(coverage(request.user, division, level, self.day() or today()))


class MeView(ScopedView):
    """Who asks, with his posts and the key's scopes."""

    @extend_schema(responses=serializers.Me)
    def get(self, request):
        user = request.user
        return Response({
            "username": user.username,
            "display_name": user.display_name,
            "posts": [
                {
                    "role": post.role,
                    "place": {"kind": post.place_kind, "code": post.place_code, "name": post.place_name},
                    "from": post.span.lower,
                    "until": post.span.upper,
                }
                for post in places(user)
            ],
            "worker": getattr(getattr(user, "worker", None), "public_id", None),
            "scopes": sorted(request.auth.scopes) if request.auth is not None else list(SCOPES),
        })  # fmt: skip
