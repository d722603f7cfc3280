"""The room's nouns, one module each."""

from workforce.models.attendances import Attendance
from workforce.models.certificates import Certificate, HourRequirement, Registration
from workforce.models.trainings import Training
from workforce.models.workers import Assignment, Worker

__all__ = ["Assignment", "Attendance", "Certificate", "HourRequirement", "Registration", "Training", "Worker"]
