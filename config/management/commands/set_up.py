"""What stands between an empty database and a site: migrations, static files, the demo where nobody is there yet."""

import os

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs.models import Heartbeat


class Command(BaseCommand):
    help = "Migrates, collects the static files, and loads the demo once (DEMO=0: never). Safe to run again."

    def handle(self, **options):
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        Heartbeat.objects.all().delete()  # the last run's sign of life says nothing about this one's worker
        call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
        if os.environ.get("DEMO", "1") != "0" and not get_user_model().objects.exists():
            call_command("demo", stdout=self.stdout)
