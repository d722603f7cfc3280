"""This room's entry among the rooms: for whoever may import something somewhere."""

from django.utils.translation import gettext_lazy as _

from exchange.models import Import

NAV = [
    {"order": 70, "group": _("数据"), "url": "/imports/", "label": _("导入导出"), "short": _("导入"), "icon": "upload",
     "text": _("名册原样传上来，先核对，再写入"),
     "for": lambda user: user.can("create", Import)},
]  # fmt: skip
JOBS = {"exchange.check": _("核对工作簿"), "exchange.write": _("写入工作簿"), "exchange.undo": _("撤销导入")}
