"""This room's entries among the rooms: stations, one's own agency, and the set-up that officials and managers keep."""

from django.utils.translation import gettext_lazy as _

from stations.access import places
from stations.models import Station
from stations.people import keeps_people

WORK, SYSTEM = _("业务"), _("系统")


def _agency_alone(user):
    """Somebody whose every post is at an agency: he sees no station."""
    return any(post.agency_id for post in places(user)) and not user.can("see", Station)


NAV = [
    {"order": 10, "group": WORK, "url": "/stations/", "also": ["/divisions/"], "label": _("站点"), "short": _("站点"), "icon": "tree",
     "text": _("谁在运营，谁在筹建，归谁管"),
     "for": lambda user: user.can("see", Station)},
    {"order": 40, "group": WORK, "url": "/agency/", "label": _("我的机构"), "short": _("机构"), "icon": "building",
     "text": _("登记的名称、信用代码"),
     "for": _agency_alone},
    {"order": 90, "group": SYSTEM, "url": "/admin/", "label": _("管理"), "short": _("管理"), "icon": "gear",
     "text": _("区划、应建站名单、机构、职务"),
     "for": lambda user: user.can("keep", Station)},
    {"order": 90, "group": SYSTEM, "url": "/people/", "label": _("管理"), "short": _("管理"), "icon": "gear",
     "text": _("本站的账号和职务，发口令"),
     "for": lambda user: keeps_people(user) and not user.can("keep", Station)},
]  # fmt: skip
