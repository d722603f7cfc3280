"""Approving, returning, noting: by somebody else than who wrote it or has the case. And asking to withdraw a goal."""

from django.utils.translation import gettext as _

from accounts.errors import Forbidden, NotInScope
from casework import access
from casework.actions.holding import add_record, held, written
from casework.errors import CaseClosed, NotPending, OwnWork, fault
from casework.fields import missing, read
from casework.records import APPROVED, KINDS


def approve(user, case, body):
    """Decide on a plan, a closure, an assessment or the withdrawal of a goal. Raises OwnWork, Forbidden, NotPending."""
    with held(user, case, "see", closed=None) as file:
        if file.case.is_of(user):
            raise OwnWork()
        if not access.hands_on(user, file.case) & {"supervisor", "manager"}:
            raise Forbidden(_("审批由督导来做；没有督导的站由站长来做"))
        if file.case.is_closed:
            raise CaseClosed()
        values = read(KINDS["approvals"].fields, body)
        record, goal, author = _subject(file, values["record"])
        if author is not None and author.pk == user.pk:
            raise OwnWork()
        if not access.may_approve(user, file.case, author):
            raise Forbidden(_("这个站有督导，由督导来审"))
        if values["decision"] in ("return", "note") and not values.get("text"):
            raise missing("text", _("意见"))
        _check_pending(file, record, goal, values["decision"])
        with written(user, file, f"{values['record'].partition('/')[0]}.{values['decision']}", record=values["record"]):
            made = add_record(file, user, "approvals", values, about=record, goal=goal)
            if goal is not None:
                _decide_withdrawal(goal, values["decision"])
    return made


def _subject(file, name):
    """(record, goal, who wrote or asked it). Raises DomainError `bad_choice`."""
    kind, _slash, public_id = name.partition("/")
    if kind == "goals" and (goal := file.goal(public_id)):
        return None, goal, goal.withdrawal_asked_by
    record = file.named(name) if kind in APPROVED else None
    if record is None:
        raise fault("record", "bad_choice", _("这个个案没有这份可审的记录"))
    return record, None, record.author


def _check_pending(file, record, goal, decision):
    if goal is not None:
        if decision == "note":
            raise fault("decision", "bad_choice", _("撤回目标只能批准或退回"))
        if goal.withdrawal != "asked":
            raise NotPending()
        return
    newest = file.signed(record.kind)
    if record.draft or newest is None or newest.pk != record.pk:
        raise NotPending(_("这一版还没有签名，或已有新的一版"))
    if file.verdict(record):
        raise NotPending()


def _decide_withdrawal(goal, decision):
    goal.withdrawal = "granted" if decision == "approve" else ""
    goal.save(update_fields=["withdrawal"])


def withdraw_goal(user, case, public_id, body):
    """Ask to withdraw a goal of the newest plan, with a reason; an approver grants it. Raises NotPending, DomainError."""
    kind = KINDS["withdrawal"]
    with held(user, case, "write") as file:
        goal = file.goal(public_id)
        if goal is None:
            raise NotInScope()
        values = read(kind.fields, body)
        if goal.withdrawal:
            raise NotPending(_("这个目标已经撤回，或正等批准"))
        with written(user, file, "goal.withdrawal_asked", goal=public_id):
            add_record(file, user, kind.name, values, goal=goal)
            goal.withdrawal, goal.withdrawal_reason, goal.withdrawal_asked_by = "asked", values["reason"], user
            goal.save()
    return goal
