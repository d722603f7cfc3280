"""Protected fields: nothing but `.clear` shows the text, the ciphertext stays where it was made, keys change under way."""

import copy
import json
import logging
import pickle

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from accounts.changes import change
from accounts.errors import DomainError
from accounts.models import Change
from accounts.protection import (
    MASK,
    Damaged,
    KeyMissing,
    Protected,
    ProtectedField,
    ProtectedJSON,
    blind_index,
    blind_indexes,
    decrypt,
    encrypt,
    key_id,
)
from tests.accounts import protected
from tests.accounts.protected import fresh_key, make_table, stored

CANARY = "王德福金丝雀"
ID = "420799194503121012"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@pytest.fixture
def Note(db):
    """The model, its table made inside the test's transaction, and an event open to write under."""
    make_table()
    with change(None, "test.ran"):
        yield protected.Note


# ── The wrapper ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("value", [Protected(CANARY), ProtectedJSON({"text": CANARY}), ProtectedJSON([CANARY])])
def test_nothing_but_clear_shows_the_text(value, caplog):
    logging.getLogger("shegong").warning("%s %r", value, value)
    shown = [str(value), repr(value), f"{value}", f"{value!r:>40}", "%s" % value, "{:>9}".format(value)]  # noqa: UP031, UP032
    shown += [repr([value]), repr({"a": value}), caplog.text, str(vars(type(value)).get("clear"))]
    assert not any("金丝雀" in text for text in shown)
    assert not hasattr(value, "__dict__")
    for encoder in (None, DjangoJSONEncoder):
        with pytest.raises(TypeError) as told:
            json.dumps({"a": value}, cls=encoder)
        assert "金丝雀" not in str(told.value)
    for take in (pickle.dumps, lambda v: v.__getstate__(), lambda v: v.__reduce__(), lambda v: pickle.dumps([v])):
        with pytest.raises(TypeError):
            take(value)
    assert copy.copy(value) is value
    assert copy.deepcopy([value])[0] is value


def test_equal_by_clear_text():
    assert Protected("甲") == Protected("甲") == "甲"
    assert Protected("甲") != Protected("乙")
    assert Protected("甲") != 3
    assert len({Protected("甲"), Protected("甲"), "甲"}) == 1
    assert not Protected("")
    assert ProtectedJSON({"a": 1}) == {"a": 1}
    assert ProtectedJSON([1]) != [2]


def test_only_a_text_can_be_protected():
    for value in (5, b"x", ["x"]):
        with pytest.raises(TypeError):
            Protected(value)


# ── The cipher ───────────────────────────────────────────────────────────────────────────────────
@given(texts)
def test_what_is_encrypted_comes_back(text):
    sealed = encrypt("a.b", text)
    assert decrypt("a.b", sealed) == text
    assert sealed.isascii() and (len(text) < 2 or text not in sealed)


def test_the_same_text_never_gives_the_same_ciphertext():
    assert len({encrypt("a.b", ID) for _ in range(100)}) == 100


def test_a_ciphertext_of_another_column_is_refused():
    with pytest.raises(Damaged):
        decrypt("a.c", encrypt("a.b", ID))


@pytest.mark.parametrize("text", [ID, ID + "1", ID + "12"], ids=["padded twice", "padded once", "not padded"])
def test_an_altered_ciphertext_gives_a_sentence_and_never_another_text(text):
    sealed = encrypt("a.b", text)
    for at, was in enumerate(sealed):
        for now in set("AQgwBa0+/=.~ \n") - {was}:
            with pytest.raises((Damaged, KeyMissing)):
                decrypt("a.b", sealed[:at] + now + sealed[at + 1 :])
        with pytest.raises((Damaged, KeyMissing)):
            decrypt("a.b", sealed[:at])
    with pytest.raises(Damaged):
        decrypt("a.b", sealed + "\n")


def test_a_key_that_is_away_is_named_in_a_sentence(settings):
    sealed, old = encrypt("a.b", ID), settings.FIELD_KEYS[0]
    settings.FIELD_KEYS = [fresh_key()]
    with pytest.raises(KeyMissing) as told:
        decrypt("a.b", sealed)
    assert key_id(old) in str(told.value) and old not in str(told.value) and ID not in str(told.value)
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, old]
    assert decrypt("a.b", sealed) == ID


def test_no_key_or_a_bad_one_is_told_and_nothing_is_stored_in_clear(settings):
    settings.FIELD_KEYS = []
    with pytest.raises(KeyMissing):
        encrypt("a.b", ID)
    settings.FIELD_KEYS = ["f" * 44]
    with pytest.raises(ImproperlyConfigured) as told:
        encrypt("a.b", ID)
    assert "FIELD_KEYS" in str(told.value) and "ffff" not in str(told.value)


