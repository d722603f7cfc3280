"""What the database itself refuses, whatever wrote the statement: a closed case, a signed paper. And that keys can still be changed."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from accounts.changes import change
from accounts.rotation import rotate_fields
from casework.casefile import values_of
from casework.models import Case, Goal, Record
from tests.casework.caseload import ago


def refused(statement, *values):
    try:
        with change(None, "test.forced"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as e:
        return "closed" in str(e) or "signed" in str(e)
    return False


CLOSED = [
    "UPDATE casework_case SET stage = 'evaluation', closed_on = NULL WHERE id = {case}",
    "UPDATE casework_case SET worker_id = worker_id + 1 WHERE id = {case}",
    "UPDATE casework_case SET closed_on = closed_on - 1 WHERE id = {case}",
    "DELETE FROM casework_case WHERE id = {case}",
    "UPDATE casework_record SET plain = '{{}}' WHERE case_id = {case}",
    "DELETE FROM casework_record WHERE case_id = {case} AND kind = 'contacts'",
    """INSERT INTO casework_record (case_id, kind, public_id, version, draft, at, signed_at, code, plain, updated_at)
       SELECT {case}, 'contacts', 'kforged', 1, false, now(), now(), '', '{{}}', now()""",
    "UPDATE casework_goal SET withdrawal = 'granted', withdrawal_reason = 'x' WHERE plan_id = {plan}",
    "DELETE FROM casework_goal WHERE plan_id = {plan}",
]


def test_nothing_of_a_closed_case_is_changed_by_sql(load):
    case = load.to("closed")
    words = {"case": case.pk, "plan": case.records.get(kind="plans").pk}
    passed = [s for s in CLOSED if not refused(s.format(**words))]
    assert not passed


def test_a_signed_paper_is_not_changed_by_sql_in_an_open_case_either(load):
    case = load.to("intervention")
    assert refused("UPDATE casework_record SET minutes = 1 WHERE case_id = %s AND kind = 'plans'", case.pk)
    assert refused("UPDATE casework_record SET draft = true, signed_at = NULL WHERE case_id = %s", case.pk)
    assert refused(
        "UPDATE casework_goal SET baseline = '9' WHERE plan_id IN (SELECT id FROM casework_record WHERE case_id = %s)",
        case.pk,
    )
    draft = load.write(case, "contacts", {"draft": True, "facts": "写了一半"})
    assert not refused("UPDATE casework_record SET minutes = 9 WHERE id = %s", draft.pk)


def test_keys_change_under_a_closed_case_and_it_reads_as_before(load, settings):
    from config.keys import fresh_keys

    case = load.to("closed")
    contact = case.records.get(kind="contacts")
    before = Record.objects.values_list("narrative", flat=True).get(pk=contact.pk)
    new = fresh_keys()["FIELD_KEYS"]
    with override_settings(FIELD_KEYS=[new, *settings.FIELD_KEYS]):
        _done, unreadable = rotate_fields(among=[Record, Goal])
        assert not unreadable
        after = Record.objects.get(pk=contact.pk)
        assert values_of(after)["facts"] == "已接通送餐"
        assert after.narrative._sealed != before._sealed


def test_a_rotation_s_word_does_not_open_the_case_for_anything_else(load):
    case = load.to("closed")
    for statement in CLOSED[:3]:
        with pytest.raises(DatabaseError), change(None, "keys.rotated"), transaction.atomic():
            connection.cursor().execute(statement.format(case=case.pk, plan=0))


def test_a_closed_case_still_gets_its_filing_date(load):
    case = load.to("closed")
    load.write(case, "filing", {"filed_on": ago(0)})
    assert Case.objects.get(pk=case.pk).filing_complete


def test_narrative_and_names_are_ciphertext_in_the_tables_and_in_the_change_log(load):
    load.to("closed", name="王翀翯", address="和平路九百九十九号")
    with connection.cursor() as cursor:
        for table in (
            "casework_client",
            "casework_record",
            "casework_goal",
            "casework_case",
            "accounts_change",
            "accounts_event",
        ):
            cursor.execute(f"SELECT coalesce(string_agg(to_jsonb(t)::text, ''), '') FROM {table} t")
            text = cursor.fetchone()[0]
            for word in (
                "王翀翯",
                "和平路九百",
                "13912345678",
                "独居，三餐不定",
                "已接通送餐",
                "每日两餐热食",
                "1945-03-12",
            ):
                assert word not in text, (table, word)
