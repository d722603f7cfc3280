"""Continuing education: how many minutes a registration asks for and how many its holder has (dossier §3.7, §7.3)."""

from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from workforce.models import Attendance, Registration
from workforce.models.certificates import DEGREE_MINUTES


def with_minutes(registrations, day):
    """Add `required` and `done`, both in minutes: what was attended inside the cycle up to `day`, and a degree once.

    Only trainings that count as continuing education; nothing from before the registration began or after it ended.
    """
    came = Attendance.objects.counted().filter(
        worker=OuterRef("worker"), training__ce_eligible=True, on__gte=OuterRef("span__startswith"), on__lt=OuterRef("span__endswith"),
        on__lte=day,
    )  # fmt: skip
    total = came.order_by().values("worker").annotate(total=Sum("minutes")).values("total")
    degree = Case(
        When(
            worker__degree_on__gte=F("span__startswith"), worker__degree_on__lt=F("span__endswith"), worker__degree_on__lte=day,
            then=Value(DEGREE_MINUTES),
        ),
        default=Value(0), output_field=IntegerField(),
    )  # fmt: skip
    return registrations.with_required().annotate(done=Coalesce(Subquery(total), 0) + degree)


def met_on(day):
    """Registrations valid on `day` whose hours are complete by then."""
    return with_minutes(Registration.objects.on(day), day).filter(done__gte=F("required"))
