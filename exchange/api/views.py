"""Imports for programs: upload, look, commit, undo, and the office's file back with comments. Thin."""

import hashlib
import uuid

from django.db import transaction
from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.errors import Conflict
from exchange import actions, annotating
from exchange.api import serializers
from exchange.api.shapes import described
from exchange.models import Import
from exchange.uploads import check_upload, limit_uploads
from surfaces.api import ScopedViewSet
from surfaces.models import ClientRef
from surfaces.parsers import StrictJSON


class ImportViewSet(ScopedViewSet):
    """One's own imports and those of the places one keeps. A key needs imports:write."""

    model, serializer_class = Import, serializers.ImportListRow
    scope_name = "imports"
    lookup_value_regex = "[0-9]+"
    orderings = ("created_at",)
    default_ordering = "-created_at"
    parser_classes = [MultiPartParser, StrictJSON]
    verbs = ScopedViewSet.verbs | {"create": "create", "commit": "see", "undo": "see", "annotated": "see"}

    def initialize_request(self, request, *args, **kwargs):
        limit_uploads(request)
        return super().initialize_request(request, *args, **kwargs)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Import.objects.none()
        return super().get_queryset().select_related("file", "job")

    def keyed_rows(self, queryset, keys):
        return [
            (key, row | {"id": str(row["id"])} if "id" in row else row)
            for key, row in super().keyed_rows(queryset, keys)
        ]

    @extend_schema(responses=serializers.ImportResult)
    def retrieve(self, request, *args, **kwargs):
        return Response(described(self.get_object()))

    @extend_schema(request=serializers.ImportInput, responses={202: serializers.ImportResult})
    def create(self, request):
        """Take a workbook in. Its check, or its writing with mode commit, goes on in the background."""
        data = request.data
        file = check_upload(request._request, data.get("file"))
        body = dict(self.valid(serializers.ImportInput))
        body.pop("file")

        def make():
            return actions.request_import(request.user, file=file, name=file.name, **body)

        return self.made_once(make, file, {name: str(value) for name, value in data.items() if name != "file"})

    def made_once(self, make, file, said):
        """202 with the import; under the same `client_ref` the first one again."""
        ref = said.get("client_ref")
        if not ref:
            return Response(described(make()), status=202)
        try:
            ref = uuid.UUID(ref)
        except ValueError:
            raise ValidationError({"client_ref": _("应是一个 UUID")}) from None
        digest = _digest(file, said)
        with transaction.atomic():
            first, new = ClientRef.objects.get_or_create(
                user=self.request.user, ref=ref, action="imports.create", defaults={"digest": digest}
            )
            if new:
                run = make()
                first.object_id = str(run.pk)
                first.save(update_fields=["object_id"])
                return Response(described(run), status=202)
        existing = self.get_queryset().filter(pk=first.object_id or 0).first()
        if existing is not None and first.digest == digest:
            return Response(described(existing))
        raise Conflict(
            _("这个 client_ref 已经用过，内容不同；第一次的那条没有变"), code="ref_reused", field="client_ref",
            existing=described(existing) if existing else None, sent=said,
        )  # fmt: skip

    @extend_schema(request=None, responses={202: serializers.ImportResult})
    @action(detail=True, methods=["post"])
    def commit(self, request, pk=None):
        """Write a checked import."""
        return Response(described(actions.commit_import(request.user, self.get_object())), status=202)

    @extend_schema(request=None, responses={202: serializers.ImportResult})
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Take a written import back."""
        return Response(described(actions.undo_import(request.user, self.get_object())), status=202)

    @extend_schema(responses={(200, annotating.MEDIA_TYPE): OpenApiTypes.BINARY})
    def annotated(self, request, pk=None):
        """The office's own file with its wrong cells coloured and commented."""
        return annotated_answer(self.get_object())


def annotated_answer(run):
    """The annotated workbook as a download."""
    file = annotating.annotated_file(run)
    return FileResponse(file, as_attachment=True, filename=annotating.name_of(run), content_type=annotating.MEDIA_TYPE)


def _digest(file, said):
    sums = hashlib.sha256(repr(sorted(said.items())).encode())
    for chunk in file.chunks():
        sums.update(chunk)
    file.seek(0)
    return sums.hexdigest()
