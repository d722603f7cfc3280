"""The workbook kind of this room: the pairing report. What its rows mean is in `workbook/`."""

from django.utils.translation import gettext_lazy as _

from exchange.kinds import Kind
from partnerships.models import Pairing, Programme
from partnerships.workbook import matching, undoing, words, writing
from stations.imports import KINDS as STATION_KINDS

(ROSTER,) = STATION_KINDS


def _may(user, verb, place):
    """Officials of a programme; which rows they may write is asked of each."""
    asked = "commit_import" if verb == "commit" else "import"
    return user.can(asked, Pairing) and Programme.objects.visible_to(user).exists()


KINDS = [
    Kind(
        code="pairings", title=_("结对报表"), columns=words.COLUMNS, identifying=words.IDENTIFYING, planner=matching.plan,
        writer=writing.write, undoer=undoing.undo, changed_since=undoing.changed_since, refusal=undoing.refusal,
        place=ROSTER.place, places=ROSTER.places, may=_may, kept_codes=ROSTER.kept_codes,
        record_urls=lambda keys: {pk: f"/pairings/p{pk}/" for pk in keys}, show=words.shown,
        shown=("county", "receiver", "signed_on", "pairing_batches", "pairing_person_trips", "pairing_workdays"),
        label_field="sender",
    )
]  # fmt: skip
