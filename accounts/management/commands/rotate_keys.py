"""`rotate_keys [--index] [--check]`: protected values under the newest key. Safe to interrupt and to run again."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.protection import newest_key
from accounts.rotation import keys_in_use, rotate_fields, rotate_indexes


class Command(BaseCommand):
    help = "Encrypt protected values anew under the first of FIELD_KEYS, or compute the blind indexes anew (--index)."

    def add_arguments(self, parser):
        parser.add_argument("--index", action="store_true", help="the blind indexes, under the first of INDEX_KEY")
        parser.add_argument("--check", action="store_true", help="only print which keys are in use")
        parser.add_argument("--batch", type=int, default=500)

    def handle(self, *, index, check, batch, **options):
        try:
            if not check:
                self._rotate(rotate_indexes if index else rotate_fields, batch)
            newest = newest_key()
        except DomainError as e:
            raise CommandError(str(e.message)) from e
        waiting = 0
        for place, keys in keys_in_use().items():
            for key, rows in sorted(keys.items()):
                waiting += rows * (key != newest)
                self.stdout.write(f"{place}  {key}  {rows}" + ("" if key == newest else _("  旧密钥")))
        if waiting:
            self.stdout.write(_("还有 %(rows)s 个值要用旧密钥才能打开：旧密钥不能撤下。") % {"rows": waiting})
        else:
            self.stdout.write(_("所有值都在最新的密钥下。变更记录里的旧值仍要用当时的密钥才能打开。"))

    def _rotate(self, rotate, batch):
        done, unreadable = rotate(batch=batch, told=lambda table, rows: self.stdout.write(f"{table}: {rows}"))
        self.stdout.write(_("重新处理了 %(rows)s 行。") % {"rows": sum(done.values())})
        for place, rows in sorted(unreadable.items()):
            self.stderr.write(_("%(place)s：%(rows)s 行打不开，原样留着。") % {"place": place, "rows": rows})
