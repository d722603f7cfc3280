"""What a case waits for: since when, and what ends it, read from its papers. By when is the affair of rows and calendar (due.py).

Sources: dossier §1.3 (forms), §1.4 (deadlines), §1.6 (how often by risk). A paper that names a day itself is taken at its word (`due`).
"""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from casework.casefile import is_back, signed_day, values_of
from casework.codes import ASSESSMENT, INTERVENTION, PLANNING
from periods.deadlines import day_of

# Due on a day that a paper names: who is waited for.
DATED = {"review": "worker", "follow_up": "worker", "suspension_review": "worker", "consent": "worker"}
AFTER_CLOSING = {"filing", "follow_up"}
OFTEN = {"red": "contact_red", "orange": "contact_orange"}  # dossier §1.6: weekly and more, fortnightly
OF_AGE = 18
POLICE = "police_110"
NAMES = {
    "intake": _("首次接触并登记"), "assessment": _("预估"), "plan": _("服务计划"), "agreement": _("服务协议"),
    "plan_approval": _("审计划"), "closure_approval": _("审结案"), "withdrawal_approval": _("审撤回目标"),
    "red_note": _("红色风险，督导批注"), "record_review": _("督导审阅服务记录"), "reassessment": _("预估复评"),
    "reassessment_event": _("危机后复评"), "contact": _("30天没有服务"), "contact_long": _("60天没有服务"),
    "contact_red": _("红色风险，每周服务"), "contact_orange": _("橙色风险，每两周服务"),
    "contact_record_24h": _("次日内补完服务记录"), "contact_record": _("补完服务记录"), "crisis_record": _("危机记录"),
    "crisis_report": _("未成年人强制报告"), "crisis_24h": _("危机24小时跟进"), "crisis_72h": _("危机72小时跟进"),
    "review": _("检视计划"), "suspension_review": _("中止复查"), "consent": _("知情同意到期"), "closure": _("结案报告"),
    "filing": _("归档"), "follow_up": _("结案后跟进"),
}  # fmt: skip


@dataclass
class Wait:
    """Something waited for: since when, and until when (None: still). `due` is the day a paper names, else a rule says."""

    code: str
    source: str
    since: dt.date | dt.datetime
    done: dt.date | None = None
    record: str = ""
    due: dt.date | None = None


def waits(file):
    """Everything this case waits or waited for."""
    parts = _before_service, _assessed, _approvals, _service, _often, _looks, _reviews, _consents, _crises, _ending
    found = [wait for part in parts for wait in part(file)]
    if file.case.closed_on:
        for wait in found:
            if wait.done is None and wait.code not in AFTER_CLOSING:
                wait.done = file.case.closed_on
    return found


def _first_after(records, mark):
    """The first of `records` written after the record `mark` (None: from the start)."""
    return next((r for r in records if mark is None or r.pk > mark.pk), None)


def _on(record):
    return record.on if record else None


def _papers(file, *kinds):
    """Signed papers of these kinds in the order they were written."""
    return [r for r in file.records if r.kind in kinds and not r.draft]


def _following(items):
    """[(item, the next one or None)]."""
    return zip(items, [*items, None][1:], strict=True)


# ── before the service ───────────────────────────────────────────────────────────────────────────
def _before_service(file):
    """Intake, assessment, plan with its agreement; after a step back each anew."""
    case, assessments, plans = file.case, file.all("assessments"), file.all("plans")
    yield Wait("intake", "opened", case.opened_on, _on(_first_after(file.all("intake"), None)))
    if case.decision == "accept":
        first = _first_after(assessments, None)
        yield Wait("assessment", "accepted", case.decided_on, _on(first))
        if first:
            planned = _first_after(plans, first)
            yield Wait("plan", first.record, first.on, _on(planned), first.record)
            yield from _agreement(plans, first, planned)
    for step in (s for s in file.all("stage") if is_back(s)):
        fresh = _first_after(assessments, step) if step.code == ASSESSMENT else None
        if step.code == ASSESSMENT:
            yield Wait("assessment", step.record, step.on, _on(fresh))
        since = fresh or (step if step.code == PLANNING else None)
        if since:
            yield Wait("plan", f"back:{since.record}", since.on, _on(_first_after(plans, step)))


