"""Who went and how long: batches with their members, and the days worked, of the team and of each person."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from partnerships.codes import CONFIRMED, WHOLE_DAY
from partnerships.models.pairings import Entry, EntryQuerySet


class BatchQuerySet(EntryQuerySet):
    def with_counts(self):
        """Adds `trips` (members), `team_days` and `person_days` (workdays of the team, of its members)."""

        def number(model, path):
            found = model.objects.filter(**{path: OuterRef("pk")}).order_by().values(path)
            return Coalesce(Subquery(found.annotate(n=models.Count("pk")).values("n")), 0)

        return self.annotate(
            trips=number(Member, "batch"), team_days=number(ServiceDay, "batch"), person_days=number(MemberDay, "day__batch")
        )  # fmt: skip


class Batch(Entry):
    """One departure of one team of a pairing, from `departs_on` to `returns_on`, both worked or travelled. Online work is no batch."""

    pairing = models.ForeignKey("partnerships.Pairing", models.PROTECT, related_name="batches", verbose_name=_("结对"))
    number = models.PositiveSmallIntegerField(_("第几批"))
    departs_on = models.DateField(_("出发"))
    returns_on = models.DateField(_("返回"))
    place = models.CharField(_("服务地点"), max_length=80, blank=True)
    task = models.CharField(_("任务"), max_length=200, blank=True)

    letter = "b"
    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("派驻批次")
        ordering = ["-departs_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["pairing", "number"], name="batch_number_once_a_pairing"),
            models.CheckConstraint(name="batch_returns_after_it_departs", condition=Q(returns_on__gte=F("departs_on"))),
            *Entry.rules("batch"),
        ]
        indexes = [models.Index(fields=["departs_on"], name="batch_by_day")]

    def __str__(self):
        return str(_("第 %(n)s 批")) % {"n": self.number}

    @property
    def programme(self):
        return self.pairing.programme


class MemberQuerySet(EntryQuerySet):
    path = "batch__pairing__"

    def confirmed(self):
        return self.filter(batch__state=CONFIRMED)


class Member(models.Model):
    """A person in a batch, during his stay `[from, until)`. Nobody is in two batches on one day."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="members", verbose_name=_("批次"))
    pairing = models.ForeignKey("partnerships.Pairing", models.PROTECT, related_name="+", editable=False)
    envoy = models.ForeignKey("partnerships.Envoy", models.PROTECT, related_name="stays", verbose_name=_("人员"))
    span = DateRangeField(_("停留"))

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("批次成员")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "envoy"], name="member_of_a_batch_once"),
            ExclusionConstraint(
                name="one_batch_a_person_a_day",
                expressions=[("envoy", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="member_span_not_empty", condition=Q(span__isempty=False)),
        ]

    def __str__(self):
        return str(self.envoy)


class ServiceDayQuerySet(EntryQuerySet):
    def confirmed(self):
        return self.filter(Q(batch__state=CONFIRMED) | Q(session__state=CONFIRMED))


class ServiceDay(models.Model):
    """A day on which the team of a pairing worked: on site with a batch, or online by a session, then as the session's share of a workday.

    Counted by the team, not by its members. What one did online while the team was on site is in that day already.
    """

    pairing = models.ForeignKey(
        "partnerships.Pairing", models.PROTECT, related_name="service_days", verbose_name=_("结对")
    )
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, blank=True, related_name="days", verbose_name=_("批次"))
    session = models.OneToOneField(
        "partnerships.Session", models.CASCADE, null=True, blank=True, related_name="day", verbose_name=_("支持")
    )
    on = models.DateField(_("日期"))
    minutes = models.PositiveSmallIntegerField(_("分钟"), default=WHOLE_DAY)

    objects = ServiceDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("服务日")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "on"], name="service_day_of_a_batch_once"),
            models.UniqueConstraint(fields=["id", "on", "pairing"], name="service_day_as_members_read_it"),
            models.CheckConstraint(
                name="service_day_of_a_batch_or_a_session",
                condition=Q(batch__isnull=False, session=None) | Q(batch=None, session__isnull=False),
            ),
            models.CheckConstraint(
                name="service_day_is_a_day_at_most", condition=Q(minutes__gte=1, minutes__lte=WHOLE_DAY)
            ),
            models.CheckConstraint(name="service_day_on_site_is_whole", condition=Q(batch=None) | Q(minutes=WHOLE_DAY)),
        ]
        indexes = [models.Index(fields=["pairing", "on"], name="service_day_of_pairing")]

    def __str__(self):
        return str(self.on)


class MemberDayQuerySet(EntryQuerySet):
    def confirmed(self):
        return self.filter(Q(day__batch__state=CONFIRMED) | Q(day__session__state=CONFIRMED))


class MemberDay(models.Model):
    """What one person worked of a team's day. On site once a day, wherever that is.

    `on` and `pairing` are the day's: a foreign key over the three columns keeps them so (migration 0002).
    """

    day = models.ForeignKey(ServiceDay, models.CASCADE, related_name="members", verbose_name=_("服务日"))
    pairing = models.ForeignKey("partnerships.Pairing", models.PROTECT, related_name="+", editable=False)
    envoy = models.ForeignKey("partnerships.Envoy", models.PROTECT, related_name="days", verbose_name=_("人员"))
    on = models.DateField(_("日期"), editable=False)
    onsite = models.BooleanField(_("现场"))
    minutes = models.PositiveSmallIntegerField(_("分钟"), default=WHOLE_DAY)

    objects = MemberDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("个人服务日")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "envoy"], name="member_of_a_day_once"),
            models.UniqueConstraint(fields=["envoy", "on"], condition=Q(onsite=True), name="on_site_once_a_day"),
            models.CheckConstraint(
                name="member_day_is_a_day_at_most", condition=Q(minutes__gte=1, minutes__lte=WHOLE_DAY)
            ),
        ]
        indexes = [models.Index(fields=["pairing", "on"], name="member_day_of_pairing")]

    def __str__(self):
        return f"{self.envoy} {self.on}"
