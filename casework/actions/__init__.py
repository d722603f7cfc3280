"""What is done to clients and cases. Every action holds its row, asks the right, then the rule, then writes under one event."""

from casework.actions.approvals import approve, withdraw_goal
from casework.actions.cases import change_case, open_case, reopen_case, reveal_client
from casework.actions.clients import change_client, create_client
from casework.actions.deadlines import settle_all
from casework.actions.deeds import record_consent, record_crisis, resume_case, suspend_case
from casework.actions.papers import correct_record, fill_record, write_record
from casework.actions.stages import advance_case
from casework.actions.transfers import transfer_case

__all__ = [
    "advance_case", "approve", "change_case", "change_client", "correct_record", "create_client", "fill_record", "open_case",
    "record_consent", "record_crisis", "reopen_case", "resume_case", "reveal_client", "settle_all", "suspend_case", "transfer_case",
    "withdraw_goal", "write_record",
]  # fmt: skip
