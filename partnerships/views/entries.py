"""Pages of entries, the same for all kinds of `entries.KINDS`: the list, one of them, entering, changing, confirming, returning."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.errors import DomainError, Forbidden
from partnerships import actions, forms
from partnerships.codes import STATES
from partnerships.entries import KINDS, badge_of, shown, tabs_of
from partnerships.models import Member, MemberDay, Outcome, Pairing, Session, SessionGroup, Tutor
from surfaces.pages import Page
from surfaces.rows import moment
from workforce.api.fields import number_of
from workforce.views.forms_of import FormPage

FORMS: dict[str, tuple[Any, Any, Any]] = {
    "pairings": (forms.PairingForm, actions.create_pairing, actions.update_pairing),
    "batches": (forms.BatchForm, actions.create_batch, actions.update_batch),
    "support": (forms.SupportForm, actions.create_session, actions.update_session),
    "outcomes": (forms.OutcomeForm, actions.create_outcome, actions.update_outcome),
    "cooperation": (forms.ActivityForm, actions.create_activity, actions.update_activity),
}


class OfKind:
    """A page of one kind of entry; `path` comes from the URLconf."""

    path = ""

    @property
    def kind(self):
        return KINDS[self.path]

    @property
    def model(self):
        return self.kind.model

    @cached_property
    def entry(self):
        number = number_of(self.kind.letter, self.kwargs["pk"])
        rows = self.kind.complete(self.model.objects.visible_to(self.request.user)).select_related(*self.kind.related)
        found = rows.filter(pk=number).first() if number is not None else None
        if found is None:
            raise Http404
        return found

    def crumbs_to(self, *more):
        return [(_("结对与资源"), "/programmes/"), (self.kind.title, f"/{self.path}/"), *more]


class EntryList(OfKind, Page):
    template_name, fragment_name = "partnerships/entries.html", "partnerships/_entries.html"
    verb = "see"

    def get_context_data(self, **kwargs):
        kind, user = self.kind, self.request.user
        state = self.request.GET.get("state", "")
        rows = kind.complete(self.visible(kind.model)).select_related(*kind.related).order_by(*kind.order)
        if state in dict(STATES):
            rows = rows.filter(state=state)
        page = self.paged(rows, 50)
        chips = [("", _("全部")), *STATES]
        return super().get_context_data(**kwargs) | {
            "kind": kind, "tabs": tabs_of(self.path), "page": page, "total": page.paginator.count, "state": state,
            "crumbs": [*self.crumbs_to()[:1], (kind.title, "")],
            "heads": [(label, numeric) for label, numeric, _of in kind.columns],
            "rows": [
                {"name": kind.name(row), "url": kind.url(row), "badge": badge_of(row),
                 "cells": [(label, numeric, shown(of(row))) for label, numeric, of in kind.columns]}
                for row in page
            ],
            "chips": [{"url": f"?state={s}" if s else self.request.path, "label": label, "count": "", "current": s == state}
                      for s, label in chips],
            "new_url": f"/{self.path}/new/" if user.can("create", kind.model) else "",
        }  # fmt: skip


class EntryPage(OfKind, Page):
    """One entry with what hangs on it; the other side confirms or returns it here."""

    template_name = "partnerships/entry.html"
    verb = "see"

    def get_context_data(self, **kwargs):
        entry, kind, user = self.entry, self.kind, self.request.user
        url = kind.url(entry)
        return super().get_context_data(**kwargs) | {
            "entry": entry, "kind": kind, "name": kind.name(entry), "badge": badge_of(entry), "url": url,
            "crumbs": self.crumbs_to((kind.name(entry), "")),
            "facts": [(label, shown(of(entry))) for label, _numeric, of in kind.facts],
            "may_decide": entry.state == "entered" and user.can("confirm", entry),
            "edit_url": f"{url}edit/" if user.can("change", entry) else "", **self.more(entry, user),
        }  # fmt: skip

    def more(self, entry, user):
        """What hangs on an entry: members of a batch; tutors and groups of a session; everything of a pairing."""
        if isinstance(entry, Pairing):
            return {"below": self.below(entry)}
        if isinstance(entry, Session):
            return {
                "tutors": Tutor.objects.visible_to(user).filter(session=entry).select_related("envoy"),
                "groups": SessionGroup.objects.visible_to(user).filter(session=entry),
            }
        if isinstance(entry, Outcome) or self.path == "cooperation":
            return {}
        members = Member.objects.visible_to(user).filter(batch=entry).select_related("envoy").order_by("pk")
        days = list(MemberDay.objects.visible_to(user).filter(day__batch=entry).values_list("envoy", flat=True))
        return {
            "members": [
                (m, m.span.upper.fromordinal(m.span.upper.toordinal() - 1), days.count(m.envoy_id)) for m in members
            ]
        }

    def below(self, pairing):
        """[(kind, rows)] of the newest entries of a pairing."""
        found = []
        for path in ("batches", "support", "outcomes"):
            kind = KINDS[path]
            rows = kind.complete(self.visible(kind.model)).filter(pairing=pairing).select_related(*kind.related)
            rows = rows.order_by(*kind.order)[:20]
            found.append((kind, [(kind.name(row), kind.url(row), badge_of(row), row) for row in rows]))
        return found


class NewEntry(OfKind, FormPage):
    """/KIND/new/"""

    done = gettext_lazy("已记下，等对方确认")

    @property
    def form_class(self):
        return FORMS[self.path][0]

    @property
    def title(self):
        return self.kind.add

    @property
    def cancel_url(self):
        return f"/{self.path}/"

    def crumbs(self):
        return self.crumbs_to((self.title, ""))

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        first = self.first_values()
        asked = number_of("p", self.request.GET.get("pairing", ""))
        return {"client_ref": first["client_ref"], **({"pairing": asked} if asked else {})}

    def act(self, form):
        wanted = form.wanted()
        made = self.once(form, lambda: FORMS[self.path][1](self.request.user, **wanted))
        return self.kind.url(made)


class EditEntry(OfKind, FormPage):
    """/KIND/ID/edit/"""

    verb = "change"
    done = gettext_lazy("已保存，等对方再确认")

    @property
    def form_class(self):
        return FORMS[self.path][0]

    @property
    def obj(self):
        return self.entry

    @property
    def title(self):
        return _("改：%(what)s") % {"what": self.kind.title}

    @property
    def cancel_url(self):
        return self.kind.url(self.entry)

    def crumbs(self):
        return self.crumbs_to((self.kind.name(self.entry), self.cancel_url), (self.title, ""))

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "entry": self.entry}

    def get_initial(self):
        now = self.model.objects.visible_to(self.request.user).select_related(*self.kind.related).get(pk=self.entry.pk)
        return {**as_typed(now), "version": moment(now.updated_at)}

    def act(self, form):
        FORMS[self.path][2](self.request.user, self.entry, check=self.unless_stale(form), **form.wanted())
        return self.cancel_url


def as_typed(entry):
    """An entry's values as its form has them."""
    values = {field.name: getattr(entry, field.attname) for field in entry._meta.concrete_fields}
    if isinstance(entry, Pairing):
        last = entry.span.upper.fromordinal(entry.span.upper.toordinal() - 1)
        receiver = entry.receiver
        code = (receiver.credit_code or str(receiver.pk)) if receiver else ""
        return values | {"starts_on": entry.span.lower, "ends_on": last, "receiver": code}
    if isinstance(entry, Session):
        groups = {f"group_{group}": n for group, n in entry.groups.values_list("group", "person_times")}
        return values | groups | {"tutors": "\n".join(str(t.envoy) for t in entry.tutors.select_related("envoy"))}
    if hasattr(entry, "departs_on"):
        rows = []
        for member in entry.members.select_related("envoy"):
            first, last = member.span.lower, member.span.upper.fromordinal(member.span.upper.toordinal() - 1)
            whole = (first, last) == (entry.departs_on, entry.returns_on)
            rows.append(str(member.envoy) if whole else f"{member.envoy}，{first} 至 {last}")
        return values | {"members": "\n".join(rows)}
    return values


class Decide(OfKind, View):
    """POST /KIND/ID/confirm/ and …/return/"""

    http_method_names = ["post"]
    verb = "confirm"

    def post(self, request, pk):
        entry = self.entry
        if not request.user.can(self.verb, entry):
            raise Forbidden(_("要由对方确认"))
        try:
            if self.verb == "confirm":
                actions.confirm(request.user, entry)
                messages.success(request, _("已确认，计入数字"))
            else:
                actions.give_back(request.user, entry, request.POST.get("reason", "")[:200])
                messages.success(request, _("已退回"))
        except DomainError as e:
            if e.status in (403, 404):
                raise
            messages.error(request, str(e.message))
        return HttpResponseRedirect(self.kind.url(entry))
