"""This room among the rooms: for those who see cases; what is late or due today is counted; its work under the thumb of a worker's phone."""

from django.utils.translation import gettext_lazy as _

from casework import worklists
from casework.models import Case, Record
from stations.nav import WORK


def due_count(user):
    """What stands beside the room: one's own work that is late or due today."""
    return sum(worklists.due_now(user)) if user.can("see", Record) else 0


NAV = [
    {"order": 30, "group": WORK, "url": "/cases/", "label": _("个案与服务"), "short": _("个案"), "icon": "case",
     "also": ["/clients/", "/households/", "/todo/", "/approvals/", "/caseload/", "/log/", "/break-glass/"],
     "text": _("谁在接受服务，走到哪一步，接下来做什么"), "count": due_count,
     "for": lambda user: user.can("see", Case)},
]  # fmt: skip
# The middle of the bar under the thumb: the one thing done most.
THUMB = [
    {"url": "/log/", "room": "/cases/", "label": _("记一次"), "icon": "plus", "for": worklists.is_worker},
    {"url": "/approvals/", "room": "/cases/", "label": _("审批"), "icon": "check",
     "for": lambda user: not worklists.is_worker(user) and worklists.approves(user)},
]  # fmt: skip
JOBS = {"casework.print": _("打印卷宗")}
