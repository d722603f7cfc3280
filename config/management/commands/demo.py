"""`demo [--reset]`: load the demo data; refuses where real data is present."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from config.demo import load


class Command(BaseCommand):
    help = "Load the demo data and its accounts; refuses where real data is present."

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="take the demo away and load it anew")

    def handle(self, *, reset, **_options):
        try:
            load(reset)
        except DomainError as e:
            raise CommandError(str(e.message)) from e
        call_command("rollup", stdout=self.stdout)
        self.stdout.write(_("演示已装好，账号在 %(file)s") % {"file": settings.VAR_DIR / "demo-accounts.json"})
