"""Posts: a role of a user at a place for a span. A post is a right, not a job."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.querysets import ScopedQuerySet
from periods import today

ROLES = [
    ("official", _("民政干部")), ("manager", _("站长")), ("supervisor", _("督导")), ("worker", _("社工")),
    ("inspector", _("检查员")), ("viewer", _("只读")), ("agency", _("协作机构")),
]  # fmt: skip


class PostQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from stations import access

        return self.filter(access.posts_of(user))

    def current(self):
        return self.filter(span__contains=today())

    def with_places(self):
        return self.select_related("division", "station__division", "agency")


class Post(models.Model):
    """`user` holds `role` at exactly one of a division, a station (with its subtree) or an agency, during `span`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="posts", verbose_name=_("账号"))
    role = models.CharField(_("角色"), max_length=12, choices=ROLES)
    division = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("区划")
    )
    station = models.ForeignKey(
        "stations.Station", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("站点")
    )
    agency = models.ForeignKey(
        "stations.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("机构")
    )
    span = DateRangeField(_("期间"))

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任用")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="post_at_one_place",
                condition=Q(division__isnull=False, station=None, agency=None)
                | Q(division=None, station__isnull=False, agency=None)
                | Q(division=None, station=None, agency__isnull=False),
            ),
            models.CheckConstraint(
                name="agency_post_at_an_agency", condition=Q(role="agency", agency__isnull=False) | ~Q(role="agency")
            ),
            models.CheckConstraint(name="post_span_not_empty", condition=Q(span__isempty=False)),
        ]
        indexes = [models.Index(fields=["user"], name="post_of_user")]

    def __str__(self):
        return f"{self.get_role_display()} · {self.place_name}"

    @property
    def place(self):
        return self.division or self.station or self.agency

    @property
    def place_name(self):
        return self.place.name if self.place else ""

    @property
    def place_kind(self):
        return "division" if self.division_id else "station" if self.station_id else "agency"

    @property
    def place_code(self):
        """The code of the place: 12 digits of a division, a station's code, an agency's number."""
        return self.place.code if self.division_id or self.station_id else str(self.agency_id)
