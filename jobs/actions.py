"""Asking for work, and working on it under a lease with a fencing token."""

import datetime as dt
import logging
import threading
import time
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.changes import VIA
from accounts.errors import DomainError
from jobs.models import Job

log = logging.getLogger("shegong.jobs")
LEASE = dt.timedelta(seconds=30)
AGAIN = dt.timedelta(seconds=2)  # after an error that nobody foresaw
MOST_ATTEMPTS = 5
IMPATIENT = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
_broker_rests_until = 0.0


class LostLease(Exception):
    """Somebody else works on this job now; whoever gets this stops without writing."""


def enqueue(kind, *, user=None, url="", **work_input):
    """Write a Job in the caller's transaction and nudge a worker after commit. Returns the Job."""
    if kind not in work():
        raise LookupError(kind)
    job = Job.objects.create(kind=kind, user=user if getattr(user, "pk", None) else None, input=work_input, url=url)
    transaction.on_commit(lambda: nudge(job.pk), robust=True)
    return job


def nudge(job_id):
    """Tell a worker of a job. A broker that is down or hangs is only logged, and left alone for five seconds: the sweeper tells again."""
    global _broker_rests_until
    from jobs.tasks import run_job

    if time.monotonic() < _broker_rests_until:
        return
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as broker:
            run_job.apply_async((job_id,), connection=broker, retry=False)
    except Exception as e:  # whatever the broker's client raises: the row stands
        _broker_rests_until = time.monotonic() + 5
        log.warning("job %s could not be announced: %s", job_id, type(e).__name__)


@cache
def work():
    """Every installed room's `work.py` list: {kind: function of a Lease}."""
    found = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.work") if not config.name.startswith("django.") else None:
            found |= import_module(f"{config.name}.work").WORK
    return found


class Lease:
    """One worker's hold on a job. `input`, `user` are the job's; `hold()` opens every writing transaction."""

    def __init__(self, job):
        self.job, self.token = job, job.token
        self.id, self.input, self.user = job.pk, job.input, job.user
        self._stop = threading.Event()

    def hold(self):
        """Lock the job's row for this transaction. Raises LostLease where the token has moved on.

        While the transaction lasts nobody can take the job over, however long it is; after it the lease begins anew.
        """
        found = Job.objects.select_for_update().filter(pk=self.id, token=self.token, state=Job.RUNNING).first()
        if found is None:
            raise LostLease(self.id)
        transaction.on_commit(self.extend, robust=True)

    def progress(self, done, total, message=""):
        """Say how far the work is; outside writing transactions, so that it is seen. Raises LostLease like `hold`."""
        more = {"message": message} if message else {}
        if not self.running().update(done=done, total=total, lease_until=timezone.now() + LEASE, **more):
            raise LostLease(self.id)

    def running(self):
        """The job's row as long as this worker holds it, as a queryset."""
        return Job.objects.filter(pk=self.id, token=self.token, state=Job.RUNNING)

    def extend(self, time=LEASE):
        """Let the lease end in `time` from now."""
        self.running().update(lease_until=timezone.now() + time)

    @contextmanager
    def renewed(self):
        """Keep the lease alive from a thread of its own while the block runs."""
        thread = threading.Thread(target=self._renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(5)

    def _renew(self):
        """While a step's transaction holds the row this skips: a locked row cannot be taken over either."""
        try:
            while not self._stop.wait(LEASE.total_seconds() / 3):
                with connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE jobs_job SET lease_until = now() + %s * interval '1 second' WHERE id IN "
                        "(SELECT id FROM jobs_job WHERE id = %s AND token = %s AND state = 'running' FOR UPDATE SKIP LOCKED)",
                        [LEASE.total_seconds(), self.id, self.token],
                    )
        except Exception as e:
            log.warning("lease of job %s not renewed: %s", self.id, type(e).__name__)
        finally:
            connection.close()


def take(job_id):
    """Take a due job: a Lease, or None where somebody else has it or nothing is to do."""
    with transaction.atomic():
        job = (
            Job.objects.due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("user")
            .filter(pk=job_id)
            .first()
        )
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _finish(
                job, Job.FAILED, message=_("试了 %(n)s 次都没有做完，请把这一页的编号告诉管理员") % {"n": job.attempts}
            )
            return None
        now = timezone.now()
        job.state, job.token, job.attempts = Job.RUNNING, job.token + 1, job.attempts + 1
        job.started_at, job.lease_until = job.started_at or now, now + LEASE
        job.save(update_fields=["state", "token", "attempts", "started_at", "lease_until"])
        return Lease(job)


def run(job_id):
    """Work on one job to its end, in its user's language. What the work raises as DomainError is its result in words."""
    lease = take(job_id)
    if lease is None:
        return
    via = VIA.set("job")
    try:
        with translation.override(lease.user.language if lease.user else settings.LANGUAGE_CODE):
            _work_on(lease)
    finally:
        VIA.reset(via)


def _work_on(lease):
    try:
        with lease.renewed():
            result = work()[lease.job.kind](lease)
    except LostLease:
        log.warning("job %s was taken over", lease.id)
    except DomainError as e:
        finish(lease, Job.FAILED, message=str(e.message), result={"errors": e.errors})
    except Exception:
        log.exception("job %s (%s) failed", lease.id, lease.job.kind)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # whatever broke may have broken the connection
        if lease.job.attempts >= MOST_ATTEMPTS:
            sentence = _("程序出错，没有写入任何东西。请把编号 %(id)s 告诉管理员")
            finish(lease, Job.FAILED, message=sentence % {"id": lease.id})
        else:
            lease.extend(AGAIN)
    else:
        finish(lease, Job.DONE, result=result)


def finish(lease, state, **fields):
    """End the job unless somebody else has taken it over."""
    if state == Job.DONE:
        fields["done"] = F("total")
    lease.running().update(state=state, finished_at=timezone.now(), lease_until=None, **fields)


def _finish(job, state, **fields):
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=timezone.now(), lease_until=None, **fields)
