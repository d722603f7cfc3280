"""Who looked into a case: every opening in clear leaves a trace in the change log (contract §2; the register F12 is drawn from it).

A key never sees a name or a written text, so what it asks for leaves none.
"""

from accounts.changes import VIA, trace
from accounts.models import Event
from accounts.reveals import REVEALED

READ = "case.read"
PRINTED, PRINT_TAKEN = "case.printed", "case.print_taken"  # its file was printed, and the print downloaded


def record_read(user, case, what=""):
    """One event: `user` had `case` before him in clear. `what` is a word like a page's name, nothing about a person."""
    if VIA.get() == "web":
        trace(user, READ, case, what=what)


def reads_of(case):
    """Events of reading, of opening what is masked and of printing, the newest first."""
    found = Event.objects.filter(
        kind="casework.case", object_id=str(case.pk), verb__in=(READ, REVEALED, PRINTED, PRINT_TAKEN)
    )
    return found.select_related("user__worker").order_by("-pk")
