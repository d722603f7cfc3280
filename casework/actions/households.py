"""Families: founding one with its head, somebody moving in or out, another head. Every row is dated; nobody is in two at once."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError, Forbidden
from casework import access
from casework.errors import Duplicate, fault
from casework.models import Client, Household, HouseholdMember
from periods import today

DAY = dt.timedelta(days=1)


def found_household(user, head, *, since, note=""):
    """A family of which `head` (a client) is the head from `since` on. Raises Forbidden, DomainError, Duplicate."""
    with transaction.atomic():
        head = _person(user, head)
        _free(head, since)
        household = Household(station=head.station, note=note or None)
        with change(user, "household.founded", household):
            household.save()
            HouseholdMember.objects.create(household=household, client=head, is_head=True, span=DateRange(since, None))
    return household


def move_in(user, household, client, *, relation, since):
    """`client` lives in `household` from `since` on. Raises Forbidden, DomainError; Duplicate where he lives in one then."""
    with transaction.atomic():
        household = _held(user, household)
        client = _person(user, client)
        _free(client, since)
        first = household.members.order_by("span").values_list("span", flat=True).first()
        if first and since < first.lower:
            raise fault("since", "inconsistent", _("这一户从 %(day)s 建档，不能更早") % {"day": first.lower})
        with change(user, "household.moved_in", household, client=client.public_id):
            row = HouseholdMember.objects.create(
                household=household, client=client, relation=relation, span=DateRange(since, None)
            )
            household.save()
    return row


def move_out(user, household, row, *, last):
    """The person of `row` lives there up to `last`, that day included. A head goes first only as the last one."""
    with transaction.atomic():
        household = _held(user, household)
        row = household.members.select_for_update().get(pk=row.pk)
        if row.span.upper is not None:
            raise fault("last", "inconsistent", _("已经迁出"))
        if last > today() or last < row.span.lower:
            raise fault("last", "inconsistent", _("末日应在 %(day)s 到今天之间") % {"day": row.span.lower})
        others = household.members.exclude(pk=row.pk).filter(span__upper_inf=True)
        if row.is_head and others.exists():
            raise fault("last", "inconsistent", _("户主迁出前，先换户主"))
        with change(user, "household.moved_out", household, client=row.client.public_id):
            row.span = DateRange(row.span.lower, last + DAY)
            row.save()
            household.save()
    return row


def restate_household(user, household, *, on, head, relations, note=None):
    """From `on` on `head` (a row's pk) is the head and the others are to him what `relations` {pk: word} says.

    `note` None leaves the note as it is. What was true before `on` stays. Raises Forbidden, DomainError.
    """
    with transaction.atomic():
        household = _held(user, household)
        rows = list(household.members.select_for_update().filter(span__upper_inf=True).order_by("pk"))
        if head not in {row.pk for row in rows}:
            raise fault("head", "bad_choice", _("户主应是现在住在这一户的人"))
        if on > today() or any(on < row.span.lower for row in rows):
            raise fault("on", "inconsistent", _("这一天要在所有人迁入以后，不晚于今天"))
        with change(user, "household.restated", household):
            _restate(rows, on, head, relations)
            household.note = household.note if note is None else note or None
            household.save()
    return household


def _restate(rows, on, head, relations):
    """Earlier rows end the day before; what begins that very day is written anew. Heads give way before another takes over."""
    made = []
    for row in rows:
        wanted = (row.pk == head, "" if row.pk == head else relations.get(row.pk, row.relation))
        if wanted == (row.is_head, row.relation):
            continue
        again = HouseholdMember(household_id=row.household_id, client_id=row.client_id, span=DateRange(on, None))
        again.is_head, again.relation = wanted
        made.append(again)
        if row.span.lower == on:
            row.delete()
        else:
            row.span = DateRange(row.span.lower, on)
            row.save()
    HouseholdMember.objects.bulk_create(made)


def _held(user, household):
    household = Household.objects.select_for_update().get(pk=household.pk)
    user._posts_now = None
    if not access.can(user, "change", household):
        raise Forbidden()
    return household


def _person(user, client):
    """The client, locked: two families cannot take him in at once."""
    client = Client.objects.select_related("station").select_for_update(of=("self",)).get(pk=client.pk)
    if not access.can(user, "change", client):
        raise Forbidden(_("这个人的档案不由您改"))
    return client


def _free(client, since):
    if since > today():
        raise DomainError(_("这一天还没有到"), code="inconsistent", field="since")
    if client.born and since < client.born:
        raise DomainError(_("不能早于出生日期"), code="inconsistent", field="since")
    if client.memberships.filter(span__overlap=DateRange(since, None)).exists():
        raise Duplicate(_("那时他已在一户里，先从那一户迁出"), field="since")
