"""What a client has sent under its own reference, so that sending twice makes one; what was typed and not sent yet."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.protection import ProtectedJSONField


def digest_of(body):
    """64 hex characters that two bodies of one content share, whatever the order of their fields. Keyed: a body may hold an ID number."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, cls=DjangoJSONEncoder)
    return salted_hmac("surfaces.client_ref", text, algorithm="sha256").hexdigest()


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


class Draft(models.Model):
    """`typed` is {name of a control: [what it sent]}; `address` the form's own, with no personal data in it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    address = models.CharField(max_length=200)
    typed = ProtectedJSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="one_draft_a_form")]

    def __str__(self):
        return self.address

    @property
    def data(self) -> QueryDict:
        """What was typed, as a form takes it."""
        kept: Any = self.typed
        found, typed = QueryDict(mutable=True), kept.clear
        for name, values in typed.items() if isinstance(typed, dict) else ():
            if isinstance(values, list) and all(isinstance(v, str) for v in values):
                found.setlist(name, values)
        return found
