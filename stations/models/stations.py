"""Stations: what was built. Their dated status and parents are the truth; status and MPTT columns are today's picture of it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey
from mptt.querysets import TreeQuerySet

from accounts.querysets import ScopedQuerySet
from stations.models.divisions import ANCESTORS

CITY, DISTRICT, TOWNSHIP, VILLAGE = 1, 2, 3, 4
TIERS = [(CITY, "city"), (DISTRICT, "district"), (TOWNSHIP, "township"), (VILLAGE, "village")]
TIER_NAMES = {1: _("市级指导中心"), 2: _("区（县）总站"), 3: _("乡镇（街道）站"), 4: _("村（社区）室")}
TIER_OF = {name: number for number, name in TIERS}
# The level of the division that a station of a tier stands at; a district's hub may stand at a city without districts.
LEVEL_OF_TIER = {CITY: 2, DISTRICT: 3, TOWNSHIP: 4, VILLAGE: 5}

PLANNED, BUILDING, OPERATING, SUSPENDED, CLOSED = "planned", "building", "operating", "suspended", "closed"
STATUSES = [
    (PLANNED, _("筹建")), (BUILDING, _("在建")), (OPERATING, _("运营")), (SUSPENDED, _("暂停")), (CLOSED, _("撤销")),
]  # fmt: skip
OPERATION_MODES = [
    ("purchased", _("政府购买服务")), ("direct", _("直接运营")), ("joint", _("联合运营")), ("other", _("其他")),
]  # fmt: skip


def subtree(station_id, prefix=""):
    """A condition: the station and all below it, as they stand when the query runs (`prefix` reaches the station).

    Numbers read earlier would be those of a tree that somebody may have moved in between: another county's, by then.
    """
    top = Station.objects.filter(pk=station_id)
    return Q(
        **{
            f"{prefix}tree_id": Subquery(top.values("tree_id")),
            f"{prefix}lft__gte": Subquery(top.values("lft")),
            f"{prefix}rght__lte": Subquery(top.values("rght")),
        }
    )


def inside(place, prefix=""):
    """A condition: what stands in a division, or a station and all below it (`prefix` reaches the station)."""
    if isinstance(place, Station):
        return subtree(place.pk, prefix)
    return Q(**{f"{prefix}division__{ANCESTORS[place.level]}": place.pk})


def above_now(station_id):
    """A condition: the stations above this one, from the top down, as they stand when the query runs."""
    one = Station.objects.filter(pk=station_id)
    return Q(
        tree_id=Subquery(one.values("tree_id")),
        lft__lt=Subquery(one.values("lft")),
        rght__gt=Subquery(one.values("rght")),
    )


class StationQuerySet(ScopedQuerySet, TreeQuerySet):
    def visible_to(self, user):
        """Stations inside the places of `user`'s current posts."""
        from stations import access

        return self.filter(access.stations_of(user))

    def within(self, place):
        """Stations of a division (all that stand in it) or of a station (itself and its subtree)."""
        return self.filter(inside(place))

    def status_on(self, day):
        """Adds `status_then`: the status on `day`, null where the station was not known yet."""
        then = StationStatus.objects.filter(station=OuterRef("pk"), span__contains=day)
        return self.annotate(status_then=Subquery(then.values("status")[:1]))

    def as_of(self, day):
        """Adds `status_then`, `parent_then` (a code) and `since_then` of `day`, without stations not known then; None is today's picture."""
        if day is None:
            return self.annotate(
                status_then=F("status"), parent_then=F("parent__code"), since_then=F("operating_since")
            )
        parents = StationParent.objects.filter(station=OuterRef("pk"), span__contains=day)
        since = StationStatus.objects.filter(station=OuterRef("pk"), span__contains=day, status=OPERATING)
        return (
            self.status_on(day)
            .exclude(status_then=None)
            .annotate(
                parent_then=Subquery(parents.values("parent__code")[:1]),
                since_then=Subquery(since.values(first=Lower("span"))[:1]),
            )
        )

    def operating_on(self, day):
        """Stations whose dated status on `day` is operating."""
        return self.filter(status_rows__status=OPERATING, status_rows__span__contains=day)

    def open(self):
        return self.exclude(status=CLOSED)


class StationManager(TreeManager.from_queryset(StationQuerySet)):  # type: ignore[misc]
    """Reads stations by the tree's order where asked; ordering is the caller's."""

    def get_queryset(self):
        return StationQuerySet(self.model, using=self._db)


