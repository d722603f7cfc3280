"""Errors as the API says them: RFC 9457 problem+json, made in one place from whatever was raised."""

import errno
import json
import logging
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.errors import DomainError

log = logging.getLogger("shegong.problems")
FULL = (errno.ENOSPC, errno.EDQUOT)
CONTENT_TYPE = "application/problem+json"


def body(status, detail="", errors=(), **extra):
    """The members of one problem."""
    title = {400: _("请求有误"), 401: _("请先登录"), 403: _("不允许"), 404: _("没有找到"), 405: _("不支持这种方法"),
             406: _("没有这种格式"), 409: _("有冲突"), 412: _("已被改过"), 413: _("太大"), 415: _("不支持这种内容"),
             428: _("缺少 If-Match"), 429: _("请求太频繁"), 503: _("暂时不能用")}.get(status) or HTTPStatus(status).phrase  # fmt: skip
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": str(detail or title),
        "errors": list(errors),
        **extra,
    }


def response(status, detail="", errors=(), headers=None, **extra):
    """A plain Django response with the problem, for places below DRF."""
    content = json.dumps(body(status, detail, errors, **extra), ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=CONTENT_TYPE, headers=headers)


def handler(exc, context):
    """DRF's exception handler."""
    from rest_framework.views import set_rollback  # DRF's views load our renderers, which need this module

    set_rollback()
    status, detail, errors, headers, extra = describe(exc)
    if status is None:
        return None
    answer = Response(body(status, detail, errors, **extra), status=status, headers=headers)
    answer.is_problem = True  # type: ignore[attr-defined]
    return answer


def describe(exc):
    """(status, sentence, errors, headers, extra members) of an exception; status None for one that nobody foresaw."""
    if isinstance(exc, DomainError):
        return exc.status, exc.message, exc.errors, {}, exc.extra
    if isinstance(exc, Http404):
        return 404, _("没有这一条，或不在您的范围内"), [], {}, {}
    if isinstance(exc, PermissionDenied):
        return 403, _("这一步不在您的职责内"), [], {}, {}
    if isinstance(exc, DjangoValidationError):
        exc = exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages})
    if isinstance(exc, exceptions.ValidationError):
        errors = list(flat(exc.detail))
        return 400, "；".join(dict.fromkeys(e["message"] for e in errors)), errors, {}, {}
    if isinstance(exc, exceptions.APIException):
        headers = {}
        if scheme := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = scheme
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        return exc.status_code, exc.detail, [], headers, {}
    if isinstance(exc, (DataError, SuspiciousOperation)):
        return 400, _("有一个值太大或写法不对，没有写入"), [], {}, {}
    if isinstance(exc, IntegrityError):
        log.warning(
            "a constraint refused a write: %s", getattr(getattr(exc.__cause__, "diag", None), "constraint_name", "")
        )
        return 409, _("和已有的记录冲突，没有写入"), [], {}, {}
    if isinstance(exc, OSError) and exc.errno in FULL:
        log.error("the disk is full: %s", type(exc).__name__)
        return 507, _("磁盘满了，请管理员腾出空间；没有写入"), [], {}, {}
    if isinstance(exc, OperationalError):
        log.warning("the database did not answer in time: %s", type(exc.__cause__).__name__)
        return 503, _("数据库忙，请过一会儿再试；没有写入"), [], {"Retry-After": "5"}, {}
    return None, None, None, None, None


def flat(detail, field=""):
    """DRF's nested error detail as single errors, fields joined by dots."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flat(inner, ".".join(x for x in (field, own) if x))
    elif isinstance(detail, (list, tuple)):
        for i, inner in enumerate(detail):
            yield from flat(inner, f"{field}.{i}" if isinstance(inner, (dict, list)) and inner else field)
    else:
        yield {"field": field or None, "code": getattr(detail, "code", None) or "invalid", "message": str(detail)}
