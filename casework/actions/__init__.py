"""What is done to clients and cases. Every action holds its row, asks the right, then the rule, then writes under one event."""

from casework.actions.approvals import approve, withdraw_goal
from casework.actions.break_glass import end_break_glass, open_break_glass, see_break_glass
from casework.actions.cases import change_case, open_case, reopen_case, reveal_client
from casework.actions.clients import add_category, change_client, create_client, end_category, foresee_client
from casework.actions.deadlines import settle_all
from casework.actions.deeds import record_consent, record_crisis, resume_case, suspend_case
from casework.actions.households import found_household, move_in, move_out, restate_household
from casework.actions.papers import correct_record, fill_record, write_record
from casework.actions.stages import advance_case
from casework.actions.transfers import transfer_case

__all__ = [
    "add_category", "advance_case", "approve", "change_case", "change_client", "correct_record", "create_client", "end_break_glass",
    "end_category", "fill_record", "foresee_client", "found_household", "move_in", "move_out", "open_break_glass", "open_case",
    "record_consent", "record_crisis", "reopen_case", "restate_household", "resume_case", "reveal_client", "see_break_glass",
    "settle_all", "suspend_case", "transfer_case", "withdraw_goal", "write_record",
]  # fmt: skip
