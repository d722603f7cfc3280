"""/cases/<number>/ and its tabs: where does this person stand, what next, why shut, and what was done so far."""

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.masking import FULL, present
from accounts.reveals import PURPOSES, REVEALED
from casework import codes, due, filing
from casework.casefile import values_of
from casework.codes import CLOSED
from casework.doors import UNCORRECTED, Doors, approval_url, below, form_url, paper_url
from casework.models import Case
from casework.reads import reads_of
from casework.records import APPROVED, KINDS, paper_name
from casework.sheets import previous_of, sheet
from casework.showing import opened
from casework.stages import gates_of, next_stage
from casework.views import lines
from casework.views.base import CasePage
from casework.views.due_words import due_rows
from periods import today

PER_PAGE = 20
SCORES = {-2: "bad", -1: "warn", 0: "", 1: "ok", 2: "ok"}


class CaseBase(CasePage):
    """What the case and its tabs share: the tabs, and the one thing that is pressed first."""

    tab = "timeline"

    @cached_property
    def doors(self):
        return Doors(self.request.user, self.case, self.file, self.hands)

    def tabs(self):
        if not self.full:
            return []
        plan, number = self.file.readable("plans"), self.case.number
        words = sum(1 for r in self.file.all("approvals"))
        papers = sum(1 for r in self.file.records if r.kind in lines.FILED and not r.draft)
        found = [
            ("timeline", "case", _("时间线"), ""), ("goals", "case_goals", pgettext("casework", "目标"), len(self.shown["goals"]) or ""),
            ("assessments", "case_assessments", _("预估"), self._version("assessments")),
            ("plans", "case_plans", _("计划"), self._version("plans") if plan else ""),
            ("supervision", "case_supervision", _("督导"), words or ""), ("file", "case_file", _("文件"), papers or ""),
        ]  # fmt: skip
        return [
            {"url": reverse(name, args=[number]), "label": label, "count": count, "current": tab == self.tab}
            for tab, name, label, count in found
        ]

    def _version(self, kind):
        newest = self.file.readable(kind)
        return _("第%(n)d版") % {"n": newest.version} if newest else ""

    def primary(self):
        """{url, label, icon} or None: to note a contact while a plan holds, else the next paper, else the step itself."""
        kind = "follow-ups" if self.case.is_closed else "contacts"
        if self.may("write") and self.doors.fits(kind):
            words = _("记跟进") if self.case.is_closed else _("记一次联系")
            return {"url": form_url(self.case.number, kind), "label": words, "icon": "plus"}
        for door in [self.doors.of_gate(gate.code) for gate in self.gates if not gate.met]:
            if door and "/approvals/" in door[0]:
                return {"url": door[0], "label": door[1], "icon": "check"}
            if door and self.may("write") and "/papers/" not in door[0]:
                return {"url": door[0], "label": door[1], "icon": "edit"}
        url = self.step_url
        words = (
            pgettext("casework", "进入%(stage)s") % {"stage": codes.STAGES[next_stage(self.case.stage)]} if url else ""
        )
        return {"url": url, "label": words, "icon": "chevron"} if url else None

    @property
    def step_url(self):
        """Where the case is taken to its next stage; "" while a gate is shut, it rests, or this reader may not."""
        to = next_stage(self.case.stage)
        shut = to is None or any(not gate.met for gate in self.gates) or self.case.suspended_on
        return "" if shut or not self.may("advance") else below(self.case.number, "advance", to=to)

    @cached_property
    def gates(self):
        following = next_stage(self.case.stage)
        return gates_of(self.file, following) if following and self.depth != "narrow" else []

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "tabs": self.tabs(), "tab": self.tab, "primary": self.primary(), "menu": self.doors.menu(), "menu_label": _("更多"),
            "call_url": self._call_url(),
        }  # fmt: skip

    def _call_url(self):
        """Where the phone is shown with a purpose; "" where there is none."""
        return f"{self.url}#reveal" if self.full and self.case.client.phone else ""


