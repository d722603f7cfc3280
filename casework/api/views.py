"""Clients and cases. Thin: querysets read, actions write. The papers of a case are in papers.py."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.errors import DomainError, Forbidden, NotInScope
from accounts.masking import present
from accounts.models import Event
from accounts.reveals import REVEALED
from casework import access, actions, bodies
from casework.api import rows
from casework.api.filters import CaseFilter
from casework.api.lines import page_of_lines
from casework.casefile import CaseFile
from casework.fields import masked, read, schema_of
from casework.models import Case, Client
from casework.reads import record_read
from casework.records import KINDS
from casework.shapes import case_json, client_json, timeline
from surfaces.api import ScopedViewSet, etag


def json_body(fields, **more):
    """The request's schema for OpenAPI, from the table that checks it."""
    ref = {"client_ref": {"type": "string", "format": "uuid"}}
    return {"application/json": schema_of(fields, {**ref, **more})}


class CaseworkViewSet(ScopedViewSet):
    """What the room's addresses share: bodies read by tables of fields, everything masked for keys."""

    fields_of_body: tuple = ()

    @property
    def asks_by_key(self):
        return self.request.auth is not None

    def body(self, fields):
        """The request's body, checked."""
        return read(fields, self.raw())

    def raw(self):
        return {name: value for name, value in dict(self.request.data).items() if name != "client_ref"}

    def _again(self, *first):
        """As in the base, but what a key sent comes back masked."""
        try:
            return super()._again(*first)
        except DomainError as e:
            if self.asks_by_key and "sent" in e.extra:
                e.extra["sent"] = present(masked(self.fields_of_body, e.extra["sent"]), "summary", True)
            raise


class ClientViewSet(CaseworkViewSet):
    """Clients. A list names nobody; one client is masked for keys, and in a session but for name, birth date and address."""

    model, serializer_class = Client, rows.ClientRow
    scope_name = "clients"
    lookup_field = "public_id"
    lookup_value_regex = "[^/]+"
    key = "pk"
    orderings = ("updated_at",)
    since = "updated_at"
    fields_of_body = bodies.CLIENT
    verbs = ScopedViewSet.verbs | {"create": "create", "partial_update": "", "reveal": ""}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action == "list" and not request.user.can("see", Client):
            raise Forbidden()

    def get_queryset(self):
        return super().get_queryset().select_related("station", "registered_division", "residence_division")

    def get_object(self):
        found = self.get_queryset().filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise NotInScope()
        return found

    def keyed_rows(self, queryset, keys):
        only, width = self.fields(), len(keys)
        found = rows.with_groups(queryset.select_related(None)).values_list(*keys, *rows.CLIENT_COLUMNS)
        out = [
            ([str(v) if hasattr(v, "isoformat") else v for v in x[:width]], rows.client_row(x[width:])) for x in found
        ]
        return [(k, {n: row[n] for n in only} if only else row) for k, row in out]

    def one(self, obj, status=200):
        seen = self.get_queryset().get(pk=obj.pk)
        answer = client_json(seen, seen.seen_as, self.asks_by_key)
        if getattr(obj, "warnings", None):
            answer["warnings"] = obj.warnings
        response = Response(answer, status=status)
        response["ETag"] = etag(seen)
        return response

    @extend_schema(request=json_body(bodies.CLIENT))
    def create(self, request):
        return self.once(lambda: actions.create_client(self.user, self.body(bodies.CLIENT)))

    @extend_schema(request=json_body(bodies.CLIENT_CHANGE))
    def partial_update(self, request, public_id):
        client = self.get_object()
        body = self.body(bodies.CLIENT_CHANGE)
        if not body:
            raise ValidationError({"": _("没有要改的内容")})
        return self.one(actions.change_client(self.user, client, body, check=self.check_match))

    @extend_schema(request=json_body(bodies.REVEAL), responses={200: {"type": "object"}})
    @action(detail=True, methods=["post"])
    def reveal(self, request, public_id):
        return revealed(self, self.get_object())


def leave_trace(view, case):
    """A session that has the case in full reads it in clear: that is recorded."""
    if case.seen_as == access.FULL and not view.asks_by_key:
        record_read(view.user, case, view.request.resolver_match.url_name)


