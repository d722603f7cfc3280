"""Per request: where a change comes from, how long a session may idle, and in which language we answer."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.utils import translation

from accounts.changes import VIA


class IdleSessions:
    """Ends a session that was not used for `SESSION_IDLE_SECONDS`; its absolute age is the cookie's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        VIA.set("web")
        if request.user.is_authenticated:
            now, seen = int(time.time()), request.session.get("seen", 0)
            if seen and now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen > 60:
                request.session["seen"] = now
        return self.get_response(request)


class ChosenLanguage:
    """Pages speak the account's language (or the cookie's before sign-in); the API what `Accept-Language` asks for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/api/"):
            language = translation.get_language_from_request(request)
        elif request.user.is_authenticated:
            language = request.user.language
        else:
            language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response
