"""What the pages of deeds share: one thing done to a case, with what speaks against it now; sent twice it happens once, refused it keeps what was typed.

Which deeds there are stands in deeds.py; their rights and rules are the actions'.
"""

import uuid
from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict, DomainError, Forbidden, NotInScope
from casework.doors import Doors, below
from casework.forms import form_for, other_rows
from casework.records import KINDS
from casework.views.base import CasePage
from periods import today
from surfaces import drafts
from surfaces.models import ClientRef, digest_of

NOT_TYPED = {"csrfmiddlewaretoken", "client_ref", "seen", "to", "action"}
CASE_CLOSED = gettext_lazy("个案已结案，内容不再改动；要补充请用更正、跟进、归档或重新开案")


def part_of(kind, names, must=(), swapped=None):
    """The kind with the fields `names` alone, those in `must` required, some `swapped` {name: field}: what one way of a deed asks for."""
    known = {f.name: f for f in KINDS[kind].fields} | (swapped or {})
    fields = tuple(replace(known[n], required=known[n].required or n in must) for n in names)
    return replace(KINDS[kind], fields=fields, drafts=False)


def is_written(text):
    """Words of a person, not a date or a code."""
    return bool(text.strip()) and (not text.isascii() or " " in text.strip())


def day_today():
    return today().isoformat()


