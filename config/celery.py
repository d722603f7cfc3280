"""The Celery application and its timetable. What a task does lives in the rooms' `tasks.py`."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("shegong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_):
    """One logging configuration for all processes: Django's. Celery would replace it otherwise."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
