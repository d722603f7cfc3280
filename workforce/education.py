"""Continuing education: how many minutes a registration asks for and how many its holder has (dossier §3.7, §7.3)."""

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from workforce.models import Attendance, Registration
from workforce.models.certificates import DEGREE_MINUTES
from workforce.models.trainings import counted


def with_minutes(registrations, day):
    """Add `required` and `done`, both in minutes: what was attended inside the cycle up to `day`, and a degree once.

    Only trainings that count as continuing education; nothing from before the registration began or after it ended.
    """
    came = Attendance.objects.filter(_in_cycle(day, OuterRef), worker=OuterRef("worker"))
    total = came.order_by().values("worker").annotate(total=Sum("minutes")).values("total")
    return registrations.with_required().annotate(done=Coalesce(Subquery(total), 0) + _degree(day))


def met_on(day):
    """Registrations valid on `day` whose hours are complete by then: the same sums, of everybody in one pass."""
    came = Sum("worker__attendances__minutes", filter=_in_cycle(day, F, "worker__attendances__"))
    valid = Registration.objects.on(day).with_required().order_by()
    return valid.annotate(done=Coalesce(came, 0) + _degree(day)).filter(done__gte=F("required"))


def _in_cycle(day, of, prefix=""):
    """An attendance (reached by `prefix`) that counts in a registration's cycle up to `day`; `of` refers to the registration."""
    return Q(
        counted("on", prefix),
        **{
            f"{prefix}attended": True, f"{prefix}training__ce_eligible": True, f"{prefix}on__gte": of("span__startswith"),
            f"{prefix}on__lt": of("span__endswith"), f"{prefix}on__lte": day,
        },
    )  # fmt: skip


def _degree(day):
    """The minutes of a degree obtained in the cycle, by `day`."""
    inside = Q(
        worker__degree_on__gte=F("span__startswith"),
        worker__degree_on__lt=F("span__endswith"),
        worker__degree_on__lte=day,
    )
    return Case(When(inside, then=Value(DEGREE_MINUTES)), default=Value(0), output_field=IntegerField())
