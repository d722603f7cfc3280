"""Programmes with their progress, pairings, batches, support, activities and outcomes. Thin: querysets read, actions write."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.errors import Forbidden, NotInScope
from partnerships import actions, finding
from partnerships.api import filters, serializers
from partnerships.models import Activity, Batch, Outcome, Pairing, Programme, Session
from partnerships.progress import progress
from partnerships.reading import with_lists, with_members, with_people, with_sums
from stations.models import Agency, Division
from surfaces.api import ScopedViewSet
from workforce.api.fields import number_of


class PartnershipViewSet(ScopedViewSet):
    """What the room's lists share: public ids, and 403 for those who have nothing to do with pairings."""

    scope_name = "partnerships"
    key = "pk"
    since = "updated_at"
    letter = ""
    lookup_value_regex = "[^/]+"
    verbs = ScopedViewSet.verbs | {"create": "create", "partial_update": "change"}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action and not request.user.can("see", self.model):
            raise Forbidden()

    def complete(self, queryset):
        """`queryset` with the columns that the shape asks for besides its own."""
        return queryset

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.user)

    def keyed_rows(self, queryset, keys):
        return super().keyed_rows(self.complete(queryset), keys)

    def get_object(self):
        number = self.number_of(self.kwargs["pk"])
        found = self.get_queryset().filter(pk=number).first() if number is not None else None
        if found is None:
            raise NotInScope()
        return found

    def number_of(self, text):
        return number_of(self.letter, text)

    def given(self, serializer_class):
        """The checked body as a dictionary; an empty one is refused."""
        body = dict(self.valid(serializer_class))
        if not body:
            raise ValidationError({"": _("没有要改的内容")})
        return body


class EntryViewSet(PartnershipViewSet):
    """Entries that one side makes and the other confirms or returns."""

    verbs = PartnershipViewSet.verbs | {"confirm": "confirm", "give_back": "return"}

    @extend_schema(request=serializers.Nothing)
    @action(detail=True, methods=["post"])
    def confirm(self, request, pk):
        """Say for the other side that it is so; from now on it counts."""
        self.valid(serializers.Nothing)
        return self.one(actions.confirm(self.user, self.get_object()))

    @extend_schema(request=serializers.Reason)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request, pk):
        """Give it back to who entered it, with a reason."""
        entry = self.get_object()
        return self.one(actions.give_back(self.user, entry, self.valid(serializers.Reason)["reason"]))


