"""Taking agencies in; they live in stations."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import DomainError, Forbidden
from partnerships.actions.constraints import in_words
from stations import access as places
from stations.models import Agency


def create_agency(user, *, name, credit_code, division):
    """Take in an agency registered in `division`. Raises DomainError `bad_credit_code`, Conflict `duplicate`, Forbidden."""
    agency = Agency(name=name.strip(), credit_code=credit_code, division=division)
    with in_words(), transaction.atomic():
        user._posts_now = None
        if not user.is_superuser and not places.roles_at(user, division) & places.KEEPERS:
            raise Forbidden()
        check_credit_code(agency)
        with change(user, "agency.created", agency):
            agency.save()
    return agency


def check_credit_code(agency):
    """Raise DomainError `bad_credit_code` where the code's check digit is wrong."""
    try:
        agency.clean()
    except ValidationError as e:
        raise DomainError(_("信用代码不对：") + "；".join(e.messages), code="bad_credit_code", field="credit_code")
