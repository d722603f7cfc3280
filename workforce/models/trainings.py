"""What was taught: trainings with their minutes. Who came stands in attendances.py."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, CharField, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from periods import today

PLANNED, HELD, CONFIRMED, CANCELLED = "planned", "held", "confirmed", "cancelled"
STATES = [(PLANNED, _("计划")), (HELD, _("已办")), (CONFIRMED, _("已核实")), (CANCELLED, _("取消"))]
COUNTED = (HELD, CONFIRMED)
MODES = [("onsite", _("线下")), ("online", _("线上")), ("mixed", _("线上线下"))]
MOST_MINUTES = 100_000


class TrainingQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Trainings of the stations in the places where `user` works with staff."""
        from workforce import access

        return self.filter(access.trainings_of(user))

    def with_state(self):
        """Adds `state_now`: what somebody decided, else planned until `ends_on` is past and held from then on."""
        decided = When(~Q(decided=""), then=F("decided"))
        past = When(ends_on__lt=today(), then=Value(HELD))
        return self.annotate(state_now=Case(decided, past, default=Value(PLANNED), output_field=CharField()))

    def counted(self):
        """Those that count in figures: held or confirmed."""
        return self.filter(counted("ends_on"))

    def with_person_times(self):
        """Adds `person_times`: how many came."""
        from workforce.models.attendances import Attendance

        came = Attendance.objects.filter(training=OuterRef("pk"), attended=True).order_by().values("training")
        return self.annotate(person_times=Coalesce(Subquery(came.annotate(n=Count("pk")).values("n")), 0))


def counted(day, prefix=""):
    """The condition that a training counts; `day` names the column of its last day, `prefix` reaches the row that has it."""
    return Q(**{f"{prefix}decided__in": COUNTED}) | Q(**{f"{prefix}decided": "", f"{prefix}{day}__lt": today()})


class Training(models.Model):
    """One course that a station held or will hold. `minutes` is the truth, hours are shown from it. Known outside as `t` and its number."""

    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="trainings", verbose_name=_("站点"))
    title = models.CharField(_("培训名称"), max_length=120)
    mode = models.CharField(_("方式"), max_length=8, choices=MODES, default="onsite")
    category = models.CharField(_("类别"), max_length=40, blank=True)
    organiser = models.CharField(_("主办"), max_length=120, blank=True)
    lecturer = models.CharField(_("讲师"), max_length=80, blank=True)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    minutes = models.PositiveIntegerField(_("时长（分钟）"))
    ce_eligible = models.BooleanField(_("计入继续教育"), default=False)
    declared_head_count = models.PositiveIntegerField(_("申报人数"), null=True, blank=True)
    decided = models.CharField(
        _("状态"), max_length=10, choices=STATES, blank=True, help_text=_("留空就按日期：过了结束日是已办")
    )
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("培训")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="training_ends_after_it_starts", condition=Q(ends_on__gte=F("starts_on"))),
            models.UniqueConstraint(
                fields=["id", "ends_on", "decided", "minutes"], name="training_as_attendances_read_it"
            ),
            models.CheckConstraint(name="training_takes_time", condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES)),
            models.CheckConstraint(name="training_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="training_state_is_known", condition=Q(decided__in=["", *(state for state, _label in STATES)])
            ),
        ]
        indexes = [
            models.Index(fields=["station", "ends_on"], name="training_of_station"),
            models.Index(fields=["starts_on", "id"], name="training_by_day"),
            models.Index(fields=["ends_on"], name="training_ended"),
            models.Index(fields=["updated_at"], name="training_updated"),
            GinIndex(OpClass("title", "gin_trgm_ops"), name="training_title_trgm"),
        ]

    def __str__(self):
        return self.title

    @property
    def public_id(self):
        return f"t{self.pk}"

    @property
    def state(self):
        """What somebody decided, else planned until the last day is past."""
        return self.decided or (HELD if self.ends_on < today() else PLANNED)

    @property
    def counts(self):
        return self.state in COUNTED
