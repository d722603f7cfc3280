"""The tabs of a station page that show its people and its trainings, under this room's own scope (stations/views/tabs.py finds them)."""

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from periods import Period, today
from surfaces.words import number
from workforce import access
from workforce.api.fields import hour_minutes
from workforce.models import Assignment, Attendance, Training, Worker
from workforce.models.certificates import GRADES
from workforce.reading import with_certificate
from workforce.views.people import registration_state
from workforce.views.trainings import badge_of

ROWS = 50


def people_of_station(request, station):
    """Who has a job at `station` today, with which certificate, registered until when."""
    user, day = request.user, today()
    jobs = list(
        Assignment.objects.visible_to(user).on(day).filter(station=station.pk).order_by("duty", "worker__pinyin", "pk")[:ROWS + 1]
    )  # fmt: skip
    workers = with_certificate(Worker.objects.visible_to(user).filter(pk__in=[job.worker_id for job in jobs])).in_bulk()
    rows = []
    for job in (job for job in jobs[:ROWS] if job.worker_id in workers):
        worker = workers[job.worker_id]
        kind, words = registration_state(worker.registered_last, day)
        rows.append({
            "name": worker.name, "url": reverse("worker", args=[worker.public_id]), "duty": job.get_duty_display(),
            "part_time": not job.full_time, "since": job.span.lower, "grade": dict(GRADES).get(worker.grade_now, ""),
            "until": worker.registered_last, "kind": kind, "words": words,
        })  # fmt: skip
    people = {job.worker_id for job in jobs if job.worker_id in workers}
    certified = sum(workers[pk].grade_now > 0 for pk in people)
    url = f"{reverse('workers')}?within={station.code}"
    return {
        "rows": rows, "all_url": url, "new_url": f"{reverse('worker_new')}?station={station.code}" if access.may_at(user, "create", Worker, station) else "",
        "facts": [
            {"label": _("在岗"), "value": len(people), "unit": _("人"), "url": url},
            {"label": _("专职"), "value": len({job.worker_id for job in jobs if job.full_time}), "unit": _("人"), "url": url},
            {"label": _("持证"), "value": certified, "unit": _("人"), "url": f"{url}&only=certified"},
        ],
    }  # fmt: skip


def trainings_of_station(request, station):
    """Trainings that `station` held or plans, the newest first; what they add up to this year."""
    user, year = request.user, Period.of("year", today())
    rows = Training.objects.visible_to(user).filter(station=station.pk).with_state().with_person_times()
    held = (
        Training.objects.visible_to(user)
        .filter(station=station.pk)
        .counted()
        .filter(ends_on__range=(year.first, year.last))
    )
    came = Attendance.objects.visible_to(user).counted().filter(training__in=held.values("pk"))
    sums = came.order_by().aggregate(minutes=Sum("minutes"))
    url = f"{reverse('trainings')}?within={station.code}"
    this_year = f"{url}&period={year.code}"
    return {
        "all_url": url, "new_url": f"{reverse('training_new')}?station={station.code}" if access.may_at(user, "create", Training, station) else "",
        "rows": [
            {"title": t.title, "url": reverse("training", args=[t.public_id]), "badge": badge_of(t.state_now), "on": t.starts_on,
             "hours": t.minutes / hour_minutes(), "person_times": t.person_times}
            for t in rows.order_by("-starts_on", "-pk")[:ROWS]
        ],
        "facts": [
            {"label": _("今年场次"), "value": held.count(), "unit": _("场"), "url": this_year},
            {"label": _("今年人次"), "value": came.count(), "unit": _("人次"), "url": this_year},
            {"label": _("今年学时"), "value": number(round((sums["minutes"] or 0) / 60, 1)), "unit": _("人·学时"), "url": this_year},
        ],
    }  # fmt: skip


TABS = [
    {"order": 10, "tab": "people", "label": _("人员"), "template": "workforce/_station_people.html", "context": people_of_station,
     "for": lambda user, station: access.may_at(user, "see", Assignment, station)},
    {"order": 30, "tab": "trainings", "label": _("培训"), "template": "workforce/_station_trainings.html", "context": trainings_of_station,
     "for": lambda user, station: access.may_at(user, "see", Training, station)},
]  # fmt: skip
