"""The room's nouns, one module each."""

from casework.models.break_glass import BreakGlass
from casework.models.cases import Case, CaseNumber
from casework.models.clients import Client, ClientCategory, Household, HouseholdMember
from casework.models.deadlines import DeadlineRule, DueItem
from casework.models.records import Goal, Record

__all__ = [
    "BreakGlass", "Case", "CaseNumber", "Client", "ClientCategory", "DeadlineRule", "DueItem", "Goal", "Household", "HouseholdMember", "Record",
]  # fmt: skip
