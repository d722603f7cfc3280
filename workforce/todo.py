"""What is due in this room: registrations to be renewed, trainings that were held and nobody noted, one's own missing hours."""

import datetime as dt

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from periods import today
from surfaces.words import near_day
from workforce import access
from workforce.education import with_minutes
from workforce.models import Assignment, Attendance, Registration, Training, Worker
from workforce.views.people import SOON

BACK = 60  # days within which a training without a list is still asked for


def _keeps(user):
    """Those whose work the room's lists are: managers and officials with posts of their own."""
    return not user.is_superuser and user.can("create", Training)


def registrations(user):
    """People in post whose registration ends within the three months in which it can be renewed, or has ended."""
    if not _keeps(user):
        return []
    day = today()
    later = Registration.objects.filter(worker=OuterRef("worker"), span__endswith__gt=OuterRef("span__endswith"))
    due = Registration.objects.visible_to(user).filter(
        span__endswith__range=(day - dt.timedelta(days=SOON), day + dt.timedelta(days=SOON + 1))
    )
    jobs = Assignment.objects.visible_to(user).on(day).filter(worker=OuterRef("worker"))
    n = due.filter(~Exists(later), Exists(jobs)).count()
    if not n:
        return []
    what = ngettext("%(n)s 人的登记要续", "%(n)s 人的登记要续", n) % {"n": n}
    return [
        {
            "url": "/workers/?only=due",
            "kind": "",
            "icon": "people",
            "what": what,
            "why": _("到期前三个月可以续"),
            "due": "",
        }
    ]


def unsigned(user):
    """Trainings of the last weeks that were held and have nobody on their list."""
    if not _keeps(user):
        return []
    since = today() - dt.timedelta(days=BACK)
    noted = Attendance.objects.filter(training=OuterRef("pk"))
    rows = (
        Training.objects.visible_to(user)
        .counted()
        .filter(ends_on__gte=since)
        .exclude(Exists(noted))
        .select_related("station")
    )
    return [
        {
            "url": f"/trainings/{t.public_id}/", "kind": "", "icon": "check", "what": _("补签到：%(title)s") % {"title": t.title},
            "why": str(t.station), "due": near_day(t.ends_on),
        }
        for t in rows.order_by("ends_on", "pk")[:5]
    ]  # fmt: skip


def own_hours(user):
    """Hours that one's own registration still asks for, once it can be renewed."""
    worker = (
        Worker.objects.filter(user=user.pk).first()
        if not access.WRITERS & {p.role for p in access.places(user)}
        else None
    )
    if worker is None:
        return []
    day = today()
    row = with_minutes(Registration.objects.on(day).filter(worker=worker), day).first()
    if row is None or row.done >= (row.required or 0) or row.last_day > day + dt.timedelta(days=365):
        return []
    hours = (row.required - row.done) / 60
    return [{
        "url": f"/workers/{worker.public_id}/", "kind": "", "icon": "clock", "what": _("继续教育还差 %(n)g 小时") % {"n": hours},
        "why": _("登记有效期至 %(day)s") % {"day": row.last_day}, "due": near_day(row.last_day),
    }]  # fmt: skip


TODO = [registrations, unsigned, own_hours]
