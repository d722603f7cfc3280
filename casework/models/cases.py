"""Cases: one episode of work with one client at one station. Their papers are in records.py, what may be done in stages.py."""

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.querysets import ScopedQuerySet
from casework import codes
from casework.models.clients import PERSONAL, Client


class CaseQuerySet(ScopedQuerySet):
    def visible_to(self, user, near=True):
        """Cases that `user` may know of, with `seen_as`: full, summary or narrow. Not `near`: a number narrows them already."""
        from casework import access

        return access.cases_of(user, self, near)

    def hold(self, case):
        """The case's row as it stands now, locked: every action on a case begins with this line."""
        related = "client", "worker__user", "station__division", "station__parent", "transfer_to", "previous"
        return self.select_related(*related).select_for_update(of=("self",)).get(pk=case.pk)

    def counted(self):
        """Cases that figures count: accepted, and not a file made twice or by mistake (contract §5)."""
        return self.filter(decision="accept").exclude(closure_code=codes.DUPLICATE)

    def open_on(self, day):
        """Opened by `day` and not closed by then."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), opened_on__lte=day)


class Case(models.Model):
    """One episode. `stage` and what follows from signed records are written by the room's actions alone.

    A closed case is refused by a trigger whatever the door; only `filed_on`, `filing_complete` and the clock still move.
    """

    number = models.CharField(_("个案编号"), max_length=24, unique=True, editable=False)
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="cases", verbose_name=_("站点"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="cases", verbose_name=_("服务对象"))
    worker = models.ForeignKey("workforce.Worker", models.PROTECT, related_name="cases", verbose_name=_("承办社工"))
    domain = models.CharField(_("领域"), max_length=12, choices=codes.DOMAINS, blank=True)
    confidentiality = models.CharField(_("保密级别"), max_length=12, choices=codes.CONFIDENTIALITY, default="audited")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("开案人"))
    opened_on = models.DateField(_("开案日期"))
    stage = models.CharField(_("阶段"), max_length=12, choices=codes.STAGES, default=codes.INTAKE)
    stage_since = models.DateField(_("进入本阶段"))
    decision = models.CharField(_("接案决定"), max_length=8, choices=codes.DECISIONS, blank=True)
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    risk_level = models.CharField(_("风险等级"), max_length=8, choices=codes.RISK_LEVELS, blank=True)
    crisis = models.BooleanField(_("危机"), default=False)
    suspended_on = models.DateField(_("中止自"), null=True, blank=True)
    suspended_reason = models.CharField(_("中止原因"), max_length=12, choices=codes.SUSPENSIONS, blank=True)
    suspended_review_on = models.DateField(_("中止复查日期"), null=True, blank=True)
    transfer_to = models.ForeignKey(
        "stations.Station", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("拟转往")
    )
    closed_on = models.DateField(_("结案日期"), null=True, blank=True)
    closure_code = models.CharField(_("结案原因"), max_length=2, choices=codes.CLOSURES, blank=True)
    filed_on = models.DateField(_("归档日期"), null=True, blank=True)
    filing_complete = models.BooleanField(_("归档齐全"), default=False)
    episode = models.PositiveSmallIntegerField(_("第几次"), default=1)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="next", verbose_name=_("上一次")
    )
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("个案")
        ordering = ["-opened_on", "number"]
        constraints = [
            models.CheckConstraint(
                name="closed_stage_has_a_day",
                condition=Q(stage="closed", closed_on__isnull=False) | (~Q(stage="closed") & Q(closed_on=None)),
            ),
            models.CheckConstraint(
                name="closed_after_opened", condition=Q(closed_on=None) | Q(closed_on__gte=models.F("opened_on"))
            ),
            models.CheckConstraint(
                name="filed_after_closed", condition=Q(filed_on=None) | Q(filed_on__gte=models.F("closed_on"))
            ),
            models.CheckConstraint(
                name="suspended_with_a_review",
                condition=Q(suspended_on=None, suspended_review_on=None)
                | Q(suspended_on__isnull=False, suspended_review_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["station", "stage", "-opened_on"], name="case_at_station"),
            models.Index(fields=["worker", "stage"], name="case_of_worker"),
            models.Index(fields=["opened_on", "number"], name="case_by_opening"),
            models.Index(fields=["updated_at"], name="case_updated"),
            models.Index(fields=["closed_on"], name="case_closed", condition=Q(closed_on__isnull=False)),
            models.Index(fields=["transfer_to"], name="case_offered", condition=Q(transfer_to__isnull=False)),
        ]

    def __str__(self):
        return self.number

    @property
    def is_closed(self):
        return self.stage == codes.CLOSED

    def is_of(self, user):
        """Is `user` the case's worker?"""
        return user.pk is not None and self.worker.user_id == user.pk


def _of_client(name):
    return property(
        lambda case: getattr(case.client, name), doc=f"The client's {name}: what a reveal of the case opens."
    )


for _name in PERSONAL:
    setattr(Case, _name, _of_client(_name))


class CaseNumber(models.Model):
    """How many numbers were given out under nine digits of a division and a year: none is given twice."""

    series = models.CharField(max_length=14, primary_key=True)
    given = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.series}-{self.given:04d}"


def new_number(station, day):
    """The next number `420702100-2022-0007` of a station's division and a year. Two at once wait for each other."""
    series = f"{station.division.code[:9]}-{day.year}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO casework_casenumber AS n (series, given) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET given = n.given + 1 RETURNING given",
            [series],
        )
        return f"{series}-{cursor.fetchone()[0]:04d}"
