"""The room's nouns, one module each."""

from partnerships.models.batches import Batch, Member, MemberDay, ServiceDay
from partnerships.models.outcomes import Activity, Outcome, Trainee
from partnerships.models.pairings import Pairing
from partnerships.models.programmes import Declared, Document, Party, Programme, Target
from partnerships.models.sessions import Session, SessionGroup, Tutor
from partnerships.models.team import Envoy

__all__ = [
    "Activity", "Batch", "Declared", "Document", "Envoy", "Member", "MemberDay", "Outcome", "Pairing", "Party", "Programme",
    "ServiceDay", "Session", "SessionGroup", "Target", "Trainee", "Tutor",
]  # fmt: skip
