"""Taking back an imported pairing report: what was made goes, what was changed goes back."""

from django.utils.translation import gettext as _

from accounts.errors import Conflict
from exchange import undoing
from partnerships.models import Batch, Declared, Outcome, Pairing, Party, Session
from stations.models import Agency

MODELS = (Declared, Pairing, Party, Agency)  # children before parents
TABLE = {model: model._meta.db_table for model in MODELS}
NAMED = 20


def changed_since(event_id, ignored=()):
    """[(id, name)] of the pairings that somebody changed, decided or built upon after the event."""
    since = undoing.changed_since(event_id, ignored)
    ids = {pk for table, pk in since if table == TABLE[Pairing]}
    rows = [pk for table, pk in since if table == TABLE[Declared]]
    ids |= set(Declared.objects.filter(pk__in=rows, pairing__isnull=False).values_list("pairing_id", flat=True))
    made = undoing.inserted(event_id, TABLE[Pairing])
    for model in (Batch, Session, Outcome):
        ids |= set(model.objects.filter(pairing__in=made).values_list("pairing_id", flat=True))
    found = Pairing.objects.filter(pk__in=ids).select_related("sender", "county").order_by("pk")
    return [(pairing.public_id, str(pairing)) for pairing in found]


def undo(event_id, context):
    """Put back what a pairing report wrote. Raises Conflict `changed_since`. Returns how many pairings."""
    if named := changed_since(event_id, context.ignored):
        raise refusal(named)
    tables = undoing.tables(event_id)
    made = undoing.inserted(event_id, TABLE[Pairing])
    for model in MODELS:
        if TABLE[model] in tables:
            undoing.delete(TABLE[model], undoing.inserted(event_id, TABLE[model]))
    touched = set()
    for model in reversed(MODELS):
        if TABLE[model] in tables:
            back = undoing.restore(event_id, TABLE[model], clock="updated_at" if model is Pairing else None)
            if model is Declared:
                back = Declared.objects.filter(pk__in=back).values_list("pairing_id", flat=True)
            touched |= set(back) if model in (Pairing, Declared) else set()
    return len(made) + len(touched)


def refusal(named):
    """The Conflict that names the pairings changed since."""
    shown = "、".join(f"{name}（{code}）" for code, name in named[:NAMED])
    more = _("等 %(count)d 个") % {"count": len(named)} if len(named) > NAMED else ""
    return Conflict(
        _("撤销不了：这些在导入之后有人改过：%(named)s%(more)s。") % {"named": shown, "more": more}, code="changed_since",
        records=[{"id": code, "name": name} for code, name in named[:100]],
    )  # fmt: skip
