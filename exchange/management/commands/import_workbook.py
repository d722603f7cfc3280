"""manage.py import_workbook: read a workbook, say what is wrong in which cell, write all of it or nothing."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from exchange import actions, annotating
from exchange.api.shapes import result
from exchange.kinds import kinds
from exchange.management.shell import shell_user
from exchange.models import Import

MISUSED = 3  # asked wrongly: no such file, kind, place or right
EXIT = {Import.COMMITTED: 0, Import.PREVIEWED: 0, Import.WRONG: 1, Import.UNUSABLE: 2}


class Command(BaseCommand):
    help = "导入一份工作簿：全部写入，或一行也不写。退出码 0 已写入（试读无误），1 有格子要改，2 文件读不了。"

    def add_arguments(self, parser):
        parser.add_argument("kind", help="stations")
        parser.add_argument("file", type=Path)
        parser.add_argument("--sheet", default="", help="工作表的名称或序号（从 1 数起）；不写就读每个有表头的")
        parser.add_argument("--within", default="", help="没有区划代码的行在哪个区划里找，也不让写到它外面")
        parser.add_argument("--dry-run", action="store_true", help="只读不写")
        parser.add_argument("--errors", type=Path, metavar="OUT.xlsx", help="把标好错的原表存到这里")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--user", default="", help="以哪个账号的身份；不写就是系统")

    def handle(self, *args, **options):
        if not options["file"].is_file():
            raise CommandError(f"没有这个文件：{options['file']}", returncode=MISUSED)
        user = shell_user(options["user"])
        mode = Import.PREVIEW if options["dry_run"] else Import.COMMIT
        try:
            run = actions.request_import(
                user, kind=options["kind"], file=options["file"], name=options["file"].name, mode=mode, within=options["within"],
                sheet=options["sheet"], start=False,
            )  # fmt: skip
            run = actions.check(run, user) if options["dry_run"] else actions.write(run, user)
        except DomainError as error:
            raise CommandError(str(error.message), returncode=MISUSED) from None
        if options["errors"]:
            annotating.annotate(run, options["errors"])
        self._say(run, options["json"])
        if run.state == Import.COMMITTED:
            kinds()[run.kind].tidier()
        sys.exit(EXIT[run.state])

    def _say(self, run, as_json):
        found = result(run)
        if as_json:
            self.stdout.write(json.dumps({"job": found.pop("id"), **found}, ensure_ascii=False))
            return
        for fault in found["errors"] + found["warnings"]:
            where = " ".join(
                str(part) for part in (fault["sheet"], fault["row"] and f"第{fault['row']}行", fault["column"]) if part
            )
            self.stdout.write(f"{where}：{fault['message']}" if where else fault["message"])
        words = {
            Import.COMMITTED: "已写入",
            Import.PREVIEWED: "试读无误",
            Import.WRONG: "一行也没有写入",
            Import.UNUSABLE: "读不了",
        }
        counts = "{rows} 行：新增 {created}，修改 {updated}，没变 {unchanged}".format(**found)
        self.stdout.write(f"{words[run.state]}。{counts}，要改 {run.error_count} 处。导入编号 {run.pk}。")