def _agreement(plans, assessed, planned):
    """A plan that came without its agreement: the signature is still asked for, in the time that the plan had."""
    if planned is None or planned.plain.get("agreement"):
        return
    signed = next((p for p in plans if p.plain.get("agreement")), None)
    yield Wait("agreement", planned.record, assessed.on, _on(signed), planned.record)


def _assessed(file):
    """An assessment is looked at anew each quarter (resting while the case rests) and after a crisis; a red one by the supervisor."""
    known = False
    for record, after in _following(_papers(file, "assessments", "suspend", "resume")):
        known = known or record.kind == "assessments"
        if known and record.kind != "suspend":
            about = record.record if record.kind == "assessments" else ""
            yield Wait("reassessment", record.record, record.on, _on(after), about)
    assessments = file.all("assessments")
    for crisis in (r for r in file.all("crisis") if r.code == "raise"):
        if assessments and assessments[0].pk < crisis.pk:
            yield Wait("reassessment_event", crisis.record, crisis.on, _on(_first_after(assessments, crisis)))
    for record, newer in _following(assessments):
        if record.code == "red":
            words = (a for a in file.all("approvals") if a.about_id == record.pk)
            said = next((a for a in words if a.code == "return" or values_of(a).get("text")), newer)
            yield Wait("red_note", record.record, record.signed_at, said and signed_day(said), record.record)


def _approvals(file):
    """Signed plans and closures wait for a word until it is given or a newer version takes their place; so do withdrawals."""
    for kind, code in (("plans", "plan_approval"), ("closure", "closure_approval")):
        for record, newer in _following(file.all(kind)):
            ended = file.verdict(record) or newer
            yield Wait(code, record.record, signed_day(record), ended and signed_day(ended), record.record)
    plan_of = {goal.pk: plan for plan, goals in file.goals.items() for goal in goals}
    for asked in file.all("withdrawal"):
        said = next((a for a in file.all("approvals") if a.goal_id == asked.goal_id and a.pk > asked.pk), None)
        newer = next((p for p in file.all("plans") if p.pk > plan_of.get(asked.goal_id, asked.pk)), None)
        ended = said or newer
        yield Wait("withdrawal_approval", asked.record, signed_day(asked), ended and signed_day(ended), asked.record)


# ── while served ─────────────────────────────────────────────────────────────────────────────────
def _in_service(file, *kinds):
    """[(paper, the next one)] of those after which the case is in intervention and does not rest, by their days."""
    steps = sorted(_papers(file, "stage", "contacts", "suspend", "resume", *kinds), key=lambda r: (r.on, r.pk))
    inside = resting = False
    for record, after in _following(steps):
        if record.kind == "stage":
            inside = record.code == INTERVENTION
        resting = record.kind == "suspend" or (resting and record.kind != "resume")
        if inside and not resting:
            yield record, after


def _service(file):
    """While a case is in intervention a contact follows the one before; a suspension stops that. What was begun is written up."""
    for record, after in _in_service(file):
        about = record.record if record.kind == "contacts" else ""
        for code in ("contact", "contact_long"):
            yield Wait(code, record.record, record.on, _on(after), about)
    for record in file.all("contacts", signed=False):
        late = record.signed_at and signed_day(record) > day_of(record.at)
        if record.on and (record.draft or late):
            done = None if record.draft else signed_day(record)
            for code in ("contact_record_24h", "contact_record"):
                yield Wait(code, record.record, record.on, done, record.record)


def _often(file):
    """Red and orange risk ask for a contact more often; a new assessment begins the count anew."""
    levels = file.all("assessments")
    for record, after in _in_service(file, "assessments"):
        level = next((a.code for a in reversed(levels) if a.pk <= record.pk), "")
        if level in OFTEN:
            yield Wait(OFTEN[level], record.record, record.on, _on(after))


def _looks(file):
    """Contacts wait for a look by another than the case's worker: a review, or a word on any paper. One wait at a time."""
    worker, waiting = file.case.worker.user_id, None
    for record in sorted(_papers(file, "contacts", "reviews", "approvals"), key=lambda r: (r.signed_at, r.pk)):
        if record.kind == "contacts":
            waiting = waiting or record
        elif waiting and record.author_id != worker:
            yield Wait("record_review", waiting.record, signed_day(waiting), signed_day(record), waiting.record)
            waiting = None
    if waiting:
        yield Wait("record_review", waiting.record, signed_day(waiting), None, waiting.record)


