"""Celery tasks of the room: prints that are a day old are deleted."""

from celery import shared_task

from casework.actions.prints import forget_prints


@shared_task(ignore_result=True)
def forget():
    """Delete prints that are a day old."""
    forget_prints()
