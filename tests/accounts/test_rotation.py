"""Changing keys under a running site: readable throughout, nothing written meanwhile is lost, killed and run again."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.changes import change
from accounts.models import Change, Event
from accounts.protection import KeyMissing, blind_index, key_id, key_of
from accounts.rotation import ROTATED, keys_in_use, rotate_fields, rotate_indexes
from tests.accounts.protected import Note, drop_table, fresh_key, make_table, stored

ID = "42079919500101019X"
AMONG = [Note]


@pytest.fixture
def notes(db):
    """Seven rows under the key of before."""
    make_table()
    with change(None, "test.ran"):
        Note.objects.bulk_create(
            Note(name=f"甲{n}", story="故事" if n % 2 else None, needs=[n], number=ID) for n in range(7)
        )
    return Note.objects.order_by("id")


def newer(settings):
    settings.FIELD_KEYS = [fresh_key(), *settings.FIELD_KEYS]
    return key_id(settings.FIELD_KEYS[0])


def test_every_value_comes_under_the_newest_key_and_reads_as_before(notes, settings):
    before = [(n.name.clear, n.story and n.story.clear, n.needs.clear) for n in notes]
    key = newer(settings)
    assert rotate_fields(among=AMONG, batch=3) == ({"accounts_note": 7}, {})
    assert {key_of(text) for c in ("name", "story", "needs", "number") for text in stored(c) if text} == {key}
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert [(n.name.clear, n.story and n.story.clear, n.needs.clear) for n in notes] == before
    assert keys_in_use(AMONG) == {
        "accounts_note.name": {key: 7},
        "accounts_note.story": {key: 3},
        "accounts_note.needs": {key: 7},
        "accounts_note.number": {key: 7},
    }


def test_it_is_logged_and_a_second_run_writes_nothing(notes, settings):
    newer(settings)
    rotate_fields(among=AMONG, batch=3)
    assert Event.objects.filter(verb=ROTATED).count() == 3
    changes = Change.objects.filter(event__verb=ROTATED)
    assert changes.count() == 7
    assert "甲" not in str(list(changes.values_list("before", "after")))
    assert rotate_fields(among=AMONG, batch=3) == ({}, {})
    assert Event.objects.filter(verb=ROTATED).count() == 3


def test_a_killed_run_is_taken_up_where_it_stopped(notes, settings):
    key = newer(settings)

    def killed(table, rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_fields(among=AMONG, batch=3, told=killed)
    assert [key_of(text) == key for text in stored()] == [True] * 3 + [False] * 4
    assert [n.name.clear for n in notes] == [f"甲{n}" for n in range(7)]
    assert rotate_fields(among=AMONG, batch=3) == ({"accounts_note": 4}, {})


def test_what_cannot_be_opened_is_counted_and_left_as_it_is(notes, settings):
    before = stored()
    lost = settings.FIELD_KEYS[0]
    settings.FIELD_KEYS = [fresh_key()]
    with change(None, "test.ran"):
        Note.objects.create(name="乙")
    done, unreadable = rotate_fields(among=AMONG, batch=3)
    assert unreadable["accounts_note.name"] == 7
    assert stored()[:7] == before
    with pytest.raises(KeyMissing):
        notes[0].name.clear  # noqa: B018
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, lost]
    assert rotate_fields(among=AMONG) == ({"accounts_note": 7}, {})


def test_indexes_are_computed_anew_and_found_by_both_keys_meanwhile(notes, settings):
    settings.INDEX_KEY = f"{fresh_key()},{settings.INDEX_KEY}"
    assert set(stored("number_index")) != {blind_index("test", ID)}
    assert rotate_indexes(among=AMONG, batch=3) == ({"accounts_note": 7}, {})
    assert set(stored("number_index")) == {blind_index("test", ID)}
    assert rotate_indexes(among=AMONG) == ({"accounts_note": 0}, {})


def test_an_index_that_an_update_left_behind_is_put_right(notes):
    with change(None, "test.ran"):
        Note.objects.filter(pk=notes[0].pk).update(number="420799194503121012")
    assert stored("number_index")[0] == blind_index("test", ID)
    assert rotate_indexes(among=AMONG) == ({"accounts_note": 1}, {})
    assert stored("number_index")[0] == blind_index("test", "420799194503121012")


def test_the_command_says_what_it_did_and_whether_the_old_key_may_go(db, settings):
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "最新的密钥" in out.getvalue()
    call_command("rotate_keys", "--index", "--check", stdout=out)
    settings.FIELD_KEYS = []
    with pytest.raises(CommandError, match="FIELD_KEYS"):
        call_command("rotate_keys", stdout=out)


@pytest.mark.django_db(transaction=True)
def test_writers_during_a_rotation_lose_nothing(settings):
    make_table()
    try:
        with change(None, "test.ran"):
            rows = Note.objects.bulk_create(Note(name=f"甲{n}", story="初") for n in range(60))
        key, stop, wrong, written = newer(settings), threading.Event(), [], {row.pk: "初" for row in rows}

        def write(mine):
            try:
                turn = 0
                while not stop.is_set():
                    turn += 1
                    for row in mine:
                        note = Note.objects.get(pk=row.pk)
                        if note.story.clear != written[row.pk]:
                            wrong.append(row.pk)
                        note.story = f"第{turn}次"
                        with change(None, "test.wrote"):
                            note.save(update_fields=["story"])
                        written[row.pk] = f"第{turn}次"
            except Exception as e:
                wrong.append(e)
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=(rows[n::2],)) for n in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            rotate_fields(among=AMONG, batch=7)
        stop.set()
        for thread in threads:
            thread.join(30)
        settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
        assert wrong == []
        assert {n.pk: n.story.clear for n in Note.objects.all()} == written
        assert {key_of(text) for c in ("name", "story") for text in stored(c)} == {key}
    finally:
        drop_table()
