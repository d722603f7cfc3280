"""The ONE table of the papers of a case: every kind with its fields, who writes it, when, and what follows.

The API's checks, OpenAPI, the pages' forms and the printed file are drawn from it (case-api §2; forms F01…F13 of the field).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework import checks, codes
from casework.ability import Ability
from casework.fields import Choice, Clock, Day, Each, Flag, Many, Moment, Part, Text, Texts, Whole


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of paper.

    `on`, `code`, `minutes` name the fields that are its main date, word and duration. `verb` is the right it asks for
    (access.VERBS), `stages` where the case must be (None: anywhere open), `after_closing` that it comes only then.
    `versions`: a later one replaces, else each stands for itself. `check(file, values)` holds the rules between papers,
    `drafts` whether it may be kept unfinished. Fields that depend on the body's `action` are in `by_action`.
    """

    name: str
    label: Any
    fields: tuple
    form: str = ""
    on: str | None = None
    code: str | None = None
    minutes: str | None = None
    verb: str = "write"
    stages: tuple | None = None
    after_closing: bool = False
    versions: bool = False
    drafts: bool = True
    check: Callable = checks.nothing

    @property
    def narrative(self):
        """Names of its written texts."""
        return [f.name for f in self.fields if f.holds_narrative]


def _text(name, label, **more):
    return Text(name=name, label=label, narrative=True, **more)


CONSENT = (
    Choice(name="basis", label=_("依据"), codes=codes.BASES, required=True),
    Day(name="given_on", label=_("同意日期")),
    Choice(name="method", label=_("方式"), codes=codes.METHODS),
    Choice(name="by", label=_("由谁"), codes=codes.SIGNERS),
    Texts(name="scope", label=_("范围")),
    Day(name="expires_on", label=_("有效至"), future=True),
    Text(name="reason", label=_("理由"), most=500, narrative=True),
)
GOAL = (
    _text("text", _("目标"), most=500, required=True),
    Text(name="indicator", label=_("指标"), most=120),
    Text(name="baseline", label=_("基线值"), most=60),
    Text(name="target", label=_("目标值"), most=60),
    Day(name="due_on", label=_("期限"), future=True),
)
STEP = (
    Text(name="task", label=_("任务"), most=300, required=True, narrative=True),
    Text(name="responsible", label=_("责任人"), most=60, narrative=True),
    Text(name="frequency", label=_("频次"), most=60),
    Day(name="starts_on", label=_("起"), future=True),
    Day(name="ends_on", label=_("止"), future=True),
)
AGREEMENT = (
    Day(name="signed_on", label=_("签署日期"), required=True),
    Choice(name="method", label=_("方式"), codes=codes.METHODS, required=True),
    Choice(name="by", label=_("由谁签"), codes=codes.SIGNERS, required=True),
)
PROBLEM = (
    _text("fact", _("客观事实")), _text("feeling", _("主观感受")), _text("since", _("持续时间"), most=120),
    _text("cause", _("成因")),
)  # fmt: skip
NEED = (
    Whole(name="rank", label=_("次序"), least=1, most=99, required=True),
    Choice(name="domain", label=_("领域"), codes=codes.NEEDS, required=True),
    _text("text", _("需求"), most=500),
)
SCORE = (
    Text(name="goal", label=_("目标"), most=16, required=True),
    Whole(name="score", label=_("达成程度"), least=-2, most=2, required=True),
    _text("evidence", _("依据")),
)
SATISFACTION = (
    Whole(name="score", label=_("满意度"), least=1, most=5),
    Day(name="said_on", label=_("评价日期")),
    _text("absent_reason", _("没有评价的原因"), most=500),
)
MEASURE = (
    Text(name="scale", label=_("量表"), most=60, required=True), Whole(name="before", label=_("前测"), least=-1000),
    Whole(name="after", label=_("后测"), least=-1000),
)  # fmt: skip
VISIT = (
    Day(name="due_on", label=_("应访日期"), future=True, required=True),
    Choice(name="way", label=_("方式"), codes=codes.WAYS, required=True),
)
REPORT = (
    Choice(name="to", label=_("报告给"), codes=codes.REPORTED_TO, required=True),
    Moment(name="at", label=_("时间"), required=True),
)
LEAVING = (Day(name="on", label=_("日期")),)

