"""Lists of work: what is due for whom, and what waits for a word. A page only shows them.

Overdue work stands on the list of its worker, after some days on the supervisor's too, then on the manager's.
"""

import datetime as dt
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event
from casework import access, doors
from casework.actions.assigning import ASSIGNED
from casework.models import Case, DueItem, Goal, Record
from casework.records import APPROVED, paper_name
from periods import today
from stations.access import places

APPROVERS = frozenset({"supervisor", "manager"})
SUPERVISOR_AFTER, MANAGER_AFTER = 3, 7  # days past
GIVEN_DAYS = 14  # how long one is told of a case that one was given


def todo_of(user, until=None):
    """Open due items of `user`, the first first: a queryset with their cases, each with `supervised` (by this user).

    `until` leaves out what is due after that day.
    """
    hands, day = access.held(user), today()

    def of(hand):
        return Q(case__in=Case.objects.filter(access.any_of(hands, [hand])).values("pk"))

    late = {days: Q(due_on__lt=day - dt.timedelta(days=days)) for days in (SUPERVISOR_AFTER, MANAGER_AFTER)}
    mine = of("own") & Q(waiting_for="worker")
    mine |= of("supervisor") & (Q(waiting_for="supervisor") | late[SUPERVISOR_AFTER])
    mine |= of("manager") & (Q(waiting_for="manager") | late[MANAGER_AFTER])
    held = Case.objects.filter(access.any_of(hands, access.HOLDERS)).values("pk")
    found = DueItem.objects.open().filter(mine, case__one_of=ArraySubquery(held))  # begins at those cases
    supervised = Case.objects.filter(access.any_of(hands, ["supervisor"], near=False), pk=OuterRef("case"))
    found = found.select_related("case__station", "case__client", "case__worker").annotate(
        supervised=Exists(supervised)
    )
    return (found.filter(due_on__lte=until) if until else found).order_by("due_on", "due_at", "pk")


def spans(day=None):
    """{name: condition on a due item}: overdue, today, the rest of the week until Sunday, later."""
    day = day or today()
    sunday = day + dt.timedelta(days=6 - day.weekday())
    late = Q(due_on__lt=day) | Q(due_at__lte=timezone.now())
    return {
        "overdue": late, "today": Q(due_on=day) & ~late, "week": Q(due_on__gt=day, due_on__lte=sunday),
        "later": Q(due_on__gt=sunday),
    }  # fmt: skip


def counts_of(user):
    """How many open due items `user` has in each of `spans`. One query a request: the frame, the list and the home ask alike."""
    if not hasattr(user, "_due_counts"):
        found = todo_of(user).order_by()
        user._due_counts = found.aggregate(**{name: Count("pk", filter=span) for name, span in spans().items()})
    return user._due_counts


def due_now(user):
    """(overdue, due today) of `user`."""
    counts = counts_of(user)
    return counts["overdue"], counts["today"]


def door(item, user):
    """Where an item of `todo_of(user)` is done by him; where another is waited for, or he has no right to its form, its case."""
    case = item.case
    if case.worker.user_id == user.pk:
        return doors.due_url(case.number, item.code, item.record)
    if item.code == "record_review":
        return (
            doors.form_url(case.number, "reviews", subject=item.record)
            if item.supervised
            else reverse("case", args=[case.number])
        )
    return doors.due_url(case.number, item.code, item.record, by="manager")


def given(user):
    """Open cases that were given to `user` within the last days and in which he has written nothing yet."""
    mine = Case.objects.filter(access.any_of(access.held(user), ["own"]), closed_on=None)
    named = Event.objects.filter(
        kind="casework.case", object_id=Cast(OuterRef("pk"), CharField()), verb=ASSIGNED,
        at__gte=timezone.now() - dt.timedelta(days=GIVEN_DAYS),
    ).exclude(user=user.pk)  # fmt: skip
    since = Subquery(named.order_by("-pk").values("at")[:1])
    answered = Record.objects.filter(case=OuterRef("pk"), author=user.pk, at__gte=OuterRef("given_at"))
    return mine.annotate(given_at=since).filter(given_at__isnull=False).exclude(Exists(answered))


