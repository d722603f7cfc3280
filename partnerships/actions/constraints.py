"""What the database says when two were faster than a check: its constraints turned into the sentences of the rules they hold."""

from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.errors import Conflict, DomainError


def _sentences():
    """{constraint: exception}; made anew, since sentences are in the asker's language."""
    return {
        "one_pairing_of_a_sender_a_day": Conflict(
            _("这家机构在这段时间里已经结了对，一家机构只对一个县（区）"), code="overlapping_pairing", field="sender"
        ),
        "one_pairing_of_a_county_a_day": Conflict(
            _("这个县（区）在这段时间里已经结了对，一个县（区）只对一家机构"),
            code="overlapping_pairing",
            field="county",
        ),
        "one_pairing_of_a_receiver_a_day": Conflict(
            _("这家受援机构在这段时间里已经结了对"), code="overlapping_pairing", field="receiver"
        ),
        "one_batch_a_person_a_day": DomainError(
            _("有人在这些日子里已经在别的批次，同一天只能在一个批次"), code="elsewhere", field="members"
        ),
        "on_site_once_a_day": DomainError(_("有人这一天已经在别处记了服务日"), code="elsewhere", field="members"),
        "batch_number_once_a_pairing": Conflict(_("这个结对已有这一批"), code="duplicate", field="number"),
        "station_built_once": Conflict(_("这个站已经记过建成"), code="duplicate", field="station"),
        "agency_cultivated_once": Conflict(_("这家机构已经记过培育"), code="duplicate", field="agency"),
        "outcome_of_a_person_once": Conflict(_("这个人的这项成果已经记过"), code="duplicate", field="name"),
        "partnerships_programme_slug_key": Conflict(_("这个网址里的名字已经有了"), code="duplicate", field="slug"),
        "stations_agency_credit_code_key": Conflict(_("这个信用代码已在册"), code="duplicate", field="credit_code"),
        "agency_name_once_a_division": Conflict(_("这个地方已有叫这个名字的机构"), code="duplicate", field="name"),
    }


@contextmanager
def in_words():
    """Around a whole transaction: an IntegrityError of a known constraint leaves as its domain error."""
    try:
        yield
    except IntegrityError as e:
        name = getattr(getattr(e.__cause__, "diag", None), "constraint_name", None) or ""
        found = next((told for known, told in _sentences().items() if name == known), None)
        if found is None:
            raise
        raise found from e
