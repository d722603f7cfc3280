"""This room among the rooms."""

from django.utils.translation import gettext_lazy as _

from stations.nav import WORK
from workforce.models import Training, Worker

NAV = [
    {"order": 20, "group": WORK, "url": "/workers/", "also": ["/trainings/"], "label": _("人员与培训"), "short": _("人员"), "icon": "people",
     "text": _("谁在哪个站，持什么证，学了多少"),
     "for": lambda user: user.can("see", Worker)},
    {"order": 20, "group": WORK, "url": "/trainings/", "label": _("培训"), "short": _("培训"), "icon": "people",
     "text": _("办了哪些培训，谁来了"),
     "for": lambda user: user.can("see", Training) and not user.can("see", Worker)},
]  # fmt: skip
