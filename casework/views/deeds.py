"""What is done to an open case beside writing its papers, one page each: advance, rest, consent, crisis, a goal withdrawn.

Thin: what may be chosen now, what it asks for, what one wants to see before; the rules stand in actions/. Transfer and
confidentiality: handing.py; what comes after closing: aftermath.py.
"""

from dataclasses import replace

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework import actions, codes
from casework.access import VERBS
from casework.actions.deeds import NEEDS
from casework.codes import CLOSED, STAGES
from casework.doors import below
from casework.records import KINDS
from casework.stages import gates_of, next_stage, reachable
from casework.views.deed import DeedPage, day_today
from periods import today
from surfaces.words import prose_day


class Advance(DeedPage):
    """To the next stage, back, or early to the end. `seen` in the form is the stage that the page was drawn from."""

    kind, needs, param = "stage", "advance", "to"

    @cached_property
    def title(self):
        return self.button() if self.variant in self.steps else _("进入下一阶段")

    @cached_property
    def steps(self):
        return reachable(self.case.stage)

    def variants(self):
        return {to: self._words(to) for to in self.steps}

    def _words(self, to):
        if to == CLOSED:
            return _("结案") if next_stage(self.case.stage) == CLOSED else _("提前结案")
        return (_("退回%(stage)s") if self.steps[to] else _("进入%(stage)s")) % {"stage": STAGES[to]}

    def shut(self):
        if self.case.suspended_on:
            return _("个案中止中，先恢复再往下走")
        return super().shut()

    def key(self):
        return (below(self.case.number, "resume"), _("恢复")) if self.case.suspended_on else None

    def fields(self):
        if self.variant == CLOSED:
            return ["reason"], ()
        return (["on", "reason"], ("reason",)) if self.steps.get(self.variant) else (["on"], ())

    def initial(self):
        return {"on": max(today(), self.case.stage_since).isoformat()}

    def button(self):
        if self.variant == CLOSED:
            return _("结案并锁定")
        return self._words(self.variant) if self.variant in self.steps else ""

    def lead(self):
        if self.variant == CLOSED:
            return _("结案以后，个案和它的记录都不再改动；只能跟进、归档、更正，或重新开案。")
        if self.steps.get(self.variant):
            return _("退回以后要写新的一版再往下走；旧的一版留着。")
        return ""

    def facts(self):
        closure = self.file.signed("closure") if self.variant == CLOSED else None
        if closure is None:
            return []
        code = codes.CLOSURES.get(closure.code, "")
        return [(_("结案日期"), prose_day(closure.on)), (_("结案原因"), f"{closure.code} {code}")]

    def gates(self):
        """Every gate of the step, shut ones with where the key is."""
        if self.shut() or self.variant not in self.steps or self.steps[self.variant]:
            return []
        return [
            {"label": g.label, "met": g.met, "detail": g.detail, "door": None if g.met else self.doors.of_gate(g.code)}
            for g in gates_of(self.file, self.variant)
        ]

    def get_context_data(self, **kwargs):
        gates = self.gates()
        left = sum(not gate["met"] for gate in gates)
        gates_title = ""
        if gates and left:
            words = ngettext("还不能%(step)s：差 %(n)d 项", "还不能%(step)s：差 %(n)d 项", left)
            gates_title = words % {"step": self._words(self.variant), "n": left}
        elif gates:
            gates_title = _("条件都满足了")
        return super().get_context_data(**kwargs) | {
            "gates": gates, "left": left, "bare": bool(left) and self.form is None, "gates_title": gates_title, "seen": self.case.stage,
        }  # fmt: skip

    def act(self, body):
        return actions.advance_case(
            self.request.user, self.case, {**body, "to": self.variant}, seen=self.request.POST.get("seen", "")
        )

    def done(self, made):
        words = {CLOSED: _("已结案并锁定")}
        back = _("已退回%(stage)s") if self.steps.get(self.variant) else _("已进入%(stage)s")
        return words.get(self.variant) or back % {"stage": STAGES[self.variant]}, self.url


# ── rest ─────────────────────────────────────────────────────────────────────────────────────────
class Suspend(DeedPage):
    kind, needs, title = "suspend", "suspend", gettext_lazy("中止个案")

    def shut(self):
        return super().shut() or (_("个案已经中止") if self.case.suspended_on else "")

    def initial(self):
        return {"on": day_today()}

    def hints(self):
        return {"review_on": _("到这一天提醒您看看能不能恢复")}

    def lead(self):
        return _("中止以后不往下走，服务照样可以记；到复查日期提醒一次。")

    def act(self, body):
        return actions.suspend_case(self.request.user, self.case, body)

    def done(self, made):
        return _("已中止"), self.url


class Resume(DeedPage):
    kind, needs, title = "resume", "suspend", gettext_lazy("恢复个案")

    def shut(self):
        return super().shut() or ("" if self.case.suspended_on else _("个案没有中止"))

    def initial(self):
        return {"on": day_today()}

    def facts(self):
        case = self.case
        if not case.suspended_on:
            return []
        return [
            (_("中止自"), prose_day(case.suspended_on)), (_("原因"), codes.SUSPENSIONS[case.suspended_reason]),
            (_("复查日期"), prose_day(case.suspended_review_on)),
        ]  # fmt: skip

    def act(self, body):
        return actions.resume_case(self.request.user, self.case, body)

    def done(self, made):
        return _("已恢复"), self.url


