"""`check_tree [--repair]`: prove the tree against its dated parents."""

from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.changes import change
from stations import tree
from stations.actions import refresh_status
from stations.models import Station, StationStatus
from stations.models.divisions import nearest


class Command(BaseCommand):
    help = "Prove the invariants of the station tree; --repair rebuilds today's picture. Exit 1 where one is broken."

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true")

    def handle(self, *, repair, **_options):
        if repair:
            try:
                self.stdout.write(_("改正 %(n)s 行") % {"n": _repair()})
            except ValueError as e:
                raise CommandError(_("上级绕成了圈，改不了：%(why)s") % {"why": e}) from e
        with _one_moment():
            if broken := tree.faults():
                for sentence in broken[:50]:
                    self.stderr.write(sentence)
                raise CommandError(_("树有 %(n)s 处不对") % {"n": len(broken)})
        self.stdout.write(_("树没有毛病：%(n)s 个站点") % {"n": Station.objects.count()})


@contextmanager
def _one_moment():
    """All that is read inside is of one moment, whoever writes meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _repair():
    """Rebuild today's picture from the dated rows: parents and numbers, then status. Returns how many rows changed."""
    with change(None, "tree.repaired"):
        locks = (
            Station.objects.annotate(lock=nearest("division__")).order_by().values_list("lock", flat=True).distinct()
        )
        locks = sorted(locks)
        tree.lock(*locks)
        wrong = StationStatus.objects.filter(span__upper_inf=True).exclude(status=F("station__status"))
        ids = list(wrong.values_list("station", flat=True))
        refresh_status(ids)
        return len(ids) + (tree.renumber(*locks) if locks else 0)
