"""What a load balancer or an operator asks: does the process live (`/healthz`), can the site do its work (`/readyz`)?"""

import logging
import threading
import time
from datetime import timedelta

import redis
from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.models import Heartbeat

log = logging.getLogger("shegong.health")
HEARTBEAT_LASTS = timedelta(seconds=60)
PING_LASTS_S = 15


class Remembered:
    """The last good answer of a costly question, for `seconds` (None: for good). A bad one is asked again."""

    def __init__(self, ask, seconds=None):
        self.ask, self.seconds, self.good_since, self.lock = ask, seconds, None, threading.Lock()

    def __call__(self):
        with self.lock:
            if self.good_since is not None and (
                self.seconds is None or time.monotonic() - self.good_since < self.seconds
            ):
                return True
            self.good_since = time.monotonic() if self.ask() else None
            return self.good_since is not None


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return True


def _broker():
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()


def _nothing_to_migrate():
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker_answers():
    return bool(current_app.control.ping(timeout=1.0, limit=1))


migrated = Remembered(_nothing_to_migrate)
pinged = Remembered(_worker_answers, PING_LASTS_S)


def _worker():
    """A sign of life of the last minute; a worker busy with long jobs gives none, but still answers a ping."""
    return Heartbeat.objects.filter(at__gte=timezone.now() - HEARTBEAT_LASTS).exists() or pinged()


PARTS = {"database": _database, "broker": _broker, "migrations": migrated, "worker": _worker}


def _holds(name, ask):
    try:
        return bool(ask())
    except Exception as why:  # whatever a driver raises: the answer is "not ready", never a 500
        log.warning("%s is not ready: %s", name, type(why).__name__)
    return False


@login_not_required
@require_safe
@never_cache
def healthz(request):
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
@never_cache
def readyz(request):
    """200 when database, broker, migrations and worker are there, else 503; the JSON names each part."""
    parts = {name: _holds(name, ask) for name, ask in PARTS.items()}
    ready = all(parts.values())
    body = {
        "status": "ok" if ready else "unavailable",
        "parts": {k: "ok" if v else "unavailable" for k, v in parts.items()},
    }
    return JsonResponse(body, status=200 if ready else 503, headers={} if ready else {"Retry-After": "5"})
