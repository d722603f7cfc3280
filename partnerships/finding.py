"""What a name in a request means: programmes, pairings, agencies, counties and stations, of those that its sender may name."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from partnerships import access
from partnerships.models import Batch, Pairing, Party, Programme
from periods import today
from stations.models import Agency, Division, Station
from workforce.api.fields import number_of


def _found(queryset, condition, field, text):
    row = queryset.filter(condition).first()
    if row is None:
        message = _("没有“%(text)s”，或不在您的范围内") % {"text": str(text)[:40]}
        raise DomainError(message, code="out_of_scope", field=field)
    return row


def programme_named(user, slug):
    """The Programme of a slug in reach. Raises DomainError `out_of_scope`, as all of these."""
    found = Programme.objects.visible_to(user).select_related("sending", "receiving")
    return _found(found, Q(slug=slug), "programme", slug)


def pairing_named(user, text, field="pairing"):
    """The Pairing of a public id in reach."""
    found = Pairing.objects.visible_to(user).select_related("programme")
    return _found(found, Q(pk=number_of("p", text) or 0), field, text)


def batch_named(user, text):
    """The batch of that number in `user`'s reach, None for None. Raises DomainError where there is none."""
    return (
        None if text is None else _found(Batch.objects.visible_to(user), Q(pk=number_of("b", text) or 0), "batch", text)
    )


def agencies_in_reach(user):
    """Agencies of the network's places in reach, and of the programmes in reach."""
    known = Agency.objects.visible_to(user).values("pk")
    return Agency.objects.unscoped("narrowed in this line").filter(Q(pk__in=known) | access.agencies_of(user))


def agency_named(user, text, field, province=None):
    """The Agency of a number or a credit code; None stays None.

    Whoever knows a credit code may name an agency of `province` by it: the two sides need not see each other's lists.
    """
    if text is None:
        return None
    code = text.strip().upper()
    reach = agencies_in_reach(user)
    if len(code) == 18:
        known = Q(pk__in=reach.values("pk")) | Q(division__province=province)
        agencies = Agency.objects.unscoped("narrowed in this line").filter(known)
        return _found(agencies.select_related("division"), Q(credit_code=code), field, text)
    return _found(reach.select_related("division"), Q(pk=agency_number(code) or 0), field, text)


def agency_number(text):
    """The number that an agency is known by, or None: agencies have no letter before it."""
    return number_of("a", f"a{text}")


def province_coded(code, field):
    """The province of a code: provinces' names are everybody's."""
    return _found(Division.objects.on(today()), Q(code=code, level=1), field, code)


def county_coded(programme, code, field="county"):
    """A county of the province that a programme helps."""
    return _found(Division.objects.on(today()), Q(code=code, level=3, province=programme.receiving_id), field, code)


def counties_of(user, programmes):
    """The counties to choose from: those that the programmes name, and those of the provinces they help that `user` sees anyway."""
    named = Party.objects.filter(programme__in=programmes, county__isnull=False).values("county")
    seen = Division.objects.visible_to(user).filter(province__in=programmes.values("receiving")).values("pk")
    return Division.objects.on(today()).filter(Q(pk__in=named) | Q(pk__in=seen), level=3).order_by("code")


def station_coded(pairing, code):
    """A station of the county that a pairing helps; None stays None."""
    if not code:
        return None
    stations = Station.objects.select_related("division")
    return _found(stations, Q(code=code, division__district=pairing.county_id), "station", code)
