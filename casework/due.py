"""What is due in a case, and why: worked out from its papers by the deadline rows and China's workday calendar.

`settle(case)` runs after every write under the case's lock and keeps the result (DueItem): overdue is a figure and a list, of
past days too. `open_items(file)` is what a page and the API show.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from casework.casefile import is_back, signed_day
from casework.codes import ASSESSMENT, INTERVENTION, PLANNING
from casework.models import DeadlineRule, DueItem
from periods.calendar import Calendar
from periods.deadlines import day_of, overdue_at
from stations.models.divisions import ANCESTORS

DATED = {"review": "worker", "follow_up": "worker", "suspension_review": "worker"}  # due on a day that a paper names
AFTER_CLOSING = {"filing", "follow_up"}
KEPT = ("since", "due_on", "due_at", "done_on", "severity", "waiting_for", "record")


@dataclass
class Wait:
    """Something waited for: since when, and until when (None: still). `due` is the day a paper names, else a rule says."""

    code: str
    source: str
    since: dt.date | dt.datetime
    done: dt.date | None = None
    record: str = ""
    due: dt.date | None = None


class Rules:
    """The deadline rows as they hold for one station: one query, then pure."""

    def __init__(self, station, rows=None):
        rows = DeadlineRule.objects.select_related("division") if rows is None else rows
        division = station.division
        above = {getattr(division, c) if c != "id" else division.pk for c in ANCESTORS.values()}
        self._rows = [r for r in rows if r.division_id is None or r.division_id in above]

    def of(self, code, day):
        """The row for `code` that holds on `day`: the nearest place's, of these the latest. None where there is none."""
        valid = [r for r in self._rows if r.code == code and day in r.span]
        return max(valid, key=lambda r: (r.division.level if r.division_id else 0, r.span.lower), default=None)


def waits(file):
    """Everything this case waits or waited for."""
    found = [
        *_before_service(file),
        *_approvals(file),
        *_service(file),
        *_reviews(file),
        *_crises(file),
        *_ending(file),
    ]
    if file.case.closed_on:
        for wait in found:
            if wait.done is None and wait.code not in AFTER_CLOSING:
                wait.done = file.case.closed_on
    return found


def _first_after(records, mark, before=None):
    """The first of `records` written after the record `mark` (None: from the start)."""
    return next((r for r in records if (mark is None or r.pk > mark.pk) and (before is None or r.pk < before.pk)), None)


def _on(record):
    return record.on if record else None


def _before_service(file):
    """Intake, assessment, plan; after a step back each anew."""
    case, assessments, plans = file.case, file.all("assessments"), file.all("plans")
    intakes = file.all("intake")
    yield Wait("intake", "opened", case.opened_on, _on(intakes[0]) if intakes else None)
    backs = [s for s in file.all("stage") if is_back(s)]
    if case.decision == "accept":
        first = _first_after(assessments, None)
        yield Wait("assessment", "accepted", case.decided_on, _on(first))
        if first:
            yield Wait("plan", first.record, first.on, _on(_first_after(plans, first)), first.record)
    for step in backs:
        fresh = _first_after(assessments, step) if step.code == ASSESSMENT else None
        if step.code == ASSESSMENT:
            yield Wait("assessment", step.record, step.on, _on(fresh))
        since = fresh or (step if step.code == PLANNING else None)
        if since:
            yield Wait("plan", f"back:{since.record}", since.on, _on(_first_after(plans, step)))


def _approvals(file):
    """Signed plans and closures wait for a word until it is given or a newer version takes their place."""
    for kind, code in (("plans", "plan_approval"), ("closure", "closure_approval")):
        versions = file.all(kind)
        for n, record in enumerate(versions):
            verdict, newer = file.verdict(record), versions[n + 1] if n + 1 < len(versions) else None
            done = signed_day(verdict) if verdict else signed_day(newer) if newer else None
            yield Wait(code, record.record, signed_day(record), done, record.record)