def _reviews(file):
    for (record, due), after in _following(file.review_chain()):
        if due:
            yield Wait("review", record.record, record.on, after and after[0].on, record.record, _day(due))
    for record in file.all("suspend"):
        back = _first_after(file.all("resume"), record)
        yield Wait(
            "suspension_review", record.record, record.on, _on(back), record.record, _day(record.plain["review_on"])
        )


def _consents(file):
    """A consent that ends on a day is renewed by then."""
    given = [
        (r, r.plain if r.kind == "consent" else r.plain.get("consent")) for r in _papers(file, "intake", "consent")
    ]
    for (record, consent), after in _following([pair for pair in given if pair[1]]):
        if consent.get("expires_on"):
            since = _day(consent["given_on"]) if consent.get("given_on") else signed_day(record)
            done = after and signed_day(after[0])
            yield Wait("consent", record.record, since, done, record.record, _day(consent["expires_on"]))


def _crises(file):
    """Each crisis is written down, reported where a minor is abused, and asks for two looks; lifting it ends these."""
    papers = file.all("crisis")
    for record, until in _following([r for r in papers if r.code == "raise"]):
        after = [r for r in papers if r.pk > record.pk and (until is None or r.pk < until.pk)]
        lifted = next((_on(r) for r in after if r.code == "lift"), None)
        looks = [_on(r) for r in after if r.code == "follow_up"]
        since = dt.datetime.fromisoformat(record.plain["found_at"])
        yield Wait("crisis_record", record.record, since, signed_day(record), record.record)
        if _must_be_reported(file, record, since):
            told = next((signed_day(r) for r in (record, *after) if _is_report(r)), lifted)
            yield Wait("crisis_report", record.record, since, told, record.record)
        for n, code in enumerate(("crisis_24h", "crisis_72h")):
            yield Wait(code, record.record, since, looks[n] if len(looks) > n else lifted, record.record)


def _must_be_reported(file, crisis, found):
    """Abuse of a minor is reported to the police (dossier §1.4)."""
    if "abuse" not in (crisis.plain.get("kinds") or ()):
        return False
    age = file.client.age_on(day_of(found))
    return age is not None and age < OF_AGE


def _is_report(record):
    told = record.plain.get("reported_to") or ()
    return bool(record.plain.get("report_no")) or any(one.get("to") == POLICE for one in told)


# ── the ending ───────────────────────────────────────────────────────────────────────────────────
def _ending(file):
    case, closures = file.case, file.all("closure")
    yield from _decided_to_close(file, closures)
    if not case.closed_on:
        return
    yield Wait("filing", "closed", case.closed_on, case.filed_on)
    visits = sorted(r.on for r in file.all("follow-ups"))
    plan = (closures[-1].plain.get("follow_up") or []) if closures else []
    for n, due in enumerate(sorted(_day(one["due_on"]) for one in plan)):
        done = visits[n] if n < len(visits) else None
        yield Wait("follow_up", str(n), case.closed_on, done, closures[-1].record, due)


def _decided_to_close(file, closures):
    """The report follows what decides that a case ends: not taking it on, a review that says so, else the evaluation."""
    case, reviews, evaluations = file.case, file.all("reviews"), file.all("evaluations")
    if case.decision in ("decline", "refer"):
        yield Wait("closure", "declined", case.decided_on, _on(_first_after(closures, None)))
    told = False
    for review in (r for r in reviews if r.code == "close"):
        ends = [r for r in (_first_after(closures, review), _first_after(reviews, review)) if r]
        end = min(ends, key=lambda r: r.pk, default=None)
        told = told or bool(
            evaluations and review.pk < evaluations[0].pk and (end is None or end.pk > evaluations[0].pk)
        )
        yield Wait("closure", review.record, review.on, _on(end), review.record)
    if evaluations and not told:
        yield Wait("closure", evaluations[0].record, evaluations[0].on, _on(_first_after(closures, None)))


def _day(text):
    return dt.date.fromisoformat(text)
