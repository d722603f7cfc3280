"""Rolled-up figures: one cell a place, indicator and period; which periods are rolled up; how far the change log is read.

All three are derived: no change log, no foreign keys in the database (a roll-up writes millions of rows).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet
from periods import Period
from periods.period import KINDS
from stations.models.divisions import LEVEL_OF
from stations.models.stations import TIER_OF


class RollupRunQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Which periods are rolled up is no secret."""
        return self

    def of(self, period):
        return self.filter(code=period.code)

    def counting(self, day):
        """Periods whose figures a fact of `day` can move."""
        return self.filter(as_of__gte=day)

    def unfinished(self, day):
        """Periods that had not been counted to their end, or to `day`."""
        return self.filter(as_of__lt=models.functions.Least("last", models.Value(day)))


class RollupRun(models.Model):
    """A period that is rolled up: inside it an absent cell is 0, or null for a ratio.

    `as_of` is the last day counted, `versions` the definitions {indicator: version} it was counted by. `difference` is how many cells the nightly whole run found other than the
    increments had left them: anything but 0 is an alarm.
    """

    code = models.CharField(_("期间"), max_length=7, unique=True)
    kind = models.CharField(max_length=7, choices=[(k, k) for k in KINDS])
    first = models.DateField()
    last = models.DateField()
    as_of = models.DateField(_("截至"))
    rolled_at = models.DateTimeField(_("整体算过"))
    refreshed_at = models.DateTimeField(_("最近核过"))
    checked_at = models.DateTimeField(_("夜里核对"), null=True)
    difference = models.PositiveIntegerField(_("核对出的差别"), default=0)
    versions = models.JSONField(default=dict)

    objects = RollupRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("汇总过的期间")
        ordering = ["-last", "kind"]

    def __str__(self):
        return self.code

    @property
    def period(self):
        return Period(self.kind, self.first)


class CellQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Cells of the places where `user` reads figures."""
        from metrics import access

        return self.filter(access.cells_of(user))

    def within(self, place):
        """Cells of `place` and of everything below it: divisions and stations of a division, the subtree of a station."""
        from metrics import access

        return self.filter(access.below(place))

    def of_tier(self, word):
        """Cells of divisions of a level, and of stations of the tier of that name."""
        level, tier = LEVEL_OF[word], TIER_OF.get(word)
        return self.filter(models.Q(station=None, division__level=level) | models.Q(station__tier=tier or 0))

    def at(self, place):
        """The cells of exactly `place`."""
        if place._meta.model_name == "station":
            return self.filter(station_id=place.pk)
        return self.filter(division_id=place.pk, station=None)


class Cell(models.Model):
    """The figure of one indicator at one place in one period, with everything below it.

    A division's cell has no `station`; a station's has its `division` too. `own_…` is what hangs on the place itself.
    Whole numbers in the indicator's stored unit; `denominator` is null unless the indicator is a ratio.
    """

    run = models.ForeignKey(RollupRun, models.CASCADE, db_constraint=False, db_index=False, related_name="cells")
    indicator = models.CharField(max_length=40)
    division = models.ForeignKey(
        "stations.Division", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    station = models.ForeignKey(
        "stations.Station", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    own_numerator = models.BigIntegerField(default=0)
    own_denominator = models.BigIntegerField(null=True)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    computed_at = models.DateTimeField()

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("汇总格")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "indicator", "division", "station"], nulls_distinct=False, name="cell_once"
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.run_id} {self.division_id}/{self.station_id or ''}"


class LogMark(models.Model):
    """How far the change log is worked into the figures: every event of a transaction below `settled`. One row.

    `regrouped_at`: when divisions last moved to other ones; a run that is older is only ever recomputed whole.
    """

    settled = models.BigIntegerField(default=0)
    regrouped_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("变更记录读到哪里")

    def __str__(self):
        return str(self.settled)
