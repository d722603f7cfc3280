"""Requests a minute of one account or key, exports apart; told in `RateLimit-*` headers."""

import math
import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle


class PerMinute(BaseThrottle):
    """A sliding minute from two counters: this minute's, and the rest of the last one's. What is refused does not count."""

    def allow_request(self, request, view):
        export = request.query_params.get("format") in ("csv", "xlsx")
        limit = settings.API_EXPORTS_A_MINUTE if export else settings.API_REQUESTS_A_MINUTE
        who = f"key{request.auth.pk}" if request.auth is not None else f"user{request.user.pk}"
        minute, second = divmod(time.time(), 60)
        name = f"rate:{who}:{int(export)}:"
        last = cache.get(f"{name}{int(minute) - 1}") or 0
        now = self._count(f"{name}{int(minute)}")
        used = now + last * (1 - second / 60)
        if used > limit:
            self._count(f"{name}{int(minute)}", -1)
        self.rest = wait_for(limit, now - 1, last, second)
        request._request.rate_limit = {
            "RateLimit-Limit": limit, "RateLimit-Remaining": max(0, int(limit - used)), "RateLimit-Reset": math.ceil(60 - second),
        }  # fmt: skip
        return used <= limit

    @staticmethod
    def _count(name, step=1):
        if step > 0 and cache.add(name, 1, 125):
            return 1
        try:
            return cache.incr(name, step)
        except ValueError:  # it went away in between
            cache.set(name, max(step, 0), 125)
            return 1

    def wait(self):
        return self.rest


def wait_for(limit, now, last, second):
    """Seconds until one more fits, `second` seconds into a minute with `now` requests after one with `last`."""
    if now < limit:
        return max(0.0, 60 * (1 - (limit - now - 1) / last) - second) if last else 0.0
    return 60 - second + 60 * (1 - (limit - 1) / now)
