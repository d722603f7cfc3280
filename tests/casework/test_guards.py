"""A closed case through every door: SQL of the application's own user, the API, the pages, the admin. And that keys can still be changed."""

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from accounts.changes import change
from accounts.rotation import rotate_fields
from casework.casefile import values_of
from casework.doors import FORMS
from casework.models import Case, DeadlineRule, Goal, Record
from casework.records import DEEDS, STAGE_RECORDS
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


def test_a_draft_carries_nothing_into_a_closed_case_or_out_of_it(load):
    closed, going = load.to("closed"), load.case()
    visit = load.write(closed, "follow-ups", {"draft": True, "note": "写了一半"})
    draft = load.write(going, "intake", {"draft": True})
    moves = [
        ("UPDATE casework_record SET kind = 'contacts' WHERE id = %s", visit.pk),
        ("UPDATE casework_record SET case_id = %s WHERE id = %s", going.pk, visit.pk),
        ("UPDATE casework_record SET case_id = %s WHERE id = %s", closed.pk, draft.pk),
        ("UPDATE casework_goal SET plan_id = %s WHERE plan_id = %s", draft.pk, closed.records.get(kind="plans").pk),
    ]
    assert [move for move in moves if not refused(*move)] == []


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


# ── the other doors ──────────────────────────────────────────────────────────────────────────────
AFTER_CLOSING = {"follow-ups", "filing", "corrections", "reopen"}
TYPED = {
    "to": "evaluation", "action": "raise", "on": ago(0), "reason": "hospital", "review_on": ago(-9), "note": "写了的", "record": "plans/x",
    "decision": "approve", "text": "同意", "happened_on": ago(0), "minutes": "30", "way": "phone", "facts": "已结案还写", "worker": "w1",
    "received_on": ago(60), "source": "outreach", "presenting_problem": "独居", "assessed_on": ago(50), "planned_on": ago(50),
    "reviewed_on": ago(0), "finding": "x", "evaluated_on": ago(0), "closed_on": ago(0), "code": "01", "found_at": f"{ago(0)}T00:10",
    "kinds": "wandering", "measures": "x", "confidentiality": "restricted", "goals.0.text": "x", "do": "sign",
}  # fmt: skip


def everything(case):
    """The case with its papers and goals, as the database holds them."""
    found = []
    with connection.cursor() as cursor:
        for sql in (
            "SELECT to_jsonb(c)::text FROM casework_case c WHERE id = %s",
            "SELECT to_jsonb(r)::text FROM casework_record r WHERE case_id = %s ORDER BY id",
            "SELECT to_jsonb(g)::text FROM casework_goal g JOIN casework_record r ON r.id = plan_id WHERE case_id = %s ORDER BY g.id",
        ):
            cursor.execute(sql, [case.pk])
            found += cursor.fetchall()
    return found


@pytest.fixture
def closed(load):
    return load.to("closed")


def test_no_page_writes_into_a_closed_case(load, closed):
    before, took = everything(closed), []
    goal, report = closed.records.get(kind="plans").goals.get(), closed.records.get(kind="closure")
    deeds = (
        "advance",
        "suspend",
        "resume",
        "crisis",
        "consent",
        "transfer",
        "confidentiality",
        "assign",
        f"withdraw-goal/{goal.public_id}",
    )
    forms = [part for kind, part in FORMS.items() if kind not in AFTER_CLOSING]
    paths = [f"/cases/{closed.number}/{part}/" for part in (*deeds, *forms)]
    paths.append(f"/approvals/closure/{report.public_id}/")
    for who in ("worker", "supervisor", "manager"):
        for path in paths:
            answer = load.world.browser(who).post(path, TYPED)
            if everything(closed) != before or answer.status_code >= 500:
                took.append((who, path, answer.status_code))
    assert not took


def test_the_api_writes_nothing_into_a_closed_case(load, closed):
    before, took = everything(closed), []
    kinds = [kind.name for kind in (*STAGE_RECORDS, *DEEDS) if kind.name not in AFTER_CLOSING]
    paths = [f"/api/v1/cases/{closed.number}/{part}/" for part in (*kinds, "advance")]
    for who in ("worker", "supervisor", "manager"):
        for send in (load.world.browser(who), load.world.program(who)):
            for path in paths:
                send.post(path, TYPED, content_type="application/json")
            send.patch(f"/api/v1/cases/{closed.number}/", {"confidentiality": "restricted"}, content_type="application/json",
                       headers={"If-Match": "*"})  # fmt: skip
            if everything(closed) != before:
                took.append(who)
    assert not took


def test_the_admin_has_no_door_to_a_case(load, closed):
    before = everything(closed)
    of_room = {model for model in admin.site._registry if model._meta.app_label == "casework"}
    assert of_room == {DeadlineRule}
    browser = load.world.browser("superuser")
    for model in ("case", "record", "goal", "client"):
        for path in (
            f"/admin/casework/{model}/",
            f"/admin/casework/{model}/{closed.pk}/change/",
            f"/admin/casework/{model}/{closed.pk}/delete/",
        ):
            assert browser.get(path).status_code == 404 and browser.post(path, TYPED).status_code == 404, path
    rule = DeadlineRule.objects.get(code="filing")
    browser.post("/admin/casework/deadlinerule/", {"action": "settle", "_selected_action": [rule.pk]})
    assert everything(closed) == before
