"""manage.py rollup: recompute figures, and say what changed."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from metrics import actions
from periods import Period, today
from stations.models import Division, Station


class Command(BaseCommand):
    help = "Recompute figures: of one period, of every open one (--all-open), or of all that are kept."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--period", help="2022-08, 2022-Q3, 2022-H1 or 2022")
        which.add_argument("--all-open", action="store_true", help="the month, quarter, half and year of today")
        parser.add_argument("--within", metavar="CODE", help="12 digits: a division; else a station")

    def handle(self, *args, period=None, all_open=False, within=None, **options):
        place = self.place(within) if within else None
        changed = 0
        for one in self.periods(period, all_open):
            try:
                n = actions.roll_up(one, place)
            except DomainError as e:
                raise CommandError(str(e.message)) from e
            self.stdout.write(_("%(period)s：改了 %(n)s 格") % {"period": one.code, "n": n})
            changed += n
        self.stdout.write(_("一共改了 %(n)s 格") % {"n": changed})

    @staticmethod
    def periods(code, all_open):
        if code:
            try:
                return [Period.parse(code)]
            except ValueError as e:
                raise CommandError(str(e)) from e
        return Period.all_of(today()) if all_open else actions.kept()

    @staticmethod
    def place(code):
        place = Station.objects.filter(code=code).first() if "-" in code else Division.objects.highest(code)
        if place is None:
            raise CommandError(_("没有 %(code)s 这个地方") % {"code": code})
        return place
