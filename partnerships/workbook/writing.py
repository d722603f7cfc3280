"""Writing a pairing report's plan: agencies, pairings, and the numbers that it declares. An event is open."""

from django.utils.translation import gettext as _

from exchange.plans import CREATED, UPDATED
from partnerships.actions.confirming import mark_entered
from partnerships.actions.constraints import in_words
from partnerships.actions.programmes import add_parties
from partnerships.models import Declared, Party
from periods import today


def write(plan, context):
    """Write every entry. Returns how many rows were written."""
    entries = [entry for entry in plan.entries if entry.outcome in (CREATED, UPDATED)]
    with in_words():
        for entry in entries:
            _write(entry, context.user)
    return len(entries)


def _write(entry, user):
    target = entry.target
    pairing = target.pairing
    for agency in (target.sender, target.receiver):
        if agency is not None and agency.pk is None:
            agency.save()
    if pairing.pk is None or target.moved:
        pairing.sender, pairing.receiver = target.sender, target.receiver or pairing.receiver
        mark_entered(user, pairing, target.side)
        pairing.save()
        add_parties(pairing.programme, agency=pairing.sender, county=pairing.county)
    if target.is_key is not None:
        Party.objects.filter(programme=pairing.programme, county=pairing.county).exclude(is_key=target.is_key).update(
            is_key=target.is_key
        )
    for metric, number in target.numbers.items():
        Declared.objects.update_or_create(
            programme=pairing.programme, pairing=pairing, metric=metric,
            defaults={"op": number.op, "value": int(number), "source": _("结对报表，%(day)s 导入") % {"day": today()}},
        )  # fmt: skip
    entry.key = pairing.pk
