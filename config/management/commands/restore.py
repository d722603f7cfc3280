"""`restore DIR`: a backup in the place of this site's data. How: config/backups.py."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config import backups


class Command(BaseCommand):
    help = "Puts a backup back. Asks first where the site has data; needs the keys that the backup was made with."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR")
        parser.add_argument(
            "--yes", action="store_true", help="replace the data of a site that has some, without asking"
        )

    def handle(self, folder, yes, **options):
        try:
            manifest = backups.check(folder)
            if not (backups.site_is_empty() or yes or self.agreed()):
                raise CommandError(_("本站已有数据，没有恢复。确认要用备份覆盖，请加 --yes。"))
            if backups.site_is_in_use():
                raise CommandError(_("网站还在运行：请先停止它（网页、后台任务），再恢复。"))
            backups.restore(folder)
        except backups.Unusable as why:
            raise CommandError(str(why)) from None
        self.stdout.write(_("已恢复 %(made_at)s 的备份。下次启动时会自动升级数据库结构。") % manifest)

    def agreed(self):
        """Ask the person at the terminal; no terminal is a no."""
        self.stdout.write(_("本站已有数据，恢复会用备份把它全部覆盖。输入 yes 继续："), ending="")
        self.stdout.flush()
        try:
            return input().strip().lower() == "yes"
        except EOFError:
            return False
