"""Workers, their assignments, trainings and who came. Thin: querysets read, actions write."""

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.errors import DomainError, Forbidden, NotInScope
from stations.models import Station
from surfaces.api import ScopedViewSet
from surfaces.rows import moment
from workforce import actions
from workforce.api import serializers
from workforce.api.fields import number_of
from workforce.api.filters import TrainingFilter, WorkerFilter
from workforce.api.parsers import ObjectOrList
from workforce.models import Assignment, Attendance, Training, Worker
from workforce.models.workers import LastDay
from workforce.reading import deleted, with_certificate, with_jobs, with_jobs_in


class WorkforceViewSet(ScopedViewSet):
    """What the room's lists share: public ids, and 403 for those who have nothing to do with staff."""

    scope_name = "workforce"
    key = "pk"
    since = "updated_at"
    letter = ""
    verbs = ScopedViewSet.verbs | {"create": "create", "partial_update": "change", "destroy": "destroy"}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action and not request.user.can("see", self.model):
            raise Forbidden()

    def get_object(self):
        return self.found(self.get_queryset(), self.letter, self.kwargs["pk"])

    @staticmethod
    def found(queryset, letter, text):
        """The row of a public id in `queryset`. Raises NotInScope."""
        number = number_of(letter, text)
        obj = queryset.filter(pk=number).first() if number is not None else None
        if obj is None:
            raise NotInScope()
        return obj

    def station_named(self, code, field="station"):
        station = Station.objects.visible_to(self.user).select_related("division").filter(code=code).first()
        if station is None:
            message = _("没有 %(code)s 这个站点，或不在您的范围内") % {"code": code}
            raise DomainError(message, code="out_of_scope", field=field)
        return station

    def given(self, serializer_class, **more):
        """The checked body as a dictionary; an empty one is refused."""
        body = dict(self.valid(serializer_class, **more))
        if not body:
            raise ValidationError({"": _("没有要改的内容")})
        return body

    def buried(self, changes, most):
        found = changes.values_list("pk", "row_id", "event__at")[:most]
        return [(pk, {"id": f"{self.letter}{row}", "deleted_at": moment(at)}) for pk, row, at in found]

    def stations_in_reach(self):
        return Station.objects.visible_to(self.user).values("pk")


class WorkerViewSet(WorkforceViewSet):
    """People with their jobs. Names are work data and shown; ID number and phone are masked for everybody here."""

    model, serializer_class, filterset_class = Worker, serializers.WorkerRow, WorkerFilter
    letter = "w"
    lookup_value_regex = "[^/]+"
    orderings = ("name", "updated_at")
    search_fields = ("name__contains", "pinyin__startswith", "initials__startswith")

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Worker.objects.none()
        return self.complete(Worker.objects.visible_to(self.user))

    def complete(self, queryset):
        return with_jobs(with_certificate(queryset), self.user)

    def keyed_rows(self, queryset, keys):
        return super().keyed_rows(queryset if "jobs" in queryset.query.annotations else self.complete(queryset), keys)

    def tombstones(self, since, after, most):
        """People who were taken back, as far as a job that went with them stood in reach."""
        gone = deleted("workforce_worker", since, after)
        return self.buried(with_jobs_in(gone, self.stations_in_reach()), most)

    @extend_schema(request=serializers.WorkerInput)
    def create(self, request):
        body = dict(self.valid(serializers.WorkerInput))
        return self.once(lambda: actions.create_worker(self.user, **self._with_stations(body)))

    def _with_stations(self, body):
        jobs = [
            {**job, "station": self.station_named(job["station"], f"assignments.{n}.station")}
            for n, job in enumerate(body["assignments"])
        ]
        return {**body, "assignments": jobs}

    @extend_schema(request=serializers.WorkerPatch)
    def partial_update(self, request, pk):
        worker = self.get_object()
        body = self.given(serializers.WorkerPatch)
        return self.one(actions.update_worker(self.user, worker, check=self.check_match, **body))


class AssignmentViewSet(WorkforceViewSet):
    """The jobs of one person. A job gives no right: posts do."""

    model, serializer_class = Assignment, serializers.AssignmentRow
    letter = "j"

    @cached_property
    def worker(self):
        return self.found(Worker.objects.visible_to(self.user), "w", self.kwargs["worker"])

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Assignment.objects.none()
        return Assignment.objects.visible_to(self.user).filter(worker=self.worker)

    def keyed_rows(self, queryset, keys):
        return super().keyed_rows(queryset.annotate(last=LastDay(F("span"))), keys)

    @extend_schema(request=serializers.AssignmentInput)
    def create(self, request, worker):
        body, person = dict(self.valid(serializers.AssignmentInput)), self.worker
        body["station"] = self.station_named(body["station"])
        return self.once(lambda: actions.add_assignment(self.user, person, **body))

    @extend_schema(request=serializers.AssignmentPatch)
    def partial_update(self, request, worker, pk):
        assignment = self.get_object()
        body = self.given(serializers.AssignmentPatch)
        return self.one(actions.change_assignment(self.user, assignment, check=self.check_match, **body))


