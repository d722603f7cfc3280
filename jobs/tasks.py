"""Celery tasks of the room: run a job, sweep for jobs nobody works on, give a sign of life."""

from celery import shared_task
from django.utils import timezone

from jobs.actions import nudge, run
from jobs.models import Heartbeat, Job


@shared_task(ignore_result=True)  # acknowledged early: lease and sweeper are the only recovery
def run_job(job_id):
    run(job_id)


@shared_task(ignore_result=True)
def sweep():
    """Tell workers again of jobs that wait or whose worker died."""
    waiting = Job.objects.unscoped("the site's own sweeper").due().order_by("id")
    for job_id in waiting.values_list("id", flat=True)[:200]:
        nudge(job_id)


@shared_task(ignore_result=True)
def heartbeat():
    """Sent by beat, done by a worker: one row says that both live."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
