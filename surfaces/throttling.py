"""Requests a minute of one account or key, exports apart; told in `RateLimit-*` headers."""

import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle


class PerMinute(BaseThrottle):
    """A sliding minute from two counters: this minute's, and the rest of the last one's."""

    def allow_request(self, request, view):
        export = request.query_params.get("format") in ("csv", "xlsx")
        limit = settings.API_EXPORTS_A_MINUTE if export else settings.API_REQUESTS_A_MINUTE
        who = f"key{request.auth.pk}" if request.auth is not None else f"user{request.user.pk}"
        minute, second = divmod(time.time(), 60)
        name = f"rate:{who}:{int(export)}:"
        last = cache.get(f"{name}{int(minute) - 1}") or 0
        now = f"{name}{int(minute)}"
        used = self._count(now) + last * (1 - second / 60)
        self.reset = int(60 - second) + 1
        request._request.rate_limit = {
            "RateLimit-Limit": limit, "RateLimit-Remaining": max(0, int(limit - used)), "RateLimit-Reset": self.reset,
        }  # fmt: skip
        return used <= limit

    @staticmethod
    def _count(name):
        if cache.add(name, 1, 125):
            return 1
        try:
            return cache.incr(name)
        except ValueError:  # it went away in between
            cache.set(name, 1, 125)
            return 1

    def wait(self):
        return self.reset
