"""Lists of work: what is due for whom, and what waits for a word. A page only shows them.

Overdue work stands on the list of its worker, after some days on the supervisor's too, then on the manager's.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from casework import access
from casework.models import Case, DueItem, Goal, Record
from casework.records import APPROVED
from periods import today

SUPERVISOR_AFTER, MANAGER_AFTER = 3, 7  # days past


def todo_of(user, until=None):
    """Open due items of `user`, the first first: a queryset with their cases. `until` leaves out what is due after that day."""
    hands, day = access.held(user), today()

    def of(hand):
        return Q(case__in=Case.objects.filter(access.any_of(hands, [hand])).values("pk"))

    late = {days: Q(due_on__lt=day - dt.timedelta(days=days)) for days in (SUPERVISOR_AFTER, MANAGER_AFTER)}
    mine = of("own") & Q(waiting_for="worker")
    mine |= of("supervisor") & (Q(waiting_for="supervisor") | late[SUPERVISOR_AFTER])
    mine |= of("manager") & (Q(waiting_for="manager") | late[MANAGER_AFTER])
    found = DueItem.objects.open().filter(mine).select_related("case__station", "case__client", "case__worker")
    return (found.filter(due_on__lte=until) if until else found).order_by("due_on", "due_at", "pk")


def awaiting(user):
    """(records, goals) that wait for a word of `user`: newest signed plans, closures and red assessments, goals to be withdrawn.

    The own work is left out; of a manager's only where no supervisor reaches the station.
    """
    cases = _approvable(user)
    newer = Record.objects.filter(case=OuterRef("case"), kind=OuterRef("kind"), draft=False, pk__gt=OuterRef("pk"))
    words = Record.objects.filter(about=OuterRef("pk"), kind="approvals")
    decided = words.filter(code__in=("approve", "return"))
    records = Record.objects.filter(case__in=cases, kind__in=APPROVED, draft=False).exclude(author=user)
    red = Q(kind="assessments", code="red") & ~Exists(words)
    records = records.filter(~Exists(newer), red | (~Q(kind="assessments") & ~Exists(decided)))
    goals = Goal.objects.filter(plan__case__in=cases, withdrawal="asked").exclude(withdrawal_asked_by=user)
    related = "case__client", "case__station", "case__worker", "author"
    return list(records.select_related(*related).order_by("signed_at")), list(goals.select_related("plan__case"))


def _approvable(user):
    """Open cases of others that `user` may approve in: as their supervisor, or as manager of a station without one."""
    hands = access.held(user)
    others = Case.objects.filter(closed_on=None).exclude(worker__user=user.pk)
    found = list(others.filter(access.any_of(hands, ["supervisor"])).values_list("pk", flat=True))
    managed = others.filter(access.any_of(hands, ["manager"])).exclude(pk__in=found)
    stations = {c.station_id: c for c in managed.select_related("station__division", "worker__user")}
    alone = [pk for pk, case in stations.items() if access.may_approve(user, case)]
    return found + list(managed.filter(station__in=alone).values_list("pk", flat=True))
