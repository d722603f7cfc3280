"""What is due in this room: workbooks that are checked and wait for somebody to write them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.models import Import


def waiting(user):
    """Checked workbooks in reach of somebody who may write them."""
    if not user.can("create", Import):
        return []
    rows = Import.objects.visible_to(user).filter(state=Import.PREVIEWED).select_related("file").order_by("-pk")
    return [
        {
            "url": f"/imports/{run.pk}/", "kind": "warn", "icon": "upload",
            "what": _("核对后写入：%(file)s") % {"file": run.file.name},
            "why": ngettext("%(n)s 行，一行也还没有写入", "%(n)s 行，一行也还没有写入", run.rows) % {"n": run.rows}, "due": "",
        }
        for run in rows[:5]
    ]  # fmt: skip


TODO = [waiting]
