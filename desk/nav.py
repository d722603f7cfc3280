"""The desk's place among the rooms: the first."""

from django.utils.translation import gettext_lazy as _

NAV = [
    {
        "order": 0,
        "group": "",
        "url": "/",
        "label": _("首页"),
        "short": _("首页"),
        "icon": "home",
        "for": lambda user: True,
    }
]
