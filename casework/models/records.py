"""The papers of a case: one table for every kind of record, and the goals of its plans. What each kind holds: `casework/records.py`."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.protection import ProtectedField, ProtectedJSONField
from accounts.querysets import ScopedQuerySet
from casework import codes
from casework.models.cases import Case


class RecordQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Records of the cases that `user` has in full."""
        from casework import access

        return access.records_of(user, self)

    def signed(self):
        return self.filter(draft=False)


class Record(models.Model):
    """One paper of a case. `plain` holds codes, dates and numbers, `narrative` every written text, encrypted.

    `on` is its main date, `code` its main word (a decision, an action, a closure's code), `about` the record that an
    approval, a correction or a crisis's follow-up speaks of. A signed record is refused by a trigger: it never changes.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="records", verbose_name=_("个案"))
    kind = models.CharField(_("种类"), max_length=16)
    public_id = models.CharField(_("编号"), max_length=16, unique=True, editable=False)
    version = models.PositiveSmallIntegerField(_("第几版"), default=1)
    draft = models.BooleanField(_("草稿"), default=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("填写人"))
    at = models.DateTimeField(_("写于"), default=timezone.now)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("签名人"))
    signed_at = models.DateTimeField(_("签于"), null=True)
    on = models.DateField(_("日期"), null=True)
    minutes = models.PositiveIntegerField(_("分钟"), null=True)
    code = models.CharField(_("代码"), max_length=16, blank=True)
    about = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    goal = models.ForeignKey("casework.Goal", models.PROTECT, null=True, related_name="+")
    plain = models.JSONField(default=dict)
    narrative = ProtectedJSONField(null=True)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("个案记录")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["about"],
                name="decided_once",
                condition=Q(kind="approvals", code__in=["approve", "return"], about__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "kind", "version"],
                name="one_record_a_version",
                condition=Q(kind__in=["intake", "assessments", "plans", "evaluations", "closure", "filing"]),
            ),
            models.CheckConstraint(
                name="signed_records_have_a_moment",
                condition=Q(draft=True, signed_at=None) | Q(draft=False, signed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["case", "kind", "id"], name="record_of_case"),
            models.Index(fields=["kind", "on"], name="record_by_day", condition=Q(draft=False)),
        ]

    def __str__(self):
        return self.record

    @property
    def record(self):
        """How the API names it: `plans/p3f9…`."""
        return f"{self.kind}/{self.public_id}"


class Goal(models.Model):
    """One goal of one version of a plan. Withdrawing it is asked for with a reason and granted by an approval."""

    plan = models.ForeignKey(Record, models.CASCADE, related_name="goals", verbose_name=_("计划"))
    public_id = models.CharField(_("编号"), max_length=16, unique=True, editable=False)
    position = models.PositiveSmallIntegerField(_("次序"))
    text = ProtectedField(_("目标"), max_length=500)
    indicator = models.CharField(_("指标"), max_length=120, blank=True)
    baseline = models.CharField(_("基线值"), max_length=60, blank=True)
    target = models.CharField(_("目标值"), max_length=60, blank=True)
    due_on = models.DateField(_("期限"), null=True, blank=True)
    withdrawal = models.CharField(
        _("撤回"), max_length=8, blank=True, choices=[("asked", _("待批准")), ("granted", _("已撤回"))]
    )
    withdrawal_reason = ProtectedField(_("撤回原因"), null=True, blank=True, max_length=500)
    withdrawal_asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("目标")
        ordering = ["plan", "position"]
        constraints = [
            models.CheckConstraint(
                name="withdrawn_with_a_reason", condition=Q(withdrawal="") | Q(withdrawal_reason__isnull=False)
            )
        ]

    def __str__(self):
        return f"goals/{self.public_id}"

    @property
    def is_complete(self):
        """Has it an indicator, a baseline, a target and a date?"""
        return bool(self.indicator and self.baseline and self.target and self.due_on)

    @property
    def is_withdrawn(self):
        return self.withdrawal == "granted"


LETTERS = {
    "intake": "i",
    "assessments": "a",
    "plans": "p",
    "contacts": "k",
    "reviews": "r",
    "evaluations": "e",
    "closure": "x",
}


def record_id(kind):
    """A fresh id of a record."""
    return codes.new_id(LETTERS.get(kind, "n"))
