"""Where the key of a shut door is: for every gate, due item and deed of a case the page that mends or does it. Rights are access's affair.

Addresses below /cases/<number>/ are put together here alone.
"""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import access, codes
from casework.access import VERBS
from casework.codes import CLOSED
from casework.records import KINDS
from casework.stages import BACK, next_stage

# Kind of paper → the last part of its form's address.
FORMS = {
    "intake": "intake", "assessments": "assessment", "plans": "plan", "contacts": "log", "reviews": "review",
    "evaluations": "evaluation", "closure": "closure", "follow-ups": "follow-up",
}  # fmt: skip
WRITE = {
    "intake": gettext_lazy("写接案登记"), "assessments": gettext_lazy("写预估"), "plans": gettext_lazy("写计划"),
    "contacts": gettext_lazy("记一次"), "reviews": gettext_lazy("去检视"), "evaluations": gettext_lazy("写评估"),
    "closure": gettext_lazy("写结案报告"), "follow-ups": gettext_lazy("记跟进"),
}  # fmt: skip
GATE_PAPERS = {
    "decision": "intake", "assessment": "assessments", "needs": "assessments", "risk": "assessments", "ability": "assessments",
    "supervisor": "assessments", "plan_approved": "plans", "goals": "plans", "agreement": "plans", "contacts": "contacts",
    "reviews": "reviews", "goal_scores": "evaluations", "satisfaction": "evaluations", "closure": "closure",
}  # fmt: skip
# Due item → the paper, or the deed with its query, that ends it. What waits for a word leads to that word.
DUE_PAPERS = {
    "intake": "intake", "assessment": "assessments", "reassessment": "assessments", "reassessment_event": "assessments",
    "plan": "plans", "agreement": "plans", "review": "reviews", "closure": "closure", "follow_up": "follow-ups",
    "contact": "contacts", "contact_long": "contacts", "contact_red": "contacts", "contact_orange": "contacts",
    "contact_record": "contacts", "contact_record_24h": "contacts",
}  # fmt: skip
DUE_DEEDS = {
    "suspension_review": ("resume", {}), "consent": ("consent", {}), "filing": ("filing", {}),
    "crisis_record": ("crisis", {}), "crisis_report": ("crisis", {"action": "follow_up"}),
    "crisis_24h": ("crisis", {"action": "follow_up"}), "crisis_72h": ("crisis", {"action": "follow_up"}),
}  # fmt: skip
DEED_WORDS = {
    "resume": gettext_lazy("恢复"), "consent": gettext_lazy("记同意"), "filing": gettext_lazy("去归档"), "crisis": gettext_lazy("去跟进"),
}  # fmt: skip
UNCORRECTED = ("corrections", "opened", "stage", "approvals")  # papers that no correction speaks of
AFTER_PLAN = ("contacts", "reviews", "evaluations")  # written once a plan holds (checks.py)


IN_A_DIALOG = {"advance", "suspend", "resume", "consent", "transfer", "reopen", "confidentiality"}


def below(number, part, **query):
    """`/cases/<number>/<part>/` with its query."""
    return f"{reverse('case', args=[number])}{part}/" + (f"?{urlencode(query)}" if query else "")


def form_url(number, kind, **query):
    """Where a paper of `kind` is written."""
    return below(number, FORMS[kind], **query)


def paper_url(number, name):
    """Where one paper (`plans/p3f9`) is read."""
    return below(number, f"papers/{name}")


def approval_url(name):
    """Where a word is given on a paper or a goal (`goals/g3f9`)."""
    return f"/approvals/{name}/"


def due_url(number, code, record="", *, by="worker"):
    """Where an item that is due is done `by` its worker, or looked into by whoever else minds it."""
    if record and code in ("plan_approval", "closure_approval", "withdrawal_approval", "red_note", "record_review"):
        return approval_url(record) if by != "worker" else paper_url(number, record)
    if by != "worker":
        return reverse("case", args=[number])
    if code in DUE_PAPERS:
        draft = {"draft": record.partition("/")[2]} if code.startswith("contact_record") and record else {}
        return form_url(number, DUE_PAPERS[code], **draft)
    if code in DUE_DEEDS:
        deed, query = DUE_DEEDS[code]
        return below(number, deed, **query)
    return reverse("case", args=[number])


def _asks_little(url):
    """Does the page of this deed fit in a dialog over the case?"""
    return url.partition("?")[0].rstrip("/").rpartition("/")[2] in IN_A_DIALOG


