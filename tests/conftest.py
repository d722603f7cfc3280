"""What every test run stands on: a real PostgreSQL and broker in a temporary folder, throw-away keys, Django set up.

TEST_DATABASE_URL and TEST_REDIS_URL name other servers. Fixtures of a room live in that room's folder.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

from config import embedded
from config.keys import fresh_keys

_running = contextlib.ExitStack()
MARK = "SHEGONG_TEST_RUN"  # the process that started the services; what a test starts inherits it, and the URLs
WORKER = os.environ.get(
    "PYTEST_XDIST_WORKER", ""
)  # each of xdist's has services of its own: snapshots and keys are a server's


def _start_services():
    """Once a process that runs tests: services, keys and VAR_DIR into the environment."""
    folder = tempfile.mkdtemp(prefix="shegong-test-")
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    Path(folder, "static").mkdir()
    os.environ.update(fresh_keys(), VAR_DIR=folder, DEBUG="", HTTPS="", **{MARK: f"{os.getpid()}:{WORKER}"})
    database, broker = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not (database and broker):
        own = _running.enter_context(embedded.services(folder, test=True, purpose="pytest"))
        database, broker = database or own[0], broker or own[1]
    os.environ.update(DATABASE_URL=database, REDIS_URL=broker, DJANGO_SETTINGS_MODULE="config.settings")


# At import, not in a hook: a room's conftest may import models, and is read right after this file, before any hook runs.
if MARK not in os.environ or (WORKER and os.environ[MARK].partition(":")[2] != WORKER):
    try:
        _start_services()
    except embedded.Refused as why:
        sys.exit(str(why))
django.setup()

import pytest
from django.db import connection

from tests.factories import world  # noqa: F401 - the fixture


def pytest_configure(config):
    """In the process that only hands tests out: its workers inherit no settings' name, or pytest-django would load them, with
    this process's services, before a worker has started its own."""
    if config.getoption("numprocesses", None) and not WORKER:
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config):
    if os.environ.get(MARK, "").partition(":")[0] == str(os.getpid()):
        _running.close()


def pytest_sessionstart(session):
    """Two processes on one server would hold each other's settled line back (metrics/sql/log.py)."""
    from django.conf import settings

    assert settings.DATABASE_URL == os.environ["DATABASE_URL"], (
        "the settings were loaded before the services were started"
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with threads empty the tables afterwards by TRUNCATE, which the change log's guards refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'no_truncate'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_truncate")
