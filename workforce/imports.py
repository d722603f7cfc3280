"""The workbook kinds of this room: the roster of staff and the ledger of trainings. What their rows mean is in `ledgers/`."""

from django.utils.translation import gettext_lazy as _

from exchange.kinds import Kind
from stations.imports import KINDS as STATION_KINDS
from workforce.ledgers import courses, courses_writing, staff, staff_writing, undoing, words

(ROSTER,) = STATION_KINDS  # who may import where is the same for all that hangs on stations
RIGHTS = {name: getattr(ROSTER, name) for name in ("place", "places", "may", "kept_codes")}

KINDS = [
    Kind(
        code="staff", title=_("人员花名册"), columns=words.STAFF, identifying=words.STAFF_IDENTIFYING,
        planner=staff.plan, writer=staff_writing.write, undoer=undoing.undo_people,
        changed_since=undoing.people_changed_since, refusal=undoing.refusal,
        record_urls=lambda keys: {pk: f"/workers/w{pk}/" for pk in keys}, show=words.shown,
        shown=("station", "duty", "qualification", "certificate_no", "registered_until", "ends_on"), label_field="name", **RIGHTS,
    ),
    Kind(
        code="training", title=_("培训台账"), columns=words.TRAINING, identifying=words.TRAINING_IDENTIFYING,
        planner=courses.plan, writer=courses_writing.write, undoer=undoing.undo_trainings,
        changed_since=undoing.trainings_changed_since, refusal=undoing.refusal,
        record_urls=lambda keys: {pk: f"/trainings/t{pk}/" for pk in keys}, show=words.shown,
        shown=("starts_on", "minutes", "declared_head_count", "attended", "credited", "certificate_no"), label_field="title", **RIGHTS,
    ),
]  # fmt: skip