class Consent(DeedPage):
    """Given anew, or withdrawn: withdrawing stops going on, and erases nothing."""

    kind, needs, title = "consent", "write", gettext_lazy("知情同意")

    def variants(self):
        return {"give": _("记同意")} | ({"withdraw": _("撤回")} if self.file.consent else {})

    def fields(self):
        if self.variant == "withdraw":
            return ["withdrawn_on", "reason"], ()
        return ["basis", "given_on", "method", "by", "scope", "expires_on", "reason"], ("basis",)

    def initial(self):
        return {"basis": "consent", "given_on": day_today(), "withdrawn_on": day_today()}

    def button(self):
        return _("撤回同意") if self.variant == "withdraw" else _("记下同意")

    def lead(self):
        if self.variant == "withdraw":
            return _("撤回以后不再新做需要同意的事；已有的记录依规定保留。")
        return _("依据是“同意”的，写日期、方式和由谁；是法定职责或紧急保护的，写理由。")

    def facts(self):
        now = self.file.consent
        if now is None:
            return [(_("现在"), _("已撤回") if self.file.was_withdrawn else _("没有"))]
        words = [codes.BASES[now["basis"]], now.get("given_on") or "", codes.METHODS.get(now.get("method"), "")]
        found = [(_("现在"), "，".join(str(w) for w in words if w))]
        return found + ([(_("有效至"), now["expires_on"])] if now.get("expires_on") else [])

    def act(self, body):
        return actions.record_consent(self.request.user, self.case, {**body, "action": self.variant})

    def done(self, made):
        return _("已撤回同意") if self.variant == "withdraw" else _("已记下同意"), self.url


class Crisis(DeedPage):
    """Raised by who has the case, looked after within 24 and 72 hours, lifted by a supervisor or manager."""

    kind, needs, title = "crisis", "crisis", gettext_lazy("危机")
    FIELDS = {
        "raise": ["found_at", "kinds", "level", "measures", "reported_to", "report_no", "safety_plan"],
        "follow_up": ["at", "note", "reported_to", "report_no"],
        "lift": ["at", "reason"],
    }  # fmt: skip

    def variants(self):
        if not self.case.crisis:
            return {"raise": _("报危机")}
        lift = {"lift": _("解除")} if self.hands & VERBS["lift"] else {}
        return {"follow_up": _("跟进")} | lift

    def fields(self):
        chosen = self.variant if self.variant in self.FIELDS else next(iter(self.variants()))
        return self.FIELDS[chosen], tuple(name for name, _label in NEEDS[chosen])

    def swapped(self):
        kinds = next(f for f in KINDS["crisis"].fields if f.name == "kinds")
        return {"kinds": replace(kinds, codes={code: words for code, words in codes.RISKS.items() if code != "none"})}

    def initial(self):
        now = timezone.localtime().replace(second=0, microsecond=0).isoformat()
        return {"found_at": now, "at": now}

    def button(self):
        return {"raise": _("报危机"), "follow_up": _("记跟进"), "lift": _("解除危机")}.get(self.variant, self.title)

    def lead(self):
        words = {
            "raise": _("先保人安全，再来记。记下以后，24小时和72小时内各跟进一次。"), "lift": _("解除以后，跟进提醒停下。"),
        }  # fmt: skip
        return words.get(self.variant, "")

    def facts(self):
        raised = next((r for r in reversed(self.file.all("crisis")) if r.code == "raise"), None)
        if raised is None or not self.case.crisis:
            return []
        kinds = "、".join(str(codes.RISKS[k]) for k in raised.plain.get("kinds") or ())
        return [(_("发现"), prose_day(raised.on)), (_("风险类型"), kinds)]

    def act(self, body):
        return actions.record_crisis(self.request.user, self.case, {**body, "action": self.variant})

    def done(self, made):
        words = {"raise": _("已记危机"), "follow_up": _("已记跟进"), "lift": _("已解除危机")}
        return words.get(self.variant, ""), self.url


class WithdrawGoal(DeedPage):
    kind, needs, title = "withdrawal", "write", gettext_lazy("撤回目标")

    @cached_property
    def goal(self):
        found = self.file.goal(self.kwargs["goal"]) if self.full else None
        if found is None:
            raise Http404
        return found

    def shut(self):
        if self.goal.withdrawal:
            return _("这个目标已经撤回，或正等批准")
        return super().shut()

    def lead(self):
        return _("写明原因，由督导批准；批准以后这个目标不再要服务和评分。")

    def button(self):
        return _("交督导批准")

    def facts(self):
        return [(_("目标"), self.goal.text.clear)]

    def act(self, body):
        return actions.withdraw_goal(self.request.user, self.case, self.goal.public_id, body)

    def done(self, made):
        return _("已交督导批准"), reverse("case_goals", args=[self.case.number])
