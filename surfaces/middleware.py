"""Headers on every answer, refused NULs, and domain errors on pages."""

from urllib.parse import unquote

from django.shortcuts import render

from surfaces import errors, problems


class Headers:
    """What Django and django-csp do not set themselves; and a NUL in an address is refused before anything reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path or "\0" in unquote(request.META.get("QUERY_STRING", "")):
            response = problems.response(400, "NUL") if request.path.startswith("/api/") else errors.plain_bad_request()
        else:
            response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")  # also where Django's own middleware is not reached
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class Problems:
    """A domain error that a page lets through becomes a page with its sentence."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        status, sentence, _errors, headers, _extra = problems.describe(exception)
        if status is None:
            return None
        if request.path.startswith("/api/"):
            return problems.response(status, sentence, headers=headers)
        template = f"{status}.html" if status in (400, 403, 404) else "400.html"
        return render(request, template, {"sentence": sentence, "status": status}, status=status)