class Station(MPTTModel):
    """A station of one of four tiers at a division.

    `code` is the division's code, `-` and a running number, given once. `parent`, `lft`, `rght`, `tree_id` and `status`
    are written by `tree.py` and `actions.py` alone; a trigger refuses others.
    """

    code = models.CharField(_("站点编号"), max_length=24, unique=True, editable=False)
    name = models.CharField(_("站点名称"), max_length=120)
    tier = models.PositiveSmallIntegerField(_("层级"), choices=[(n, TIER_NAMES[n]) for n, _name in TIERS])
    division = models.ForeignKey("stations.Division", models.PROTECT, related_name="stations", verbose_name=_("区划"))
    parent = TreeForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级站点")
    )
    status = models.CharField(_("状态"), max_length=10, choices=STATUSES, default=PLANNED)
    established_on = models.DateField(_("成立日期"), null=True, blank=True)
    operating_since = models.DateField(_("运营自"), null=True, blank=True, editable=False)
    operation_mode = models.CharField(_("运营方式"), max_length=10, choices=OPERATION_MODES, blank=True)
    operator = models.ForeignKey(
        "stations.Agency", models.PROTECT, null=True, blank=True, related_name="stations", verbose_name=_("承接机构")
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=6, null=True, blank=True)
    manager_name = models.CharField(_("负责人"), max_length=40, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    floor_area = models.DecimalField(_("场地面积（㎡）"), max_digits=9, decimal_places=2, null=True, blank=True)
    reported_full_time = models.PositiveIntegerField(_("专职社工数"), null=True, blank=True)
    reported_certified = models.PositiveIntegerField(_("持证社工数"), null=True, blank=True)
    site_ready = models.BooleanField(_("场所到位"), null=True, blank=True)
    staff_ready = models.BooleanField(_("人员到位"), null=True, blank=True)
    funds_ready = models.BooleanField(_("资金到位"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=500, blank=True)
    pinyin = models.CharField(max_length=240, blank=True, editable=False)
    initials = models.CharField(max_length=60, blank=True, editable=False)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = StationManager()

    class MPTTMeta:
        level_attr = "depth"

    class Meta:
        verbose_name = verbose_name_plural = _("站点")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="station_area_not_negative", condition=Q(floor_area=None) | Q(floor_area__gte=0)
            ),
            models.CheckConstraint(
                name="station_certified_among_full_time",
                condition=Q(reported_full_time=None)
                | Q(reported_certified=None)
                | Q(reported_certified__lte=models.F("reported_full_time")),
            ),
        ]
        indexes = [
            models.Index(fields=["tree_id", "lft"], name="station_in_tree"),
            models.Index(fields=["updated_at"], name="station_updated"),
            GinIndex(OpClass("name", "gin_trgm_ops"), name="station_name_trgm"),
            GinIndex(
                OpClass("pinyin", "gin_trgm_ops"), OpClass("initials", "gin_trgm_ops"), name="station_pinyin_trgm"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save the columns a form may change. Tree, status and code are other functions' affair: a stale copy never writes them back."""
        if self._state.adding:
            raise TypeError("stations are made by actions.create_station")
        asked = kwargs.pop("update_fields", None) or FORM_FIELDS
        fields = [*dict.fromkeys([*(f for f in asked if f in FORM_FIELDS), "pinyin", "initials", "updated_at"])]
        from stations.pinyin import key_of

        self.pinyin, self.initials = key_of(self.name)
        models.Model.save(self, update_fields=fields)


# What a person may change in a form; the rest changes by dated actions.
FORM_FIELDS = (
    "name", "established_on", "operation_mode", "operator", "address", "longitude", "latitude", "manager_name", "phone", "floor_area",
    "reported_full_time", "reported_certified", "site_ready", "staff_ready", "funds_ready", "note",
)  # fmt: skip


class _Dated(models.Model):
    """A fact of one station that holds during a span; spans of one station do not overlap."""

    span = DateRangeField(_("期间"))

    class Meta:
        abstract = True


class StationStatus(_Dated):
    """The status of a station during a span."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="status_rows")
    status = models.CharField(_("状态"), max_length=10, choices=STATUSES)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    merged_into = models.ForeignKey(Station, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("状态历史")
        ordering = ["-span"]
        constraints = [
            ExclusionConstraint(
                name="one_status_a_day",
                expressions=[("station", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="status_span_not_empty", condition=Q(span__isempty=False)),
        ]

    def __str__(self):
        return self.get_status_display()


class StationParent(_Dated):
    """The parent of a station during a span; no row where it stands at the top. `by_default` marks one that the divisions gave."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="parent_rows")
    parent = models.ForeignKey(Station, models.CASCADE, related_name="child_rows")
    by_default = models.BooleanField(default=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("上级历史")
        ordering = ["-span"]
        constraints = [
            ExclusionConstraint(
                name="one_parent_a_day",
                expressions=[("station", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="parent_span_not_empty", condition=Q(span__isempty=False)),
            models.CheckConstraint(name="no_station_is_its_own_parent", condition=~Q(station=models.F("parent"))),
        ]

    def __str__(self):
        return str(self.parent)


class StationNumber(models.Model):
    """How many station codes a division's code has given out: a number is never given twice."""

    code = models.CharField(max_length=12, primary_key=True)
    given = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.code}-{self.given}"
