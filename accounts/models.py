"""Users, their one-time codes and API keys, and the change log's tables. What a user may see lives in the rooms."""

import secrets
from importlib import import_module

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager):
    """Makes users; reads them by name or mobile number."""

    def create_user(self, username, password=None, **fields):
        user = User(username=User.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        return self.create_user(username, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, name):
        return self.get(username=name)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, or a service that holds keys. Rights come from posts, never from here."""

    username = models.CharField(_("用户名"), max_length=64, unique=True, validators=[UnicodeUsernameValidator()])
    mobile = models.CharField(
        _("手机号"), max_length=11, unique=True, null=True, blank=True,
        validators=[RegexValidator(r"^1[3-9]\d{9}$", _("手机号应是 11 位，以 1 开头"))],
    )  # fmt: skip
    display_name = models.CharField(_("姓名"), max_length=64)
    language = models.CharField(
        _("语言"), max_length=10, default="zh-hans", choices=[("zh-hans", "中文"), ("en", "English")]
    )
    contrast = models.BooleanField(_("高对比度"), default=False)
    is_service = models.BooleanField(_("服务账号"), default=False, help_text=_("只持有接口密钥，不能登录页面"))
    is_active = models.BooleanField(_("启用"), default=True)
    is_staff = models.BooleanField(_("可进管理页"), default=False)
    created_at = models.DateTimeField(_("建立于"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = None
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                name="mobile_is_a_mobile_number",
                condition=models.Q(mobile__isnull=True) | models.Q(mobile__regex=r"^1[3-9]\d{9}$"),
            ),
        ]

    def __str__(self):
        return self.display_name or self.username

    def clean(self):
        self.username = self.normalize_username(self.username)
        self.mobile = self.mobile or None

    @property
    def posts_now(self):
        """The posts held today with their places, read once a request. `_posts_now = None` has them read again, under a lock."""
        if self._posts_now is None:
            self._posts_now = list(self.posts.current().with_places()) if self.is_active and self.pk else []
        return self._posts_now

    _posts_now = None

    def can(self, verb, obj):
        """May this user do `verb` to `obj` (a row, or a model class for making one)? Asked of the room of `obj`."""
        return import_module(f"{obj._meta.app_label}.access").can(self, verb, obj)


class OneTimeCode(models.Model):
    """A code that starts an account or resets its password: 24 hours, once. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("一次性口令")

    def __str__(self):
        return str(self.user)


class ApiKey(models.Model):
    """A key of a program: acts as its user within its scopes. Shown once; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="keys", verbose_name=_("账号"))
    name = models.CharField(_("名称"), max_length=80)
    prefix = models.CharField(_("开头"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("权限"), default=list)
    expires_at = models.DateTimeField(_("到期"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("收回于"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立于"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("接口密钥")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def new_secret():
        """A fresh secret of 256 bits, recognisable by its first letters."""
        return "sg_" + secrets.token_urlsafe(32)


class Seal(models.Model):
    """One link of the change log's chain: a hash over the previous link and the events sealed with it."""

    at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("封存")

    def __str__(self):
        return self.hash[:12]


class Event(models.Model):
    """Who did what, when, to which object and why. Never changed, never deleted."""

    at = models.DateTimeField(_("时间"), auto_now_add=True, db_index=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("谁"))
    via = models.CharField(_("经由"), max_length=16)
    verb = models.CharField(_("做了什么"), max_length=64)
    kind = models.CharField(_("对象类别"), max_length=64, blank=True)
    object_id = models.CharField(_("对象"), max_length=40, blank=True)
    label = models.CharField(_("名称"), max_length=160, blank=True)
    reason = models.TextField(_("原因"), blank=True)
    detail = models.JSONField(_("详情"), default=dict)
    transaction_id = models.BigIntegerField(editable=False)
    seal = models.ForeignKey(Seal, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("变更记录")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "object_id", "-id"], name="event_of_object"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(seal__isnull=True)),
            BrinIndex(
                fields=["transaction_id"], name="event_transaction"
            ),  # what came after a transaction: read every 20 s
        ]

    def __str__(self):
        return f"{self.verb} {self.label}".strip()


class Change(models.Model):
    """What an event changed in one row: the changed columns before and after (a whole row when made or deleted)."""

    event = models.ForeignKey(Event, models.DO_NOTHING, related_name="changes", db_constraint=False)
    table = models.CharField(max_length=64)
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("变更内容")
        indexes = [
            models.Index(fields=["table", "row_id", "event"], name="change_of_row"),
            models.Index(fields=["table", "event"], name="change_deletions", condition=models.Q(after__isnull=True)),
        ]

    def __str__(self):
        return f"{self.table} {self.row_id}"
