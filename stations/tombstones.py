"""Stations that were taken back: what a program that follows changes must delete on its side."""

from django.db.models import BigIntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import Change
from stations.models import Division
from surfaces.rows import moment


def deleted_stations(user, since, after, most):
    """Up to `most` stations deleted since the moment `since`, in divisions that `user` sees, beyond the entry `after`: [(entry, row)]."""
    gone = (
        Change.objects.filter(table="stations_station", after__isnull=True, event__at__gte=since, pk__gt=after)
        .annotate(division=Cast(KT("before__division_id"), BigIntegerField()))
        .filter(division__in=Division.objects.visible_to(user).values("pk"))
        .order_by("pk")
        .values_list("pk", "before__code", "event__at")[:most]
    )
    return [(entry, {"code": code, "deleted_at": moment(at)}) for entry, code, at in gone]
