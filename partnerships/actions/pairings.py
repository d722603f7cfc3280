"""Pairings: putting one down, changing it. The matching is data that two provinces enter and confirm, never assumed."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import Conflict, DomainError
from partnerships import access
from partnerships.actions.confirming import hold, mark_entered
from partnerships.actions.constraints import in_words
from partnerships.actions.programmes import add_parties
from partnerships.models import Pairing

FIELDS = ("sender", "county", "receiver", "agreement_no", "signed_on", "note")


def create_pairing(user, *, programme, sender, county, receiver=None, starts_on=None, ends_on=None, **fields):
    """Pair an agency with a county for the programme's span, or a part of it.

    Raises Forbidden, DomainError `inconsistent`, Conflict `overlapping_pairing` naming the other pairing.
    """
    pairing = Pairing(programme=programme, sender=sender, county=county, receiver=receiver, **fields)
    with in_words(), transaction.atomic():
        side = access.side_for(user, Pairing, programme, pairing)
        pairing.span = span_of(programme, starts_on or programme.starts_on, ends_on or programme.ends_on)
        check_pairing(pairing)
        mark_entered(user, pairing, side)
        with change(user, "pairing.created", pairing):
            pairing.save()
            add_parties(programme, agency=sender, county=county)
    return pairing


def update_pairing(user, pairing, check=None, **fields):
    """Change a pairing; it is to be confirmed again. Raises as `create_pairing`."""
    with in_words(), transaction.atomic():
        pairing = hold(pairing)
        access.require(user, "change", pairing)
        if check:
            check(pairing)
        change_pairing(pairing, **fields)
        mark_entered(user, pairing, access.side_for(user, Pairing, pairing.programme, pairing))
        with change(user, "pairing.changed", pairing):
            pairing.save()
            add_parties(pairing.programme, agency=pairing.sender, county=pairing.county)
    return pairing


def change_pairing(pairing, starts_on=None, ends_on=None, **fields):
    """Set `fields` on a held pairing and check what it has become."""
    moved = any(n in fields and fields[n] != getattr(pairing, n) for n in ("sender", "county"))
    if moved and (pairing.batches.exists() or pairing.sessions.exists() or pairing.outcomes.exists()):
        raise DomainError(
            _("这个结对已有批次、支持或成果，不能换机构或县（区）；请先结束它，再另录一个"),
            code="inconsistent",
            field="county",
        )
    for name in FIELDS:
        if name in fields:
            setattr(pairing, name, fields[name])
    first = starts_on or pairing.span.lower
    last = ends_on or pairing.span.upper - dt.timedelta(days=1)
    pairing.span = span_of(pairing.programme, first, last)
    check_pairing(pairing)
    outside = pairing.batches.exclude(departs_on__gte=first, returns_on__lte=last)
    if pairing.pk and outside.exists():
        raise DomainError(_("有批次不在新的起止之内"), code="inconsistent", field="ends_on")


def span_of(programme, first, last):
    """The span of two days within a programme. Raises DomainError `inconsistent`."""
    if last < first:
        raise DomainError(_("结束日期早于开始日期"), code="inconsistent", field="ends_on")
    if first < programme.starts_on or last > programme.ends_on:
        raise DomainError(
            _("结对的起止应在计划的 %(first)s 至 %(last)s 之内") % {"first": programme.starts_on, "last": programme.ends_on},
            code="inconsistent", field="starts_on",
        )  # fmt: skip
    return DateRange(first, last + dt.timedelta(days=1))


def check_pairing(pairing):
    """Raise what is wrong with a pairing as it is now: DomainError `inconsistent`, Conflict `overlapping_pairing`."""
    programme, county = pairing.programme, pairing.county
    if not programme.rows_kept:
        raise DomainError(_("这一轮只列公布的总数，不逐条记录"), code="inconsistent", field="programme")
    if county.level != 3 or county.province_id != programme.receiving_id:
        raise DomainError(
            _("“%(county)s”不是%(province)s的县（区）") % {"county": county.name, "province": programme.receiving.name},
            code="inconsistent", field="county",
        )  # fmt: skip
    home = pairing.sender.division
    if home is not None and home.province_id != programme.sending_id:
        raise DomainError(_("援派机构不在援派省"), code="inconsistent", field="sender")
    if pairing.receiver is not None and pairing.receiver == pairing.sender:
        raise DomainError(_("机构不能和自己结对"), code="inconsistent", field="receiver")
    _refuse_overlap(pairing)


def _refuse_overlap(pairing):
    others = Pairing.objects.filter(programme=pairing.programme, span__overlap=pairing.span).exclude(pk=pairing.pk)
    for field in ("sender", "county", "receiver"):
        value = getattr(pairing, field)
        other = (
            value is not None
            and value.pk is not None
            and others.filter(**{field: value}).select_related("sender", "county").first()
        )
        if other:
            raise Conflict(
                _("这段时间里已有结对：%(other)s。一家机构只对一个县（区）") % {"other": other},
                code="overlapping_pairing", field=field, existing=other.public_id,
            )  # fmt: skip
