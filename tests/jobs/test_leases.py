"""Jobs: a row before a task, one worker at a time, a killed or stalled one is replaced and writes nothing any more."""

import datetime as dt
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from accounts.changes import change
from accounts.errors import DomainError
from accounts.models import Event, User
from jobs import actions, tasks
from jobs.actions import LostLease, enqueue, run, take
from jobs.models import Job
from stations.models import Agency

HERE = Path(__file__).parent


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_a_job_is_written_with_its_reason_or_not_at_all(db, kinds, django_capture_on_commit_callbacks):
    kinds["test.x"] = lambda lease: None
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("test.x", n=1)
        raise RuntimeError
    assert not Job.objects.exists()
    with django_capture_on_commit_callbacks() as told:
        job = enqueue("test.x", url="/there/", n=1)
    assert (job.state, job.input, job.url, len(told)) == ("queued", {"n": 1}, "/there/", 1)
    with pytest.raises(LookupError):
        enqueue("test.unknown")


def broker_at(monkeypatch, address):
    monkeypatch.setattr(actions, "_broker_rests_until", 0.0)
    monkeypatch.setattr(current_app.conf, "broker_write_url", address)


def test_a_worker_is_told_after_the_commit(transactional_db, kinds, settings):
    kinds["test.x"] = lambda lease: None
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete("celery")
    with transaction.atomic():
        enqueue("test.x")
        assert broker.llen("celery") == 0
    assert broker.llen("celery") == 1
    broker.delete("celery")


@pytest.mark.parametrize("broker", ["gone", "hangs"])
def test_a_broker_that_is_gone_or_hangs_loses_no_job_and_holds_nobody_up(
    db, kinds, caplog, monkeypatch, tmp_path, broker, django_capture_on_commit_callbacks
):
    kinds["test.x"] = lambda lease: "ok"
    path = tmp_path / "b.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        if broker == "hangs":  # as a stopped server: the kernel accepts, nobody answers
            silent.bind(str(path))
            silent.listen(9)
        broker_at(monkeypatch, f"redis+socket://{path}")
        begun = time.monotonic()
        with django_capture_on_commit_callbacks(execute=True):
            jobs = [enqueue("test.x") for _ in range(5)]
        assert time.monotonic() - begun < 30
    assert "could not be announced" in caplog.text
    for job in jobs:
        run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.result) == ("done", "ok")


def test_the_work_says_how_far_it_is_and_what_came_out(world, kinds):
    seen = []

    def work(lease):
        assert (lease.input, lease.user) == ({"n": 3}, world.users["official"])
        for i in range(3):
            lease.progress(i, 3, f"第{i}步")
            seen.append(Job.objects.values_list("state", "done", "total", "message").get(pk=lease.id))
        return {"rows": 3}

    kinds["test.x"] = work
    job = enqueue("test.x", user=world.users["official"], n=3)
    run(job.pk)
    job.refresh_from_db()
    assert seen == [("running", 0, 3, "第0步"), ("running", 1, 3, "第1步"), ("running", 2, 3, "第2步")]
    assert (job.state, job.done, job.total, job.result, job.progress) == ("done", 3, 3, {"rows": 3}, 1.0)
    assert job.finished_at and job.lease_until is None


def test_what_is_wrong_in_the_input_is_the_job_s_answer(db, kinds):
    def work(lease):
        lease.progress(1, 4)
        raise DomainError("表头找不到", code="no_header", field="file")

    kinds["test.x"] = work
    job = enqueue("test.x")
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "表头找不到")
    assert job.result == {"errors": [{"field": "file", "code": "no_header", "message": "表头找不到"}]}
    assert (job.done, job.total) == (1, 4)


def test_the_answer_is_in_the_language_of_whoever_asked(world, kinds):
    from django.utils.translation import get_language

    kinds["test.x"] = lambda lease: get_language()
    user = world.users["official"]
    with change(None, "test"):
        User.objects.filter(pk=user.pk).update(language="en")
    job = enqueue("test.x", user=user)
    run(job.pk)
    job.refresh_from_db()
    assert job.result == "en"


def test_an_error_that_nobody_foresaw_is_tried_five_times_and_then_said(db, kinds):
    tried = []

    def work(lease):
        tried.append(lease.token)
        raise ZeroDivisionError

    kinds["test.x"] = work
    job = enqueue("test.x")
    for _ in range(7):
        run(job.pk)
        job.refresh_from_db()
        if job.state == "running":
            assert job.lease_until < timezone.now() + dt.timedelta(seconds=5)
            expire(job)
    assert tried == [1, 2, 3, 4, 5]
    assert job.state == "failed" and str(job.pk) in job.message and "Zero" not in job.message


