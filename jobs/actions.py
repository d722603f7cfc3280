"""Asking for work, and working on it under a lease with a fencing token."""

import datetime as dt
import logging
import threading
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from jobs.models import Job

log = logging.getLogger("shegong.jobs")
LEASE = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 5


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
    """Tell a worker of a job. A broker that is down is only logged: the sweeper tells again."""
    from jobs.tasks import run_job

    try:
        run_job.delay(job_id)
    except Exception as e:  # whatever the broker's client raises: the row stands, the sweeper finds it
        log.warning("job %s could not be announced: %s", job_id, type(e).__name__)


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
        """Lock the job's row for this transaction. Raises LostLease where the token has moved on."""
        found = Job.objects.select_for_update().filter(pk=self.id, token=self.token, state=Job.RUNNING).first()
        if found is None:
            raise LostLease(self.id)

    def progress(self, done, total, message=""):
        """Say how far the work is; outside writing transactions, so that it is seen."""
        more = {"message": message} if message else {}
        Job.objects.filter(pk=self.id, token=self.token).update(
            done=done, total=total, lease_until=timezone.now() + LEASE, **more
        )

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
    """Work on one job to its end. What the work raises as DomainError is its result in words."""
    close_old_connections()
    lease = take(job_id)
    if lease is None:
        return
    try:
        with lease.renewed():
            result = work()[lease.job.kind](lease)
    except LostLease:
        return
    except DomainError as e:
        finish(lease, Job.FAILED, message=str(e.message), result={"errors": e.errors})
    except Exception:
        log.exception("job %s (%s) failed", lease.id, lease.job.kind)
        if lease.job.attempts >= MOST_ATTEMPTS:
            finish(
                lease,
                Job.FAILED,
                message=_("程序出错，没有写入任何东西。请把编号 %(id)s 告诉管理员") % {"id": lease.id},
            )
        else:  # once more when the lease has run out
            Job.objects.filter(pk=lease.id, token=lease.token).update(
                lease_until=timezone.now() + dt.timedelta(seconds=2)
            )
    else:
        finish(lease, Job.DONE, result=result)


def finish(lease, state, **fields):
    """End the job unless somebody else has taken it over."""
    Job.objects.filter(pk=lease.id, token=lease.token, state=Job.RUNNING).update(
        state=state, finished_at=timezone.now(), lease_until=None, done=F("total"), **fields
    )


def _finish(job, state, **fields):
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=timezone.now(), lease_until=None, **fields)
