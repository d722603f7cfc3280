"""Celery tasks of the room: old drafts go at night."""

from celery import shared_task

from surfaces import drafts


@shared_task(ignore_result=True)
def clear_drafts():
    """Delete drafts that nobody touched for a month."""
    drafts.clear_old()
