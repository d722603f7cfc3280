"""People who work in stations, and their assignments: jobs with a span. A job gives no right; posts do (stations/models/posts.py)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.protection import BlindIndexField, ProtectedField
from accounts.querysets import ScopedQuerySet
from periods import today
from stations.pinyin import key_of

SEXES = [("female", _("女")), ("male", _("男")), ("unknown", _("未说明"))]
DUTIES = [("manager", _("站长")), ("social_worker", _("社工")), ("supervisor", _("督导")), ("clerical", _("行政"))]


class LastDay(Func):
    """The last day of a daterange `[from, until)`, or null where it has none."""

    template, output_field = "(upper(%(expressions)s) - 1)", models.DateField()


class WorkerQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """People with a job, now or earlier, in the places where `user` keeps or supervises staff; and himself."""
        from workforce import access

        return self.filter(access.workers_of(user))

    def at(self, stations, day=None):
        """Those with an assignment on `day` (today) at one of `stations`, a queryset."""
        return self.filter(pk__in=Assignment.objects.on(day or today()).filter(station__in=stations).values("worker"))


class Worker(models.Model):
    """One person, once, whatever stations he works in. Known outside as `w` and his number."""

    name = models.CharField(_("姓名"), max_length=40)
    sex = models.CharField(_("性别"), max_length=8, choices=SEXES, default="unknown")
    education = models.CharField(_("学历"), max_length=20, blank=True)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="worker", verbose_name=_("账号")
    )
    id_number = ProtectedField(_("身份证号"), null=True, blank=True, max_length=18)
    id_number_index = BlindIndexField(source="id_number", purpose="worker.id_number", unique=True)
    phone = ProtectedField(_("手机"), null=True, blank=True, max_length=20)
    phone_index = BlindIndexField(source="phone", purpose="worker.phone", db_index=True)
    degree_on = models.DateField(_("取得社会工作学历学位的日期"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        ordering = ["pinyin", "pk"]
        constraints = [models.CheckConstraint(name="worker_has_a_name", condition=~Q(name=""))]
        indexes = [
            models.Index(fields=["updated_at"], name="worker_updated"),
            models.Index(fields=["pinyin", "id"], name="worker_by_name"),
            GinIndex(OpClass("name", "gin_trgm_ops"), name="worker_name_trgm"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.pinyin, self.initials = key_of(self.name)
        super().save(*args, **kwargs)

    @property
    def public_id(self):
        """How the API and addresses name this person."""
        return f"w{self.pk}"


class AssignmentQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from workforce import access

        return self.filter(access.assignments_of(user))

    def on(self, day):
        """Those that hold on `day`."""
        return self.filter(span__contains=day)

    def unended(self):
        """Those that hold today or later."""
        return self.filter(Q(span__endswith=None) | Q(span__endswith__gt=today()))


class Assignment(models.Model):
    """A job of a worker at a station during a span `[from, until)`."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="assignments", verbose_name=_("人员"))
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="assignments", verbose_name=_("站点"))
    duty = models.CharField(_("岗位"), max_length=16, choices=DUTIES, default="social_worker")
    full_time = models.BooleanField(_("专职"), default=True)
    span = DateRangeField(_("期间"))
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("岗位安排")
        ordering = ["-span", "pk"]
        constraints = [
            models.CheckConstraint(name="assignment_span_not_empty", condition=Q(span__isempty=False)),
            models.CheckConstraint(name="assignment_begins_some_day", condition=Q(span__startswith__isnull=False)),
            ExclusionConstraint(
                name="same_assignment_once_a_day",
                expressions=[
                    ("worker", RangeOperators.EQUAL), ("station", RangeOperators.EQUAL), ("duty", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="full_time_at_one_place_a_day",
                expressions=[("worker", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
                condition=Q(full_time=True),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["station", "worker"], name="assignment_at_station")]

    def __str__(self):
        return f"{self.worker} · {self.station}"

    @property
    def public_id(self):
        return f"j{self.pk}"