def revealed(view, obj):
    """Answer a reveal: uncached."""
    if view.asks_by_key:
        raise Forbidden(_("打码的信息只能由本人登录后查看，接口密钥不行"))
    body = view.body(bodies.REVEAL)
    found = actions.reveal_client(view.user, obj, body.get("purpose"), body.get("note") or "")
    return Response(found, headers={"Cache-Control": "no-store"})


class CaseViewSet(CaseworkViewSet):
    """Cases, as deep as the reader may see each of them."""

    model, serializer_class, filterset_class = Case, rows.CaseRow, CaseFilter
    scope_name = "cases"
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    key = "number"
    orderings = ("opened_on", "stage_since", "updated_at")
    default_ordering = "-opened_on"
    search_fields = ("number__startswith",)
    since = "updated_at"
    listings = ()
    fields_of_body = bodies.CASE
    verbs = ScopedViewSet.verbs | {
        "create": "create", "partial_update": "", "advance": "", "reopen": "", "reveal": "", "timeline": "see",
    }  # fmt: skip

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action == "list" and not request.user.can("see", Case):
            raise Forbidden()

    def known_params(self):
        if getattr(self, "action", None) == "timeline":
            return {"format", "page_size", "cursor"}
        return super().known_params()

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Case.objects.none()
        return rows.with_overdue(Case.objects.visible_to(self.user))

    def get_object(self):
        related = "station", "client__station", "worker", "transfer_to", "previous", "next"
        found = self.get_queryset().select_related(*related).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotInScope()
        return found

    def keyed_rows(self, queryset, keys):
        only, width = self.fields(), len(keys)
        found = queryset.values_list(*keys, *rows.CASE_COLUMNS)
        out = [
            ([v.isoformat() if hasattr(v, "isoformat") else v for v in x[:width]], rows.case_row(x[width:]))
            for x in found
        ]
        return [(k, {n: row[n] for n in only} if only else row) for k, row in out]

    def one(self, obj, status=200):
        self.kwargs["number"] = obj.number
        case = self.get_object()
        response = Response(case_json(case, case.seen_as, self.asks_by_key, CaseFile(case)), status=status)
        response["ETag"] = etag(case)
        return response

    def retrieve(self, request, *args, **kwargs):
        """One case, as deep as you may see it.

        `due[].due_on` of deadlines in workdays is counted on China's calendar with its make-up days; in a year whose days off
        are not published yet Monday to Friday count, and the day may move once they are.
        """
        case = self.get_object()
        leave_trace(self, case)
        return self.one(case)

    @extend_schema(request=json_body(bodies.CASE))
    def create(self, request):
        return self.once(lambda: actions.open_case(self.user, self.body(bodies.CASE)))

    @extend_schema(request=json_body(bodies.CASE_CHANGE))
    def partial_update(self, request, number):
        case = self.get_object()
        access.require(self.user, "change", case)
        body = self.body(bodies.CASE_CHANGE)
        if not body:
            raise ValidationError({"": _("没有要改的内容")})
        return self.one(actions.change_case(self.user, case, body, check=self.check_match))

    @extend_schema(request=json_body(KINDS["stage"].fields), responses=rows.CaseRow)
    @action(detail=True, methods=["post"])
    def advance(self, request, number):
        return self.one(actions.advance_case(self.user, self.get_object(), self.raw()))

    @extend_schema(request=json_body(KINDS["reopen"].fields), responses={201: rows.CaseRow})
    @action(detail=True, methods=["post"])
    def reopen(self, request, number):
        case = self.get_object()
        return self.once(lambda: actions.reopen_case(self.user, case, self.raw()))

    @extend_schema(request=json_body(bodies.REVEAL), responses={200: {"type": "object"}})
    @action(detail=True, methods=["post"])
    def reveal(self, request, number):
        return revealed(self, self.get_object())

    @extend_schema(responses=rows.TimelineRow(many=True))
    @action(detail=True)
    def timeline(self, request, number):
        case = self.get_object()
        leave_trace(self, case)
        reveals = Event.objects.filter(kind="casework.case", object_id=str(case.pk), verb=REVEALED)
        reveals = reveals.select_related("user__worker")
        return Response(page_of_lines(request, timeline(case, case.seen_as, reveals)))
