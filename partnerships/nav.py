"""This room among the rooms."""

from django.utils.translation import gettext_lazy as _

from partnerships.entries import KINDS
from partnerships.models import Programme
from stations.nav import WORK

NAV = [
    {"order": 40, "group": WORK, "url": "/programmes/", "label": _("结对与资源"), "short": _("结对"), "icon": "link",
     "also": ["/agencies/", *(f"/{path}/" for path in KINDS)], "text": _("离目标多远，谁和谁结对，谁去了多久"),
     "for": lambda user: user.can("see", Programme)},
]  # fmt: skip
