"""`check_tree [--repair]`: prove the tree against its dated parents."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from stations import tree
from stations.models import Station
from stations.models.divisions import nearest


class Command(BaseCommand):
    help = "Prove the invariants of the station tree; --repair rebuilds today's picture. Exit 1 where one is broken."

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true")

    def handle(self, *, repair, **_options):
        if repair:
            with transaction.atomic():
                locks = (
                    Station.objects.annotate(lock=nearest("division__"))
                    .order_by()
                    .values_list("lock", flat=True)
                    .distinct()
                )
                locks = sorted(locks)
                tree.lock(*locks)
                self.stdout.write(_("改正 %(n)s 行") % {"n": tree.renumber(*locks) if locks else 0})
        with transaction.atomic():
            if broken := tree.faults():
                for sentence in broken[:50]:
                    self.stderr.write(sentence)
                raise CommandError(_("树有 %(n)s 处不对") % {"n": len(broken)})
        self.stdout.write(_("树没有毛病：%(n)s 个站点") % {"n": Station.objects.count()})
