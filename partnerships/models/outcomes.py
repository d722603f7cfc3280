"""What came of it: activities of the six fields; stations, agencies and professionals with their evidence."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from partnerships.codes import AGENCY, CONFIRMED, FIELDS, OF_PERSONS, OUTCOMES, STATION, WAYS
from partnerships.models.pairings import Entry, EntryQuerySet


class ActivityQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Those of pairings in reach, and those of two whole provinces for whoever reads rows of the programme."""
        from partnerships import access

        return self.filter(access.activities_of(user))

    def confirmed(self):
        return self.filter(state=CONFIRMED)


class Activity(Entry):
    """Something the two provinces or one pairing did in one of the six fields of cooperation, and what came of it."""

    programme = models.ForeignKey(
        "partnerships.Programme", models.PROTECT, related_name="activities", verbose_name=_("计划")
    )
    pairing = models.ForeignKey(
        "partnerships.Pairing", models.PROTECT, null=True, blank=True, related_name="activities", verbose_name=_("结对")
    )
    field = models.CharField(_("合作方面"), max_length=10, choices=FIELDS)
    title = models.CharField(_("内容"), max_length=120)
    on = models.DateField(_("日期"))
    way = models.CharField(_("现场或线上"), max_length=8, choices=WAYS)
    place = models.CharField(_("地点"), max_length=80, blank=True)
    person_times = models.PositiveIntegerField(_("参加人次"), default=0)
    result = models.CharField(_("成果"), max_length=200, blank=True)

    letter = "k"
    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("合作活动")
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(name="activity_field_is_known", condition=Q(field__in=[f for f, _label in FIELDS])),
            models.CheckConstraint(name="activity_has_a_title", condition=~Q(title="")),
            *Entry.rules("activity"),
        ]

    def __str__(self):
        return self.title


class Trainee(models.Model):
    """A person of the receiving side who is brought up to the profession. One row a person of a programme."""

    programme = models.ForeignKey(
        "partnerships.Programme", models.PROTECT, related_name="trainees", verbose_name=_("计划")
    )
    name = models.CharField(_("姓名"), max_length=40)
    unit = models.CharField(_("单位"), max_length=80)
    worker = models.ForeignKey(
        "workforce.Worker", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )

    class _Rows(ScopedQuerySet):
        def visible_to(self, user):
            return self.filter(pk__in=Outcome.objects.visible_to(user).values("trainee"))

    objects = _Rows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("培养对象")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "name", "unit"], name="trainee_of_a_programme_once"),
            models.CheckConstraint(name="trainee_has_name_and_unit", condition=~Q(name="") & ~Q(unit="")),
        ]

    def __str__(self):
        return self.name


class OutcomeQuerySet(EntryQuerySet):
    def of_persons(self):
        """Certificates and assessed apprenticeships: attendance alone is none (dossier §7.4)."""
        return self.filter(kind__in=OF_PERSONS)


class Outcome(Entry):
    """A station built, an agency cultivated, or a person who got a certificate or passed his apprenticeship; with the paper that says so."""

    pairing = models.ForeignKey("partnerships.Pairing", models.PROTECT, related_name="outcomes", verbose_name=_("结对"))
    programme = models.ForeignKey("partnerships.Programme", models.PROTECT, related_name="+", editable=False)
    kind = models.CharField(_("成果"), max_length=16, choices=OUTCOMES)
    on = models.DateField(_("日期"))
    station = models.ForeignKey(
        "stations.Station", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("站点")
    )
    agency = models.ForeignKey(
        "stations.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("机构")
    )
    trainee = models.ForeignKey(
        Trainee, models.PROTECT, null=True, blank=True, related_name="outcomes", verbose_name=_("培养对象")
    )
    evidence = models.CharField(_("凭据"), max_length=200)

    letter = "o"
    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("结对成果")
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="outcome_is_of_its_kind",
                condition=Q(kind=STATION, station__isnull=False, agency=None, trainee=None)
                | Q(kind=AGENCY, station=None, agency__isnull=False, trainee=None)
                | Q(kind__in=OF_PERSONS, station=None, agency=None, trainee__isnull=False),
            ),
            models.CheckConstraint(name="outcome_has_evidence", condition=~Q(evidence="")),
            models.UniqueConstraint(fields=["programme", "station"], name="station_built_once"),
            models.UniqueConstraint(fields=["programme", "agency"], name="agency_cultivated_once"),
            models.UniqueConstraint(fields=["trainee", "kind"], name="outcome_of_a_person_once"),
            *Entry.rules("outcome"),
        ]
        indexes = [models.Index(fields=["on"], name="outcome_by_day")]

    def __str__(self):
        return str(self.station or self.agency or self.trainee)
