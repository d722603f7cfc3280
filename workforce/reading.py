"""Reading people with what hangs on them: the highest certificate, the newest registration, the jobs that the asker may know of."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, DateField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

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
