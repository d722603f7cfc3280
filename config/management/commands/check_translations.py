"""`check_translations [--update]`: has every sentence an English text? How: config/translations.py."""

from django.core.management.base import BaseCommand, CommandError

from config import translations


class Command(BaseCommand):
    help = "Lists the sentences without an English text; --update writes them into locale/en, to be filled in."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--update", action="store_true")

    def handle(self, update, **options):
        if update:
            waiting = translations.update()
            self.stdout.write(f"{translations.CATALOGUE.relative_to(translations.ROOT)}: {waiting} to translate")
            return
        faults = list(translations.faults())
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(
                f"{len(faults)} sentences lack an English text (manage.py check_translations --update, then fill them in)"
            )