def test_the_keys_id_begins_the_fingerprint_a_backup_keeps(settings):
    from config.keys import fingerprint

    assert fingerprint(settings.FIELD_KEYS[0]).startswith(key_id(settings.FIELD_KEYS[0]))


# ── The blind index ──────────────────────────────────────────────────────────────────────────────
def test_spellings_of_one_number_share_an_index_and_purposes_do_not():
    index = blind_index("resident_id", "42079919500101019X")
    assert len(index) == 32 and set(index) <= set("0123456789abcdef")
    for spelling in (
        " 42079919500101019x",
        "４２０７９９19500101019Ｘ",
        "420799-1950-0101-019X",
        Protected("42079919500101019x"),
    ):
        assert blind_index("resident_id", spelling) == index
    assert blind_index("phone", "42079919500101019X") != index
    assert blind_index("resident_id", None) is blind_index("resident_id", " ") is None


def test_another_key_gives_another_index_and_a_ring_finds_both(settings):
    old, key = blind_index("resident_id", ID), settings.INDEX_KEY
    settings.INDEX_KEY = f"{fresh_key()},{key}"
    new = blind_index("resident_id", ID)
    assert new != old
    assert blind_indexes("resident_id", ID) == [new, old]
    settings.INDEX_KEY = ""
    with pytest.raises(KeyMissing):
        blind_index("resident_id", ID)


# ── The fields ───────────────────────────────────────────────────────────────────────────────────
def test_a_row_keeps_ciphertext_and_gives_protected_values(Note):
    Note.objects.create(name=CANARY, story="独居", needs=[{"rank": 1, "text": "助餐"}], number=ID)
    note = Note.objects.get()
    assert isinstance(note.name, Protected) and note.name.clear == CANARY
    assert note.needs.clear == [{"rank": 1, "text": "助餐"}]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM accounts_note n")
        (row,) = cursor.fetchone()
    assert not any(word in row for word in (CANARY, "独居", "助餐", ID))
    assert stored()[0].startswith("v1.")
    assert note.number_index == blind_index("test", ID)
    assert Note.objects.filter(number_index__in=blind_indexes("test", ID)).count() == 1


def test_none_stays_none_and_an_empty_text_empty(Note):
    Note.objects.create(name="甲", story="")
    note = Note.objects.get()
    assert (note.story.clear, note.needs, note.number, note.number_index) == ("", None, None, None)
    assert Note.objects.filter(number__isnull=True, story__isnull=False).count() == 1


def test_every_way_of_writing_encrypts(Note):
    Note.objects.bulk_create([Note(name="甲", number=ID), Note(name="乙")])
    Note.objects.filter(number__isnull=True).update(name="丙", story=Protected("故事"))
    rows = list(Note.objects.order_by("id"))
    rows[0].story = "另一个"
    Note.objects.bulk_update(rows, ["story", "name"])
    assert [(n.name.clear, n.story.clear) for n in Note.objects.order_by("id")] == [("甲", "另一个"), ("丙", "故事")]
    assert all(text.startswith("v1.") for text in stored() + stored("story"))
    assert Note.objects.order_by("id").first().number_index == blind_index("test", ID)
    assert [v.clear for v in Note.objects.order_by("id").values_list("name", flat=True)] == ["甲", "丙"]
    assert Note.objects.order_by("id").defer("name").first().name == "甲"


@pytest.mark.parametrize(
    "lookup", ["name", "name__exact", "name__in", "name__contains", "name__startswith", "name__gt"]
)
def test_look_ups_in_ciphertext_are_refused(Note, lookup):
    with pytest.raises(FieldError):
        list(Note.objects.filter(**{lookup: ["甲"] if lookup.endswith("in") else "甲"}))
    with pytest.raises(FieldError):
        list(Note.objects.exclude(name=None))


def test_saving_what_was_not_changed_changes_nothing(Note):
    Note.objects.create(name="甲", needs=[1])
    before, events = (stored(), stored("needs")), Change.objects.count()
    note = Note.objects.get()
    note.name, note.needs = "甲", [1]
    note.save()
    note.save()
    assert (stored(), stored("needs")) == before
    assert Change.objects.count() == events


def test_the_change_log_holds_ciphertext_only(Note):
    note = Note.objects.create(name=CANARY, needs={"text": CANARY}, number=ID)
    note.name = CANARY[:4]
    note.save()
    Note.objects.update(story=CANARY)
    note.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT before::text, after::text FROM accounts_change WHERE \"table\" = 'accounts_note' ORDER BY id"
        )
        rows = cursor.fetchall()
    assert len(rows) == 4
    assert not any(word in str(rows) for word in (CANARY[:4], ID, json.dumps(CANARY)[1:-1]))
    sealed = json.loads(rows[0][1])["name"]
    assert Note._meta.get_field("name").from_stored(sealed).clear == CANARY