class CaseView(CaseBase):
    """The case itself: what is due, the gates of the next step, the timeline."""

    template_name, fragment_name = "casework/case.html", "casework/_timeline.html"

    def get_context_data(self, **kwargs):
        context, items = super().get_context_data(**kwargs), self.due_items
        return context | self.timeline() | {
            "due": due_rows(items, self.doors), "due_note": due.note_of(items), "step": self.step(),
            "drafts": self.drafts(), "person": self.person() if self.full else None,
            "goals": [goal_row(goal) for goal in context["case"]["goals"]], "keeping": self.keeping() if self.full else None,
            "episodes": self.episodes(),
        }  # fmt: skip

    def timeline(self):
        found = Paginator(lines.lines_of(self.file, self.reveals(), self.full), PER_PAGE)
        page = found.get_page(self.request.GET.get("page"))
        return {"page": page, "lines": [lines.shown(line, self.file, self.full) for line in page]}

    def reveals(self):
        return reads_of(self.case).filter(verb=REVEALED) if self.full else []

    def step(self):
        """The panel of the next step: its gates, its button, the ways back."""
        to = next_stage(self.case.stage)
        if to is None or self.depth == "narrow":
            return None
        shut = [gate for gate in self.gates if not gate.met]
        words = {"stage": codes.STAGES[to], "n": len(shut)}
        if shut:
            title = ngettext("还不能进入%(stage)s：差 %(n)d 项", "还不能进入%(stage)s：差 %(n)d 项", len(shut)) % words
        else:
            title = (_("先恢复，才能进入%(stage)s") if self.case.suspended_on else _("可以进入%(stage)s了")) % words
        label = _("结案并锁定…") if to == CLOSED else pgettext("casework", "进入%(stage)s") % words
        return {
            "title": title, "gates": [self.gate_row(gate) for gate in self.gates], "label": label if self.may("advance") else "",
            "url": self.step_url, "back": self.doors.steps_back(),
        }  # fmt: skip

    def gate_row(self, gate):
        door = None if gate.met else self.doors.of_gate(gate.code)
        return {"met": gate.met, "text": gate.label if gate.met else gate.detail, "door": door}

    def drafts(self):
        return [
            {"label": KINDS[r.kind].label, "on": r.on, "at": r.updated_at,
             "url": form_url(self.case.number, r.kind, draft=r.public_id)}
            for r in self.doors.drafts()
        ]  # fmt: skip

    def person(self):
        """What is known of the client, masked but for name, birth date and address; and the way to open it."""
        client = self.case.client
        names = ("birth_date", "id_number", "phone", "address", "guardian", "emergency_contact")
        shown = present({name: getattr(client, name) for name in names}, FULL, False)
        groups, now_open = client.category_rows.filter(span__contains=today()), opened(self.request, client)
        return {
            **shown, **(now_open or {"until": None}), "id_type": client.get_id_type_display(), "id_absent_reason": client.id_absent_reason,
            "groups": [row.get_category_display() for row in groups],
            "url": f"/clients/{client.public_id}/", "reveal_url": f"/clients/{client.public_id}/show/", "purposes": PURPOSES,
            "may_reveal": self.may("reveal"),
        }  # fmt: skip

    def keeping(self):
        """Who works on it, how often, on what ground."""
        contacts = self.file.all("contacts")
        minutes = sum(r.minutes or 0 for r in contacts)
        return {
            "contacts": len(contacts), "hours": f"{minutes / 60:.1f}".removesuffix(".0"), "consent": lines.consent_words(self.file),
            "goals_due": max((g["due_on"] for g in self.shown["goals"] if g["due_on"]), default=None),
        }  # fmt: skip

    def episodes(self):
        """[{number, label, url}]: the episode before and after this one; linked where the reader may know of them."""
        if self.depth == "narrow":
            return []
        other = [(_("上一次"), self.case.previous), (_("下一次"), getattr(self.case, "next", None))]
        other = [(label, case) for label, case in other if case]
        known = (
            set(self.visible(Case).filter(pk__in=[c.pk for _label, c in other]).values_list("pk", flat=True))
            if other
            else set()
        )
        return [
            {"label": label, "number": case.number, "stage": codes.STAGES[case.stage], "on": case.closed_on or case.opened_on,
             "url": reverse("case", args=[case.number]) if case.pk in known else ""}
            for label, case in other
        ]  # fmt: skip


