"""Who came to a training, for how many minutes, and at which station this counts."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from workforce.models.trainings import counted


class AttendanceQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Attendances of the trainings in reach, and those that count at a station in reach."""
        from workforce import access

        return self.filter(access.attendances_of(user))

    def counted(self):
        """Those that count in figures: who came to a training that was held."""
        return self.filter(counted("on"), attended=True)


class Attendance(models.Model):
    """One person at one training, once: a worker, or a name and a unit (a village cadre, a volunteer).

    `station` is the worker's on the training's last day, for others the training's (actions.settle writes it).
    `person` says who it is in one word, so that persons can be counted: `w7`, or the name and the unit.
    `on`, `decided` and `most` are the training's last day, state and minutes: a foreign key over all four columns keeps
    them so (migration 0002), and a figure reads one table.
    """

    training = models.ForeignKey(
        "workforce.Training", models.CASCADE, related_name="attendances", db_constraint=False, verbose_name=_("培训")
    )
    on = models.DateField(editable=False)
    decided = models.CharField(max_length=10, blank=True, editable=False)
    most = models.PositiveIntegerField(editable=False)
    worker = models.ForeignKey(
        "workforce.Worker", models.PROTECT, null=True, blank=True, related_name="attendances", verbose_name=_("人员")
    )
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    unit = models.CharField(_("单位"), max_length=80, blank=True)
    person = models.CharField(max_length=130, editable=False)
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="+", verbose_name=_("计入站点"))
    attended = models.BooleanField(_("到课"), default=True)
    minutes = models.PositiveIntegerField(_("分钟"))
    certificate_no = models.CharField(_("证书编号"), max_length=40, blank=True)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("到课")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["training", "person"], name="attendance_once"),
            models.CheckConstraint(
                name="attendance_of_a_worker_or_a_name",
                condition=Q(worker__isnull=False, name="", unit="") | Q(worker=None) & ~Q(name="") & ~Q(unit=""),
            ),
            models.CheckConstraint(
                name="attendance_says_whose_it_is",
                condition=Q(worker__isnull=False, person=Concat(Value("w"), Cast("worker", models.CharField())))
                | Q(worker=None, person=Concat("name", Value("|"), "unit")),
            ),
            models.CheckConstraint(name="attendance_within_the_training", condition=Q(minutes__lte=F("most"))),
            models.CheckConstraint(
                name="absent_takes_no_minutes", condition=Q(attended=True) | Q(attended=False, minutes=0)
            ),
        ]
        indexes = [
            models.Index(fields=["worker", "training"], name="attendance_of_worker"),
            models.Index(fields=["station", "on"], name="attendance_at_station"),
            models.Index(fields=["on"], name="attendance_by_day"),
        ]

    def __str__(self):
        return self.worker.name if self.worker_id else self.name

    def of(self, training):
        """Take over what the training says of itself. Returns the attendance."""
        self.training, self.on, self.decided, self.most = training, training.ends_on, training.decided, training.minutes
        return self

    @property
    def public_id(self):
        return f"a{self.pk}"

    @staticmethod
    def person_of(worker_id, name="", unit=""):
        """The word that says whose an attendance is."""
        return f"w{worker_id}" if worker_id else f"{name}|{unit}"