def test_what_a_job_writes_says_that_a_job_wrote_it(world, kinds):
    def work(lease):
        with change(lease.user, "test.written"):
            Agency.objects.create(name="作业")

    kinds["test.x"] = work
    run(enqueue("test.x", user=world.users["official"]).pk)
    event = Event.objects.get(verb="test.written")
    assert (event.via, event.user) == ("job", world.users["official"])


def test_a_running_job_is_taken_by_nobody_else(db, kinds):
    kinds["test.x"] = lambda lease: None
    job = enqueue("test.x")
    assert take(job.pk) is not None
    assert take(job.pk) is None
    expire(job)
    assert take(job.pk).token == 2


def test_of_twenty_workers_told_at_once_one_works(transactional_db, kinds):
    worked = []
    kinds["test.x"] = lambda lease: worked.append(lease.token)
    job = enqueue("test.x")

    def go(_):
        run(job.pk)
        connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(go, range(20)))
    assert worked == [1]


def test_a_stalled_worker_that_wakes_up_writes_nothing(transactional_db, kinds):
    kinds["test.x"] = lambda lease: "second"
    job = enqueue("test.x")
    stale = take(job.pk)
    expire(job)
    run(job.pk)
    with pytest.raises(LostLease), transaction.atomic():
        stale.hold()
    with pytest.raises(LostLease):
        stale.progress(1, 2)
    actions.finish(stale, Job.FAILED, message="late")
    job.refresh_from_db()
    assert (job.state, job.result, job.message) == ("done", "second", "")


def test_the_lease_is_kept_alive_while_the_work_lasts(transactional_db, kinds, monkeypatch):
    monkeypatch.setattr(actions, "LEASE", dt.timedelta(seconds=0.6))
    other = []

    def work(lease):
        threading.Event().wait(1.5)
        other.append(take(lease.id))
        return "kept"

    kinds["test.x"] = work
    job = enqueue("test.x")
    run(job.pk)
    job.refresh_from_db()
    assert (other, job.result, job.attempts) == ([None], "kept", 1)


def test_a_long_writing_step_cannot_be_taken_over_nor_right_after_it(transactional_db, kinds):
    job_id = enqueue_quietly(kinds)
    lease = take(job_id)
    with transaction.atomic():
        lease.hold()
        Job.objects.filter(pk=job_id).update(lease_until=timezone.now() - dt.timedelta(minutes=5))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(take_elsewhere, job_id).result() is None
    assert take(job_id) is None
    lease.progress(1, 1)


def enqueue_quietly(kinds):
    kinds["test.x"] = lambda lease: None
    return enqueue("test.x").pk


def take_elsewhere(job_id):
    try:
        return take(job_id)
    finally:
        connection.close()


def test_the_sweeper_tells_of_waiting_and_of_orphaned_jobs_alone(db, kinds, monkeypatch):
    kinds["test.x"] = lambda lease: None
    told = []
    monkeypatch.setattr(tasks, "nudge", told.append)
    waiting, running, orphan, done = (enqueue("test.x") for _ in range(4))
    take(running.pk), take(orphan.pk)
    expire(orphan)
    run(done.pk)
    tasks.sweep()
    assert told == [waiting.pk, orphan.pk]


@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_a_killed_worker_s_job_is_done_exactly_once(transactional_db, kinds, place):
    """A real process, killed before, inside and after its writing step; the next worker finishes the job."""
    from tests.jobs import worker_that_dies

    kinds["test.build"] = worker_that_dies.build
    job = enqueue("test.build")
    worker = subprocess.Popen(
        [sys.executable, HERE / "worker_that_dies.py", str(job.pk), place],
        env={**os.environ, "DATABASE_URL": this_database(), "PYTHONPATH": str(HERE.parent.parent)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert worker.stdout.readline() == "here\n"
    finally:
        worker.kill()
        worker.wait()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 1)
    run(job.pk)
    job.refresh_from_db()
    assert job.state == "running", "its lease has not run out yet"
    expire(job)
    tasks.sweep()
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result["pid"]) == ("done", 2, os.getpid())
    assert Agency.objects.filter(name=f"job {job.pk}").count() == 1


def this_database():
    have = connection.settings_dict
    host = quote(have["HOST"], safe="")
    password = f":{quote(have['PASSWORD'])}" if have["PASSWORD"] else ""
    port = f"&port={have['PORT']}" if have["PORT"] else ""
    return f"postgresql://{quote(have['USER'])}{password}@/{have['NAME']}?host={host}{port}"


def test_a_job_is_seen_by_whoever_asked_for_it_and_by_the_administrator(world, kinds):
    kinds["test.x"] = lambda lease: None
    job = enqueue("test.x", user=world.users["worker"])
    seers = {who for who, user in world.users.items() if Job.objects.visible_to(user).filter(pk=job.pk).exists()}
    assert seers == {"worker", "superuser"}
