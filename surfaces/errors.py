"""The site's error pages, and the same as problem+json below /api/."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from surfaces import problems


def _answer(request, status, sentence, template):
    if request.path.startswith("/api/"):
        return problems.response(status, sentence)
    return render(request, template, {"sentence": sentence, "status": status}, status=status)


def bad_request(request, exception=None):
    return _answer(request, 400, _("这个地址或表单写得不对"), "400.html")


def forbidden(request, exception=None):
    return _answer(request, 403, _("这一步不在您的职责内"), "403.html")


def not_found(request, exception=None):
    return _answer(request, 404, _("没有这一页，或不在您的范围内"), "404.html")


def server_error(request):
    """Stands alone: whatever broke may be the database or the frame."""
    if request.path.startswith("/api/"):
        return problems.response(500, _("程序出错了，没有写入任何东西"))
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request, reason=""):
    return _answer(request, 403, _("离开太久，请回到上一页刷新后再交一次"), "403.html")


def plain_bad_request():
    """For an address that cannot even be routed."""
    return HttpResponse("400", status=400, content_type="text/plain; charset=utf-8")
