"""Working out anew what is due after a deadline row was changed: case by case, each in a transaction of its own."""

from accounts.changes import change
from casework import due
from casework.casefile import CaseFile
from casework.models import Case, DeadlineRule
from periods.calendar import Calendar


def settle_all(user=None):
    """Bring the due items of every open case in line with the rows as they stand. Returns how many cases were looked at."""
    rows, calendar = list(DeadlineRule.objects.select_related("division")), Calendar.current()
    ids = list(Case.objects.filter(closed_on=None).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        with change(user, "deadlines.settled"):
            case = Case.objects.hold(Case(pk=pk))
            due.settle(CaseFile(case), due.Rules(case.station, rows), calendar)
    return len(ids)
