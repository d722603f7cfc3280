"""The official code list with its dates and lineage, and which divisions owe a station. Not what was built: see stations.py."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet

PROVINCE, CITY, DISTRICT, TOWNSHIP, VILLAGE = 1, 2, 3, 4, 5
LEVELS = [(PROVINCE, "province"), (CITY, "city"), (DISTRICT, "district"), (TOWNSHIP, "township"), (VILLAGE, "village")]
LEVEL_NAMES = {1: _("省"), 2: _("市"), 3: _("区县"), 4: _("乡镇（街道）"), 5: _("村（社区）")}
LEVEL_OF = {name: number for number, name in LEVELS}
ANCESTORS = {PROVINCE: "province_id", CITY: "city_id", DISTRICT: "district_id", TOWNSHIP: "township_id", VILLAGE: "id"}


class DivisionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Divisions inside the places of `user`'s posts, those of his stations, and what lies above them by name."""
        from stations import access

        return self.filter(access.divisions_of(user))

    def on(self, day):
        """Those that count on `day`."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=day), valid_from__lte=day)

    def within(self, division):
        """`division` and everything below it."""
        return self.filter(**{ANCESTORS[division.level]: division.pk})

    def highest(self, code):
        """The division a code names: of the levels it stands at, the highest."""
        return self.filter(code=code).order_by("level", "-valid_from").first()


class Division(models.Model):
    """One entry of the code list. A code may stand at several levels and come back later: the key is a surrogate.

    `province … township` are its ancestors, itself included at its own level, so that totals by level are plain group-bys.
    """

    code = models.CharField(_("区划代码"), max_length=12)
    name = models.CharField(_("名称"), max_length=80)
    level = models.PositiveSmallIntegerField(_("级别"), choices=[(n, LEVEL_NAMES[n]) for n, _name in LEVELS])
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    province = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    township = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(_("自"))
    valid_until = models.DateField(_("至（不含）"), null=True, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)
    tile_row = models.SmallIntegerField(_("图上第几行"), null=True, blank=True)
    tile_column = models.SmallIntegerField(_("图上第几列"), null=True, blank=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("区划")
        ordering = ["code", "level"]
        constraints = [
            models.UniqueConstraint(fields=["code", "level", "valid_from"], name="division_once"),
            models.CheckConstraint(name="division_code_is_12_digits", condition=Q(code__regex=r"^\d{12}$")),
            models.CheckConstraint(
                name="division_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("valid_from")),
            ),
        ]
        indexes = [
            *(
                models.Index(fields=[name, "level"], name=f"division_in_{name}")
                for name in ("province", "city", "district", "township")
            ),
            models.Index(fields=["parent"], name="division_children"),
            GinIndex(OpClass("name", "gin_trgm_ops"), name="division_name_trgm"),
        ]

    def __str__(self):
        return self.name

    @property
    def lock_id(self):
        """The id whose advisory lock guards the tree this division's stations stand in: the city's, else the district's or province's."""
        return self.city_id or self.district_id or self.province_id or self.pk


class CoverageUnitQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from stations import access

        return self.filter(access.inside_places(user, "division__"))

    def owing_on(self, day):
        """Units that owe a station on `day`."""
        return self.filter(span__contains=day)

    def within(self, division):
        field = ANCESTORS[division.level]
        return self.filter(**{f"division__{field}": division.pk})


class CoverageUnit(models.Model):
    """A division that owes a station during a span, with the paper this rests on."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="coverage_units", verbose_name=_("区划"))
    span = DateRangeField(_("期间"))
    document = models.CharField(_("依据"), max_length=200, blank=True)

    objects = CoverageUnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("应建站单位")
        ordering = ["division__code", "pk"]
        constraints = [
            ExclusionConstraint(
                name="coverage_unit_once_a_day",
                expressions=[("division", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="coverage_unit_span_not_empty", condition=Q(span__isempty=False)),
        ]

    def __str__(self):
        return str(self.division)


class DivisionChange(models.Model):
    """What a new list changed: rename, recode, merge, split, upgrade …, on its day, with its document."""

    KINDS = [
        ("create", _("新设")), ("rename", _("更名")), ("recode", _("改代码")), ("merge", _("合并")), ("split", _("分设")),
        ("partial_transfer", _("部分划转")), ("upgrade", _("撤乡设镇、撤镇设街")), ("abolish", _("撤销")), ("regroup", _("改属")),
    ]  # fmt: skip
    kind = models.CharField(_("类别"), max_length=16, choices=KINDS)
    division = models.ForeignKey(Division, models.PROTECT, related_name="changes", verbose_name=_("区划"))
    effective_on = models.DateField(_("生效"))
    before = models.CharField(_("原为"), max_length=80, blank=True)
    after = models.CharField(_("改为"), max_length=80, blank=True)
    document = models.CharField(_("文号"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("区划变更")
        ordering = ["-effective_on", "division__code"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.before} → {self.after}"


class DivisionLineage(models.Model):
    """Which division went into which, and with what share of it."""

    BASES = [("population", _("人口")), ("villages", _("村数")), ("manual", _("人工"))]
    change = models.ForeignKey(DivisionChange, models.CASCADE, related_name="lineage")
    old = models.ForeignKey(Division, models.PROTECT, related_name="successors")
    new = models.ForeignKey(Division, models.PROTECT, related_name="predecessors")
    share = models.DecimalField(_("份额"), max_digits=5, decimal_places=4, default=1)
    basis = models.CharField(max_length=12, choices=BASES, default="manual")

    class Meta:
        verbose_name = verbose_name_plural = _("区划沿革")
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="lineage_once"),
            models.CheckConstraint(name="lineage_share_of_one", condition=Q(share__gt=0, share__lte=1)),
        ]

    def __str__(self):
        return f"{self.old} → {self.new}"


def nearest(prefix=""):
    """The id under which a division's own tree is locked: see `Division.lock_id`, as an expression."""
    return Coalesce(f"{prefix}city_id", f"{prefix}district_id", f"{prefix}province_id", f"{prefix}id")
