"""Break-glass while it holds (contract §2): which one a request reads through, the record of each such read, who is told.

Only `Recorded` puts one in force, so that nothing can be read through it unrecorded. Opening and ending are actions.
"""

from contextvars import ContextVar

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import VIA, change
from accounts.models import Event
from surfaces.words import near_day

READ = "glass.read"
_NOW: ContextVar = ContextVar("break_glass", default=None)


class Looking:
    """The break-glass of one request; `used` once something was asked through it."""

    def __init__(self, row):
        self.row, self.used = row, False


def row_of(user):
    """The open BreakGlass under which `user` asks, in a session; None for everybody else and for every key and job."""
    looking = _NOW.get()
    if looking is None or VIA.get() != "web" or user.pk != looking.row.user_id or not user.is_superuser:
        return None
    looking.used = True
    return looking.row


def cases(user):
    """The cases that `user` reads through a break-glass, as a condition."""
    row = row_of(user)
    if row is None:
        return Q(pk__in=())
    return Q(pk=row.case_id) if row.case_id else Q(station=row.station_id)


def clients(user):
    """Clients without a case as well, where the whole station is open."""
    row = row_of(user)
    return Q(station=row.station_id) if row and not row.case_id else Q(pk__in=())


class Recorded:
    """Puts the open break-glass of a superuser's session in force for one request, and records what was read through it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        row = self.open_for(request.user)
        if row is None:
            return self.get_response(request)
        looking = Looking(row)
        token = _NOW.set(looking)
        try:
            response = self.get_response(request)
        finally:
            _NOW.reset(token)
        if looking.used and response.status_code < 400:
            note_read(row, request)
        return response

    @staticmethod
    def open_for(user):
        from casework.models import BreakGlass

        if not (user.is_authenticated and user.is_active and user.is_superuser) or user.is_service:
            return None
        return BreakGlass.objects.unscoped("one's own, in force").in_force().filter(user=user.pk).first()


def note_read(row, request):
    """One event: which address, of which case or client. Addresses hold numbers and opaque ids alone."""
    obj = _named(request) or row
    with change(row.user, READ, obj, glass=row.pk, path=request.path[:200], method=request.method):
        pass


def _named(request):
    """The case or client that an address of this room names, or None."""
    from casework.models import Case, Client

    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    if number := kwargs.get("number"):
        return Case.objects.unscoped("named by an address that was answered").filter(number=number).first()
    if public_id := kwargs.get("client") or ("/clients/" in request.path and kwargs.get("public_id")):
        return Client.objects.unscoped("named by an address that was answered").filter(public_id=public_id).first()
    return None


def told(user):
    """What the people of a station are told in their to-do and inbox until one of them has looked (desk, TODO)."""
    from casework.models import BreakGlass

    rows = BreakGlass.objects.to_be_told(user).select_related("station", "case", "user")
    return [
        {
            "url": reverse("break_glass_one", args=[row.public_id]), "kind": "warn", "icon": "eye",
            "what": _("系统管理员打开过%(what)s的资料") % {"what": row.what}, "why": _("看看为什么、看了哪些，看过就收起"),
            "due": near_day(timezone.localdate(row.opened_at)),
        }
        for row in rows[:5]
    ]  # fmt: skip


def reads_through(row):
    """The events of what was read through `row`, the newest first."""
    return Event.objects.filter(verb=READ, user=row.user_id, detail__glass=row.pk).order_by("-pk")
