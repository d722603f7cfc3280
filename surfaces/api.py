"""Base classes of the API: only scoped querysets, only mapped verbs, only known parameters.

A list is read by `Rows` (one query, no instances); its shape is the view's serializer, which also documents it.
"""

import datetime as dt
import hashlib
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.errors import Conflict, DomainError, Forbidden
from surfaces.models import ClientRef, digest_of
from surfaces.paging import CursorPages, moment_of
from surfaces.rows import Rows, moment

EXPORT_MOST = 100_000
_COMMON = {"format"}
_LIST = {"page_size", "cursor", "ordering", "search", "fields", "updated_since"}


class KeyScopes(APIView):
    """What a view asks of a key, of its parameters and of its answer. Mixed into every API view."""

    # "stations": a key needs stations:read, for writing stations:write; several names: one of them; None: any key
    scope_name: str | tuple[str, ...] | None = None
    params: tuple[str, ...] = ()  # the query parameters it knows, besides `format`

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.check_key(request)
        unknown = sorted(set(request.query_params) - self.known_params())
        if unknown:
            raise exceptions.ValidationError({name: _("没有这个参数") for name in unknown})

    @property
    def user(self) -> Any:
        """The User who asks: a person, or the service a key belongs to."""
        return self.request.user

    def known_params(self):
        return set(self.params) | _COMMON

    def check_key(self, request):
        """Refuse a key without the scope. Of several names the first is the one it is told."""
        if request.auth is None or self.scope_name is None:
            return
        names = [self.scope_name] if isinstance(self.scope_name, str) else self.scope_name
        verbs = ("read", "write") if request.method in SAFE_METHODS else ("write",)
        if not {f"{name}:{verb}" for name in names for verb in verbs} & set(request.auth.scopes):
            raise Forbidden(_("这把密钥没有 %(scope)s 权限") % {"scope": f"{names[0]}:{verbs[0]}"})

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in rate_limit_of(request).items():
            response[name] = str(value)
        if (
            request.method in ("GET", "HEAD")
            and response.status_code == 200
            and hasattr(response, "add_post_render_callback")
        ):
            response.add_post_render_callback(lambda r: conditional(request, r))
        return response

    def day(self, name="as_of"):
        """The query parameter `name` as a date, or None. Raises ValidationError."""
        text = self.request.query_params.get(name)
        return None if text is None else day_of(text, name)


def rate_limit_of(request):
    """The headers that the throttle left on Django's request."""
    return getattr(getattr(request, "_request", request), "rate_limit", {})


def day_of(text, field):
    """A date as the API takes it: 2022-08-09. Raises ValidationError naming `field`."""
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 2200:
        raise exceptions.ValidationError({field: _("应是一个日期，如 2022-08-09")})
    return day


def conditional(request, response):
    """Give a GET its ETag; answer 304 where the asker has it already."""
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    asked = [t.strip().removeprefix("W/") for t in request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]
    if response["ETag"] not in asked and "*" not in asked:
        return None
    answer = HttpResponse(status=304)
    for name in ("ETag", "Cache-Control", "Vary", *rate_limit_of(request)):
        if response.has_header(name):
            answer[name] = response[name]
    del answer["Content-Type"]
    return answer


class ScopedView(KeyScopes):
    """One address that is not a list of rows."""

    basename = None

    def column_labels(self):
        return {}


