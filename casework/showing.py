"""ID number and phone opened for five minutes in one session, and who looked at what is known of a client.

The session keeps whose and until when; what was opened is read again each time, and the right asked again.
"""

import datetime as dt

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.models import Event
from accounts.reveals import PURPOSES, REVEALED
from casework import glass, reads
from casework.actions import reveal_client

FOR = dt.timedelta(minutes=5)
KEY = "opened_clients"


def show(request, client, purpose, note="", case=None):
    """Record the purpose and open `client` in this session for five minutes. Raises what `reveal` raises."""
    reveal_client(request.user, case or client, purpose, note)
    now = timezone.now().timestamp()
    still = {key: until for key, until in request.session.get(KEY, {}).items() if until > now}
    request.session[KEY] = still | {client.public_id: now + FOR.total_seconds()}


def opened(request, client):
    """{"until", "id_number", "phone", "guardian", "emergency_contact"} in clear while `client` is open here, else None."""
    until = request.session.get(KEY, {}).get(client.public_id, 0)
    if until <= timezone.now().timestamp() or not request.user.can("reveal", client):
        return None
    names = ("id_number", "phone", "guardian", "emergency_contact")
    values = {name: getattr(client, name) for name in names}
    return {"until": dt.datetime.fromtimestamp(until, tz=dt.UTC)} | {
        name: value.clear if value is not None else None for name, value in values.items()
    }


def note_look(user, client):
    """One event: `user` had what is known of `client` before him in clear."""
    with change(user, reads.READ, client, what="client"):
        pass


def looks_at(client, cases, most=60):
    """[{at, who, what, purpose, times}] of who had this client or one of `cases` in clear, the newest first.

    The same look of one person on one day stands once, with how often.
    """
    verbs = (REVEALED, reads.READ, glass.READ)
    of = Q(kind="casework.client", object_id=str(client.pk), verb__in=verbs)
    if cases:
        numbers = [str(case.pk) for case in cases]
        of |= Q(kind="casework.case", object_id__in=numbers, verb__in=verbs)
    found = Event.objects.filter(of).select_related("user").order_by("-pk")[:most]
    rows: dict = {}
    for e in found:
        key = (timezone.localdate(e.at), e.user_id, _what(e), e.detail.get("purpose", ""))
        rows.setdefault(
            key, {"at": e.at, "who": str(e.user), "what": key[2], "purpose": PURPOSES.get(key[3], ""), "times": 0}
        )["times"] += 1
    return list(rows.values())


def _what(event):
    case = event.kind == "casework.case"
    if event.verb == REVEALED:
        return _("打开证件号和电话")
    if event.verb == glass.READ:
        return _("应急查看个案 %(number)s") % {"number": event.label} if case else _("应急查看档案")
    return _("看个案 %(number)s") % {"number": event.label} if case else _("看档案")
