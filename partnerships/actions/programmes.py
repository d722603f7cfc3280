"""Setting up programmes: provinces and days, papers, parties, targets, and the numbers that were published of them."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import DomainError
from partnerships import access
from partnerships.actions.constraints import in_words
from partnerships.models import Declared, Document, Party, Programme, Target

FIELDS = ("slug", "name", "round", "sending", "receiving", "starts_on", "ends_on", "funder", "rows_kept")


def create_programme(user, *, documents=(), agencies=(), counties=(), targets=(), declared=(), **fields):
    """Put down a programme with all that belongs to it. Raises Forbidden, DomainError `inconsistent`, Conflict `duplicate`.

    `documents` = [{title, number, issued_on}], `agencies` = [Agency], `counties` = [(Division, is key)],
    `targets` and `declared` = [{metric, op, value[, source]}].
    """
    programme = Programme(**fields)
    with in_words(), transaction.atomic():
        access.require(user, "change", programme)
        _check(programme)
        with change(user, "programme.created", programme):
            programme.save()
            _write(programme, documents, agencies, counties, targets, declared)
    return programme


def update_programme(user, programme, check=None, **fields):
    """Change a programme; each list that is given replaces the one that stands. Raises as `create_programme`."""
    lists = {n: fields.pop(n, None) for n in ("documents", "agencies", "counties", "targets", "declared")}
    with in_words(), transaction.atomic():
        programme = hold(programme)
        access.require(user, "change", programme)
        if check:
            check(programme)
        for name in FIELDS:
            if name in fields:
                setattr(programme, name, fields[name])
        access.require(user, "change", programme)
        _check(programme)
        with change(user, "programme.changed", programme):
            programme.save()
            _write(programme, **lists)
    return programme


def hold(programme):
    """The programme's row as it stands now, locked."""
    found = Programme.objects.select_related("sending", "receiving").select_for_update(of=("self",))
    return found.get(pk=programme.pk)


def add_parties(programme, *, agency=None, county=None):
    """The agency and the county of a pairing belong to its programme. An event is open."""
    for name, value in (("agency", agency), ("county", county)):
        if value is not None:
            Party.objects.get_or_create(programme=programme, **{name: value})


def _write(programme, documents, agencies, counties, targets, declared):
    if documents is not None:
        programme.documents.all().delete()
        Document.objects.bulk_create(Document(programme=programme, **row) for row in documents)
    if agencies is not None:
        programme.parties.filter(county=None).delete()
        Party.objects.bulk_create(Party(programme=programme, agency=a, position=n) for n, a in enumerate(agencies))
    if counties is not None:
        programme.parties.filter(agency=None).delete()
        Party.objects.bulk_create(
            Party(programme=programme, county=county, is_key=is_key, position=n)
            for n, (county, is_key) in enumerate(counties)
        )
    if targets is not None:
        _once(targets, "targets")
        programme.targets.all().delete()
        Target.objects.bulk_create(Target(programme=programme, position=n, **row) for n, row in enumerate(targets))
    if declared is not None:
        _once(declared, "declared")
        programme.declared.filter(pairing=None).delete()
        Declared.objects.bulk_create(Declared(programme=programme, **row) for row in declared)


def _once(rows, field):
    metrics = [row["metric"] for row in rows]
    if len(set(metrics)) < len(metrics):
        raise DomainError(_("同一项指标写了两次"), code="duplicate", field=field)


def _check(programme):
    if programme.ends_on < programme.starts_on:
        raise DomainError(_("结束日期早于开始日期"), code="inconsistent", field="ends_on")
    for name in ("sending", "receiving"):
        if getattr(programme, name).level != 1:
            raise DomainError(_("援派方和受援方都应是省级"), code="inconsistent", field=name)
    if programme.sending_id == programme.receiving_id:
        raise DomainError(_("援派省和受援省区不能是同一个"), code="inconsistent", field="receiving")