class ScopedViewSet(KeyScopes, viewsets.GenericViewSet):
    """Rows of one model, through `visible_to(user)`.

    `orderings` the fields a list sorts by (never null), `key` the unique one that ends every order;
    `search_fields` lookups for `search`; `verbs` maps actions to the room's verbs, an unmapped one is refused;
    `since` the column `updated_since` reads; `tombstones(moment, after, most)` → [(id, row)] or None.
    """

    model: Any = None
    serializer_class: Any = None
    key = "pk"
    orderings: tuple[str, ...] = ()
    default_ordering: str | None = None
    search_fields: tuple[str, ...] = ()
    since: str | None = None
    listings: tuple[str, ...] = ()  # actions on one row that list others
    verbs: dict[str, str] = {"list": "see", "retrieve": "see", "metadata": "see"}
    pagination_class = CursorPages

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        verb = self.verbs.get(self.action)
        if verb is None and self.action is not None:
            raise Forbidden()
        if verb and not self.detail and verb != "see" and not request.user.can(verb, self.model):
            raise Forbidden()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.request.user)

    def known_params(self):
        if getattr(self.request, "method", "GET") not in SAFE_METHODS:
            return set(_COMMON)
        known = set(self.params) | _COMMON | {"fields"}
        if not self.detail or self.action in self.listings:
            known |= _LIST | set(getattr(getattr(self, "filterset_class", None), "base_filters", ()))
            known -= {name for name, has in (("updated_since", self.since), ("search", self.search_fields)) if not has}
        return known

    def filtered(self, queryset):
        """Filters, search and `updated_since` of the query."""
        query = self.request.query_params
        if filterset_class := getattr(self, "filterset_class", None):
            filterset = filterset_class(query, queryset=queryset, request=self.request)
            if not filterset.is_valid():
                raise exceptions.ValidationError({k: [str(x) for x in v] for k, v in filterset.errors.items()})
            queryset = filterset.qs
        if text := query.get("search", "").strip()[:100]:
            queryset = self.search(queryset, text)
        if (since := query.get("updated_since")) is not None:
            queryset = queryset.filter(**{f"{self.since}__gte": moment_of(since)})
        return queryset

    def search(self, queryset, text):
        condition = Q()
        for lookup in self.search_fields:
            condition |= Q(**{lookup: text})
        return queryset.filter(condition)

    def ordering_of(self, request):
        asked = request.query_params.get("ordering") or self.default_ordering or self.key
        if asked.lstrip("-") not in (*self.orderings, self.key) or asked.startswith("--"):
            raise exceptions.ValidationError(
                {"ordering": _("可以按这些排序：%(names)s") % {"names": "、".join((*self.orderings, self.key))}}
            )
        return [asked] if asked.lstrip("-") == self.key else [asked, ("-" if asked.startswith("-") else "") + self.key]

    def fields(self):
        """The names that `fields=` asks for, or None for all."""
        text = self.request.query_params.get("fields")
        if text is None:
            return None
        names, known = text.split(","), self.column_labels()
        if bad := [n for n in names if n not in known]:
            raise exceptions.ValidationError({"fields": _("没有这一列：%(name)s") % {"name": bad[0][:40]}})
        return names

    def keyed_rows(self, queryset, keys):
        """[(key values, row)] of a sliced queryset: one query."""
        rows = Rows(self.serializer_class, self.fields())
        width = len(keys)
        found = queryset.values_list(*keys, *rows.columns)
        return [([_plain(v) for v in values[:width]], rows.row(values[width:])) for values in found]

    def column_labels(self):
        """{field: its label}, in order: the columns of a list and of its exports."""
        return {n: f.label or n for n, f in self.serializer_class().fields.items() if not f.write_only}

    def list(self, request, *args, **kwargs):
        return self.listed(self.filtered(self.get_queryset()))

    def listed(self, queryset):
        """A page of `queryset`; all of it for csv and xlsx unless a page is asked for."""
        pages, asked = self.pagination_class(), self.request.query_params
        if self.request.accepted_renderer.format == "json" or "page_size" in asked or "cursor" in asked:
            return Response(pages.page(self.request, queryset, self))
        ordering = self.ordering_of(self.request)
        found = self.keyed_rows(queryset.order_by(*ordering)[: EXPORT_MOST + 1], [self.key])
        if len(found) > EXPORT_MOST:
            raise DomainError(_("超过 %(n)s 行，请缩小范围后再导出") % {"n": EXPORT_MOST}, code="too_many")
        return Response({"results": [row for _key, row in found]})

    def retrieve(self, request, *args, **kwargs):
        return self.one(self.get_object())

    def one(self, obj, status=200):
        """One object as the list shows it, with its ETag."""
        queryset = self.model.objects.unscoped("read or written by this user just now").filter(pk=obj.pk)
        (_key, row), *_rest = self.keyed_rows(queryset, [self.key])
        response = Response(row, status=status)
        if hasattr(obj, "updated_at"):
            response["ETag"] = etag(obj)
        return response

    def tombstones(self, since, after, most):
        """Rows deleted since a moment, after a change's id: [(id, row)]. None are, unless a list says otherwise."""
        return []

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    def valid(self, serializer_class, **more):
        """The request's body, checked; an unknown field is refused."""
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context(), **more)
        unknown = set(self.request.data) - set(serializer.fields) - {"client_ref"}
        errors = {name: [_("没有这个字段")] for name in sorted(map(str, unknown))}
        if not serializer.is_valid() or errors:
            raise exceptions.ValidationError({**serializer.errors, **errors})
        return serializer.validated_data

    def check_match(self, obj):
        """Refuse a write whose `If-Match` is missing (428) or stale (412). Call it after the row is held."""
        asked = self.request.headers.get("If-Match")
        if asked is None:
            raise DomainError(_("修改要带 If-Match：先取这一条，用它的 ETag"), code="precondition_required", status=428)
        if asked.strip() != "*" and etag(obj) not in [t.strip().removeprefix("W/") for t in asked.split(",")]:
            raise Conflict(_("这一条刚被改过，请重新取来再改"), code="stale", status=412)

    def once(self, make):
        """Run `make()` → object under the body's `client_ref`; the same again gives the first object with 200."""
        ref = dict(self.request.data).get("client_ref")
        if ref is None:
            return self.one(make(), 201)
        try:
            ref = uuid.UUID(ref) if isinstance(ref, str) and len(ref) == 36 else None
        except ValueError:
            ref = None
        if ref is None:
            raise exceptions.ValidationError({"client_ref": _("应是一个 UUID")})
        action, digest = f"{self.basename}.{self.action}", digest_of(self.request.data)
        with transaction.atomic():
            first, made = ClientRef.objects.get_or_create(
                user=self.user, ref=ref, action=action, defaults={"digest": digest}
            )
            if made:
                obj = make()
                first.object_id = str(obj.pk)
                first.save(update_fields=["object_id"])
                return self.one(obj, 201)
        return self._again(first, digest)

    def _again(self, first, digest):
        existing = self.get_queryset().filter(pk=first.object_id).first()
        if existing is not None and first.digest == digest:
            return self.one(existing, 200)
        raise Conflict(
            _("这个 client_ref 已经用过，内容不同；第一次的那条没有变"), code="ref_reused", field="client_ref",
            existing=self.one(existing).data if existing is not None else None, sent=dict(self.request.data),
        )  # fmt: skip


def etag(obj):
    """The tag of one object: of its key and the moment of its last change."""
    return f'"{hashlib.sha256(f"{obj._meta.label}:{obj.pk}:{moment(obj.updated_at)}".encode()).hexdigest()[:32]}"'


def _plain(value):
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value
