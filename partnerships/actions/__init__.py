"""Every change of the room that is more than saving a form: one function a verb."""

from partnerships.actions.agencies import create_agency
from partnerships.actions.batches import create_batch, update_batch
from partnerships.actions.confirming import confirm, give_back
from partnerships.actions.outcomes import create_activity, create_outcome, update_activity, update_outcome
from partnerships.actions.pairings import create_pairing, update_pairing
from partnerships.actions.programmes import create_programme, update_programme
from partnerships.actions.sessions import create_session, update_session

__all__ = [
    "confirm", "create_activity", "create_agency", "create_batch", "create_outcome", "create_pairing", "create_programme",
    "create_session", "give_back", "update_activity", "update_batch", "update_outcome", "update_pairing", "update_programme",
    "update_session",
]  # fmt: skip
