"""Clients, cases and papers as a reader sees them (case-api §0–§2): one place for pages, API and the printed file.

`clear` is whether this reader has the case in full and sits in a session; a key never sees a name or a written text.
"""

from django.utils.translation import gettext as _

from accounts.masking import FULL, present
from casework import codes, due
from casework.access import NARROW
from casework.actions.papers import goal_values
from casework.casefile import CaseFile, values_of
from casework.fields import show
from casework.models.clients import PERSONAL
from casework.records import KINDS
from casework.stages import gates_of, next_stage
from periods import today
from surfaces.rows import moment

HIDDEN = ("worker", "domain", "risk_level", "crisis", "suspended", "transfer", "confidentiality", "overdue", "episode", "previous", "next")  # fmt: skip


def person_of(user):
    """{"id", "name"} of who did something; None for the system."""
    if user is None:
        return None
    worker = getattr(user, "worker", None)
    return {"id": worker.public_id if worker else f"u{user.pk}", "name": str(user)}


def place(station):
    """A station by code and name, or None."""
    return {"code": station.code, "name": station.name} if station else None


# ── clients ──────────────────────────────────────────────────────────────────────────────────────
def client_short(client, key):
    """The client inside a case that one has in full."""
    shown = present({n: getattr(client, n) for n in ("name", "id_number", "phone")}, FULL, key)
    return {
        "id": client.public_id, "name": shown["name"], "sex": client.sex, "age": client.age_on(today()),
        "id_number": shown["id_number"], "phone": shown["phone"],
    }  # fmt: skip


def client_json(client, depth, key):
    """One client; at less than full depth only that there is one."""
    shown = present({name: getattr(client, name) for name in PERSONAL}, depth, key)
    full = depth == FULL
    if not full:
        shown |= dict.fromkeys(("guardian", "emergency_contact"))
    return {
        "id": client.public_id, "station": place(client.station), "name": shown["name"], "sex": client.sex,
        "birth_date": shown["birth_date"], "age": client.age_on(today()) if full else None, "id_type": client.id_type,
        "id_number": shown["id_number"], "id_absent_reason": client.id_absent_reason or None, "phone": shown["phone"],
        "ethnicity": (client.ethnicity or None) if full else None,
        "registered_division": client.registered_division.code if client.registered_division and full else None,
        "residence_division": client.residence_division.code if client.residence_division and full else None,
        "residence_separation": client.residence_separation if full else None, "address": shown["address"],
        "categories": [r.category for r in client.category_rows.filter(span__contains=today())] if full else [],
        "guardian": shown["guardian"], "emergency_contact": shown["emergency_contact"], "filed_on": client.filed_on.isoformat(),
        "updated_at": moment(client.updated_at),
    }  # fmt: skip


# ── cases ────────────────────────────────────────────────────────────────────────────────────────
def case_json(case, depth, key, file=None):
    """One case as `depth` allows."""
    out = _head(case, depth)
    if depth == NARROW:
        return out | dict.fromkeys(HIDDEN) | {"client": None, "next_stage": None, "gates": [], "due": [], "goals": []}
    file, following = file or CaseFile(case), next_stage(case.stage)
    return out | {
        "client": client_short(case.client, key) if depth == FULL else None,
        "next_stage": following,
        "gates": [gate.as_dict() for gate in gates_of(file, following)] if following else [],
        "due": [due_json(item) for item in due.open_items(case)],
        "goals": goals_json(file, key) if depth == FULL else [],
    }


def _head(case, depth):
    return {
        "number": case.number, "episode": case.episode, "previous": case.previous.number if case.previous else None,
        "next": getattr(getattr(case, "next", None), "number", None), "depth": "full" if depth == FULL else "summary",
        "station": place(case.station), "worker": {"id": case.worker.public_id, "name": case.worker.name},
        "domain": case.domain or None, "stage": case.stage, "stage_since": case.stage_since.isoformat(),
        "opened_on": case.opened_on.isoformat(), "closed_on": case.closed_on and case.closed_on.isoformat(),
        "filed_on": case.filed_on and case.filed_on.isoformat(), "risk_level": case.risk_level or None, "crisis": case.crisis,
        "suspended": suspension(case.suspended_on, case.suspended_reason, case.suspended_review_on),
        "transfer": {"state": "offered", "to_station": place(case.transfer_to)} if case.transfer_to else None,
        "confidentiality": case.confidentiality, "updated_at": moment(case.updated_at),
    }  # fmt: skip