STAGE_RECORDS = [
    Kind(
        name="intake", label=_("接案登记"), form="F01", on="received_on", code="decision", versions=True,
        stages=(codes.INTAKE,), check=checks.intake,
        fields=(
            Day(name="received_on", label=_("接案日期"), required=True),
            Choice(name="source", label=_("来源"), codes=codes.SOURCES, required=True),
            _text("presenting_problem", _("主要问题"), required=True),
            Choice(name="willingness", label=_("意愿"), codes=codes.WILLINGNESS),
            _text("expectations", _("求助期望")), _text("tried", _("试过的办法")), _text("resources", _("已有资源")),
            Many(name="risk_screen", label=_("初步风险筛查"), codes=codes.RISKS),
            Choice(name="decision", label=_("接案决定"), codes=codes.DECISIONS),
            _text("decision_reason", _("决定的理由")),
            Part(name="consent", label=_("知情同意"), fields=CONSENT),
        ),
    ),
    Kind(
        name="assessments", label=_("预估"), form="F02", on="assessed_on", code="risk_level", versions=True,
        stages=(codes.ASSESSMENT, codes.PLANNING, codes.INTERVENTION, codes.EVALUATION), check=checks.assessment,
        fields=(
            Day(name="assessed_on", label=_("预估日期"), required=True),
            Many(name="sources", label=_("资料来源"), codes=codes.ASSESSED_BY),
            _text("personal", _("个人系统")), _text("family", _("家庭系统")), _text("social", _("社会系统")),
            Each(name="problems", label=_("问题清单"), fields=PROBLEM),
            _text("strengths", _("优势与资源")),
            Each(name="needs", label=_("需求次序"), fields=NEED),
            Choice(name="risk_level", label=_("风险等级"), codes=codes.RISK_LEVELS),
            Ability(name="ability", label=_("能力评估")),
            _text("conclusion", _("预估结论")),
        ),
    ),
    Kind(
        name="plans", label=_("服务计划"), form="F03", on="planned_on", versions=True,
        stages=(codes.PLANNING, codes.INTERVENTION), check=checks.plan,
        fields=(
            Day(name="planned_on", label=_("计划日期"), required=True),
            _text("overall_goal", _("总目标")),
            Each(name="goals", label=_("分目标"), fields=GOAL, required=True, most=30),
            Text(name="model", label=_("介入模式"), most=120),
            Each(name="steps", label=_("行动步骤"), fields=STEP),
            _text("resources", _("资源")), _text("difficulties", _("预期困难")),
            Day(name="review_on", label=_("检视日期"), future=True),
            Part(name="agreement", label=_("服务协议"), fields=AGREEMENT),
        ),
    ),
    Kind(
        name="contacts", label=_("服务记录"), form="F05", on="happened_on", code="way", minutes="minutes",
        check=checks.contact,
        fields=(
            Day(name="happened_on", label=_("日期"), required=True),
            Clock(name="starts_at", label=_("开始时间")),
            Whole(name="minutes", label=_("时长（分钟）"), least=1, most=1440, required=True),
            Choice(name="way", label=_("方式"), codes=codes.WAYS, required=True),
            _text("place", _("地点"), most=120),
            Texts(name="present", label=_("在场人"), narrative=True),
            Texts(name="goals", label=_("本次目标"), each=16),
            _text("facts", _("过程要点（事实）"), required=True), _text("analysis", _("分析")),
            Text(name="techniques", label=_("介入技巧"), most=300),
            _text("client_change", _("服务对象变化")), _text("resources", _("资源链接")), _text("next_step", _("下次计划")),
        ),
    ),
    Kind(
        name="reviews", label=_("检视"), on="reviewed_on", code="decision", verb="review", check=checks.review,
        fields=(
            Day(name="reviewed_on", label=_("检视日期"), required=True),
            Text(name="subject", label=_("检视什么"), most=40),
            _text("finding", _("发现"), required=True),
            Choice(name="decision", label=_("决定"), codes=codes.REVIEWS),
            Day(name="next_review_on", label=_("下次检视"), future=True),
        ),
    ),
    Kind(
        name="evaluations", label=_("评估"), form="F08", on="evaluated_on", versions=True,
        stages=(codes.INTERVENTION, codes.EVALUATION), check=checks.evaluation,
        fields=(
            Day(name="evaluated_on", label=_("评估日期"), required=True),
            Each(name="goal_scores", label=_("目标达成"), fields=SCORE),
            Part(name="satisfaction", label=_("服务对象评价"), fields=SATISFACTION),
            Each(name="measures", label=_("前后测"), fields=MEASURE),
            _text("self", _("社工自评")), _text("supervisor", _("督导评")),
        ),
    ),
    Kind(
        name="closure", label=_("结案报告"), form="F09", on="closed_on", code="code", versions=True, check=checks.closure,
        fields=(
            Day(name="closed_on", label=_("结案日期"), required=True),
            Choice(name="code", label=_("结案原因"), codes=codes.CLOSURES, required=True),
            _text("reason", _("说明")), _text("summary", _("总结")),
            Each(name="follow_up", label=_("跟进安排"), fields=VISIT, most=20),
            _text("follow_up_none", _("不跟进的原因")),
            Day(name="informed_on", label=_("告知日期")),
            _text("left_over", _("遗留问题")),
        ),
    ),
    Kind(
        name="follow-ups", label=_("跟进"), form="F10", on="visited_on", code="way", after_closing=True,
        check=checks.after_closing,
        fields=(
            Day(name="visited_on", label=_("实访日期"), required=True),
            Choice(name="way", label=_("方式"), codes=codes.WAYS, required=True),
            Flag(name="effect_kept", label=_("成效保持"), required=True),
            _text("note", _("情况")),
            Flag(name="reopen", label=_("建议重新开案")),
        ),
    ),
    Kind(
        name="filing", label=_("归档"), form="F13", on="filed_on", verb="file", after_closing=True, versions=True, drafts=False,
        check=checks.after_closing,
        fields=(
            Day(name="filed_on", label=_("归档日期"), required=True),
            Text(name="location", label=_("存放处"), most=120),
        ),
    ),
]  # fmt: skip
# What is done to a case, written down as papers too. Their rules stand in the actions.
DEEDS = [
    Kind(
        name="consent", label=_("知情同意"), code="action", drafts=False,
        fields=(
            Choice(name="action", label=_("做什么"), codes={"give": _("给予"), "withdraw": _("撤回")}, required=True),
            *(f if f.name != "basis" else Choice(name="basis", label=_("依据"), codes=codes.BASES) for f in CONSENT),
            Day(name="withdrawn_on", label=_("撤回日期")),
        ),
    ),
    Kind(
        name="suspend", label=_("中止"), on="on", code="reason", verb="suspend", drafts=False,
        fields=(
            Day(name="on", label=_("日期"), required=True),
            Choice(name="reason", label=_("原因"), codes=codes.SUSPENSIONS, required=True),
            _text("note", _("说明")),
            Day(name="review_on", label=_("复查日期"), future=True, required=True),
        ),
    ),
    Kind(
        name="resume", label=_("恢复"), on="on", verb="suspend", drafts=False,
        fields=(Day(name="on", label=_("日期"), required=True), _text("note", _("说明"))),
    ),
    Kind(
        name="transfer", label=_("转站"), code="action", verb="offer", drafts=False,
        fields=(
            Choice(
                name="action", label=_("做什么"), required=True,
                codes={"offer": _("提出"), "accept": _("接收"), "return": _("退回"), "cancel": _("收回")},
            ),
            Text(name="to_station", label=_("转往站点"), most=24),
            Text(name="worker", label=_("承办社工"), most=24),
            _text("reason", _("原因"), most=1000),
        ),
    ),
    Kind(
        name="crisis", label=_("危机"), form="F06", code="action", verb="crisis", drafts=False,
        fields=(
            Choice(
                name="action", label=_("做什么"), required=True,
                codes={"raise": _("发现"), "follow_up": _("跟进"), "lift": _("解除")},
            ),
            Moment(name="found_at", label=_("发现时间")),
            Many(name="kinds", label=_("风险类型"), codes=codes.RISKS),
            Choice(name="level", label=_("等级"), codes=codes.RISK_LEVELS),
            _text("measures", _("即时措施")),
            Each(name="reported_to", label=_("已报告"), fields=REPORT, most=20),
            Text(name="report_no", label=_("强制报告单号"), most=60),
            _text("safety_plan", _("安全计划")),
            Moment(name="at", label=_("时间")),
            _text("note", _("跟进情况")), _text("reason", _("解除的理由")),
        ),
    ),
    Kind(
        name="approvals", label=_("审批"), code="decision", verb="approve", drafts=False,
        fields=(
            Text(name="record", label=_("审什么"), most=40, required=True),
            Choice(name="decision", label=_("决定"), codes=codes.VERDICTS, required=True),
            _text("text", _("意见"), most=2000),
        ),
    ),
    Kind(
        name="corrections", label=_("更正"), verb="correct", drafts=False,
        fields=(
            Text(name="record", label=_("更正哪一份"), most=40, required=True),
            Text(name="field", label=_("哪一项"), most=60, required=True),
            _text("text", _("更正为"), required=True),
            _text("reason", _("原因"), most=500, required=True),
        ),
    ),
    Kind(
        name="reopen", label=_("重新开案"), on="on", verb="reopen", drafts=False,
        fields=(Day(name="on", label=_("日期"), required=True), _text("reason", _("原因"), required=True)),
    ),
    Kind(
        name="stage", label=_("进入阶段"), on="on", code="to", verb="advance", drafts=False,
        fields=(
            Choice(name="to", label=_("到哪个阶段"), codes=codes.STAGES, required=True),
            Day(name="on", label=_("日期")),
            _text("reason", _("原因"), most=1000),
        ),
    ),
    Kind(name="opened", label=_("开案"), on="on", drafts=False, fields=LEAVING),
    Kind(name="withdrawal", label=_("撤回目标"), drafts=False, fields=(_text("reason", _("原因"), required=True, most=500),)),
]  # fmt: skip
KINDS = {kind.name: kind for kind in (*STAGE_RECORDS, *DEEDS)}
APPROVED = ("plans", "closure", "assessments")  # what is put before an approver, beside goals that are to be withdrawn


def paper_name(record, *, first_too=False):
    """服务计划第2版. A first version has no number, unless versions stand side by side (`first_too`), as in print."""
    kind = KINDS[record.kind]
    if not kind.versions or (record.version == 1 and not first_too):
        return str(kind.label)
    return gettext("%(paper)s第%(n)d版") % {"paper": kind.label, "n": record.version}
