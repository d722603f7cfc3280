"""Reading people with what hangs on them: the highest certificate, the newest registration, the jobs in reach; and rows that are gone."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, CharField, DateField, Exists, F, OuterRef, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from accounts.models import Change
from workforce.models import Assignment, Certificate, Registration
from workforce.models.workers import LastDay


def with_certificate(workers):
    """Add `grade_now` (0 for none), `certificate_number`, `certificate_on`, `registered_last` to a queryset of workers."""
    best = Certificate.objects.filter(worker=OuterRef("pk")).order_by("-grade")
    newest = Registration.objects.filter(worker=OuterRef("pk")).order_by("-span")
    return workers.annotate(
        grade_now=Coalesce(Subquery(best.values("grade")[:1]), 0),
        certificate_number=Coalesce(Subquery(best.values("number")[:1]), Value("")),
        certificate_on=Subquery(best.values("issued_on")[:1]),
        registered_last=Subquery(newest.values(last=LastDay(F("span")))[:1], output_field=DateField()),
    )


def with_jobs(workers, user):
    """Add `jobs`: a list of dictionaries as the API shows assignments, newest first, of those in `user`'s reach."""
    found = Assignment.objects.visible_to(user).filter(worker=OuterRef("pk")).order_by("-span", "pk")
    shown = JSONObject(
        id=Concat(Value("j"), Cast("pk", CharField())), station="station__code", duty="duty", full_time="full_time",
        starts_on="span__startswith", ends_on=LastDay(F("span")),
    )  # fmt: skip
    return workers.annotate(jobs=ArraySubquery(found.values(shown=shown)))


def deleted(table, since, after):
    """Deletions of a table since a moment, after a change's number, with `station`, `training`, `worker` as they stood there."""
    gone = Change.objects.filter(table=table, after__isnull=True, event__at__gte=since, pk__gt=after).order_by("pk")
    stood = {name: Cast(KT(f"before__{name}_id"), BigIntegerField()) for name in ("station", "training", "worker")}
    return gone.annotate(**stood)


def with_jobs_in(gone, stations):
    """Of deleted people those of whom a job at one of `stations` was deleted with them."""
    jobs = Change.objects.filter(table="workforce_assignment", after__isnull=True, event=OuterRef("event")).annotate(
        station=Cast(KT("before__station_id"), BigIntegerField()), worker=Cast(KT("before__worker_id"), BigIntegerField())
    )  # fmt: skip
    return gone.filter(Exists(jobs.filter(station__in=stations, worker=OuterRef("row_id"))))
