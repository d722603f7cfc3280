"""What the database says when two were faster than a check: its constraints turned into the sentences of the rules they hold."""

from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.errors import Conflict, DomainError


def _sentences():
    """{constraint: exception}; made anew, since sentences are in the asker's language."""
    return {
        "workforce_worker_id_number_index_key": Conflict(_("这个身份证号已在册"), code="duplicate", field="id_number"),
        "attendance_once": Conflict(_("这个人在这场培训里已经记过"), code="duplicate", field="worker"),
        "same_assignment_once_a_day": Conflict(_("这些日子里已有同一岗位"), code="duplicate", field="starts_on"),
        "full_time_at_one_place_a_day": DomainError(
            _("同一天只能在一处是专职"), code="inconsistent", field="full_time"
        ),
        "one_registration_a_day": DomainError(
            _("登记的有效期和另一次重叠"), code="inconsistent", field="registered_until"
        ),
        "attendance_within_the_training": DomainError(
            _("到课分钟不能多于培训的时长"), code="inconsistent", field="minutes"
        ),
    }


@contextmanager
def in_words():
    """Around a whole transaction: an IntegrityError of a known constraint leaves as its domain error."""
    try:
        yield
    except IntegrityError as e:
        name = getattr(getattr(e.__cause__, "diag", None), "constraint_name", None) or ""
        found = next((told for known, told in _sentences().items() if name.startswith(known[:-4])), None)
        if found is None:
            raise
        raise found from e
