"""Batches: who goes from when to when, and on which days each worked."""

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError
from partnerships import access
from partnerships.actions.confirming import hold, mark_entered
from partnerships.actions.constraints import in_words
from partnerships.actions.online import settle
from partnerships.actions.team import envoys_of
from partnerships.models import Batch, Member, MemberDay, Pairing, ServiceDay
from periods import today
from periods.calendar import is_workday

FIELDS = ("departs_on", "returns_on", "place", "task")
LONGEST = 366


def create_batch(user, *, pairing, departs_on, returns_on, members, number=None, **fields):
    """Put down a batch with its members and their days.

    `members` = [{name, mark?, from?, to?, days?}]: a stay is the whole batch where it is not said, its days are the
    workdays in it. Raises Forbidden; DomainError `missing_required` without members, `inconsistent`, `elsewhere` for
    somebody who is in another batch or worked elsewhere on one of the days.
    """
    with in_words(), transaction.atomic():
        pairing = hold_pairing(pairing)
        side = access.side_for(user, Batch, pairing.programme, pairing)
        batch = Batch(pairing=pairing, departs_on=departs_on, returns_on=returns_on, **fields)
        batch.number = number or (pairing.batches.aggregate(most=Max("number"))["most"] or 0) + 1
        _check(batch)
        mark_entered(user, batch, side)
        with change(user, "batch.created", batch, pairing=str(pairing)):
            batch.save()
            _write_members(batch, members)
    return batch


def update_batch(user, batch, check=None, members=None, **fields):
    """Change a batch; where `members` are given they replace those that stand. It is to be confirmed again. Raises as `create_batch`."""
    with in_words(), transaction.atomic():
        pairing = hold_pairing(batch.pairing)
        batch = hold(batch)
        access.require(user, "change", batch)
        if check:
            check(batch)
        for name in FIELDS:
            if name in fields:
                setattr(batch, name, fields[name])
        _check(batch)
        mark_entered(user, batch, access.side_for(user, Batch, pairing.programme, pairing))
        with change(user, "batch.changed", batch, pairing=str(pairing)):
            rows = members if members is not None else members_as_given(batch)
            before = set(batch.days.values_list("on", flat=True))
            batch.days.all().delete()
            batch.members.all().delete()
            batch.save()
            _write_members(batch, rows, before)
    return batch


def hold_pairing(pairing):
    """The pairing's row, locked: entries about one pairing follow each other."""
    found = Pairing.objects.select_related("programme__sending", "programme__receiving", "sender__division", "county")
    return found.select_for_update(of=("self",)).get(pk=pairing.pk)


def members_as_given(batch):
    """The members of a batch as `create_batch` takes them, within the days of the batch as it is now."""
    days = {}
    for envoy, on in MemberDay.objects.filter(day__batch=batch).values_list("envoy", "on"):
        days.setdefault(envoy, []).append(on)
    rows = []
    for member in batch.members.select_related("envoy"):
        first, last = (
            max(member.span.lower, batch.departs_on),
            min(member.span.upper - dt.timedelta(days=1), batch.returns_on),
        )
        if first <= last:
            kept = [day for day in days.get(member.envoy_id, []) if first <= day <= last]
            rows.append({"name": member.envoy.name, "mark": member.envoy.mark, "from": first, "to": last, "days": kept})
    return rows


def _check(batch):
    pairing = batch.pairing
    if batch.returns_on < batch.departs_on:
        raise DomainError(_("返回日期早于出发日期"), code="inconsistent", field="returns_on")
    if batch.departs_on > today():
        raise DomainError(_("还没有出发的批次不能记；出发以后再记"), code="inconsistent", field="departs_on")
    if (batch.returns_on - batch.departs_on).days >= LONGEST:
        raise DomainError(_("一个批次最长一年"), code="inconsistent", field="returns_on")
    if batch.departs_on < pairing.span.lower or batch.returns_on >= pairing.span.upper:
        raise DomainError(
            _("批次的日子应在结对的 %(first)s 至 %(last)s 之内")
            % {"first": pairing.span.lower, "last": pairing.span.upper - dt.timedelta(days=1)},
            code="inconsistent", field="departs_on",
        )  # fmt: skip


def _write_members(batch, rows, before=frozenset()):
    """Members and days of a batch that has none. An event is open."""
    if not rows:
        raise DomainError(_("批次里没有人：至少写一名派出人员"), code="missing_required", field="members")
    envoys = envoys_of(batch.pairing, rows, "members")
    stays = [_stay(batch, n, row) for n, row in enumerate(rows)]
    _refuse_elsewhere(batch, envoys, stays)
    Member.objects.bulk_create(
        Member(batch=batch, pairing=batch.pairing, envoy=envoy, span=DateRange(first, last + dt.timedelta(days=1)))
        for envoy, (first, last, _days) in zip(envoys, stays, strict=True)
    )
    worked = sorted({day for _first, _last, days in stays for day in days})
    made = ServiceDay.objects.bulk_create(ServiceDay(pairing=batch.pairing, batch=batch, on=day) for day in worked)
    of = {day.on: day for day in made}
    MemberDay.objects.bulk_create(
        MemberDay(day=of[day], pairing=batch.pairing, envoy=envoy, on=day, onsite=True)
        for envoy, (_first, _last, days) in zip(envoys, stays, strict=True)
        for day in days
    )
    settle(batch.pairing, set(worked) | set(before))


def _stay(batch, n, row):
    """(first day, last day, [days worked]) of one member."""
    first, last = row.get("from") or batch.departs_on, row.get("to") or batch.returns_on
    if not batch.departs_on <= first <= last <= batch.returns_on:
        raise DomainError(
            _("“%(name)s”的日子不在批次之内") % {"name": row["name"]}, code="inconsistent", field=f"members.{n}.from"
        )
    span = [first + dt.timedelta(days=k) for k in range((last - first).days + 1)]
    days = row.get("days")
    if days is None:
        days = [day for day in span if is_workday(day)]
    if outside := [day for day in days if not first <= day <= last]:
        raise DomainError(
            _("%(day)s “%(name)s”不在批次里，不能记服务日") % {"day": outside[0], "name": row["name"]},
            code="elsewhere", field=f"members.{n}.days",
        )  # fmt: skip
    if ahead := [day for day in days if day > today()]:
        if row.get("days") is not None:
            raise DomainError(
                _("%(day)s 还没有到，不能记服务日") % {"day": ahead[0]}, code="inconsistent", field=f"members.{n}.days"
            )
        days = [day for day in days if day <= today()]
    return first, last, sorted(set(days))


def _refuse_elsewhere(batch, envoys, stays):
    """Nobody is in two batches on one day, nor worked online for another pairing on a day he was here."""
    for n, (envoy, (first, last, _days)) in enumerate(zip(envoys, stays, strict=True)):
        other = (
            Member.objects.filter(envoy=envoy, span__overlap=DateRange(first, last + dt.timedelta(days=1)))
            .select_related("batch__pairing__county")
            .first()
        )
        if other and not access.knows(batch.entered_by, other.batch.pairing):
            text = _("有人在这些日子里已经在别的批次，同一天只能在一个批次")
            raise DomainError(text, code="elsewhere", field=f"members.{n}")
        if other:
            raise DomainError(
                _("“%(name)s”%(first)s 至 %(last)s 在%(county)s%(batch)s，同一天只能在一个批次")
                % {
                    "name": envoy, "first": other.span.lower, "last": other.span.upper - dt.timedelta(days=1),
                    "county": other.batch.pairing.county.name, "batch": other.batch,
                },
                code="elsewhere", field=f"members.{n}",
            )  # fmt: skip
