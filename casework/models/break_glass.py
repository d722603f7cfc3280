"""Break-glass: a system administrator opens the case data of one station, or one case, for an hour and with a reason."""

import datetime as dt
from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.protection import ProtectedField
from accounts.querysets import ScopedQuerySet
from casework import codes

LONGEST = dt.timedelta(hours=1)


class BreakGlassQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """All for the system administrator; those of their stations for managers and supervisors."""
        from casework import access

        return self.filter(access.break_glass_of(user))

    def in_force(self):
        """Those that are open at this moment."""
        return self.filter(ended_at=None, until__gt=timezone.now())

    def to_be_told(self, user):
        """Those at the stations of `user` that nobody there has looked at yet, the newest first."""
        from casework import access

        return self.filter(access.told_of(user), seen_at=None).exclude(user=user.pk).order_by("-opened_at")


class BreakGlass(models.Model):
    """One use: whose data, why, from when to when, and who of the station has looked at it. Nothing is written through it."""

    public_id = models.CharField(
        _("编号"), max_length=16, unique=True, editable=False, default=partial(codes.new_id, "b")
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("谁"))
    station = models.ForeignKey("stations.Station", models.PROTECT, related_name="+", verbose_name=_("站点"))
    case = models.ForeignKey(
        "casework.Case", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("个案")
    )
    reason = ProtectedField(_("事由"), max_length=500)
    opened_at = models.DateTimeField(_("打开于"), default=timezone.now)
    until = models.DateTimeField(_("到"))
    ended_at = models.DateTimeField(_("结束于"), null=True, blank=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("站里谁看过"))
    seen_at = models.DateTimeField(_("看过于"), null=True, blank=True)

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("应急查看")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="one_break_glass_at_a_time", fields=["user"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="break_glass_of_an_hour",
                condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="break_glass_ended_in_time",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("opened_at"), ended_at__lte=F("until")),
            ),
        ]

    def __str__(self):
        return self.public_id

    @property
    def what(self):
        """What it opened, in words that name no client."""
        return _("个案 %(number)s") % {"number": self.case.number} if self.case_id else str(self.station)

    @property
    def is_open(self):
        return self.ended_at is None and self.until > timezone.now()

    @property
    def ended(self):
        """When it ended, by hand or by itself; None while it is open."""
        return None if self.is_open else self.ended_at or self.until