def offered(user):
    """Cases that were offered to a station whose manager `user` is, or that he supervises: they wait for an answer."""
    return Case.objects.filter(access.any_of(access.held(user), ["receiver"]), transfer_to__isnull=False)


def awaiting(user):
    """(records, goals) that wait for a word of `user`: newest signed plans, closures and red assessments, goals to be withdrawn.

    The own work is left out; of a manager's only where no supervisor reaches the station.
    """
    cases = _approvable(user)
    newer = Record.objects.filter(case=OuterRef("case"), kind=OuterRef("kind"), draft=False, pk__gt=OuterRef("pk"))
    words = Record.objects.filter(about=OuterRef("pk"), kind="approvals")
    decided = words.filter(code__in=("approve", "return"))
    records = Record.objects.filter(case__in=cases, kind__in=APPROVED, draft=False).exclude(author=user)
    said = words.filter(Q(code="return") | Q(narrative__isnull=False))  # red asks for words, not for a nod alone
    red = Q(kind="assessments", code="red") & ~Exists(said)
    records = records.filter(~Exists(newer), red | (~Q(kind="assessments") & ~Exists(decided)))
    goals = Goal.objects.filter(plan__case__in=cases, withdrawal="asked").exclude(withdrawal_asked_by=user)
    related = "case__client", "case__station", "case__worker", "author"
    through = "plan__case__client", "plan__case__station", "plan__case__worker", "withdrawal_asked_by"
    return list(records.select_related(*related).order_by("signed_at")), list(goals.select_related(*through))


def is_worker(user):
    """Does `user` do casework at a station?"""
    return any(post.role == "worker" for post in places(user))


def approves(user):
    """Is `user` one of those whose word plans and closures wait for, anywhere?"""
    return user.is_active and any(post.role in APPROVERS for post in places(user))


@dataclass(frozen=True)
class Waiting:
    """A paper or a withdrawal that waits for a word: of which case, from whom, since when, due when (None: no deadline)."""

    kind: str
    public_id: str
    case: Case
    title: str
    by: object
    since: dt.datetime
    is_red: bool
    due_on: dt.date | None

    @property
    def record(self):
        return f"{self.kind}/{self.public_id}"

    @property
    def is_late(self):
        return self.due_on is not None and self.due_on < today()


def queue(user):
    """[Waiting] for a word of `user`, those that wait longest first."""
    records, goals = awaiting(user)
    cases = {r.case_id for r in records} | {g.plan.case_id for g in goals}
    due = {
        (case, record): day
        for case, record, day in DueItem.objects.open()
        .filter(case__in=cases, waiting_for__in=APPROVERS)
        .values_list("case_id", "record", "due_on")
    }
    asked = {
        r.goal_id: r for r in Record.objects.filter(kind="withdrawal", goal__in=goals).defer("narrative").order_by("pk")
    }
    found = [
        Waiting(
            r.kind,
            r.public_id,
            r.case,
            paper_name(r),
            r.author,
            r.signed_at,
            r.code == "red",
            due.get((r.case_id, r.record)),
        )
        for r in records
    ]
    found += [
        Waiting(
            "goals", g.public_id, g.plan.case, _("撤回目标"), g.withdrawal_asked_by, asked[g.pk].at, False,
            due.get((g.plan.case_id, asked[g.pk].record)),
        )
        for g in goals
    ]  # fmt: skip
    return sorted(found, key=lambda w: (w.since, w.record))


def _approvable(user):
    """Open cases of others that `user` may approve in: as their supervisor, or as manager of a station without one."""
    hands = access.held(user)
    others = Case.objects.filter(closed_on=None).exclude(worker__user=user.pk)
    found = list(others.filter(access.any_of(hands, ["supervisor"])).values_list("pk", flat=True))
    managed = others.filter(access.any_of(hands, ["manager"])).exclude(pk__in=found)
    stations = {c.station_id: c for c in managed.select_related("station__division", "worker__user")}
    alone = [pk for pk, case in stations.items() if access.may_approve(user, case)]
    return found + list(managed.filter(station__in=alone).values_list("pk", flat=True))