class DeedPage(CasePage):
    """GET shows what will happen and what it asks for (to htmx as a dialog), POST does it and goes back to the case.

    A deed names its `kind`; `variants()` are its ways, chosen by `?<param>=`; `shut()` says why it cannot be done now.
    """

    template_name, fragment_name = "casework/deed.html", "casework/deed_dialog.html"
    http_method_names = ["get", "head", "options", "post"]
    kind = ""
    param = "action"
    form = None

    # ── what a deed says of itself ───────────────────────────────────────────────────────────────
    def variants(self):
        """{word: label} of the ways in which this deed can be done now by this reader; {} where it has but one."""
        return {}

    def shut(self):
        """Why it cannot be done now, or ""."""
        return CASE_CLOSED if self.case.is_closed else ""

    def gone(self):
        """What is said where the way asked for is no longer one."""
        return _("这一步现在做不了")

    def key(self):
        """(address, words) of what opens a shut door, or nothing."""
        return ()

    def fields(self):
        """(names of the fields asked for, those of them that must be filled)."""
        return [f.name for f in KINDS[self.kind].fields], ()

    def initial(self):
        return {}

    def button(self):
        return self.title

    def lead(self):
        """What happens then, in a sentence."""
        return ""

    def facts(self):
        """[(label, value)] that one wants to see before deciding."""
        return []

    def act(self, body):
        """Do it. Raises the domain's errors."""
        raise NotImplementedError

    def done(self, made):
        """(what to say, where to go)."""
        return self.button(), self.url

    # ── choosing ─────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def doors(self):
        return Doors(self.request.user, self.case, self.file, self.hands)

    @cached_property
    def variant(self):
        """The way asked for; the first where none is asked for."""
        known, asked = self.variants(), self.request.POST.get(self.param) or self.request.GET.get(self.param)
        return asked if asked else next(iter(known), "")

    def address(self, variant=""):
        part = self.request.path.removeprefix(self.url).strip("/")
        return below(self.case.number, part, **({self.param: variant} if variant else {}))

    def swapped(self):
        """{name: field} of those that ask for less here than in the table."""
        return {}

    def hints(self):
        """{field: what helps to fill it}."""
        return {}

    def choices(self):
        """{field: [(value, words)]} of texts that are chosen from a list."""
        return {}

    def drawn(self, data=None):
        names, must = self.fields()
        kind = part_of(self.kind, names, must, self.swapped())
        form = form_for(kind, file=self.file, data=data, initial=self.initial(), choices=self.choices())
        for name, hint in self.hints().items():
            form.fields[name].help_text = hint
        return form

    def get(self, request, *args, **kwargs):
        """A form with rows asks for a page of its own: htmx is sent there."""
        context = self.get_context_data()
        if request.htmx and any(hasattr(node, "rows") for node in getattr(context["form"], "nodes", ())):
            return HttpResponse(headers={"HX-Redirect": request.get_full_path()})
        return self.render_to_response(context)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────
    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except (Forbidden, NotInScope, Http404) as e:
            texts = [text for name, text in request.POST.items() if name not in NOT_TYPED and is_written(text)]
            if request.method != "POST" or not texts:
                raise
            status = getattr(e, "status", 404)
            sentence = str(e.message) if isinstance(e, DomainError) else _("没有这一页，或不在您的范围内")
            return render(request, "casework/deed_refused.html", {"sentence": sentence, "texts": texts}, status=status)

    def post(self, request, *args, **kwargs):
        """What cannot be done now is the action's word: it says why."""
        if (data := other_rows(request.POST)) is not None:
            return self.with_rows(data)
        self.form = self.drawn(request.POST)
        if not self.form.is_valid():
            return self.again()
        try:
            made = self.once(self.form.body())
        except (Forbidden, NotInScope):
            raise
        except DomainError as e:
            return self.again(e)
        drafts.drop(request.user, self.address(self.variant))
        told, url = self.done(made)
        messages.success(request, told)
        return HttpResponseRedirect(url)

    def with_rows(self, data):
        """The form with a row more or less, as it was typed; to htmx those rows alone."""
        self.form = self.drawn(data).as_typed()
        asked = (self.request.htmx.target or "").removeprefix("each-") if self.request.htmx else ""
        node = next((node for node in self.form.nodes if asked and node.name == asked), None)
        if node is not None:
            return render(self.request, node.template, {"node": node})
        return self.render_to_response(self.get_context_data())

    def again(self, error=None):
        """The page as the case stands now, with what was typed and what was wrong; a conflict by its status."""
        if error is not None:
            self.form.lay(error)
        for name in [n for n in self.__dict__ if isinstance(getattr(type(self), n, None), cached_property)]:
            del self.__dict__[name]  # read anew: somebody was faster
        status = error.status if error is not None else 400
        return self.render_to_response(self.get_context_data(), status=status)

    def once(self, body):
        """What `act(body)` makes; nothing a second time for the same form sent again. Raises Conflict for other content."""
        try:
            ref = uuid.UUID(self.request.POST.get("client_ref", ""))
        except ValueError:
            return self.act(body)
        digest = digest_of([self.case.number, self.variant, body])
        with transaction.atomic():
            first, fresh = ClientRef.objects.get_or_create(
                user_id=self.request.user.pk, ref=ref, action=f"{self.kind}.page", defaults={"digest": digest}
            )
            if fresh:
                made = self.act(body)
                first.object_id = str(made.pk)
                first.save(update_fields=["object_id"])
                return made
        if first.digest == digest:
            return None
        text = _("这张表已经交过一次，第一次的那份没有变；您改过的还在下面，再按一次就另记一份")
        raise Conflict(text, code="ref_reused")

    # ── showing ──────────────────────────────────────────────────────────────────────────────────
    def get_context_data(self, **kwargs):
        shut, known = self.shut(), self.variants()
        if not shut and known and self.variant not in known:
            shut = self.gone()
        address = self.address(self.variant)
        draft = None if shut or self.form else drafts.draft_of(self.request.user, address)
        form = self.form or (None if shut else self.drawn(draft.data).as_typed() if draft else self.drawn())
        return super().get_context_data(**kwargs) | {
            "form": form, "shut": shut, "key": self.key(), "lead": "" if shut else self.lead(), "facts": self.facts(),
            "button": "" if shut else self.button(), "cancel_url": self.url,
            "action_url": address, "draft_address": address, "draft": draft, "param": self.param, "variant": self.variant,
            "client_ref": uuid.uuid4(), "dialog_id": "deed",
            "variants": [
                {"url": self.address(word), "label": label, "current": word == self.variant} for word, label in known.items()
            ] if len(known) > 1 else [],
        }  # fmt: skip