def _service(file):
    """While a case is in intervention a contact follows the one before; a suspension stops that."""
    steps = [(s.on, s.pk, s, s.code == INTERVENTION, True) for s in file.all("stage")]
    steps += [(r.on, r.pk, r, True, True) for r in file.all("contacts")]
    steps += [(r.on, r.pk, r, False, True) for r in file.all("suspend")]
    steps += [(r.on, r.pk, r, True, True) for r in file.all("resume")]
    steps.sort(key=lambda s: s[:2])
    inside = resting = False
    for n, (on, _pk, record, begins, _ends) in enumerate(steps):
        if record.kind == "stage":
            inside = record.code == INTERVENTION
        resting = record.kind == "suspend" or (resting and record.kind != "resume")
        if not (inside and begins) or resting:
            continue
        done = steps[n + 1][0] if n + 1 < len(steps) else None
        for code in ("contact", "contact_long"):
            yield Wait(code, record.record, on, done, record.record if record.kind == "contacts" else "")
    for record in file.all("contacts", signed=False):
        late = record.signed_at and signed_day(record) > day_of(record.at)
        if record.on and (record.draft or late):
            done = None if record.draft else signed_day(record)
            yield Wait("contact_record", record.record, record.on, done, record.record)


def _reviews(file):
    chain = file.review_chain()
    for n, (record, due) in enumerate(chain):
        if due:
            done = chain[n + 1][0].on if n + 1 < len(chain) else None
            yield Wait("review", record.record, record.on, done, record.record, dt.date.fromisoformat(due))
    for record in file.all("suspend"):
        back = _first_after(file.all("resume"), record)
        due = dt.date.fromisoformat(record.plain["review_on"])
        yield Wait("suspension_review", record.record, record.on, _on(back), record.record, due)


def _crises(file):
    """Each crisis asks for two looks; lifting it ends both."""
    papers = file.all("crisis")
    raised = [r for r in papers if r.code == "raise"]
    for n, record in enumerate(raised):
        until = raised[n + 1] if n + 1 < len(raised) else None
        after = [r for r in papers if r.pk > record.pk and (until is None or r.pk < until.pk)]
        lifted = next((_on(r) for r in after if r.code == "lift"), None)
        looks = [_on(r) for r in after if r.code == "follow_up"]
        since = dt.datetime.fromisoformat(record.plain["found_at"])
        for k, code in enumerate(("crisis_24h", "crisis_72h")):
            yield Wait(code, record.record, since, looks[k] if len(looks) > k else lifted, record.record)


def _ending(file):
    case, closures = file.case, file.all("closure")
    evaluations = file.all("evaluations")
    if evaluations:
        yield Wait("closure", evaluations[0].record, evaluations[0].on, _on(closures[0]) if closures else None)
    if not case.closed_on:
        return
    yield Wait("filing", "closed", case.closed_on, case.filed_on)
    visits = sorted(r.on for r in file.all("follow-ups"))
    for n, planned in enumerate(sorted((closures[-1].plain.get("follow_up") or []) if closures else [], key=_due)):
        done = visits[n] if n < len(visits) else None
        yield Wait("follow_up", str(n), case.closed_on, done, closures[-1].record, _due(planned))


def _due(planned):
    return dt.date.fromisoformat(planned["due_on"])


def reckon(file, rules=None, calendar=None):
    """{(code, source): the columns of a DueItem}: pure once rules and calendar are read."""
    rules, calendar = rules or Rules(file.case.station), calendar or Calendar.current()
    out = {}
    for wait in waits(file):
        since = day_of(wait.since)
        rule = None if wait.due else rules.of(wait.code, since)
        if rule is None and wait.due is None:
            continue
        due = wait.due or calendar.add(wait.since, rule.amount, rule.unit)
        out[wait.code, wait.source] = {
            "since": since, "due_on": day_of(due), "due_at": due if isinstance(due, dt.datetime) else None, "done_on": wait.done,
            "severity": rule.severity if rule else "normal", "record": wait.record,
            "waiting_for": rule.waiting_for if rule else DATED[wait.code],
        }  # fmt: skip
    return out


def settle(file, rules=None, calendar=None):
    """Bring the kept items of a case in line with its papers. Inside an event, under the case's lock."""
    file.forget()
    wanted, stale = reckon(file, rules, calendar), []
    for item in file.case.due_items.all():
        want = wanted.pop((item.code, item.source), None)
        if want is None:
            stale.append(item.pk)
        elif any(getattr(item, name) != want[name] for name in KEPT):
            DueItem.objects.filter(pk=item.pk).update(**want)
    if stale:
        DueItem.objects.filter(pk__in=stale).delete()
    DueItem.objects.bulk_create(
        DueItem(case=file.case, code=code, source=source, **want) for (code, source), want in wanted.items()
    )


def open_items(case):
    """What is due in `case` now, the first first."""
    return list(case.due_items.open().order_by("due_on", "due_at", "code"))


def is_overdue(item, now=None):
    """Is an open item overdue: a moment by the minute, a day when it has ended?"""
    return overdue_at(item.due_at or item.due_on, now or timezone.now())
