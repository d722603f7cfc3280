"""Celery tasks of the room: keep the figures fresh, check them by night."""

from celery import shared_task

from metrics import actions


@shared_task(ignore_result=True)
def refresh():
    actions.refresh()


@shared_task(ignore_result=True)
def nightly():
    actions.check_open()
