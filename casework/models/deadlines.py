"""Deadlines as rows, and what is due in each case because of them. Counting is `periods`' affair, what starts and ends one `casework/due.py`'s."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from casework import codes
from casework.models.cases import Case

UNITS = {"hours": _("小时"), "days": _("天"), "workdays": _("工作日")}
SEVERITIES = {"normal": _("一般"), "high": _("紧急")}


class DeadlineRule(models.Model):
    """From one event to another within an amount of units, for all stations or those in a place, during a span. The nearest place wins."""

    code = models.CharField(_("代码"), max_length=24)
    name = models.CharField(_("名称"), max_length=60)
    from_event = models.CharField(_("自"), max_length=24)
    to_event = models.CharField(_("至"), max_length=24)
    amount = models.PositiveSmallIntegerField(_("数量"))
    unit = models.CharField(_("单位"), max_length=8, choices=UNITS)
    severity = models.CharField(_("轻重"), max_length=8, choices=SEVERITIES, default="normal")
    waiting_for = models.CharField(_("等谁"), max_length=12, choices=codes.WAITING, default="worker")
    division = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("适用区划"),
        help_text=_("空着就是全部站点"),
    )  # fmt: skip
    span = DateRangeField(_("有效期"))

    class Meta:
        verbose_name = verbose_name_plural = _("时限")
        ordering = ["code", "-span"]
        constraints = [
            models.CheckConstraint(name="deadline_span_not_empty", condition=Q(span__isempty=False)),
            models.CheckConstraint(name="deadline_begins_some_day", condition=Q(span__startswith__isnull=False)),
        ]

    def __str__(self):
        return self.name


class DueItemQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What is due in the cases that `user` has in full."""
        from casework import access

        return access.due_of(user, self)

    def overdue_on(self, day):
        """Past on `day`, and not done by then (contract §6)."""
        return self.filter(Q(done_on=None) | Q(done_on__gt=day), due_on__lt=day)

    def open(self):
        return self.filter(done_on=None)


class DueItem(models.Model):
    """Something that is, or was, due in a case: worked out from its records whenever one is written, kept so that past days can be counted."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="due_items", verbose_name=_("个案"))
    code = models.CharField(_("代码"), max_length=24)
    source = models.CharField(_("起于"), max_length=40)
    since = models.DateField(_("自"))
    due_on = models.DateField(_("到期"))
    due_at = models.DateTimeField(_("到期时刻"), null=True)
    done_on = models.DateField(_("完成"), null=True)
    severity = models.CharField(_("轻重"), max_length=8, choices=SEVERITIES, default="normal")
    waiting_for = models.CharField(_("等谁"), max_length=12, choices=codes.WAITING, default="worker")
    record = models.CharField(_("关于"), max_length=40, blank=True)

    objects = DueItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("到期事项")
        ordering = ["due_on", "code", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "code", "source"], name="due_once")]
        indexes = [
            models.Index(fields=["due_on", "case"], name="due_open", condition=Q(done_on__isnull=True)),
            models.Index(fields=["case", "due_on"], name="due_of_case", condition=Q(done_on__isnull=True)),
        ]

    def __str__(self):
        return f"{self.code} {self.due_on}"
