"""A cache that survives the loss of its server: counters and rate limits then live in the process."""

import logging
import threading

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger("shegong.cache")


class FailOverCache(BaseCache):
    """Redis while it answers, else memory. Sign-in, lockout and limits go on working without the broker."""

    def __init__(self, server, params):
        super().__init__(params)
        self.first = RedisCache(server, dict(params))
        self.second = LocMemCache("fail-over", dict(params))
        self._said = threading.local()

    def _call(self, name, *args, **kwargs):
        try:
            answer = getattr(self.first, name)(*args, **kwargs)
        except (ValueError, TypeError, KeyError):
            raise
        except Exception as e:
            if not getattr(self._said, "down", False):
                self._said.down = True
                log.warning("cache server does not answer (%s); going on in memory", type(e).__name__)
            return getattr(self.second, name)(*args, **kwargs)
        self._said.down = False
        return answer

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
