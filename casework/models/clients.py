"""Clients, the groups they belong to during a span, and households. What a surface may show of them is `masking`'s affair."""

import datetime as dt
from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identity import age_on
from accounts.models import User
from accounts.protection import BlindIndexField, ProtectedField, ProtectedJSONField, blind_indexes
from accounts.querysets import ScopedQuerySet
from casework import codes
from periods import today
from stations.pinyin import key_of

# What a reveal opens (case-api §0).
PERSONAL = ("name", "id_number", "phone", "birth_date", "address", "guardian", "emergency_contact")


class ClientQuerySet(ScopedQuerySet):
    def visible_to(self, user, near=True, depth=None):
        """Clients filed where `user` works or supervises, and those of the cases he has in full; with `seen_as`.

        Not `near`: a name or number narrows them already. `depth` full: those that he has in full, alone.
        """
        from casework import access

        return access.clients_of(user, self, near=near, depth=depth)

    def numbered(self, id_number):
        """Those with this document number, found by its blind index."""
        return self.filter(id_number_index__in=blind_indexes("client.id_number", id_number))

    def called(self, text):
        """Those whose whole name, its pinyin or its initials are `text`, or whose phone or document number it is."""
        key = text.strip().lower()
        found = Q(name_index__in=blind_indexes("client.name", text.strip()))
        for field in ("name_pinyin", "name_initials"):
            found |= Q(**{f"{field}_index__in": blind_indexes(f"client.{field}", key)})
        for field in ("phone", "id_number"):
            found |= Q(**{f"{field}_index__in": blind_indexes(f"client.{field}", text.strip())})
        return self.filter(found)


class Client(models.Model):
    """A person whom a station serves. Known outside by `public_id`; everything that names him is protected."""

    public_id = models.CharField(
        _("编号"), max_length=16, unique=True, editable=False, default=partial(codes.new_id, "c")
    )
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="clients", verbose_name=_("建档站点"))
    filed_on = models.DateField(_("建档日期"), default=today)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("建档人"))
    name = ProtectedField(_("姓名"), max_length=60)
    name_index = BlindIndexField(source="name", purpose="client.name", db_index=True)
    name_pinyin = ProtectedField(null=True, editable=False)
    name_pinyin_index = BlindIndexField(source="name_pinyin", purpose="client.name_pinyin", db_index=True)
    name_initials = ProtectedField(null=True, editable=False)
    name_initials_index = BlindIndexField(source="name_initials", purpose="client.name_initials", db_index=True)
    sex = models.CharField(_("性别"), max_length=8, choices=codes.SEXES)
    birth_date = ProtectedField(_("出生日期"), null=True, blank=True, max_length=10)
    id_type = models.CharField(_("证件种类"), max_length=12, choices=codes.ID_TYPES, default="resident_id")
    id_number = ProtectedField(_("证件号"), null=True, blank=True, max_length=30)
    id_number_index = BlindIndexField(source="id_number", purpose="client.id_number", db_index=True)
    id_absent_reason = models.CharField(_("没有证件号的原因"), max_length=100, blank=True)
    phone = ProtectedField(_("电话"), null=True, blank=True, max_length=20)
    phone_index = BlindIndexField(source="phone", purpose="client.phone", db_index=True)
    ethnicity = models.CharField(_("民族"), max_length=20, blank=True)
    registered_division = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("户籍地")
    )
    residence_division = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("居住地")
    )
    residence_separation = models.PositiveSmallIntegerField(
        _("人户分离"), null=True, blank=True, choices=codes.SEPARATIONS
    )
    address = ProtectedField(_("住址"), null=True, blank=True, max_length=200)
    guardian = ProtectedJSONField(_("监护人"), null=True, blank=True)
    emergency_contact = ProtectedJSONField(_("紧急联系人"), null=True, blank=True)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = ClientQuerySet.as_manager()
    warnings: list | None = None  # what was odd when it was written, for whoever wrote it

    class Meta:
        verbose_name = verbose_name_plural = _("服务对象")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["station", "id"], name="client_at_station"),
            models.Index(fields=["filed_on", "station"], name="client_filed"),
        ]

    def __str__(self):
        return self.public_id

    def save(self, *args, **kwargs):
        self.give_keys()
        super().save(*args, **kwargs)

    def give_keys(self):
        """Set the name's search keys; before a bulk_create as well."""
        self.name_pinyin, self.name_initials = key_of(self.name.clear)  # type: ignore[attr-defined]

    @property
    def born(self):
        """The birth date as a date, or None."""
        return dt.date.fromisoformat(self.birth_date.clear) if self.birth_date else None  # type: ignore[attr-defined]

    def age_on(self, day):
        """Full years on `day`, or None."""
        return age_on(self.born, day) if self.born else None

    @property
    def is_identified(self):
        """Gate `identity`: a name, a sex, a birth date, and a document number or why there is none."""
        return bool(self.name and self.sex and self.birth_date and (self.id_number or self.id_absent_reason))


class ClientCategory(models.Model):
    """A group that a client belongs to during a span."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="category_rows")
    category = models.CharField(_("身份类别"), max_length=24, choices=codes.CATEGORIES)
    span = DateRangeField(_("期间"))

    class Meta:
        verbose_name = verbose_name_plural = _("身份类别")
        ordering = ["category", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_category_row_a_day",
                expressions=[
                    ("client", RangeOperators.EQUAL), ("category", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="category_span_not_empty", condition=Q(span__isempty=False)),
        ]  # fmt: skip

    def __str__(self):
        return self.get_category_display()


class HouseholdQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Families of which `user` has, or had, somebody in full."""
        from casework import access

        return access.households_of(user, self)


class Household(models.Model):
    """A family file: who lives together. A member is a client."""

    public_id = models.CharField(
        _("编号"), max_length=16, unique=True, editable=False, default=partial(codes.new_id, "h")
    )
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="+", verbose_name=_("建档站点"))
    note = ProtectedField(_("说明"), null=True, blank=True, max_length=500)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("家庭")
        ordering = ["pk"]

    def __str__(self):
        return self.public_id


class HouseholdMember(models.Model):
    """A client in a household during a span; in one household at a time."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships")
    relation = models.CharField(_("与户主关系"), max_length=20, blank=True)
    is_head = models.BooleanField(_("户主"), default=False)
    span = DateRangeField(_("期间"))

    class Meta:
        verbose_name = verbose_name_plural = _("家庭成员")
        ordering = ["pk"]
        constraints = [
            ExclusionConstraint(
                name="one_household_a_day",
                expressions=[("client", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="one_head_a_day",
                expressions=[("household", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
                condition=Q(is_head=True),
            ),
            models.CheckConstraint(name="membership_span_not_empty", condition=Q(span__isempty=False)),
        ]

    def __str__(self):
        return f"{self.household} · {self.client}"
