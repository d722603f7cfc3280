"""The people whom an agency sends. One row a person, however often he goes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ScopedQuerySet


class EnvoyQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Envoys who went in a pairing in reach, and those of one's own agency."""
        from partnerships import access

        return self.filter(access.envoys_of(user))


class Envoy(models.Model):
    """A person of a sending agency. `mark` tells two of one name apart; `worker` is the person on file where there is one."""

    agency = models.ForeignKey("stations.Agency", models.PROTECT, related_name="envoys", verbose_name=_("机构"))
    name = models.CharField(_("姓名"), max_length=40)
    mark = models.CharField(_("区别同名"), max_length=20, blank=True)
    worker = models.ForeignKey(
        "workforce.Worker", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )

    letter = "e"
    objects = EnvoyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("援派人员")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "name", "mark"], name="envoy_of_an_agency_once"),
            models.UniqueConstraint(fields=["worker", "agency"], name="envoy_is_one_worker"),
            models.CheckConstraint(name="envoy_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self):
        return f"{self.name}（{self.mark}）" if self.mark else self.name

    @property
    def public_id(self):
        return f"e{self.pk}"
