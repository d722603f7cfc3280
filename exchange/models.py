"""One import as a row, what it does to each row of its file, and how an office once explained its headers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.protection import ProtectedJSONField
from accounts.querysets import ScopedQuerySet
from jobs.models import Job, StoredFile


class ImportQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own imports, and those of the places one keeps (`exchange/access.py`)."""
        from exchange import access

        return self.filter(access.imports_of(user))


class Import(models.Model):
    """A file on its way in. `place` is the code of `within`; `event_id` the change that wrote it, `undo_event_id` the one that took it back."""

    QUEUED, RUNNING, PREVIEWED, COMMITTED = "queued", "running", "previewed", "committed"
    WRONG, UNUSABLE, FAILED, UNDONE = "wrong", "unusable", "failed", "undone"
    STATES = [
        (QUEUED, _("排队中")), (RUNNING, _("正在处理")), (PREVIEWED, _("等您核对")), (COMMITTED, _("已写入")), (WRONG, _("有格子要改")),
        (UNUSABLE, _("读不了")), (FAILED, _("没有做成")), (UNDONE, _("已撤销")),
    ]  # fmt: skip
    PREVIEW, COMMIT = "preview", "commit"
    MODES = [(PREVIEW, _("先核对")), (COMMIT, _("直接写入"))]

    kind = models.CharField(_("种类"), max_length=20)
    mode = models.CharField(_("方式"), max_length=8, choices=MODES, default=PREVIEW)
    within = models.CharField(_("范围"), max_length=24, blank=True)
    place_name = models.CharField(_("范围名称"), max_length=120, blank=True)
    sheet = models.CharField(_("工作表"), max_length=100, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("谁")
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("文件"))
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=QUEUED)
    message = models.TextField(_("说明"), blank=True)
    rows = models.PositiveIntegerField(_("行数"), default=0)
    created = models.PositiveIntegerField(_("新增"), default=0)
    updated = models.PositiveIntegerField(_("修改"), default=0)
    unchanged = models.PositiveIntegerField(_("没变"), default=0)
    cells_changed = models.PositiveIntegerField(_("改的格数"), default=0)
    left_out = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(null=True)
    error_count = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    headers = models.JSONField(default=list)
    checked = models.JSONField(default=list)
    office = models.CharField(_("填报单位"), max_length=120, blank=True)
    mapping = models.JSONField(default=dict)
    mended = ProtectedJSONField(null=True)  # {"sheet": {"row:column": text}} that people wrote beside wrong cells
    skipped = models.JSONField(default=dict)  # {"sheet": [row]} that people took out
    digest = models.CharField(max_length=64, blank=True)
    earlier = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", verbose_name=_("同一份文件上次的导入")
    )
    event_id = models.BigIntegerField(null=True)
    undo_event_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("导入")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="import_of_user")]

    def __str__(self):
        return self.file.name

    @property
    def shown_state(self):
        """The state; `failed` where its job gave up before it could say so."""
        unfinished = self.state in (self.QUEUED, self.RUNNING)
        return self.FAILED if unfinished and self.job and self.job.state == Job.FAILED else self.state

    @property
    def ended(self):
        return self.shown_state not in (self.QUEUED, self.RUNNING)


class ImportRow(models.Model):
    """What one row of the file does: which record, and the cells that change, flat as in a plan: field, before, after, …"""

    run = models.ForeignKey(Import, models.CASCADE, related_name="import_rows")
    number = models.PositiveIntegerField()
    sheet = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=10)
    key = models.BigIntegerField(null=True)
    label = models.CharField(max_length=200)
    changes = models.JSONField(default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("导入的行")
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="import_row_outcome")]

    def __str__(self):
        return f"{self.sheet} {self.number}".strip()

    def triples(self):
        """[(field, before, after)] of each cell that changes."""
        flat = iter(self.changes)
        return list(zip(flat, flat, flat, strict=True))


class HeaderMappingQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What one said oneself."""
        return self.filter(user_id=user.pk) if user.pk else self.none()


class HeaderMapping(models.Model):
    """How an office's headers were once explained by people of a place: {key of the header's path: field or ""}."""

    kind = models.CharField(max_length=20)
    place = models.CharField(max_length=24, blank=True)
    office = models.CharField(max_length=120)
    mapping = models.JSONField(default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = HeaderMappingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("记住的表头")
        constraints = [models.UniqueConstraint(fields=["kind", "place", "office"], name="mapping_once_an_office")]

    def __str__(self):
        return f"{self.office} · {self.kind}"
