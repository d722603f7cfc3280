"""`load_divisions FILE.csv… [--as-of DATE]`: take over code lists."""

import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from periods import today
from stations.releases import read, take_over


class Command(BaseCommand):
    help = "Upsert code lists (code,name,level,parent_code). Bad rows are listed, the rest goes in; a second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+")
        parser.add_argument("--as-of", help="the list counts from this day (today)")
        parser.add_argument("--document", default="", help="the paper it rests on")

    def handle(self, *, files, as_of, document, **_options):
        try:
            day = dt.date.fromisoformat(as_of) if as_of else today()
        except ValueError as e:
            raise CommandError(_("--as-of 应是日期，如 2022-01-01")) from e
        for file in files:
            self._take(file, day, document)

    def _take(self, file, day, document):
        try:
            with open(file, encoding="utf-8-sig", newline="") as lines:
                rows, complaints = read(lines)
            counts, more = take_over(None, rows, day, document)
        except OSError as e:
            raise CommandError(_("打不开 %(file)s：%(why)s") % {"file": file, "why": e.strerror}) from e
        except UnicodeDecodeError as e:
            raise CommandError(_("%(file)s 不是 UTF-8") % {"file": file}) from e
        except DomainError as e:
            raise CommandError(f"{file}: {e.message}") from e
        for line, why in sorted(complaints + more):
            self.stderr.write(_("第 %(line)s 行：%(why)s") % {"line": line, "why": why})
        self.stdout.write(
            _("%(file)s：新增 %(created)s，更新 %(updated)s，不变 %(unchanged)s，有问题 %(bad)s")
            % {"file": file, **counts, "bad": len(complaints + more)}
        )
