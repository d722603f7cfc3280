"""Who with whom: one agency and one county at a time. And what every entry has that the other side confirms."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.querysets import ScopedQuerySet
from partnerships.codes import CONFIRMED, ENTERED, RETURNED, SIDES, STATES


class EntryQuerySet(ScopedQuerySet):
    """Entries of pairings: seen by both sides' people and both provinces, by nobody else."""

    path = "pairing__"

    def visible_to(self, user):
        from partnerships import access

        return self.filter(access.pairings_of(user, self.path))

    def confirmed(self):
        """Those that count in figures: the other side has said that they are so."""
        return self.filter(state=CONFIRMED)


class Entry(models.Model):
    """What one side enters and the other confirms or returns. Any later change asks for a new confirmation."""

    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=ENTERED)
    side = models.CharField(_("录入方"), max_length=10, choices=SIDES)
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("录入人"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    decided_at = models.DateTimeField(_("确认时间"), null=True)
    returned_reason = models.CharField(_("退回原因"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("更新于"), auto_now=True)

    letter = ""

    class Meta:
        abstract = True

    @staticmethod
    def rules(name):
        """The constraints of an entry, under names of its own."""
        return [
            models.CheckConstraint(
                name=f"{name}_is_decided_by_another",
                condition=Q(entered_by=None) | Q(decided_by=None) | ~Q(decided_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name=f"{name}_state_is_whole",
                condition=Q(state=ENTERED, decided_at=None, decided_by=None, returned_reason="")
                | Q(state=CONFIRMED, decided_at__isnull=False, returned_reason="")
                | (Q(state=RETURNED, decided_at__isnull=False) & ~Q(returned_reason="")),
            ),
        ]

    @property
    def is_confirmed(self):
        return self.state == CONFIRMED

    @property
    def public_id(self):
        return f"{self.letter}{self.pk}"


class PairingQuerySet(EntryQuerySet):
    path = ""

    def on(self, day):
        """Those that hold on `day`."""
        return self.filter(span__contains=day)


class Pairing(Entry):
    """One agency of the sending province with one county, and the county's agency where there is one, during `[from, until)`.

    One to one: an agency, a county and a receiving agency stand in one pairing of a programme at a time.
    """

    programme = models.ForeignKey(
        "partnerships.Programme", models.PROTECT, related_name="pairings", verbose_name=_("计划")
    )
    sender = models.ForeignKey("stations.Agency", models.PROTECT, related_name="+", verbose_name=_("援派机构"))
    county = models.ForeignKey("stations.Division", models.PROTECT, related_name="+", verbose_name=_("受援县（区）"))
    receiver = models.ForeignKey(
        "stations.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("受援机构")
    )
    span = DateRangeField(_("起止"))
    agreement_no = models.CharField(_("协议编号"), max_length=60, blank=True)
    signed_on = models.DateField(_("协议签订日期"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    letter = "p"
    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("结对")
        ordering = ["-span", "pk"]
        constraints = [
            *(
                ExclusionConstraint(
                    name=f"one_pairing_of_a_{field}_a_day",
                    expressions=[
                        ("programme", RangeOperators.EQUAL), (field, RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS),
                    ],
                    condition=Q(receiver__isnull=False) if field == "receiver" else None,
                )
                for field in ("sender", "county", "receiver")
            ),
            models.CheckConstraint(name="pairing_span_not_empty", condition=Q(span__isempty=False)),
            models.CheckConstraint(
                name="pairing_of_two_agencies", condition=Q(receiver=None) | ~Q(receiver=F("sender"))
            ),
            *Entry.rules("pairing"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.sender} → {self.county.name}"
