"""Stations, divisions, coverage and `me/`. Thin: querysets read, actions write."""

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.errors import DomainError
from accounts.keys import SCOPES
from accounts.models import Change
from periods import today
from stations import actions
from stations.access import places
from stations.api import serializers
from stations.api.filters import DivisionFilter, StationFilter
from stations.coverage import coverage
from stations.models import Agency, Division, Station, StationParent, StationStatus
from stations.models.divisions import LEVEL_OF
from stations.models.stations import LEVEL_OF_TIER
from stations.places import find_place, home_of
from surfaces.api import ScopedView, ScopedViewSet
from surfaces.rows import moment


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
    verbs = ScopedViewSet.verbs | {
        "create": "create", "partial_update": "change", "children": "see", "ancestors": "see", "descendants": "see",
        **{name: name for name in actions.ACTIONS},
    }  # fmt: skip

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Station.objects.none()
        return self.as_of(Station.objects.visible_to(self.user), self.day())

    @staticmethod
    def as_of(queryset, day):
        """Add what `StationRow` reads by date: today's picture, or the dated rows of `day`."""
        if day is None:
            return queryset.annotate(
                status_then=F("status"), parent_then=F("parent__code"), since_then=F("operating_since")
            )
        parents = StationParent.objects.filter(station=OuterRef("pk"), span__contains=day)
        since = StationStatus.objects.filter(station=OuterRef("pk"), span__contains=day, status="operating")
        return (
            queryset.status_on(day)
            .exclude(status_then=None)
            .annotate(
                parent_then=Subquery(parents.values("parent__code")[:1]),
                since_then=Subquery(since.values(first=Lower("span"))[:1]),
            )
        )

    def keyed_rows(self, queryset, keys):
        if "status_then" not in queryset.query.annotations:
            queryset = self.as_of(queryset, None)
        return super().keyed_rows(queryset, keys)

    def tombstones(self, since, after, most):
        """Stations that were taken back, as far as their divisions are in reach: [(id, row)]."""
        reach = Division.objects.visible_to(self.user).values("pk")
        gone = (
            Change.objects.filter(table="stations_station", after=None, event__at__gte=since, pk__gt=after)
            .annotate(division=Cast(KT("before__division_id"), BigIntegerField()))
            .filter(division__in=reach)
            .order_by("pk")
            .values_list("pk", "before__code", "event__at")[:most]
        )
        return [(pk, {"code": code, "deleted_at": moment(at)}) for pk, code, at in gone]

    def create(self, request):
        if not self.user.can("create", Station):
            raise DomainError(_("只有民政干部可以建站点"), code="forbidden", status=403)
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
        return self.listed(self.filtered(self.get_queryset().filter(parent=self.get_object())))

    @action(detail=True)
    def ancestors(self, request, code):
        """From the top down to the parent, as far as they are in reach."""
        one = self.get_object()
        above = self.get_queryset().filter(tree_id=one.tree_id, lft__lt=one.lft, rght__gt=one.rght)
        return self.listed(self.filtered(above))

    @action(detail=True)
    def descendants(self, request, code):
        one = self.get_object()
        below = self.get_queryset().filter(tree_id=one.tree_id, lft__gt=one.lft, rght__lt=one.rght)
        return self.listed(self.filtered(below))

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