class TrainingViewSet(WorkforceViewSet):
    """What was taught, where, how long. `credit_hours` follows from `minutes`."""

    model, serializer_class, filterset_class = Training, serializers.TrainingRow, TrainingFilter
    letter = "t"
    lookup_value_regex = "[^/]+"
    orderings = ("starts_on", "ends_on", "updated_at")
    default_ordering = "-starts_on"
    search_fields = ("title__contains", "organiser__contains")

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Training.objects.none()
        return Training.objects.visible_to(self.user).with_state().with_person_times()

    def keyed_rows(self, queryset, keys):
        if "state_now" not in queryset.query.annotations:
            queryset = queryset.with_state().with_person_times()
        return super().keyed_rows(queryset, keys)

    def tombstones(self, since, after, most):
        gone = deleted("workforce_training", since, after)
        return self.buried(gone.filter(station__in=self.stations_in_reach()), most)

    @extend_schema(request=serializers.TrainingInput)
    def create(self, request):
        body = dict(self.valid(serializers.TrainingInput))
        body["station"] = self.station_named(body["station"])
        return self.once(lambda: actions.create_training(self.user, **body))

    @extend_schema(request=serializers.TrainingPatch)
    def partial_update(self, request, pk):
        training = self.get_object()
        body = self.given(serializers.TrainingPatch)
        if "station" in body:
            body["station"] = self.station_named(body["station"])
        return self.one(actions.update_training(self.user, training, check=self.check_match, **body))


class AttendanceViewSet(WorkforceViewSet):
    """Who came to one training. POST takes one, or a list of which all are written or none."""

    model, serializer_class = Attendance, serializers.AttendanceRow
    parser_classes = [ObjectOrList]
    letter = "a"
    search_fields = ("name__contains", "worker__name__contains", "unit__contains")

    @cached_property
    def training(self):
        return self.found(Training.objects.visible_to(self.user), "t", self.kwargs["training"])

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Attendance.objects.none()
        return Attendance.objects.visible_to(self.user).filter(training=self.training)

    def keyed_rows(self, queryset, keys):
        return super().keyed_rows(queryset.annotate(who=Coalesce(NullIf("name", Value("")), "worker__name")), keys)

    def tombstones(self, since, after, most):
        gone = deleted("workforce_attendance", since, after)
        return self.buried(gone.filter(training=self.training.pk), most)

    @extend_schema(request=serializers.AttendanceInput)
    def create(self, request, training):
        if isinstance(request.data.get("items"), list):
            return self._create_all(request.data["items"])
        body, held = dict(self.valid(serializers.AttendanceInput)), self.training
        (row,) = self.with_workers([body])
        return self.once(lambda: actions.record_attendances(self.user, held, [row])[0])

    def _create_all(self, items):
        serializer = serializers.AttendanceInput(data=items[: actions.MOST + 1], many=True, allow_empty=False)
        if not serializer.is_valid():
            raise ValidationError(
                {str(n): e for n, e in enumerate(serializer.errors) if e}
                if isinstance(serializer.errors, list)
                else serializer.errors
            )
        made = actions.record_attendances(self.user, self.training, self.with_workers(serializer.validated_data))
        rows = self.keyed_rows(
            Attendance.objects.visible_to(self.user).filter(pk__in=[a.pk for a in made]).order_by("pk"), [self.key]
        )
        return Response([row for _key, row in rows], status=201)

    def with_workers(self, rows):
        """`rows` with the Worker that each names. Raises DomainError `out_of_scope`."""
        asked = {row["worker"]: number_of("w", row["worker"]) for row in rows if row.get("worker")}
        seen = Worker.objects.visible_to(self.user).in_bulk([pk for pk in asked.values() if pk is not None])
        errors = []
        for n, row in enumerate(rows):
            if row.get("worker") and (found := seen.get(asked[row["worker"]])) is None:
                field = f"{n}.worker" if len(rows) > 1 else "worker"
                errors.append(DomainError(_("没有这个人，或不在您的范围内"), code="out_of_scope", field=field))
            elif row.get("worker"):
                row["worker"] = found
        if errors:
            raise DomainError.many(errors)
        return rows

    @extend_schema(request=serializers.AttendancePatch)
    def partial_update(self, request, training, pk):
        attendance = self.get_object()
        body = self.given(serializers.AttendancePatch)
        return self.one(actions.change_attendance(self.user, attendance, check=self.check_match, **body))

    def destroy(self, request, training, pk):
        actions.remove_attendance(self.user, self.get_object())
        return Response(status=204)
