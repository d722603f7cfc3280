"""Celery tasks of the room: sealing the change log."""

from celery import shared_task

from accounts.changes import seal_events


@shared_task(ignore_result=True)
def seal():
    seal_events()