def test_too_long_unkeepable_or_already_masked_is_refused_with_its_field(Note):
    for field, value in {"name": "一" * 11, "story": MASK, "needs": [{"text": MASK}], "number": "1\0"}.items():
        with pytest.raises(DomainError) as told, transaction.atomic():
            Note.objects.create(**{"name": "甲", field: value})
        assert (told.value.field, told.value.code) == (field, "inconsistent")
        with pytest.raises(ValidationError) as also:
            Note(**{"name": "甲", field: value}).full_clean()
        assert field in also.value.message_dict


def test_a_blank_required_one_is_refused_by_cleaning(Note):
    with pytest.raises(ValidationError) as told:
        Note(name="").full_clean(exclude=["needs", "number"])
    assert set(told.value.message_dict) == {"name"}
    Note(name="甲").full_clean(exclude=["needs", "number"])


def test_a_form_shows_no_clear_text_unless_it_asks_for_it(Note):
    from django.forms import modelform_factory

    Note.objects.create(name=CANARY, story="独居")
    form = modelform_factory(Note, fields=["name", "story"])
    assert CANARY not in form(instance=Note.objects.get()).as_p()
    sent = form({"name": MASK, "story": MASK}, instance=Note.objects.get())
    assert set(sent.errors) == {"name", "story"}
    sent = form({"name": "李四", "story": ""}, instance=Note.objects.get())
    assert sent.is_valid() and sent.save().name == "李四"
    assert Note.objects.get().story == ""


def test_a_row_can_be_neither_cached_nor_dumped(Note):
    from django.core import serializers

    note = Note.objects.create(name=CANARY)
    with pytest.raises(TypeError):
        pickle.dumps(note)
    with pytest.raises(TypeError):
        serializers.serialize("json", [note])


def test_an_old_key_reads_and_the_next_save_takes_the_newest(Note, settings):
    old, new = settings.FIELD_KEYS[0], fresh_key()
    Note.objects.create(name="甲", story="故事")
    settings.FIELD_KEYS = [new, old]
    note = Note.objects.get()
    assert note.name == "甲"
    note.save()
    assert {text.split(".")[1] for text in stored() + stored("story")} == {key_id(new)}


def test_a_row_whose_key_is_away_can_be_listed_and_its_other_columns_saved(Note, settings):
    Note.objects.create(name="甲")
    before, settings.FIELD_KEYS = stored(), [fresh_key()]
    note = Note.objects.get()
    assert str(note.name) == MASK
    note.plain = 7
    note.save()
    assert stored() == before
    with pytest.raises(KeyMissing):
        note.name.clear  # noqa: B018
    note.name = "乙"
    note.save()
    assert Note.objects.get().name == "乙"


def test_a_text_moved_to_another_column_is_encrypted_for_it(Note):
    note = Note.objects.create(name="甲")
    note.story = Note.objects.get().name
    note.save()
    assert Note.objects.get().story == "甲"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_note SET story = name")
    with pytest.raises(Damaged):
        Note.objects.get().story.clear  # noqa: B018


@isolate_apps("accounts")
def test_a_unique_protected_field_is_a_mistake():
    class Wrong(models.Model):  # noqa: DJ008
        name = ProtectedField(unique=True)

        class Meta:
            app_label = "accounts"

    assert "accounts.E001" in [found.id for found in Wrong.check()]


def test_an_error_report_shows_no_text_of_a_value_that_could_not_be_saved(Note):
    from django.views.debug import ExceptionReporter

    note = Note(name=Protected(CANARY * 3))
    with pytest.raises(DomainError) as told, transaction.atomic():
        note.save()
    reporter = ExceptionReporter(None, told.type, told.value, told.tb.tb_next)  # without this test's own frame
    report = reporter.get_traceback_text() + reporter.get_traceback_html()
    assert "_check" in report
    assert "金丝雀" not in report


def test_a_task_takes_no_protected_value_as_argument():
    from kombu.serialization import dumps

    with pytest.raises(Exception) as told:
        dumps({"args": [Protected(CANARY)]}, serializer="json")
    assert "金丝雀" not in str(told.value)


def test_no_cache_takes_a_protected_value():
    from django.core.cache import cache

    with pytest.raises(TypeError):
        cache.set("client", {"name": Protected(CANARY)})
    assert cache.get("client") is None


def test_an_answer_of_the_api_that_forgot_to_mask_is_an_error_and_a_page_shows_stars():
    from django.template import engines

    from surfaces.renderers import JSON

    with pytest.raises(TypeError):
        JSON().render({"name": Protected(CANARY)})
    shown = engines["django"].from_string("{{ name }} {{ name|upper }} {{ name|length }} {{ rows }}")
    assert "金丝雀" not in shown.render({"name": Protected(CANARY), "rows": [Protected(CANARY)]})
