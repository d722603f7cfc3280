"""What is done to people and trainings: one function a verb, each under one event."""

from workforce.actions.attendances import MOST, change_attendance, record_attendances, remove_attendance
from workforce.actions.trainings import create_training, update_training
from workforce.actions.workers import add_assignment, change_assignment, create_worker, link_account, update_worker

__all__ = [
    "MOST", "add_assignment", "change_assignment", "change_attendance", "create_training", "create_worker", "link_account",
    "record_attendances", "remove_attendance", "update_training", "update_worker",
]  # fmt: skip
