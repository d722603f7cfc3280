"""Finding the people of a batch or a session among those of the agency, and taking new ones in."""

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from partnerships.models import Envoy


def envoys_of(pairing, rows, field):
    """[Envoy] for `rows` = [{name, mark?}], in their order; new ones are saved. An event is open.

    Envoys are locked, so that two entries about one person follow each other. Raises DomainError `duplicate`.
    """
    wanted = [(row["name"].strip(), (row.get("mark") or "").strip()) for row in rows]
    if len(set(wanted)) < len(wanted):
        raise DomainError(_("同一个人写了两次；两个人同名的，请写“区别同名”"), code="duplicate", field=field)
    found = Envoy.objects.filter(agency=pairing.sender_id, name__in=[name for name, _mark in wanted])
    known = {(e.name, e.mark): e for e in found.order_by("pk").select_for_update()}
    for name, mark in wanted:
        if (name, mark) not in known:
            known[name, mark] = Envoy.objects.create(agency_id=pairing.sender_id, name=name, mark=mark)
    return [known[key] for key in wanted]
