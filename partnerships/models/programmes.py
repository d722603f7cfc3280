"""Programmes: one round each, with its provinces, papers, parties, targets, and what was declared of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from partnerships.codes import COMPARATORS, METRIC_CHOICES

ADDRESS = r"^[a-z0-9][a-z0-9-]*$"


class ProgrammeQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Programmes of the provinces, counties and agencies in the places where `user` holds a post."""
        from partnerships import access

        return self.filter(access.programmes_of(user))


class OfProgramme(ScopedQuerySet):
    def visible_to(self, user):
        from partnerships import access

        return self.filter(access.programmes_of(user, "programme__"))


class Programme(models.Model):
    """One round of a pairing programme: two provinces, a span of days, who pays.

    `rows_kept` is false where only totals were published: then nothing is computed, and what was declared stands alone.
    """

    slug = models.CharField(_("网址里的名字"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    sending = models.ForeignKey("stations.Division", models.PROTECT, related_name="+", verbose_name=_("援派省"))
    receiving = models.ForeignKey("stations.Division", models.PROTECT, related_name="+", verbose_name=_("受援省区"))
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    funder = models.CharField(_("资助方"), max_length=80, blank=True)
    rows_kept = models.BooleanField(
        _("逐批记录"), default=True, help_text=_("只公布了总数的轮次不记批次，只列公布的数")
    )
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("结对计划")
        ordering = ["-starts_on", "slug"]
        constraints = [
            models.CheckConstraint(name="programme_ends_after_it_starts", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="programme_of_two_provinces", condition=~Q(sending=F("receiving"))),
            models.CheckConstraint(name="programme_slug_is_plain", condition=Q(slug__regex=ADDRESS)),
        ]

    def __str__(self):
        return self.name


class Document(models.Model):
    """A paper that a programme rests on."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="documents", verbose_name=_("计划"))
    title = models.CharField(_("标题"), max_length=160)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    issued_on = models.DateField(_("发文日期"), null=True, blank=True)

    objects = OfProgramme.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("结对计划的文件")
        ordering = ["issued_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "title", "number"], name="document_of_a_programme_once")
        ]

    def __str__(self):
        return self.number or self.title


class Party(models.Model):
    """An agency that is sent, or a county that is helped, as the programme names them. Who is paired with whom is a Pairing."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="parties", verbose_name=_("计划"))
    agency = models.ForeignKey(
        "stations.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("机构")
    )
    county = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("县（区）")
    )
    is_key = models.BooleanField(_("国家乡村振兴重点帮扶县"), default=False)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    objects = OfProgramme.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("计划的参加方")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="party_is_an_agency_or_a_county",
                condition=Q(agency__isnull=False, county=None, is_key=False) | Q(agency=None, county__isnull=False),
            ),
            models.UniqueConstraint(fields=["programme", "agency"], name="agency_of_a_programme_once"),
            models.UniqueConstraint(fields=["programme", "county"], name="county_of_a_programme_once"),
        ]

    def __str__(self):
        return str(self.agency or self.county.name)


class Target(models.Model):
    """What a programme is to reach: a number with its comparator."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="targets", verbose_name=_("计划"))
    metric = models.CharField(_("指标"), max_length=40, choices=METRIC_CHOICES)
    op = models.CharField(_("比较"), max_length=2, choices=COMPARATORS)
    value = models.PositiveIntegerField(_("数"))
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    objects = OfProgramme.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("计划的目标")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "metric"], name="target_of_a_metric_once"),
            models.CheckConstraint(name="target_is_a_number_to_reach", condition=Q(value__gte=1)),
            models.CheckConstraint(
                name="target_comparator_is_known", condition=Q(op__in=[op for op, _sign in COMPARATORS])
            ),
        ]

    def __str__(self):
        return f"{self.metric} {self.op} {self.value}"


class DeclaredQuerySet(OfProgramme):
    def visible_to(self, user):
        """Totals of a programme for all who see it, those of one pairing for those who see that."""
        from partnerships import access

        whole = access.programmes_of(user, "programme__") & Q(pairing=None)
        return self.filter(whole | (access.pairings_of(user, "pairing__") & Q(pairing__isnull=False)))


class Declared(models.Model):
    """A number as somebody published or reported it, with its comparator and source. It stands beside what is computed, never for it."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="declared", verbose_name=_("计划"))
    pairing = models.ForeignKey(
        "partnerships.Pairing", models.CASCADE, null=True, blank=True, related_name="declared", verbose_name=_("结对")
    )
    metric = models.CharField(_("指标"), max_length=40, choices=METRIC_CHOICES)
    op = models.CharField(_("比较"), max_length=2, choices=COMPARATORS, default="=")
    value = models.PositiveIntegerField(_("数"))
    source = models.CharField(_("出处"), max_length=200)

    objects = DeclaredQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("公布的数")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "pairing", "metric"], nulls_distinct=False, name="declared_once_a_metric"
            ),
            models.CheckConstraint(name="declared_names_its_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="declared_comparator_is_known", condition=Q(op__in=[op for op, _sign in COMPARATORS])
            ),
        ]

    def __str__(self):
        return f"{self.metric} {self.op} {self.value}"
