"""/cases/<number>/<form>/: a paper written step by step, each step kept as a draft, signed at the end; versions, conflicts, pressing twice."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.errors import Conflict, DomainError
from casework import actions, writing
from casework.casefile import CaseFile
from casework.doors import FORMS
from casework.forms import Rows, form_for, other_rows
from casework.models import Record
from casework.records import KINDS
from casework.sheets import sheet
from casework.views.base import CasePage
from surfaces import drafts
from surfaces.models import ClientRef, digest_of
from surfaces.rows import moment
from surfaces.words import moment as spoken

KIND_OF = {word: kind for kind, word in FORMS.items() if kind != "contacts"}
NOT_WRITTEN = ("csrfmiddlewaretoken", "client_ref", "version", "base", "consent", "do", "add", "drop", "said")


class PaperPage(CasePage):
    """GET draws the step, POST keeps it (`do` = next, keep, sign); `add`, `drop` and `level` only draw it anew."""

    template_name = "casework/form.html"
    kept = None  # the draft that a refused signature left

    @cached_property
    def kind(self):
        return KINDS[KIND_OF[self.kwargs["form"]]]

    @property
    def needs(self):
        return self.kind.verb

    @property
    def title(self):
        return str(self.kind.label)

    # ── where in the paper ───────────────────────────────────────────────────────────────────────
    @cached_property
    def steps(self):
        return writing.steps_of(self.kind)

    @cached_property
    def at(self):
        """Which step, from 1."""
        text = self.request.GET.get("step", "1")
        return min(max(int(text), 1), len(self.steps)) if text.isascii() and text.isdigit() and len(text) < 3 else 1

    @property
    def is_last(self):
        return self.at == len(self.steps)

    @cached_property
    def record(self):
        """The paper that `?draft=` names, or None. Somebody else's, or none of this case: 404."""
        asked = self.request.GET.get("draft")
        if not asked:
            return None
        found = next((r for r in self.file.records if r.kind == self.kind.name and r.public_id == asked), None)
        if found is None or found.author_id != self.request.user.pk:
            raise Http404
        return found

    def address(self, step=1, record=None):
        """This form's address at a step of a record."""
        record = record or self.kept or self.record
        query = ([f"draft={record.public_id}"] if record else []) + ([f"step={step}"] if step > 1 else [])
        return self.request.path + ("?" + "&".join(query) if query else "")

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────
    def get(self, request, *args, **kwargs):
        if self.record is not None and not self.record.draft:
            return HttpResponseRedirect(
                reverse("case_paper", args=[self.case.number, self.kind.name, self.record.public_id])
            )
        mine = self.record or writing.own_draft(request.user, self.file, self.kind)
        if mine is not None and self.record is None:
            return HttpResponseRedirect(self.address(self.at, mine))
        draft = drafts.draft_of(request.user, self.address(self.at))
        return self.drawn(
            self.form_of(draft.data).as_typed() if draft else self.form(), sent=draft and draft.data, draft=draft
        )

    @cached_property
    def first(self):
        """(what the form starts with, the version it is from)."""
        if self.record is not None:
            return writing.held_values(self.record, self.file), None
        return writing.first_values(self.kind, self.file)

    def form(self):
        return form_for(
            self.kind, case=self.case, initial=self.first[0] | self.asked(), file=self.file, only=self.fields
        )

    def asked(self):
        """What the address says beforehand: a review of which paper."""
        subject = self.request.GET.get("subject", "")[:40]
        return {"subject": subject} if subject and self.kind.name == "reviews" else {}

    def form_of(self, data, **more):
        """A form of what was typed; what it held before still offers its choices."""
        return form_for(
            self.kind, case=self.case, data=data, initial=self.first[0], file=self.file, only=self.fields, **more
        )

    @property
    def fields(self):
        return self.steps[self.at - 1][1]

    def drawn(self, form, *, sent=None, status=200, **more):
        """The page around `form`; what goes along unseen comes from `sent` (what was posted or kept)."""
        unseen = (
            {name: sent.get(name, "") for name in ("client_ref", "version", "base", "consent")}
            if sent
            else self.unseen()
        )
        context = self.get_context_data(form=form, unseen=unseen | more.pop("unseen", {}), **more)
        return render(self.request, self.get_template_names(), context, status=status)

    def unseen(self):
        record, base = self.record, self.first[1]
        return {
            "client_ref": str(uuid.uuid4()), "version": moment(record.updated_at) if record else "",
            "base": base.record if base else "", "consent": "withdrawn" if self.withdrawn(self.file) else "",
        }  # fmt: skip

    @staticmethod
    def withdrawn(file):
        return file.was_withdrawn and file.consent is None

    def get_context_data(self, **kwargs):
        record, base = self.record, self.first[1]
        shut = writing.why_not(self.kind, self.file)
        return super().get_context_data(**kwargs) | {
            "kind": self.kind.name, "step": self.at, "is_last": self.is_last, "cancel_url": self.url, "shut": shut,
            "steps": [
                {"url": self.address(n), "label": f"{n} {label}", "current": n == self.at, "count": ""}
                for n, (label, _fields) in enumerate(self.steps, 1)
            ] if len(self.steps) > 1 else [],
            "version": (record.version if record else base.version + 1 if base else 1) if self.kind.versions else 1,
            "from_version": base.version if base else 0, "may_draft": self.kind.drafts,
            "draft_address": self.address(self.at), "form_url": self.address(self.at), "step_title": self.steps[self.at - 1][0],
            "before_it": writing.before_it(self.kind, self.file),
            "whole": sheet(record, self.file) if record and self.is_last and self.steps[1:] else None,
            "is_withdrawn": self.withdrawn(self.file) and not self.case.is_closed,
        } | {"draft": kwargs.get("draft")}  # fmt: skip

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    def post(self, request, *args, **kwargs):
        data, do = self.typed(request.POST), request.POST.get("do", "next")
        if (other := other_rows(data)) is not None:
            return self.with_rows(other, data.get("add") or data.get("drop", "").rpartition(".")[0])
        if do == "level":
            return self.with_level(data)
        form = self.form_of(data, draft=do != "sign")
        if not form.is_valid():
            return self.drawn(form, sent=data, **self.still_conflicting(form))
        body = form.body() | self.taken_over()
        try:
            record = self.write(data, body, sign=do == "sign")
        except Conflict as e:
            return self.conflicting(form, data, body, e)
        except DomainError as e:
            return self.faulty(form, data, body, e, sign=do == "sign")
        return self.written(record, do)

    def typed(self, data):
        return data

    def with_rows(self, data, name):
        form = self.form_of(data).as_typed()
        node = next((n for n in form.nodes if n.key == name), None)
        if isinstance(node, Rows):
            node.focus_on_last()
            if self.request.htmx:
                return render(self.request, "casework/_field_each.html", {"node": node})
        return self.drawn(form, sent=data)

    def with_level(self, data):
        form = self.form_of(data).as_typed()
        node = next((n for n in form.nodes if n.key == "ability"), None)
        if self.request.htmx and node is not None:
            return render(self.request, "casework/_ability_level.html", {"result": node.result})
        return self.drawn(form, sent=data)

    def write(self, data, body, *, sign):
        """Fill the draft, or make the paper once. Raises Conflict, DomainError."""
        user, body = self.request.user, body | ({"draft": not sign} if self.kind.drafts else {})
        if self.record is not None:
            return self.fill(self.record, body, data.get("version", ""))
        whole = {**(writing.first_values(self.kind, self.file)[0] if len(self.steps) > 1 else {}), **body}
        return self.once(
            data, body, lambda: actions.write_record(user, self.case, self.kind.name, whole, check=self.from_this(data))
        )

    def fill(self, record, body, version):
        def unchanged(held):
            self.from_this_consent(CaseFile(held.case))
            if moment(held.updated_at) != version:
                raise Conflict(code="stale")

        return actions.fill_record(
            self.request.user, self.case, self.kind.name, record.public_id, body, check=unchanged
        )

    def from_this(self, data):
        """A check under the lock: the newest version and the consent are those that the page was drawn from."""

        def check(file):
            self.from_this_consent(file)
            newest = file.signed(self.kind.name) if self.kind.versions else None
            if newest is not None and newest.record != data.get("base", ""):
                raise Conflict(code="stale")

        return check

    def from_this_consent(self, file):
        if self.withdrawn(file) and self.request.POST.get("consent") != "withdrawn" and not self.case.is_closed:
            raise Conflict(_("知情同意刚刚撤回了，您写的还在。确实还要记下，再按一次保存"), code="withdrawn")

    def once(self, data, body, make):
        """What `make()` makes. The same form again gives the first paper; other content goes on with its draft, or is a conflict."""
        ref, digest = as_uuid(data.get("client_ref")), digest_of(body)
        if ref is None:
            return make()
        with transaction.atomic():
            first, fresh = ClientRef.objects.get_or_create(
                user_id=self.request.user.pk, ref=ref, action=f"{self.kind.name}.form"[:64], defaults={"digest": digest}
            )
            if fresh:
                record = make()
                first.object_id = str(record.pk)
                first.save(update_fields=["object_id"])
                return record
        record = self.visible(Record).filter(pk=first.object_id or None, case=self.case).first()
        if record is None or first.digest == digest:
            return record or make()
        if record.draft:
            return actions.fill_record(self.request.user, self.case, self.kind.name, record.public_id, body)
        raise Conflict(code="ref_reused", existing=record)

    def written(self, record, do):
        """On to the next step, or back to the case."""
        drafts.drop(self.request.user, self.address(self.at))
        if do == "next" and record.draft and not self.is_last:
            return HttpResponseRedirect(self.address(self.at + 1, record))
        messages.success(self.request, self.done(record) % {"kind": self.kind.label})
        return HttpResponseRedirect(self.url)

    def done(self, record):
        if record.draft:
            return _("%(kind)s存成草稿")
        waits = record.kind in ("plans", "closure") or (record.kind == "assessments" and record.code == "red")
        return _("%(kind)s已签名，等督导审") if waits else _("%(kind)s已签名")

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────
    def faulty(self, form, data, body, error, *, sign):
        """Faults beside their fields; those of other steps with the way there, once this one is kept as a draft."""
        here = [e for e in error.errors if form.place_of(str(e["field"] or "")) or not e["field"]]
        there = [e for e in error.errors if e not in here]
        kept = None
        if sign and there and self.kind.drafts:
            try:
                kept = self.write(data, body, sign=False)
            except DomainError as e:
                here = here or e.errors
        form.lay(DomainError.many(here)) if here else None
        unseen = {"version": moment(kept.updated_at)} if kept else {}
        self.kept = kept
        return self.drawn(form, sent=data, unseen=unseen, elsewhere=self.ways_to(there, kept or self.record))

    def ways_to(self, errors, record):
        """[{label, message, url}] of faults in other steps."""
        labels, out = {f.name: f.label for f in self.kind.fields}, []
        for one in errors:
            name = str(one["field"]).split(".")[0]
            step = next((n for n, (_l, names) in enumerate(self.steps, 1) if name in names), 1)
            out.append({"label": labels.get(name, ""), "message": one["message"], "url": self.address(step, record)})
        return out

    def conflicting(self, form, data, body, error):
        """Somebody was faster, or the case moved on: a sentence, both texts side by side, nothing typed is lost."""
        self.file.forget()
        self.case.refresh_from_db()
        theirs, unseen = self.now_standing(error)
        if theirs is not None:
            rows = writing.differing(self.kind, body, writing.held_values(theirs, self.file), self.file)
            if (
                not rows
                and error.code in ("stale", "signed")
                and theirs.draft == (self.request.POST.get("do") != "sign")
            ):
                return self.written(theirs, self.request.POST.get("do", "next"))  # pressed twice: it stands as typed
            own = theirs.author_id == self.request.user.pk
            conflict = {
                "rows": rows,
                "text": self.sentence(error, theirs),
                "may_choose": error.code == "stale",
                "own": own,
            }
        else:
            conflict = {"rows": [], "text": str(error.message), "may_choose": False}
        if error.code == "withdrawn":
            unseen["consent"] = "withdrawn"
        return self.drawn(form, sent=data, status=409, unseen=unseen, conflict=conflict)

    def now_standing(self, error):
        """(the paper that stands in place of what was typed, what the form has to send to be written nevertheless)."""
        if error.code == "ref_reused":
            return error.extra["existing"], {"client_ref": str(uuid.uuid4())}
        if error.code not in ("stale", "signed"):
            return None, {}
        if self.record is not None:
            found = self.file.named(self.record.record)
            return found, {"version": moment(found.updated_at)}
        found = self.file.signed(self.kind.name)
        return found, {"base": found.record}

    def sentence(self, error, theirs):
        words = {"who": theirs.author, "at": spoken(theirs.updated_at), "kind": self.kind.label}
        if error.code == "ref_reused":
            return _("这一份 %(at)s 已经存好并签名；下面是您后来写的，再按一次就另存一份") % words
        if error.code == "signed":
            return _("这一份 %(at)s 已经签名，不再改动；您写的还在，要补充请写新的一版或更正") % words
        if theirs.author_id == self.request.user.pk:
            return _("您 %(at)s 在别处存过这一份，这里写的还在") % words
        return _("%(who)s %(at)s 先存了这一份，您写的还在") % words

    def taken_over(self):
        """{field: the other's value} where a conflict was answered by 用她的."""
        chosen = {
            n.removeprefix("keep.") for n, v in self.request.POST.items() if n.startswith("keep.") and v == "theirs"
        }
        if not chosen:
            return {}
        theirs = self.record or self.file.signed(self.kind.name)
        values = writing.held_values(theirs, self.file) if theirs else {}
        return {name: values.get(name) for name in chosen & set(self.fields)}

    def still_conflicting(self, form):
        """The choice is offered again where the form came back for another fault."""
        theirs = self.record or (self.file.signed(self.kind.name) if self.kind.versions else None)
        if theirs is None or not any(name.startswith("keep.") for name in self.request.POST):
            return {}
        rows = writing.differing(self.kind, form.body(), writing.held_values(theirs, self.file), self.file)
        error = Conflict(code="stale")
        own = theirs.author_id == self.request.user.pk
        return {"conflict": {"rows": rows, "text": self.sentence(error, theirs), "may_choose": True, "own": own}}


def as_uuid(text):
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
