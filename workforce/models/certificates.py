"""What a worker has passed, for which span he is registered, and how many hours of training a registration asks for."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet

NONE, ASSISTANT, SOCIAL_WORKER, SENIOR = 0, 1, 2, 3
GRADES = [(ASSISTANT, _("助理社会工作师")), (SOCIAL_WORKER, _("社会工作师")), (SENIOR, _("高级社会工作师"))]
GRADE_WORDS = [(NONE, "none"), (ASSISTANT, "assistant"), (SOCIAL_WORKER, "social_worker"), (SENIOR, "senior")]
GRADE_OF = {word: number for number, word in GRADE_WORDS}
LONGEST = dt.timedelta(days=1096)  # a registration lasts three years, a leap day among them
DEGREE_MINUTES = 90 * 60  # a social-work degree counts once, when it is obtained (dossier §3.7)


class _OfWorker(ScopedQuerySet):
    def visible_to(self, user):
        from workforce import access

        return self.filter(access.of_workers(user))


class Certificate(models.Model):
    """A grade that a worker holds; the highest counts. A qualification does not expire, its registration does."""

    worker = models.ForeignKey("workforce.Worker", models.CASCADE, related_name="certificates", verbose_name=_("人员"))
    grade = models.PositiveSmallIntegerField(_("级别"), choices=GRADES)
    number = models.CharField(_("证书管理号"), max_length=40, blank=True)
    issued_on = models.DateField(_("取证日期"), null=True, blank=True)

    objects = _OfWorker.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("职业资格证书")
        ordering = ["-grade"]
        constraints = [
            models.UniqueConstraint(fields=["worker", "grade"], name="certificate_of_a_grade_once"),
            models.CheckConstraint(name="certificate_of_a_known_grade", condition=Q(grade__in=[1, 2, 3])),
        ]

    def __str__(self):
        return str(self.get_grade_display())


class RegistrationQuerySet(_OfWorker):
    def on(self, day):
        """Those valid on `day`."""
        return self.filter(span__contains=day)

    def with_required(self):
        """Adds `required`: the minutes of training that the registration's grade asked for when it began, or null."""
        rule = HourRequirement.objects.filter(grade=OuterRef("grade"), span__contains=OuterRef("span__startswith"))
        return self.annotate(required=Subquery(rule.values("minutes")[:1]))


class Registration(models.Model):
    """A registration of a worker at a grade during `[from, until)`, at most three years: one cycle of continuing education."""

    worker = models.ForeignKey("workforce.Worker", models.CASCADE, related_name="registrations", verbose_name=_("人员"))
    grade = models.PositiveSmallIntegerField(_("级别"), choices=GRADES)
    span = DateRangeField(_("有效期"))

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("登记")
        ordering = ["-span"]
        constraints = [
            ExclusionConstraint(
                name="one_registration_a_day",
                expressions=[("worker", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="registration_of_three_years_at_most",
                condition=Q(span__isempty=False, span__endswith__lte=F("span__startswith") + LONGEST),
            ),
            models.CheckConstraint(name="registration_of_a_known_grade", condition=Q(grade__in=[1, 2, 3])),
        ]

    def __str__(self):
        return f"{self.get_grade_display()} {self.span.lower}–{self.last_day}"

    @property
    def last_day(self):
        """The last day of validity."""
        return self.span.upper - dt.timedelta(days=1)


class HourRequirement(models.Model):
    """How many minutes of continuing education a registration of a grade asks for, if it begins during `span`."""

    grade = models.PositiveSmallIntegerField(_("级别"), choices=GRADES)
    minutes = models.PositiveIntegerField(_("要求（分钟）"))
    span = DateRangeField(_("登记起始日在"))
    document = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("继续教育要求")
        ordering = ["grade", "-span"]
        constraints = [
            ExclusionConstraint(
                name="one_requirement_a_day",
                expressions=[("grade", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="requirement_span_not_empty", condition=Q(span__isempty=False)),
        ]

    def __str__(self):
        return f"{self.get_grade_display()} {self.minutes // 60} {_('小时')}"
