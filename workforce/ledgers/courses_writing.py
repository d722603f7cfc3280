"""Writing a training ledger's plan: trainings, then attendances, then where these count. Each kind of row by one statement."""

from django.utils import timezone

from exchange.plans import CREATED, UPDATED
from workforce.actions.attendances import settle
from workforce.actions.constraints import in_words
from workforce.models import Attendance, Training

CHANGED = (
    "category", "organiser", "mode", "place", "lecturer", "ce_eligible", "declared_head_count", "minutes", "starts_on", "updated_at",
)  # fmt: skip


def write(plan, context):
    """Write every entry. An event is open. Returns how many rows were written."""
    entries = [entry for entry in plan.entries if entry.outcome in (CREATED, UPDATED)]
    with in_words():
        trainings = _courses(entries)
        _attendances(entries)
        settle(trainings=trainings)
    return len(entries)


def _courses(entries):
    """Write the trainings of the entries; returns their ids. Whoever came for all of a course comes for all of it still."""
    courses = {id(entry.target.course): entry.target.course for entry in entries}.values()
    fresh, again, resized = [], [], []
    for course in courses:
        known = {
            "station": course.station,
            "title": course.title,
            "ends_on": course.ends_on,
            "starts_on": course.starts_on,
        }
        training = course.training or Training(**known)
        (again if training.pk else fresh).append(training)
        if training.pk and "minutes" in course.values:
            resized.append((training.pk, training.minutes, course.values["minutes"]))
        for name, value in course.values.items():
            setattr(training, name, value)
        training.updated_at = timezone.now()
        course.training = training
    _follow([x for x in resized if x[2] < x[1]])
    Training.objects.bulk_create(fresh, batch_size=500)
    if again:
        Training.objects.bulk_update(again, CHANGED, batch_size=500)
    _follow([x for x in resized if x[2] > x[1]])
    for entry in entries:
        entry.key = entry.target.course.training.pk
    return [course.training.pk for course in courses]


def _follow(changed):
    """Attendances of the whole length follow a course whose length changes; shorter ones must fit it already."""
    for pk, before, after in changed:
        came = Attendance.objects.filter(training=pk, attended=True, minutes=before)
        came.update(minutes=after, updated_at=timezone.now())


def _attendances(entries):
    fresh, again = [], []
    for entry in entries:
        one = entry.target.attendance
        if one is not None:
            one.of(entry.target.course.training).updated_at = timezone.now()
            (fresh if entry.target.is_new else again).append(one)
    Attendance.objects.bulk_create(fresh, batch_size=1000)
    if again:
        Attendance.objects.bulk_update(again, ["attended", "minutes", "certificate_no", "updated_at"], batch_size=1000)
