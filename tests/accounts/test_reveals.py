"""Opening masked data: only a person in a session, with a purpose, within the day's budget, and never unrecorded."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from accounts import access
from accounts.changes import VIA, change
from accounts.errors import DomainError, Forbidden
from accounts.models import Event, User
from accounts.reveals import PURPOSES, REVEALED, BudgetSpent, note_of, reveal, revealed_today
from tests.accounts.protected import Note, make_table

CANARY = "王德福金丝雀"


@pytest.fixture
def session():
    token = VIA.set("web")
    yield
    VIA.reset(token)


@pytest.fixture
def note(db, monkeypatch):
    """A row of personal data that its worker may reveal."""
    make_table()
    monkeypatch.setattr(access, "can", lambda user, verb, obj: verb == "reveal" and user.username == "worker")
    with change(None, "test.ran"):
        return Note.objects.create(name="王德福", story=CANARY, needs=[1], number="420799194503121012")


@pytest.fixture
def worker(db):
    with change(None, "test.ran"):
        return User.objects.create_user("worker", display_name="李敏")


def test_a_purpose_opens_the_fields_and_leaves_one_event_without_any_of_them(note, worker, session):
    shown = reveal(
        worker, Note.objects.get(), "service", "打电话约上门：" + CANARY, ["name", "number", "needs", "plain"]
    )
    assert shown == {"name": "王德福", "number": "420799194503121012", "needs": [1], "plain": 0}
    event = Event.objects.get(verb=REVEALED)
    assert (event.user, event.via, event.object_id) == (worker, "web", str(note.pk))
    assert (event.detail["purpose"], event.detail["fields"]) == ("service", ["name", "number", "needs", "plain"])
    assert note_of(event).endswith(CANARY)
    assert not any(word in str(Event.objects.values_list()) for word in ("王德福", "4207991", CANARY))


@pytest.mark.parametrize(
    ("purpose", "code"), [("", "missing_required"), (None, "missing_required"), ("curious", "bad_choice")]
)
def test_without_one_of_the_purposes_nothing_opens(note, worker, session, purpose, code):
    with pytest.raises(DomainError) as told:
        reveal(worker, note, purpose, "", ["name"])
    assert (told.value.field, told.value.code, told.value.status) == ("purpose", code, 400)
    assert not Event.objects.filter(verb=REVEALED).exists()


def test_the_purposes_are_the_contract_s():
    assert list(PURPOSES) == "service crisis referral identity_check subject_request supervision".split()


@pytest.mark.parametrize("via", ["key", "job", "command"])
def test_only_a_session_opens(note, worker, via):
    token = VIA.set(via)
    try:
        with pytest.raises(Forbidden):
            reveal(worker, note, "service", "", ["name"])
    finally:
        VIA.reset(token)


def test_neither_a_service_nor_somebody_without_the_verb_opens(note, worker, session):
    with change(None, "test.ran"):
        other = User.objects.create_user("other", display_name="别人")
    with pytest.raises(Forbidden):
        reveal(other, note, "service", "", ["name"])
    worker.is_service = True
    with pytest.raises(Forbidden):
        reveal(worker, note, "service", "", ["name"])


def test_a_note_that_is_no_text_or_too_long_is_refused(note, worker, session):
    for wrong in ("长" * 501, {"a": 1}):
        with pytest.raises(DomainError) as told:
            reveal(worker, note, "service", wrong, ["name"])
        assert told.value.field == "note"


def test_the_budget_of_a_day_ends_with_a_sentence_and_begins_anew(note, worker, session, settings, time_machine):
    settings.REVEALS_A_DAY = 2
    for _ in range(2):
        reveal(worker, note, "service", "", ["name"])
    with pytest.raises(BudgetSpent) as told:
        reveal(worker, note, "service", "", ["name"])
    assert told.value.status == 429 and "2 次" in str(told.value)
    assert revealed_today(worker) == 2
    time_machine.move_to(timezone.now() + timezone.timedelta(days=1))
    reveal(worker, note, "service", "", ["name"])


def test_what_cannot_be_recorded_is_not_shown(note, worker, session, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(Event.objects, "create", full)
    with pytest.raises(OSError):
        reveal(worker, note, "service", "", ["name"])


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_do_not_pass_the_budget(settings, monkeypatch):
    settings.REVEALS_A_DAY = 5
    monkeypatch.setattr(access, "can", lambda user, verb, obj: True)
    with change(None, "test.ran"):
        worker = User.objects.create_user("worker", display_name="李敏")
    opened, spent, other = [], [], []

    def ask():
        VIA.set("web")
        try:
            opened.append(reveal(User.objects.get(pk=worker.pk), worker, "crisis", "", ["display_name"]))
        except BudgetSpent as e:
            spent.append(e)
        except Exception as e:
            other.append(e)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(opened), len(spent), other) == (5, 15, [])
    assert revealed_today(worker) == 5
