"""`first_admin NAME`: the first administrator's one-time code."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.codes import first_admin
from accounts.errors import DomainError


class Command(BaseCommand):
    help = "Make the site's first administrator and print the one-time code."

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *, name, **_options):
        try:
            user, code = first_admin(name)
        except DomainError as e:
            raise CommandError(str(e.message)) from e
        self.stdout.write(
            _("系统管理员 %(name)s 的一次性口令（24 小时内有效，在登录页“用一次性口令”处使用）：")
            % {"name": user.username}
        )
        self.stdout.write(code)
