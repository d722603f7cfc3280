"""A job as a row, a stored file, and the heartbeat of worker and beat."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.querysets import ScopedQuerySet


class JobQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Jobs of `user`; all of them for the superuser."""
        return self if user.is_superuser else self.filter(user=user)

    def due(self):
        """Jobs that nobody works on: waiting, or whose worker let the lease run out."""
        return self.filter(Q(state=Job.QUEUED) | Q(state=Job.RUNNING, lease_until__lt=timezone.now()))


class Job(models.Model):
    """A piece of work: written in the transaction that is its reason, worked on under a lease by one worker at a time."""

    QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
    STATES = [(QUEUED, _("排队")), (RUNNING, _("进行中")), (DONE, _("完成")), (FAILED, _("没有做成"))]

    kind = models.CharField(_("类别"), max_length=40)
    input = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=8, choices=STATES, default=QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(_("说明"), blank=True)
    result = models.JSONField(null=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("谁"))
    url = models.CharField(max_length=200, blank=True, help_text=_("结果在哪一页"))
    created_at = models.DateTimeField(_("提交于"), auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    token = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("后台工作")
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], name="job_unfinished", condition=Q(state__in=["queued", "running"]))]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def ended(self):
        return self.state in (self.DONE, self.FAILED)

    @property
    def progress(self):
        """Between 0 and 1; None while it is not known."""
        return 1.0 if self.state == self.DONE else self.done / self.total if self.total else None


class StoredFile(models.Model):
    """An uploaded file under a random name outside the web root. Its own name is only for showing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("文件名"), max_length=200)
    size = models.PositiveBigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64, db_index=True)
    content_type = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文件")

    def __str__(self):
        return self.name

    @property
    def path(self):
        return Path(settings.FILES_DIR) / self.id.hex[:2] / self.id.hex


class Heartbeat(models.Model):
    """When a background process last gave a sign: `beat` sent, `worker` answered."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name