def goal_row(goal):
    """A goal of shapes.goals_json for the page."""
    score = goal["score"]
    return {
        **goal,
        "mark": {"kind": SCORES[score], "text": f"{score:+d}".replace("-", "−") if score else "0"}
        if score is not None
        else None,
    }


# ── Tabs ─────────────────────────────────────────────────────────────────────────────────────────
class CaseTab(CaseBase):
    """A tab below the case; papers are for those who have the case in full."""

    needs = "read"

    def crumbs(self):
        label = next(tab["label"] for tab in self.tabs() if tab["current"])
        return [(_("个案"), reverse("cases")), (self.case.number, self.url), (label, "")]


class CaseGoals(CaseTab):
    template_name, tab = "casework/case_goals.html", "goals"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        plan = self.file.readable("plans")
        may = self.may("write") and not self.case.is_closed and plan is not None and not plan.draft
        goals = [
            goal_row(goal) | {"withdraw_url": below(self.case.number, f"withdraw-goal/{goal['id']}") if may and not goal["withdrawal"] else ""}
            for goal in context["case"]["goals"]
        ]  # fmt: skip
        evaluation = self.file.signed("evaluations")
        return context | {
            "goals": goals, "plan": plan and paper_row(self.file, plan), "evaluation": evaluation and paper_row(self.file, evaluation),
            "write": None if self.case.is_closed else self.doors.form("plans"),
        }  # fmt: skip


class CaseVersions(CaseTab):
    """The newest version of a paper in full and the list of all."""

    template_name = "casework/case_versions.html"
    kind = ""

    def get_context_data(self, **kwargs):
        newest = self.file.readable(self.kind)
        versions = [r for r in reversed(self.file.records) if r.kind == self.kind]
        open_here = not self.case.is_closed and self.case.stage in KINDS[self.kind].stages
        return super().get_context_data(**kwargs) | {
            "label": KINDS[self.kind].label, "paper": newest and paper_row(self.file, newest),
            "sheet": sheet(newest, self.file) if newest else [], "versions": [paper_row(self.file, r) for r in versions],
            "write": self.doors.form(self.kind) if open_here else None,
        }  # fmt: skip


class CaseAssessments(CaseVersions):
    kind = tab = "assessments"


class CasePlans(CaseVersions):
    kind = tab = "plans"


class CaseSupervision(CaseTab):
    """What supervisors said, and what waits for their word."""

    template_name, tab = "casework/case_supervision.html", "supervision"

    def get_context_data(self, **kwargs):
        said = [self.word(r) for r in reversed(self.file.all("approvals"))]
        return super().get_context_data(**kwargs) | {"words": said, "waiting": list(self.waiting())}

    def word(self, record):
        about, values = next((r for r in self.file.records if r.pk == record.about_id), None), values_of(record)
        marks = {"approve": ("ok", ""), "return": ("warn", "undo"), "note": ("info", "edit")}
        kind, icon = marks[record.code]
        return {
            "mark": {"kind": kind, "icon": icon, "text": codes.VERDICTS[record.code]}, "text": values.get("text", ""), "on": record.at,
            "by": str(record.author), "about": paper_row(self.file, about) if about else None,
            "goal": self.file.goal(str(values.get("record", "")).partition("/")[2]) if about is None else None,
        }  # fmt: skip

    def waiting(self):
        """Papers and goals without a word."""
        if self.case.is_closed:
            return
        for kind in APPROVED:
            record = self.file.signed(kind)
            asks = record and (
                not self.file.noted(record) and record.code == "red"
                if kind == "assessments"
                else not self.file.verdict(record)
            )
            if asks:
                yield {
                    "label": paper_name(record),
                    "by": str(record.author),
                    "door": self.doors.word_on(record),
                }
        for goal in self.file.live_goals:
            if goal.withdrawal == "asked":
                own = self.case.is_of(self.request.user) or not self.hands & {"supervisor", "manager"}
                yield {"label": _("撤回%(goal)s") % {"goal": lines.goal_name(goal)}, "by": "",
                       "door": None if own else (approval_url(str(goal)), _("去审"))}  # fmt: skip


