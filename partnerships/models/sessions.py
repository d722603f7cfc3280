"""Support: supervision, trainings, tutoring online, following up; for how long, by whom, for which groups."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.codes import GROUPS, KINDS, ONLINE, TRAINING, TUTORING, WAYS
from partnerships.models.pairings import Entry, EntryQuerySet

MOST_MINUTES = 1440


class SessionQuerySet(EntryQuerySet):
    def trainings(self):
        return self.filter(kind=TRAINING)


class Session(Entry):
    """One session of support. `person_times` are those who took part in it, each once; in a training they are trained person-times."""

    pairing = models.ForeignKey("partnerships.Pairing", models.PROTECT, related_name="sessions", verbose_name=_("结对"))
    batch = models.ForeignKey(
        "partnerships.Batch", models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name=_("批次")
    )
    kind = models.CharField(_("方式"), max_length=12, choices=KINDS)
    title = models.CharField(_("内容"), max_length=120)
    on = models.DateField(_("日期"))
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"))
    way = models.CharField(_("现场或线上"), max_length=8, choices=WAYS)
    place = models.CharField(_("地点"), max_length=80, blank=True)
    person_times = models.PositiveIntegerField(_("参加人次"), default=0)

    letter = "s"
    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("支持服务")
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(name="session_takes_time", condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES)),
            models.CheckConstraint(name="session_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(name="session_kind_is_known", condition=Q(kind__in=[k for k, _label in KINDS])),
            models.CheckConstraint(
                name="tutoring_is_online_and_online_is_no_batch",
                condition=Q(way=ONLINE, batch=None) | (Q(way="onsite") & ~Q(kind=TUTORING)),
            ),
            *Entry.rules("session"),
        ]
        indexes = [models.Index(fields=["on"], name="session_by_day")]

    def __str__(self):
        return self.title

    @property
    def programme(self):
        return self.pairing.programme


class _OfSession(EntryQuerySet):
    path = "session__pairing__"


class SessionGroup(models.Model):
    """How many of a beneficiary group a session was for."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="groups", verbose_name=_("支持"))
    group = models.CharField(_("受益群体"), max_length=10, choices=GROUPS)
    person_times = models.PositiveIntegerField(_("受益人次"))

    objects = _OfSession.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("受益群体")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "group"], name="group_of_a_session_once"),
            models.CheckConstraint(name="group_is_known", condition=Q(group__in=[g for g, _label in GROUPS])),
        ]

    def __str__(self):
        return str(self.get_group_display())


class Tutor(models.Model):
    """An envoy who gave a session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="tutors", verbose_name=_("支持"))
    envoy = models.ForeignKey("partnerships.Envoy", models.PROTECT, related_name="+", verbose_name=_("人员"))

    objects = _OfSession.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("授课督导人员")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["session", "envoy"], name="tutor_of_a_session_once")]

    def __str__(self):
        return str(self.envoy)
