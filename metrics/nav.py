"""This room's entry among the rooms: everybody may read how a figure is counted; its rows are another matter."""

from django.utils.translation import gettext_lazy as _

NAV = [
    {"order": 60, "group": _("数据"), "url": "/metrics/", "also": ["/dashboard/", "/coverage/"], "label": _("指标与报表"), "short": _("指标"), "icon": "chart",
     "text": _("每个数怎么算，数的是哪些行"),
     "for": lambda user: True},
]  # fmt: skip
JOBS = {"metrics.rollup": _("重算指标")}