class CaseFilePage(CaseTab):
    """Every paper by kind, and what the file of a closed case must hold."""

    template_name, tab = "casework/case_file.html", "file"

    def get_context_data(self, **kwargs):
        groups = []
        for kind in lines.FILED:
            papers = [paper_row(self.file, r) for r in self.file.records if r.kind == kind and not r.draft]
            if papers:
                groups.append({"label": KINDS[kind].label, "form": KINDS[kind].form, "papers": papers[::-1]})
        missing = filing.contents_of(self.file)["missing"]
        return super().get_context_data(**kwargs) | {
            "groups": groups, "print_url": below(self.case.number, "print"), "filed_on": self.case.filed_on,
            "missing": [filing_word(name) for name in missing],
            "file_url": below(self.case.number, "filing") if self.case.is_closed and self.may("file") else "",
        }  # fmt: skip


def filing_word(name):
    """What a missing part of the file is called."""
    return _("服务协议") if name == "agreement" else KINDS[name].label


def paper_row(file, record):
    """A paper in a list: {label, form, on, by, at, url, mark, corrected}."""
    return {
        "label": paper_name(record), "title": lines.title_of(record), "form": KINDS[record.kind].form,
        "on": record.on, "by": str(record.signed_by or record.author or ""), "at": record.signed_at, "draft": record.draft,
        "url": paper_url(file.case.number, record.record), "mark": lines.verdict_mark(file, record),
        "corrected": sum(1 for r in file.records if r.kind == "corrections" and r.about_id == record.pk),
    }  # fmt: skip


# ── One paper ────────────────────────────────────────────────────────────────────────────────────
class CasePaper(CaseBase):
    """/cases/<number>/papers/<kind>/<id>/: one paper in full, what was said about it, what corrects it, what went before."""

    template_name, needs, tab = "casework/case_paper.html", "read", "paper"

    @cached_property
    def record(self):
        found = self.file.named(f"{self.kwargs['kind']}/{self.kwargs['pk']}")
        if found is None or found.kind not in KINDS:
            raise Http404
        return found

    def check_reach(self):
        super().check_reach()
        self.title = paper_name(self.record)

    def primary(self):
        return None

    def get_context_data(self, **kwargs):
        record, file = self.record, self.file
        before = previous_of(record, file) if self.request.GET.get("compare") else None
        context = super().get_context_data(**kwargs)
        return context | {
            "paper": paper_row(file, record), "sheet": sheet(record, file, before), "compared": before is not None,
            "compare_url": "?compare=1" if previous_of(record, file) and not before else "",
            "words": [self.word(r) for r in file.all("approvals") if r.about_id == record.pk],
            "corrections": [self.correction(r) for r in file.all("corrections") if r.about_id == record.pk],
            "versions": [paper_row(file, r) for r in file.records if r.kind == record.kind and r.pk != record.pk] if KINDS[record.kind].versions else [],
            "draft_url": form_url(self.case.number, record.kind, draft=record.public_id) if record in self.doors.drafts() else "",
            "correct_url": below(self.case.number, "correct", record=record.record) if self._corrigible() else "",
            "word": self.doors.word_on(record) if self._asks() else None,
        }  # fmt: skip

    def _corrigible(self):
        return self.may("correct") and not self.record.draft and self.record.kind not in UNCORRECTED

    def _asks(self):
        mine = self.case.is_of(self.request.user) or not self.hands & {"supervisor", "manager"}
        newest = self.file.signed(self.record.kind)
        asks = self.record.kind in APPROVED and newest is not None and newest.pk == self.record.pk
        return asks and not mine and not self.case.is_closed and self.file.verdict(self.record) is None

    def word(self, record):
        return {"text": values_of(record).get("text", ""), "on": record.at, "by": str(record.author), "label": codes.VERDICTS[record.code],
                "kind": {"approve": "ok", "return": "warn"}.get(record.code, "info")}  # fmt: skip

    def correction(self, record):
        values = values_of(record)
        fields = {f.name: f.label for f in KINDS[self.record.kind].fields}
        return {"field": fields.get(values["field"].split(".")[0], values["field"]), "text": values["text"], "reason": values["reason"],
                "by": str(record.author), "on": record.at}  # fmt: skip