class Doors:
    """The doors of one case for one reader, who holds it by `hands` (access.hands_on)."""

    def __init__(self, user, case, file, hands):
        self.user, self.case, self.file, self.hands = user, case, file, hands
        self.number = case.number

    def may(self, verb):
        return bool(self.hands & VERBS[verb])

    # ── papers ───────────────────────────────────────────────────────────────────────────────────
    def form(self, kind):
        """(address, words) of the form of a paper: the reader's own draft is gone on with. Nothing where he may not, or not yet."""
        if not self.may(KINDS[kind].verb) or not self.fits(kind):
            return None
        draft = next((r for r in reversed(self.file.records) if self._is_draft(r, kind)), None)
        if draft:
            return form_url(self.number, kind, draft=draft.public_id), _("接着写%(paper)s") % {
                "paper": KINDS[kind].label
            }
        return form_url(self.number, kind), str(WRITE[kind])

    def fits(self, kind):
        """Is the case where such a paper is written?"""
        stages, closed = KINDS[kind].stages, self.case.is_closed
        if closed != KINDS[kind].after_closing or (stages and self.case.stage not in stages):
            return False
        return kind not in AFTER_PLAN or self.file.approved_plan is not None

    def _is_draft(self, record, kind):
        return record.kind == kind and record.draft and record.author_id == self.user.pk

    def drafts(self):
        """Drafts of the reader's own, the newest first."""
        return [r for r in reversed(self.file.records) if r.draft and r.author_id == self.user.pk and r.kind in FORMS]

    def word_on(self, record):
        """(address, words) of the approval of `record`: for who gives the word the desk, for the others the paper."""
        if self.hands & {"supervisor", "manager"} and not self.case.is_of(self.user):
            return approval_url(record.record), _("去审")
        return (paper_url(self.number, record.record), _("看这一份")) if self.may("read") else None

    # ── gates ────────────────────────────────────────────────────────────────────────────────────
    def of_gate(self, code):
        """(address, words) of what opens gate `code`, or None where this reader has no such key."""
        if not self.may("read"):
            return None
        if code == "identity":
            return f"/clients/{self.case.client.public_id}/edit/", _("补资料")
        if code == "consent":
            signed = self.file.signed("intake") is not None
            return (below(self.number, "consent"), _("记同意")) if signed and self.may("write") else self.form("intake")
        kind = GATE_PAPERS.get(code)
        waiting = self.file.signed(kind) if code in ("supervisor", "plan_approved", "closure") else None
        if waiting and self._waits_for_a_word(code, waiting):
            return self.word_on(waiting)
        return self.form(kind) if kind else None

    def _waits_for_a_word(self, code, record):
        newest = self.file.newest(record.kind)
        return newest.pk == record.pk and (code == "supervisor" or self.file.verdict(record) is None)

    def of_due(self, item):
        """(address, words) of what ends a due item, or None."""
        if item.code == "record_review" and self.may("review") and not self.case.is_of(self.user):
            return form_url(self.number, "reviews", subject=item.record), str(WRITE["reviews"])
        if item.code.endswith("_approval") or item.code in ("red_note", "record_review"):
            record = self.file.named(item.record)
            return self.word_on(record) if record else None
        if item.code in DUE_PAPERS:
            kind = DUE_PAPERS[item.code]
            return self.form(kind)
        deed, query = DUE_DEEDS.get(item.code, ("", {}))
        if not deed or not self.may(KINDS[deed].verb):
            return None
        return below(self.number, deed, **query), str(DEED_WORDS[deed])

    # ── deeds ────────────────────────────────────────────────────────────────────────────────────
    def steps_back(self):
        """[(address, words)] of the stages that the case may be taken back to."""
        if not self.may("advance") or self.case.suspended_on:
            return []
        return [
            (below(self.number, "advance", to=to), _("退回%(stage)s…") % {"stage": codes.STAGES[to]})
            for to in BACK.get(self.case.stage, ())
        ]

    def menu(self):
        """[{url, label, kind}]: what may be done to the case now, by this reader."""
        return [
            {"url": url, "label": label, "kind": kind, "dialog": _asks_little(url)}
            for may, url, label, kind in (*self._while_open(), *self._once_closed(), *self._always())
            if may
        ]

    def _while_open(self):
        case, number = self.case, self.number
        going = not case.is_closed
        early = going and not case.suspended_on and next_stage(case.stage) != CLOSED
        yield going and self.may("write"), below(number, "consent"), _("知情同意…"), ""
        yield going and self.may("suspend") and not case.suspended_on, below(number, "suspend"), _("中止…"), ""
        yield going and self.may("suspend") and bool(case.suspended_on), below(number, "resume"), _("恢复…"), ""
        yield (
            going and self.may("crisis") and not case.crisis,
            below(number, "crisis", action="raise"),
            _("报危机…"),
            "danger",
        )
        yield (
            going and self.may("crisis") and case.crisis,
            below(number, "crisis", action="follow_up"),
            _("危机跟进…"),
            "",
        )
        yield going and self.may("lift") and case.crisis, below(number, "crisis", action="lift"), _("解除危机…"), ""
        yield early and self.may("write"), form_url(number, "closure"), _("提前结案：写结案报告"), ""
        closing = early and self.file.signed("closure") is not None
        yield closing and self.may("advance"), below(number, "advance", to=CLOSED), _("提前结案…"), "danger"
        yield from self._transfer(going)

    def _transfer(self, going):
        case, number = self.case, self.number
        offered = going and case.transfer_to is not None
        yield going and not offered and self.may("offer"), below(number, "transfer", action="offer"), _("转站…"), ""
        yield offered and self.may("offer"), below(number, "transfer", action="cancel"), _("收回转站…"), ""
        receives = offered and access.may_receive(self.user, case.transfer_to)
        yield receives, below(number, "transfer", action="accept"), _("接收转来的个案…"), ""
        yield receives, below(number, "transfer", action="return"), _("退回转来的个案…"), ""

    def _once_closed(self):
        case, number = self.case, self.number
        again = case.is_closed and getattr(case, "next", None) is None
        yield case.is_closed and self.may("file"), below(number, "filing"), _("归档…"), ""
        yield again and self.may("reopen"), below(number, "reopen"), _("重新开案…"), ""

    def _always(self):
        yield self.may("change") and not self.case.is_closed, below(self.number, "assign"), _("改派…"), ""
        yield self.may("change") and not self.case.is_closed, below(self.number, "confidentiality"), _("保密级别…"), ""
        yield self.may("correct"), below(self.number, "correct"), _("更正…"), ""
        yield self.may("read"), below(self.number, "reads"), _("查看登记"), ""
        yield self.may("read"), below(self.number, "print"), _("打印卷宗"), ""
