"""manage.py undo_import: put back what an import changed, or name what was changed since."""

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from exchange import actions
from exchange.management.shell import shell_user
from exchange.models import Import


class Command(BaseCommand):
    help = "撤销一次导入，恢复它改过的一切；之后有人改过的会列出来，不撤销。"

    def add_arguments(self, parser):
        parser.add_argument("job", help="import_workbook 说的导入编号")
        parser.add_argument("--user", default="", help="以哪个账号的身份；不写就是系统")

    def handle(self, *args, **options):
        user = shell_user(options["user"])
        number = str(options["job"])
        run = (
            Import.objects.visible_to(user).select_related("file").filter(pk=number if number.isdigit() else 0).first()
        )
        if run is None:
            raise CommandError(f"没有编号为 {options['job']} 的导入。")
        try:
            run = actions.take_back(actions.undo_import(user, run, start=False), user)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"已撤销导入 {run.pk}（{run}）。")
