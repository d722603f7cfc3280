"""`set_coverage FILE.csv`: which divisions owe a station, from when, by which paper."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from stations.releases import set_coverage


class Command(BaseCommand):
    help = "Say which divisions owe a station: code,owes_station,from,document."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *, file, **_options):
        try:
            with open(file, encoding="utf-8-sig", newline="") as lines:
                changed = set_coverage(None, lines)
        except OSError as e:
            raise CommandError(_("打不开 %(file)s：%(why)s") % {"file": file, "why": e.strerror}) from e
        except UnicodeDecodeError as e:
            raise CommandError(_("%(file)s 不是 UTF-8") % {"file": file}) from e
        except DomainError as e:
            raise CommandError(str(e.message)) from e
        self.stdout.write(_("应建站名单改了 %(n)s 项") % {"n": changed})
