"""This room's entry among the rooms: for whoever may import something somewhere."""

from django.utils.translation import gettext_lazy as _

from exchange.models import Import

NAV = [
    {"order": 70, "group": _("数据"), "url": "/imports/", "label": _("导入导出"), "short": _("导入"), "icon": "upload",
     "for": lambda user: user.can("create", Import)},
]  # fmt: skip
