"""The papers of a case: one class for every kind, its fields from the table (records.py)."""

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from accounts.errors import Forbidden, NotInScope
from casework import access, actions
from casework.api import rows
from casework.api.views import CaseworkViewSet, json_body, leave_trace
from casework.models import Case, Goal, Record
from casework.records import DEEDS, KINDS, STAGE_RECORDS
from casework.shapes import goal_json, record_json
from surfaces.api import ScopedViewSet, etag


class PaperViewSet(CaseworkViewSet):
    """Papers of one kind of one case: read by who has the case in full, written by an action."""

    model, serializer_class = Record, rows.RecordRow
    scope_name = "cases"
    key = "pk"
    orderings = ()
    kind = ""
    verbs = ScopedViewSet.verbs | {"create": "", "partial_update": ""}

    @property
    def fields_of_body(self):
        return KINDS[self.kind].fields

    @cached_property
    def case(self):
        related = "station", "client", "worker"
        found = Case.objects.visible_to(self.user).select_related(*related).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotInScope()
        return found

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Record.objects.none()
        people = "author__worker", "signed_by__worker"
        return Record.objects.visible_to(self.user).filter(case=self.case, kind=self.kind).select_related(*people)

    def readable(self):
        """Refuse those who know of the case and may not read in it."""
        if self.case.seen_as != access.FULL:
            raise Forbidden()
        leave_trace(self, self.case)

    def get_object(self):
        self.readable()
        found = self.get_queryset().filter(public_id=self.kwargs["pk"]).first()
        if found is None:
            raise NotInScope()
        return found

    def keyed_rows(self, queryset, keys):
        only, records = self.fields(), list(queryset)
        goals: dict = {}
        if self.kind == "plans":
            for goal in Goal.objects.filter(plan__in=[r.pk for r in records]).order_by("plan", "position"):
                goals.setdefault(goal.plan_id, []).append(goal)
        out = [([r.pk], record_json(r, self.asks_by_key, goals.get(r.pk, ()))) for r in records]
        return [(k, {n: row[n] for n in only} if only else row) for k, row in out]

    def list(self, request, *args, **kwargs):
        self.readable()
        return super().list(request)

    def retrieve(self, request, *args, **kwargs):
        return self.one(self.get_object())

    def one(self, obj, status=200):
        goals = obj.goals.order_by("position") if obj.kind == "plans" else ()
        response = Response(record_json(obj, self.asks_by_key, goals), status=status)
        response["ETag"] = etag(obj)
        return response

    def create(self, request, number):
        case = self.case
        return self.once(lambda: self.write(case, self.raw()))

    def write(self, case, body):
        return actions.write_record(self.user, case, self.kind, body)

    def partial_update(self, request, number, pk):
        made = actions.fill_record(self.user, self.case, self.kind, pk, self.raw(), check=self.check_match)
        return self.one(made)


DEED_ACTIONS = {
    "consent": actions.record_consent, "suspend": actions.suspend_case, "resume": actions.resume_case,
    "transfer": actions.transfer_case, "crisis": actions.record_crisis, "approvals": actions.approve,
    "corrections": actions.correct_record,
}  # fmt: skip


class DeedViewSet(PaperViewSet):
    """What is done to a case beside its stages; each leaves a paper."""

    verbs = ScopedViewSet.verbs | {"create": ""}

    def write(self, case, body):
        return DEED_ACTIONS[self.kind](self.user, case, body)


class WithdrawView(PaperViewSet):
    """POST goals/{id}/withdraw/: asks for it; an approval of `goals/{id}` grants it."""

    model = Goal
    kind = "withdrawal"
    verbs = ScopedViewSet.verbs | {"create": ""}

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Goal.objects.none()
        self.readable()
        return Goal.objects.filter(plan__case=self.case)

    def one(self, obj, status=200):
        return Response(goal_json(obj, self.asks_by_key), status=status)

    def create(self, request, number, goal):
        case = self.case
        return self.once(lambda: actions.withdraw_goal(self.user, case, goal, self.raw()))


def viewset_of(kind):
    """The class for one kind, documented by its fields."""
    base = DeedViewSet if kind in DEEDS else PaperViewSet
    word = "".join(part.capitalize() for part in kind.name.split("-"))
    made = type(f"{word}ViewSet", (base,), {"kind": kind.name, "__doc__": f"{kind.form} {kind.name}".strip()})
    more = {"draft": {"type": "boolean"}} if kind.drafts else {}
    name = kind.name.replace("-", "_")
    spoken = {
        "list": extend_schema(operation_id=f"cases_{name}_list"),
        "retrieve": extend_schema(operation_id=f"cases_{name}_retrieve"),
        "create": extend_schema(operation_id=f"cases_{name}_create", request=json_body(kind.fields, **more)),
    }
    if base is PaperViewSet:
        loose = tuple(kind.fields)
        spoken["partial_update"] = extend_schema(operation_id=f"cases_{name}_fill", request=json_body(loose, **more))
    return extend_schema_view(**spoken)(made)


OWN_ADDRESS = {kind.name: viewset_of(kind) for kind in STAGE_RECORDS} | {
    kind.name: viewset_of(kind) for kind in DEEDS if kind.name in DEED_ACTIONS
}
