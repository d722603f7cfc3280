"""OpenAPI: what drf-spectacular cannot see by itself."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from surfaces.paging import CursorPages

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": ["string", "null"]},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class Key(OpenApiAuthenticationExtension):
    target_class = "accounts.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}


class Session(OpenApiAuthenticationExtension):
    target_class = "accounts.keys.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class Schema(AutoSchema):
    """Names the parameters of our base classes."""

    def get_override_parameters(self):
        known = sorted(getattr(self.view, "known_params", lambda: ())())
        return [OpenApiParameter(n, OpenApiTypes.STR, required=False, many=n == "indicator") for n in known]

    def get_filter_backends(self):
        return []

    def _get_paginator(self):
        return CursorPages() if self._is_list_view() else None

    def _is_list_view(self, serializer=None):
        view = self.view
        return self.method == "GET" and (
            getattr(view, "is_list", False) or getattr(view, "action", None) in ("list", *getattr(view, "listings", ()))
        )


def document_problems(result, generator, request, public):
    """Every operation may answer with a problem; said once."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "RFC 9457",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            for status in ("400", "401", "403", "404", "429"):
                operation.get("responses", {}).setdefault(status, answer)
    return result
