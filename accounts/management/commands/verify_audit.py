"""`verify_audit`: prove the change log's seals."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.changes import verify_seals


class Command(BaseCommand):
    help = "Prove the change log's seals; print the unsealed tail's length; exit 1 and name the first broken link."

    def handle(self, **_options):
        links, tail, broken, head = verify_seals()
        self.stdout.write(_("封存 %(links)s 节，未封存的变更 %(tail)s 条") % {"links": links, "tail": tail})
        if broken:
            raise CommandError(_("封存链在第 %(id)s 节断开") % {"id": broken})
        self.stdout.write(_("封存链完整，最后一节的指纹 %(head)s（抄在别处，便知链尾有没有被换过）") % {"head": head})
