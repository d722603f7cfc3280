"""What was typed into a form and not sent yet: one row a user and form, as typed, encrypted; never anybody else's.

A draft is only ever shown inside its own form, by the page that asks for the thing anew: who may no longer open the page no
longer reads what he wrote there. `static/js/page.js` sends it 2 s after the last key, for forms marked `data-draft`.
"""

import datetime as dt
import uuid
from typing import Any

from django.forms import CheckboxInput, CheckboxSelectMultiple
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.protection import Damaged, KeyMissing
from surfaces.models import ClientRef, Draft

MOST = 2**20  # bytes of one form as a browser writes them: nine for a Chinese character
KEPT_DAYS = 30
MOST_FORMS = 200  # of one user; beyond them the oldest go
UNKEPT = ("csrfmiddlewaretoken", "_address", "_discard", "do", "add", "drop")


# ── Keeping, finding, dropping ───────────────────────────────────────────────────────────────────
def keep(user, address, data):
    """Keep what `data` (a QueryDict) holds; the moment, or None where this very form has been sent already."""
    ref = data.get("client_ref", "")
    if len(ref) == 36 and _is_done(user, ref):
        return None
    typed = {name: data.getlist(name) for name in data if name not in UNKEPT}
    now = timezone.now()
    _draft, is_new = Draft.objects.update_or_create(
        user_id=user.pk, address=address, defaults={"typed": typed, "at": now}
    )
    if is_new:
        newest = Draft.objects.filter(user=user.pk).order_by("-at", "-pk").values("pk")
        Draft.objects.filter(user=user.pk).exclude(pk__in=newest[:MOST_FORMS]).delete()
    return now


def _is_done(user, ref):
    try:
        ref = uuid.UUID(ref)
    except ValueError:
        return False
    return ClientRef.objects.filter(user=user.pk, ref=ref).exclude(object_id="").exists()


def draft_of(user, address):
    """The draft of one's own form, or None; one that cannot be opened shuts no form."""
    found = Draft.objects.filter(user=user.pk, address=address[:200]).first()
    try:
        return found if found and found.data else None
    except (KeyMissing, Damaged):
        return None


def drop(user, address):
    """Forget what `user` typed at `address`: the form succeeded, or was thrown away."""
    Draft.objects.filter(user=user.pk, address=address[:200]).delete()


def clear_old(now=None):
    """Drop what nobody touched for a month. Returns how many."""
    return Draft.objects.filter(at__lt=(now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)).delete()[0]


def restore(form, data):
    """Put what was typed into an unbound form, as it was typed: no word yet about what is wrong."""
    for name, control in form.fields.items():
        key = form.add_prefix(name)
        if key in data:
            values = data.getlist(key)
            many = hasattr(control.widget, "allow_multiple_selected") and control.widget.allow_multiple_selected
            form.initial[name] = values if many else values[-1] if values else ""
        elif isinstance(control.widget, CheckboxInput):
            form.initial[name] = False
        elif isinstance(control.widget, CheckboxSelectMultiple):
            form.initial[name] = []
    return form


class Drafted:
    """For a FormView: a draft is put into the form on load, and dropped once the form has led on to another page."""

    request: Any

    @property
    def draft_address(self):
        return self.request.path

    @cached_property
    def draft(self):
        return draft_of(self.request.user, self.draft_address) if self.request.method == "GET" else None

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302:
            drop(request.user, self.draft_address)
        return response

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        return restore(form, self.draft.data) if self.draft and not form.is_bound else form

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"draft": self.draft, "draft_address": self.draft_address}


# ── The one address ──────────────────────────────────────────────────────────────────────────────
@never_cache
@require_http_methods(["GET", "POST"])
def keep_typed(request):
    """POST /drafts/ of a form's own fields with `_address`: keeps them; with `_discard` throws the draft away and goes back.

    GET gives the token of the session as it is now: a page that outlived its session goes on with it after signing in elsewhere.
    """
    if request.method == "GET":
        return JsonResponse({"token": get_token(request)})
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST:
        return JsonResponse({"said": _("写得太长，这一页不再自己存；请按保存")}, status=413)
    address = request.POST.get("_address", "")
    if not _is_a_page(address):
        raise Http404
    if request.POST.get("_discard"):
        drop(request.user, address)
        return HttpResponseRedirect(address)
    at = keep(request.user, address, request.POST)
    said = _("刚存于 %(at)s") % {"at": timezone.localtime(at).strftime("%H:%M")} if at else ""
    return JsonResponse({"said": said})


def _is_a_page(address):
    """Is it the address of a page of this site?"""
    path = address.partition("?")[0]
    if (
        not path.startswith("/")
        or path.startswith(("//", "/api/"))
        or len(address) > 200
        or set(address) & {"\\", "\0", "\n", "\r", "#"}
    ):
        return False
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