class ProgrammeViewSet(PartnershipViewSet):
    """Rounds of pairing programmes with their papers, parties, targets and published numbers."""

    model, serializer_class = Programme, serializers.ProgrammeRow
    key = "slug"
    lookup_field = "slug"
    orderings = ("starts_on", "updated_at")
    search_fields = ("name__contains", "funder__contains")
    params = ("as_of",)
    verbs = PartnershipViewSet.verbs | {"progress": "see"}

    def complete(self, queryset):
        return with_lists(queryset)

    def get_object(self):
        return one_of(self.get_queryset().select_related("sending", "receiving"), self.kwargs["slug"])

    @extend_schema(request=serializers.ProgrammeInput)
    def create(self, request):
        body = dict(self.valid(serializers.ProgrammeInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        for name in ("sending", "receiving"):
            body[name] = finding.province_coded(body[name], name)
        return actions.create_programme(
            self.user, **self._with_parties(body, Programme(sending=body["sending"], receiving=body["receiving"]))
        )

    @extend_schema(request=serializers.ProgrammePatch)
    def partial_update(self, request, slug):
        programme = self.get_object()
        body = self._with_parties(self.given(serializers.ProgrammePatch), programme)
        return self.one(actions.update_programme(self.user, programme, check=self.check_match, **body))

    def _with_parties(self, body, programme):
        if "agencies" in body:
            body["agencies"] = [
                finding.agency_named(self.user, text, "agencies", programme.sending_id) for text in body["agencies"]
            ]
        if "counties" in body:
            body["counties"] = [
                (finding.county_coded(programme, row["code"], "counties"), row["key"]) for row in body["counties"]
            ]
        return body

    @extend_schema(responses=serializers.ProgressLine(many=True))
    @action(detail=True)
    def progress(self, request, slug):
        """Each target with what is done, up to today or to `as_of`; then what was declared."""
        return Response(progress(self.get_object(), self.day()))


def one_of(queryset, slug):
    """The programme of a slug in `queryset`. Raises NotInScope."""
    found = queryset.filter(slug=slug).first()
    if found is None:
        raise NotInScope()
    return found


class AgencyViewSet(PartnershipViewSet):
    """Agencies of the network and of the programmes in reach. A credit code is checked before it is taken."""

    model, serializer_class = Agency, serializers.AgencyRow
    since = None
    orderings = ("name",)
    search_fields = ("name__contains", "credit_code__startswith")
    verbs = ScopedViewSet.verbs | {"create": "create"}

    def number_of(self, text):
        return finding.agency_number(text)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Agency.objects.none()
        return finding.agencies_in_reach(self.user)

    @extend_schema(request=serializers.AgencyInput)
    def create(self, request):
        body = dict(self.valid(serializers.AgencyInput))
        return self.once(lambda: self._create(body))

    def _create(self, body):
        division = Division.objects.visible_to(self.user).highest(body["division"])
        if division is None:
            raise ValidationError({"division": _("没有这个区划，或不在您的范围内")}, code="out_of_scope")
        code = body.get("credit_code")
        return actions.create_agency(self.user, name=body["name"], credit_code=code, division=division)


class PairingViewSet(EntryViewSet):
    """Who with whom. Entered by one province's officials, confirmed by the other's."""

    model, serializer_class, filterset_class = Pairing, serializers.PairingRow, filters.PairingFilter
    letter = "p"
    orderings = ("updated_at",)
    search_fields = ("sender__name__contains", "county__name__contains", "receiver__name__contains")

    def complete(self, queryset):
        return with_sums(queryset)

    @extend_schema(request=serializers.PairingInput)
    def create(self, request):
        body = dict(self.valid(serializers.PairingInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        programme = finding.programme_named(self.user, body.pop("programme"))
        return actions.create_pairing(self.user, programme=programme, **self._with_sides(body, programme))

    @extend_schema(request=serializers.PairingPatch)
    def partial_update(self, request, pk):
        pairing = self.get_object()
        body = self._with_sides(self.given(serializers.PairingPatch), pairing.programme)
        return self.one(actions.update_pairing(self.user, pairing, check=self.check_match, **body))

    def _with_sides(self, body, programme):
        for name, province in (("sender", programme.sending_id), ("receiver", programme.receiving_id)):
            if name in body:
                body[name] = finding.agency_named(self.user, body[name], name, province)
        if "county" in body:
            body["county"] = finding.county_coded(programme, body["county"])
        return body


class BatchViewSet(EntryViewSet):
    """Who went, from when to when, on which days. A batch has members; online work is a support session."""

    model, serializer_class, filterset_class = Batch, serializers.BatchRow, filters.BatchFilter
    letter = "b"
    orderings = ("departs_on", "returns_on", "updated_at")
    default_ordering = "-departs_on"
    search_fields = ("place__contains", "task__contains", "pairing__county__name__contains")

    def complete(self, queryset):
        return with_members(queryset)

    @extend_schema(request=serializers.BatchInput)
    def create(self, request):
        body = dict(self.valid(serializers.BatchInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        pairing = finding.pairing_named(self.user, body.pop("pairing"))
        return actions.create_batch(self.user, pairing=pairing, **body)

    @extend_schema(request=serializers.BatchPatch)
    def partial_update(self, request, pk):
        batch = self.get_object()
        body = self.given(serializers.BatchPatch)
        return self.one(actions.update_batch(self.user, batch, check=self.check_match, **body))


class SessionViewSet(EntryViewSet):
    """Supervision, trainings, tutoring online, following up, for five groups."""

    model, serializer_class, filterset_class = Session, serializers.SessionRow, filters.SessionFilter
    letter = "s"
    orderings = ("on", "updated_at")
    default_ordering = "-on"
    search_fields = ("title__contains", "place__contains")

    def complete(self, queryset):
        return with_people(queryset)

    @extend_schema(request=serializers.SessionInput)
    def create(self, request):
        body = dict(self.valid(serializers.SessionInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        pairing = finding.pairing_named(self.user, body.pop("pairing"))
        return actions.create_session(self.user, pairing=pairing, **self._with_batch(body))

    @extend_schema(request=serializers.SessionPatch)
    def partial_update(self, request, pk):
        session = self.get_object()
        body = self._with_batch(self.given(serializers.SessionPatch))
        return self.one(actions.update_session(self.user, session, check=self.check_match, **body))

    def _with_batch(self, body):
        if "batch" in body:
            body["batch"] = finding.batch_named(self.user, body["batch"])
        return body


class ActivityViewSet(EntryViewSet):
    """Activities of the six fields of cooperation, of one pairing or of two whole provinces."""

    model, serializer_class, filterset_class = Activity, serializers.ActivityRow, filters.ActivityFilter
    letter = "k"
    orderings = ("on", "updated_at")
    default_ordering = "-on"
    search_fields = ("title__contains", "result__contains")

    @extend_schema(request=serializers.ActivityInput)
    def create(self, request):
        body = dict(self.valid(serializers.ActivityInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        programme = finding.programme_named(self.user, body.pop("programme"))
        return actions.create_activity(self.user, programme=programme, **self._with_pairing(body))

    @extend_schema(request=serializers.ActivityPatch)
    def partial_update(self, request, pk):
        activity = self.get_object()
        body = self._with_pairing(self.given(serializers.ActivityPatch))
        return self.one(actions.update_activity(self.user, activity, check=self.check_match, **body))

    def _with_pairing(self, body):
        if body.get("pairing") is not None:
            body["pairing"] = finding.pairing_named(self.user, body["pairing"])
        return body


class OutcomeViewSet(EntryViewSet):
    """Stations built, agencies cultivated, certificates and assessed apprenticeships, each with its evidence."""

    model, serializer_class, filterset_class = Outcome, serializers.OutcomeRow, filters.OutcomeFilter
    letter = "o"
    orderings = ("on", "updated_at")
    default_ordering = "-on"
    search_fields = (
        "evidence__contains",
        "station__name__contains",
        "agency__name__contains",
        "trainee__name__contains",
    )

    @extend_schema(request=serializers.OutcomeInput)
    def create(self, request):
        body = dict(self.valid(serializers.OutcomeInput))
        return self.once(lambda: self._create(dict(body)))

    def _create(self, body):
        pairing = finding.pairing_named(self.user, body.pop("pairing"))
        body["station"] = finding.station_coded(pairing, body.get("station"))
        province = pairing.programme.receiving_id
        body["agency"] = finding.agency_named(self.user, body.get("agency"), "agency", province)
        return actions.create_outcome(self.user, pairing=pairing, **body)

    @extend_schema(request=serializers.OutcomePatch)
    def partial_update(self, request, pk):
        outcome = self.get_object()
        body = self.given(serializers.OutcomePatch)
        return self.one(actions.update_outcome(self.user, outcome, check=self.check_match, **body))
