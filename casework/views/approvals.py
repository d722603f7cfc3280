"""/approvals/: what waits for my word, and each paper beside what its case is about; approve, return, note."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.errors import Conflict, DomainError, Forbidden
from casework import access, codes, worklists
from casework.access import FULL
from casework.actions import approve
from casework.actions.papers import goal_values
from casework.casefile import CaseFile, values_of
from casework.doors import paper_url
from casework.models import Case, Record
from casework.reads import record_read
from casework.records import APPROVED, KINDS, paper_name
from casework.shapes import client_short, goals_json
from casework.sheets import previous_of, sheet
from casework.views.base import RELATED, RISK_MARKS, about
from periods import today
from periods.deadlines import day_of
from stations.browsing import short_name
from surfaces import drafts
from surfaces.pages import Page
from surfaces.words import moment

SHOWN = 60  # of a longer queue the oldest; the others come up as these are decided


# Papers that wait for a look or a word which is given elsewhere.
ELSEWHERE = {
    "withdrawal": lambda record: reverse("approval", args=["goals", record.goal.public_id]),
    "contacts": lambda record: paper_url(record.case.number, record.record),
}


class DecisionForm(forms.Form):
    """A word on a paper. Red risk asks for words whatever the decision: the gate `supervisor` reads them."""

    decision = forms.ChoiceField(choices=list(codes.VERDICTS.items()))
    text = forms.CharField(
        label=gettext_lazy("意见"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )  # fmt: skip

    def __init__(self, *args, is_red=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].required = is_red


class Queue(Page):
    """/approvals/: the queue; on a desk the first paper lies open beside it."""

    template_name = "casework/approvals.html"

    def dispatch(self, request, *args, **kwargs):
        if not worklists.approves(request.user):
            raise Forbidden(_("这一页只有督导和站长能看"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def waiting(self):
        return worklists.queue(self.request.user)

    def chosen(self):
        """(case, paper name) that lies open, or None."""
        return (self.waiting[0].case.number, self.waiting[0].record) if self.waiting else None

    def get_context_data(self, **kwargs):
        chosen = self.chosen()
        context = super().get_context_data(**kwargs) | {
            "queue": [row(w, chosen) for w in self.waiting[:SHOWN]], "total": len(self.waiting), "opened": False,
            "crumbs": [(_("个案"), reverse("cases")), (_("审批"), "")],
        }  # fmt: skip
        if chosen is None:
            return context | {"paper": None}
        paper = Paper(self.request.user, *chosen)
        record_read(self.request.user, paper.case, "approval")
        return context | paper.context()


class Approval(Queue):
    """/approvals/KIND/ID/: one paper. POST decides on it and opens the next."""

    def dispatch(self, request, *args, **kwargs):
        if kwargs["kind"] not in (*APPROVED, "goals", *ELSEWHERE):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        if kwargs["kind"] not in ELSEWHERE:
            return super().get(request, *args, **kwargs)
        found = self.visible(Record).filter(draft=False, kind=kwargs["kind"], public_id=kwargs["public_id"])
        record = found.select_related("case", "goal").first()
        if record is None:
            raise Http404
        return HttpResponseRedirect(ELSEWHERE[record.kind](record))

    @cached_property
    def number(self):
        """The number of the case that holds the paper, as far as it is in reach."""
        kind, public_id = self.kwargs["kind"], self.kwargs["public_id"]
        papers = self.visible(Record).filter(draft=False)
        named = {"goals__public_id": public_id} if kind == "goals" else {"kind": kind, "public_id": public_id}
        found = papers.exclude(kind__in=ELSEWHERE).filter(**named).values_list("case__number", flat=True).first()
        if found is None:
            raise Http404
        return found

    def chosen(self):
        return self.number, f"{self.kwargs['kind']}/{self.kwargs['public_id']}"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"opened": True} | kwargs

    def post(self, request, *args, **kwargs):
        paper = Paper(request.user, *self.chosen())
        form = DecisionForm(request.POST, is_red=paper.is_red)
        if not form.is_valid():
            return self.again(form, 400)
        said = form.cleaned_data
        body = {"record": paper.name, "decision": said["decision"]} | ({"text": said["text"]} if said["text"] else {})
        try:
            approve(request.user, paper.case, body)
        except Conflict as e:
            return self.again(form, 409, str(e.message))
        except DomainError as e:
            if e.status in (403, 404):
                raise
            form.add_error("text", str(e.message))
            return self.again(form, e.status)
        drafts.drop(request.user, paper.url)
        words = {"what": paper.title, "number": paper.case.number, "word": codes.VERDICTS[body["decision"]]}
        messages.success(request, _("%(number)s 的%(what)s：%(word)s") % words)
        return HttpResponseRedirect(self.next_url())

    def next_url(self):
        """The next in the queue, or the queue, which then says that nothing waits."""
        left = worklists.queue(self.request.user)
        return url_of(left[0]) if left else reverse("approvals")

    def again(self, form, status, conflict=""):
        return self.render_to_response(self.get_context_data(form=form, conflict=conflict), status=status)


class Paper:
    """One paper for somebody who is to decide on it: what it says, what changed, what its case is about, who may decide."""

    def __init__(self, user, number, name):
        self.user, self.name = user, name
        self.kind, _slash, self.public_id = name.partition("/")
        self.case = Case.objects.visible_to(user).select_related(*RELATED).get(number=number)
        if self.case.seen_as != FULL:
            raise Http404
        self.file = CaseFile(self.case)
        self.goal = self.file.goal(self.public_id) if self.kind == "goals" else None
        self.record = self.goal.plan if self.goal else self.file.named(name)

    @property
    def title(self):
        return _("撤回目标") if self.goal else paper_name(self.record)

    @property
    def url(self):
        return reverse("approval", args=[self.kind, self.public_id])

    @property
    def is_red(self):
        return self.kind == "assessments" and self.record.code == "red"

    @property
    def author(self):
        return self.goal.withdrawal_asked_by if self.goal else self.record.author

    def context(self):
        before = None if self.goal else previous_of(self.record, self.file)
        draft = None if self.why_not else drafts.draft_of(self.user, self.url)
        form = DecisionForm(is_red=self.is_red)
        return {
            "paper": {
                "url": self.url, "title": self.title, "name": self.name,
                "by": self.author or "", "since": self.asked_at(), "is_red": self.is_red, "is_goal": bool(self.goal),
                "compared": _("和第%(n)d版比") % {"n": before.version} if before else "",
                "sheet": self.lines() if self.goal else sheet(self.record, self.file, before),
                "said": self.said_before(before), "state": self.state(), "newest_url": self.newest_url(),
            },
            "about": self.about(), "may": not self.why_not, "why_not": self.why_not, "draft": draft, "draft_address": self.url,
            "form": drafts.restore(form, draft.data) if draft else form,
        }  # fmt: skip

    def asked_at(self):
        if not self.goal:
            return self.record.signed_at
        asked = [r for r in self.file.all("withdrawal") if r.goal_id == self.goal.pk]
        return asked[-1].at if asked else None

    def lines(self):
        """A goal that is to be withdrawn, as lines of a sheet: why, then the goal."""
        labels = {f.name: f.label for f in KINDS["plans"].fields[2].fields}
        reason = self.goal.withdrawal_reason
        found = [(_("为什么撤回"), reason.clear if reason else "")]
        found += [(labels[name], value) for name, value in goal_values(self.goal).items()]
        return [
            {"label": label, "text": text, "changed": "", "pieces": [{"kind": "", "text": text}]}
            for label, text in found
        ]

    # ── decided, and by whom ─────────────────────────────────────────────────────────────────────
    def verdict(self):
        """The approval that decided, or the note that a red assessment asked for; None while it waits."""
        if not self.goal:
            about = [r for r in self.file.all("approvals") if r.about_id == self.record.pk]
            return self.file.verdict(self.record) or (about[-1] if self.is_red and about else None)
        if self.goal.withdrawal == "asked":
            return None
        about = [r for r in self.file.all("approvals") if r.goal_id == self.goal.pk]
        return about[-1] if about else None

    def state(self):
        """What was decided: {who, when, word, kind, text}, or None."""
        verdict = self.verdict()
        if verdict is None:
            return None
        return {
            "who": verdict.author or _("系统"), "when": moment(verdict.at), "word": codes.VERDICTS[verdict.code], "text": text_of(verdict),
            "kind": {"approve": "ok", "return": "warn"}.get(verdict.code, "info"),
        }  # fmt: skip

    def newest_url(self):
        """Where the newest version is, when this is none."""
        newest = None if self.goal else self.file.signed(self.record.kind)
        if newest is None or newest.pk == self.record.pk:
            return ""
        return reverse("approval", args=[newest.kind, newest.public_id])

    @cached_property
    def why_not(self):
        """Why this reader does not decide, and who does; "" when he may."""
        if self.case.is_closed:
            return _("个案已结案，不再审")
        if self.newest_url():
            return _("已有新的一版，这一版不再审")
        if self.verdict() and not (self.is_red and not self.file.verdict(self.record)):
            return _("已经审过了")
        if self.case.is_of(self.user) or (self.author and self.author.pk == self.user.pk):
            others = self.who_can()
            own = _("自己写的、自己承办的，要由别人审")
            return (
                f"{own}：{'、'.join(others)}"
                if others
                else _("%(own)s；这里还没有别的督导或站长，请上级指定一位") % {"own": own}
            )
        if not access.may_approve(self.user, self.case, self.author):
            return _("这个站有督导，由督导来审：%(names)s") % {"names": "、".join(self.who_can())}
        return ""

    def who_can(self):
        """Names of those who may decide: supervisors that reach the station, but not whose work it is."""
        busy = {self.case.worker.user_id, self.author.pk if self.author else None}
        posts = access.supervisors_of(self.case.station).select_related("user")
        return sorted({str(post.user) for post in posts if post.user_id not in busy})

    # ── beside it ────────────────────────────────────────────────────────────────────────────────
    def about(self):
        """What the case is about, in short."""
        case, file, client = self.case, self.file, client_short(self.case.client, False)
        contacts = file.all("contacts")
        needs = values_of(a).get("needs") or [] if (a := file.readable("assessments")) else []
        intake = file.readable("intake")
        return {
            "number": case.number, "url": reverse("case", args=[case.number]), "name": client["name"], "person": about(client),
            "station": case.station, "worker": case.worker, "stage": codes.STAGES[case.stage], "since": case.stage_since,
            "risk": codes.RISK_LEVELS.get(case.risk_level, ""), "risk_kind": RISK_MARKS.get(case.risk_level, ""), "crisis": case.crisis,
            "problem": values_of(intake).get("presenting_problem", "") if intake else "",
            "needs": [(codes.NEEDS[n["domain"]], n.get("text") or "") for n in sorted(needs, key=lambda n: n["rank"])],
            "goals": goals_json(file, False) if self.kind != "plans" else [],
            "contacts": len(contacts), "minutes": sum(r.minutes or 0 for r in contacts),
            "last_on": max((r.on for r in contacts), default=None), "satisfaction": self.satisfaction(),
        }  # fmt: skip

    def satisfaction(self):
        """What the client said at the end, for a closure."""
        record = self.file.signed("evaluations") if self.kind == "closure" else None
        found = (values_of(record).get("satisfaction") or {}) if record else {}
        score = found.get("score")
        return _("%(n)d 分（满分 5 分）") % {"n": score} if score else found.get("absent_reason", "")

    def said_before(self, before):
        """What was said when the version before came back: {who, when, text}, or None."""
        verdict = self.file.verdict(before) if before else None
        if verdict is None or verdict.code != "return":
            return None
        return {"who": verdict.author or _("系统"), "when": moment(verdict.at), "text": text_of(verdict)}


def text_of(record):
    return values_of(record).get("text", "")


def url_of(waiting):
    return reverse("approval", args=[waiting.kind, waiting.public_id])


def row(waiting, chosen):
    """One line of the queue."""
    case, days = waiting.case, (today() - day_of(waiting.since)).days
    waited = ngettext("等了 %(n)d 天", "等了 %(n)d 天", days) % {"n": days} if days else _("今天交来")
    return {
        "url": url_of(waiting), "title": waiting.title, "name": case.client.name.clear, "number": case.number,
        "worker": case.worker.name, "station": short_name(case.station.name), "waited": waited,
        "kind": "bad" if waiting.is_late or waiting.is_red else "warn" if days else "info",
        "icon": "warn" if waiting.is_red else "case", "is_red": waiting.is_red,
        "current": chosen is not None and chosen[1] == waiting.record,
    }  # fmt: skip
