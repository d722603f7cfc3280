"""`backup DIR`: the whole site as a folder. How: config/backups.py."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config import backups


class Command(BaseCommand):
    help = "Writes database, stored files and the keys' fingerprints into a new folder, while the site works."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR")

    def handle(self, folder, **options):
        try:
            manifest = backups.make(folder)
        except backups.Unusable as why:
            raise CommandError(str(why)) from None
        size = sum(part["size"] for part in manifest["parts"])
        said = {"folder": folder, "files": len(manifest["parts"]) - 1, "size": size >> 20}
        self.stdout.write(_("已备份到 %(folder)s：数据库和 %(files)d 个文件，共 %(size)d MB。") % said)
        self.stdout.write(_("备份里没有密钥，请另行保存 keys.env：没有它不能恢复。"))
