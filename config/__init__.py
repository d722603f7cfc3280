"""Wiring: settings, root URLs, the Celery application, the embedded services. No rules of the domain live here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