def suspension(on, reason, review_on):
    """Since when, why and when it is looked at again; None for a case that goes on."""
    if on is None:
        return None
    return {"on": on.isoformat(), "reason": reason, "review_on": review_on and review_on.isoformat()}


def due_json(item):
    """One open due item: what, until when, for whom it waits."""
    return {
        "code": item.code, "due_on": item.due_on.isoformat(), "overdue": due.is_overdue(item), "severity": item.severity,
        "waiting_for": item.waiting_for, "record": item.record or None,
    }  # fmt: skip


def goals_json(file, key):
    """The newest plan's goals with how many contacts each has, and its score."""
    plan = file.readable("plans")
    served: dict = {}
    for record in file.all("contacts"):
        for ref in record.plain.get("goals") or []:
            served[ref] = served.get(ref, 0) + 1
    scores = file.scores()
    return [
        goal_json(g, key) | {"contacts": served.get(g.public_id, 0), "score": scores.get(g.public_id)}
        for g in (file.goals.get(plan.pk, []) if plan else [])
    ]


def goal_json(goal, key):
    """One goal; its written words only in a session, never for a key."""
    shown = show(KINDS["plans"].fields[2].fields, goal_values(goal), not key)
    return {"id": goal.public_id, **shown, "withdrawal": goal.withdrawal or None}


# ── papers ───────────────────────────────────────────────────────────────────────────────────────
def record_json(record, key, goals=()):
    """One paper of a case that one has in full."""
    kind, values = KINDS[record.kind], values_of(record)
    shown = show(kind.fields, values, not key)
    if kind.name == "plans":
        shown["goals"] = [goal_json(goal, key) for goal in goals]
    if kind.name == "filing":
        shown |= {name: record.plain.get(name) for name in ("complete", "contents", "missing")}
    if kind.name == "transfer":
        shown["state"] = record.plain.get("state")
    return {
        "id": record.public_id, "record": record.record, "version": record.version, "draft": record.draft,
        "signed_by": person_of(record.signed_by), "signed_at": moment(record.signed_at), **shown,
    }  # fmt: skip


# ── the timeline ─────────────────────────────────────────────────────────────────────────────────
def title_of(record):
    """What a paper is called in a line: its kind and its word, nothing anybody wrote."""
    label, plain = KINDS[record.kind].label, record.plain
    if record.kind == "stage":
        return _("进入%(stage)s") % {"stage": codes.STAGES[record.code]}
    if record.kind == "contacts" and record.minutes:
        return _("%(way)s，%(n)d 分钟") % {"way": codes.WAYS.get(record.code, label), "n": record.minutes}
    if record.kind == "approvals":
        about = KINDS.get(plain.get("record", "").partition("/")[0])
        return f"{about.label if about else _('撤回目标')}：{codes.VERDICTS.get(record.code, '')}"
    words = next((f.codes for f in KINDS[record.kind].fields if f.name == KINDS[record.kind].code), None)
    word = words.get(record.code) if words and record.code else None
    version = _("第%(n)d版") % {"n": record.version} if KINDS[record.kind].versions and record.version > 1 else ""
    return "：".join(str(part) for part in (f"{label}{version}", word) if part)


def timeline(case, depth, reveals=()):
    """[(sort key, row)] of what happened in a case, oldest first; at less than full depth opening and stages alone."""
    rows = []
    for record in case.records.select_related("author__worker").defer("narrative").order_by("at", "pk"):
        if depth == FULL or record.kind in ("opened", "stage"):
            rows.append(((moment(record.at), record.pk), {
                "at": moment(record.at), "on": record.on and record.on.isoformat(), "kind": record.kind, "record": record.record,
                "by": person_of(record.author), "title": str(title_of(record)), "draft": record.draft,
            }))  # fmt: skip
    for event in reveals if depth == FULL else ():
        rows.append(((moment(event.at), -event.pk), {
            "at": moment(event.at), "on": None, "kind": "reveal", "record": None, "by": person_of(event.user),
            "title": _("查看了打码的信息"), "draft": False,
        }))  # fmt: skip
    return sorted(rows, key=lambda row: row[0])
