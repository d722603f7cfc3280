"""A cache that survives the loss of its server: counters and rate limits then live in the process."""

import logging
import time

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger("shegong.cache")
PATIENCE_S, REST_S = 1, 5
LIMITS = {
    "socket_timeout": PATIENCE_S,
    "socket_connect_timeout": PATIENCE_S,
}  # a stopped server accepts and never answers
_rests_until: dict[str, float] = {}  # by server: Django makes a cache object a thread


class FailOverCache(BaseCache):
    """Redis while it answers, else memory. Sign-in, lockout and limits go on working without the broker.

    After a failure the server is left alone for `REST_S` seconds, so that a request waits once and not at every call.
    """

    def __init__(self, server, params):
        super().__init__(params)
        self.first = RedisCache(server, {**params, "OPTIONS": {**LIMITS, **params.get("OPTIONS", {})}})
        self.second = LocMemCache("fail-over", {k: v for k, v in params.items() if k != "OPTIONS"})
        self.server = str(server)

    def _call(self, name, *args, **kwargs):
        if time.monotonic() >= _rests_until.get(self.server, 0.0):
            try:
                return getattr(self.first, name)(*args, **kwargs)
            except (ValueError, TypeError, KeyError):
                raise
            except Exception as e:
                _rests_until[self.server] = time.monotonic() + REST_S
                log.warning("cache server does not answer (%s); going on in memory", type(e).__name__)
        return getattr(self.second, name)(*args, **kwargs)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("add", key, value, timeout, version)

    def get(self, key, default=None, version=None):
        return self._call("get", key, default, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("set", key, value, timeout, version)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("touch", key, timeout, version)

    def delete(self, key, version=None):
        return self._call("delete", key, version)

    def incr(self, key, delta=1, version=None):
        return self._call("incr", key, delta, version)

    def clear(self):
        return self._call("clear")
