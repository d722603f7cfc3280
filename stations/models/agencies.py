"""Social-work agencies: those that run stations."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from accounts.querysets import ScopedQuerySet


class AgencyQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        from stations import access

        return self.filter(access.agencies_of(user))


class Agency(models.Model):
    """An organisation with its name, and its unified social credit code where it is known."""

    name = models.CharField(_("名称"), max_length=120)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True, unique=True)
    division = models.ForeignKey(
        "stations.Division", models.PROTECT, null=True, blank=True, related_name="agencies", verbose_name=_("登记地")
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("机构")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["division", "name"], name="agency_name_once_a_division"),
            models.CheckConstraint(
                name="credit_code_is_18_long",
                condition=Q(credit_code=None) | Q(credit_code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.credit_code = (self.credit_code or "").strip().upper() or None
        if self.credit_code and not uscc.is_valid(self.credit_code):
            raise ValidationError({"credit_code": _("信用代码的校验位不对（18 位，不含 I、O、S、V、Z）")})
