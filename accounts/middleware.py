"""Per request: where a change comes from, how long a session may idle, and in which language we answer."""

import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.utils import translation

from accounts.changes import VIA


class IdleSessions:
    """Ends a session that was not used for `SESSION_IDLE_SECONDS`, or that began `SESSION_COOKIE_AGE` ago.

    Django itself counts the age from the last time that a session was saved.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        VIA.set("web")
        if request.user.is_authenticated:
            now = int(time.time())
            began, seen = (request.session.get(name, now) for name in ("began", "seen"))
            if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif "began" not in request.session or now - seen > 300:
                request.session.update({"began": began, "seen": now})
                UserSession.objects.create_from_request(request)  # what the list of devices shows as last seen
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
