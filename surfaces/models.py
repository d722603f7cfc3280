"""What a client has sent under its own reference, so that sending twice makes one."""

from django.db import models

from accounts.models import User


class ClientRef(models.Model):
    """One `client_ref` of one user for one kind of making (`action`): the digest of what was sent, and the object it made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    ref = models.UUIDField()
    action = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    object_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ref", "action"], name="client_ref_once")]

    def __str__(self):
        return str(self.ref)
