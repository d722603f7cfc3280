"""Support sessions: putting one down, changing it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.changes import change
from accounts.errors import DomainError
from partnerships import access
from partnerships.actions.batches import hold_pairing
from partnerships.actions.confirming import hold, mark_entered
from partnerships.actions.constraints import in_words
from partnerships.actions.online import refuse_elsewhere, settle
from partnerships.actions.team import envoys_of
from partnerships.codes import ONLINE, ONSITE, TRAINING, TUTORING
from partnerships.models import Session, SessionGroup, Tutor
from periods import today

FIELDS = ("kind", "title", "on", "minutes", "way", "place", "person_times", "batch")


def create_session(user, *, pairing, tutors=(), groups=(), **fields):
    """Put down a session. `tutors` = [{name, mark?}], `groups` = [{group, person_times}].

    Raises Forbidden; DomainError `inconsistent`, `elsewhere`, `missing_required`.
    """
    with in_words(), transaction.atomic():
        pairing = hold_pairing(pairing)
        side = access.side_for(user, Session, pairing.programme, pairing)
        session = Session(pairing=pairing, **fields)
        _check(session)
        mark_entered(user, session, side)
        with change(user, "session.created", session, pairing=str(pairing)):
            session.save()
            _write(session, tutors, groups)
            settle(pairing, {session.on})
    return session


def update_session(user, session, check=None, tutors=None, groups=None, **fields):
    """Change a session; each list that is given replaces the one that stands. It is to be confirmed again. Raises as `create_session`."""
    with in_words(), transaction.atomic():
        pairing = hold_pairing(session.pairing)
        session = hold(session)
        access.require(user, "change", session)
        if check:
            check(session)
        was = session.on
        for name in FIELDS:
            if name in fields:
                setattr(session, name, fields[name])
        _check(session)
        mark_entered(user, session, access.side_for(user, Session, pairing.programme, pairing))
        with change(user, "session.changed", session, pairing=str(pairing)):
            session.save()
            if tutors is None:
                tutors = [{"name": t.envoy.name, "mark": t.envoy.mark} for t in session.tutors.select_related("envoy")]
            session.tutors.all().delete()
            if groups is not None:
                session.groups.all().delete()
            _write(session, tutors, groups or ())
            settle(pairing, {was, session.on})
    return session


def _write(session, tutors, groups):
    envoys = envoys_of(session.pairing, tutors, "tutors")
    if session.way == ONLINE:
        refuse_elsewhere(session.pairing, envoys, session.on, session.minutes, session)
    Tutor.objects.bulk_create(Tutor(session=session, envoy=envoy) for envoy in envoys)
    if len({row["group"] for row in groups}) < len(groups):
        raise DomainError(_("同一个受益群体写了两次"), code="duplicate", field="groups")
    SessionGroup.objects.bulk_create(SessionGroup(session=session, **row) for row in groups)


def _check(session):
    pairing, batch = session.pairing, session.batch
    if session.on > today():
        raise DomainError(_("还没有做的不能记"), code="inconsistent", field="on")
    if not pairing.span.lower <= session.on < pairing.span.upper:
        raise DomainError(
            _("日期应在结对的 %(first)s 至 %(last)s 之内")
            % {"first": pairing.span.lower, "last": pairing.span.upper - dt.timedelta(days=1)},
            code="inconsistent", field="on",
        )  # fmt: skip
    if session.kind == TUTORING and session.way == ONSITE:
        raise DomainError(_("线上辅导是线上的；现场的记个别督导或集体培训"), code="inconsistent", field="way")
    if session.kind == TRAINING and not session.person_times:
        raise DomainError(_("集体培训要写参加人次"), code="missing_required", field="person_times")
    if batch is None:
        return
    if session.way == ONLINE:
        raise DomainError(_("线上的支持不属于派驻批次"), code="inconsistent", field="batch")
    if batch.pairing_id != pairing.pk or not batch.departs_on <= session.on <= batch.returns_on:
        raise DomainError(_("这一天不在这个批次里"), code="inconsistent", field="on")
