"""Days that an official entered into the workday calendar. They win over the package's data; counting with them is `calendar`'s."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """One day off that is not a weekend, or one weekend day that is worked, as the State Council's notice (or a place) says."""

    date = models.DateField(_("日期"), unique=True)
    is_workday = models.BooleanField(_("是工作日"))
    note = models.CharField(_("说明"), max_length=80, blank=True, help_text=_("例如：国庆节调休"))

    class Meta:
        verbose_name = verbose_name_plural = _("工作日历")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date} {_('上班') if self.is_workday else _('放假')}"
