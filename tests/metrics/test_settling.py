"""The log is read by transactions: what is not committed yet is read later, never lost, never twice. Real connections."""

import threading
import time

import pytest
from django.db import connection, transaction

from jobs.actions import LostLease
from jobs.models import Job
from metrics import actions, sql
from metrics.models import LogMark
from stations import actions as stations
from tests.metrics.conftest import days_ago


def eventually(check, seconds=60):
    """Other transactions on the server (other test processes) hold the settled line back: wait for it."""
    end = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def caught_up(figures, cell, place):
    def look():
        figures.refresh()
        return figures.cell("station_coverage", place) == cell

    return eventually(look)


def test_an_opening_reaches_the_figures_by_itself(committed, world):
    committed.roll()
    (n, d), last = (
        committed.cell("station_coverage", world.home),
        committed.cell("station_coverage", world.home, committed.before),
    )
    stations.open_station(world.user("official"), world.station("梁子镇"), on=days_ago(0))
    assert caught_up(committed, (n + 1, d), world.home)
    assert committed.cell("station_coverage", world.home, committed.before) == last


def test_what_commits_late_is_not_lost(committed, world):
    """An event with a lower number, committed after others were read."""
    committed.roll()
    n, d = committed.cell("station_coverage", world.home)
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                stations.open_station(world.user("official"), world.fresh("梁子镇"), on=days_ago(0))
                begun.set()
                go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(30)
    stations.close_station(
        world.user("twin_official"), world.fresh("鸾栖镇"), on=days_ago(0)
    )  # another city: its tree is free
    committed.refresh()
    assert committed.cell("station_coverage", world.home) == (n, d)
    go_on.set()
    thread.join()
    assert caught_up(committed, (n + 1, d), world.home)


def test_the_mark_never_passes_a_running_transaction(committed, world):
    committed.roll()
    held, go_on = threading.Event(), threading.Event()
    own = []

    def running():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()::text::bigint")
                own.append(cursor.fetchone()[0])
                held.set()
                go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=running)
    thread.start()
    held.wait(30)
    try:
        actions.refresh()
        assert LogMark.objects.get().settled <= own[0] and sql.settled_below() <= own[0]
    finally:
        go_on.set()
        thread.join()


def test_two_refreshes_at_once_do_not_wait_for_each_other(committed):
    committed.roll()
    with transaction.atomic():
        sql.lock()
        answers = []

        def other():
            try:
                answers.append(actions.refresh())
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
        assert answers == [None]


def test_a_job_that_was_taken_over_writes_nothing(committed, world):
    """A roll-up whose lease has gone to another worker ends before its first write."""
    job = actions.ask(world.user("official"), committed.month, world.home)
    Job.objects.filter(pk=job.pk).update(state=Job.RUNNING, token=5)

    def hold():
        if not Job.objects.select_for_update().filter(pk=job.pk, token=4).exists():
            raise LostLease(job.pk)

    with pytest.raises(LostLease):
        actions.roll_up(committed.month, world.home, hold=hold)
    assert committed.everything() == set()
