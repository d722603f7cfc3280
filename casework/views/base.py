"""What every page below /cases/<number>/ shares: the case within reach, how deep, its file, and the head that shows where it stands."""

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.errors import Forbidden
from casework import access, codes, due
from casework.access import FULL, NARROW
from casework.casefile import ORDER, CaseFile
from casework.models import Case
from casework.reads import record_read
from casework.shapes import case_json
from periods import today
from surfaces.pages import Page
from surfaces.words import iso_day, near_day

RELATED = ("station__division", "client__station", "worker__user", "transfer_to", "previous", "next")
RISK_MARKS = {"red": "bad", "orange": "warn", "yellow": "warn", "green": "ok"}


class CasePage(Page):
    """A page of one case: 404 out of reach, 403 where the reader lacks the verb `needs` (a word of access.VERBS).

    Context: `case` (shapes.case_json), `head` (see templates/casework/_head.html), `full`, `crumbs`. A page below the case
    sets `title`, which then heads the page in place of the client's name. `depth` is full, summary or narrow.
    """

    needs = None
    title = ""

    def dispatch(self, request, *args, **kwargs):
        self.check_reach()
        return super().dispatch(request, *args, **kwargs)

    def check_reach(self):
        """404 out of reach, before anything else; then the right."""
        if self.case and self.needs and not self.may(self.needs):
            raise Forbidden(_("这一页不在您的职责内"))
        if self.full:
            record_read(self.request.user, self.case, self.request.resolver_match.url_name)

    @cached_property
    def case(self):
        rows = self.visible(Case).select_related(*RELATED)
        found = rows.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def depth(self):
        return self.case.seen_as

    @property
    def full(self):
        return self.depth == FULL

    @cached_property
    def hands(self):
        """The hands by which the reader holds the case (access.held)."""
        return access.hands_on(self.request.user, self.case)

    def may(self, verb):
        """May the reader do `verb`, as far as the right goes? Whether the case is where this is done is the action's affair."""
        return bool(self.hands & access.VERBS[verb])

    @cached_property
    def file(self):
        return CaseFile(self.case)

    @property
    def url(self):
        return reverse("case", args=[self.case.number])

    def crumbs(self):
        return [(_("个案"), reverse("cases")), (self.case.number, self.url if self.title else "")] + (
            [(self.title, "")] if self.title else []
        )

    @cached_property
    def shown(self):
        """The case as this reader sees it."""
        return case_json(self.case, self.depth, False, self.file)

    @cached_property
    def due_items(self):
        """What is due in the case now; nothing for who may know its number and stage only."""
        return due.open_items(self.case) if self.depth != NARROW else []

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "case": self.shown, "full": self.full, "title": self.title, "crumbs": self.crumbs(),
            "head": head_of(self.case, self.shown, self.file, self.depth) | {"url": self.url},
        }  # fmt: skip


# ── The head ─────────────────────────────────────────────────────────────────────────────────────
def head_of(case, shown, file, depth):
    """What templates/casework/_head.html shows. The client stands in it at full depth alone."""
    client = shown["client"]
    return {
        "number": case.number, "name": client["name"] if client else "", "about": about(client) if client else "",
        "station": case.station, "station_url": reverse("station", args=[case.station.code]),
        "badges": list(badges(case, depth)), "steps": steps(case, file), "notices": list(notices(case, depth)),
    }  # fmt: skip


def about(client):
    """女，78 岁"""
    age = client["age"]
    years = ngettext("%(n)d 岁", "%(n)d 岁", age) % {"n": age} if age is not None else ""
    sex = str(codes.SEXES.get(client["sex"], "")) if client["sex"] != "unknown" else ""
    return joined(sex, years)


def joined(*words):
    """One word after the other, as the reader's language sets them apart; what is empty is left out."""
    return pgettext("between words", "，").join(str(word) for word in words if word)


def badges(case, depth):
    """Stage first; what a colleague may not know is left out."""
    closed = case.is_closed
    yield {"kind": "" if closed else "info", "icon": "lock" if closed else "case", "text": codes.STAGES[case.stage]}
    if depth == NARROW:
        return
    if case.risk_level:
        text = _("风险%(level)s") % {"level": codes.RISK_LEVELS[case.risk_level]}
        yield {"kind": RISK_MARKS.get(case.risk_level, ""), "icon": "warn", "text": text}
    if case.crisis:
        yield {"kind": "bad", "icon": "stop", "text": _("危机")}
    if case.suspended_on:
        yield {"kind": "warn", "icon": "clock", "text": _("中止中")}
    if case.confidentiality == "restricted":
        yield {"kind": "", "icon": "lock", "text": _("从严保密")}
    if case.filed_on:
        yield {"kind": "", "icon": "check", "text": _("已归档")}


def notices(case, depth):
    """What must be read before anything else: a crisis, a rest, a transfer that waits for an answer."""
    if depth == NARROW:
        return
    if case.crisis:
        yield {
            "kind": "bad",
            "icon": "stop",
            "title": _("危机中"),
            "text": _("24 小时、72 小时内各跟进一次；解除由督导或站长来做"),
        }
    if case.suspended_on:
        words = {
            "day": near_day(case.suspended_on), "reason": codes.SUSPENSIONS[case.suspended_reason],
            "review": near_day(case.suspended_review_on),
        }  # fmt: skip
        text = _("%(day)s起，%(reason)s；%(review)s 复查。先恢复再往下走") % words
        yield {"kind": "warn", "icon": "clock", "title": _("中止中"), "text": text}
    if case.transfer_to:
        text = _("已提出转往%(station)s，等对方接收；接收以前仍由%(from)s负责") % {
            "station": case.transfer_to, "from": case.station,
        }  # fmt: skip
        yield {"kind": "info", "icon": "info", "title": _("转站"), "text": text}


def steps(case, file):
    """The six stages for components/steps.html: done with the day of entering, now with its weeks, shut."""
    entered = {"intake": case.opened_on} | {step.code: step.on for step in file.all("stage")}
    at = ORDER.index(case.stage)
    found = []
    for n, (stage, label) in enumerate(codes.STAGES.items()):
        passed = n < at and (stage in entered or not case.is_closed)
        state = "done" if passed or (case.is_closed and n == at) else "now" if n == at else "shut"
        note = short_day(entered[stage]) if state == "done" and stage in entered else weeks(case) if n == at else ""
        found.append({"label": label, "note": note, "state": state})
    return found


def weeks(case):
    """第 9 周: of the stage that goes on."""
    n = max(0, (today() - case.stage_since).days) // 7 + 1
    return _("第 %(n)d 周") % {"n": n}


def short_day(day):
    """A day under a mark of the stepper."""
    return near_day(day) if day.year == today().year else iso_day(day)
