"""Two at once: one wins, the other is told and loses nothing. Real threads on the real database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.errors import DomainError
from casework import actions
from casework.errors import WrongStage
from casework.models import Case, Client, Record
from tests.casework.caseload import Caseload, ago, fresh
from tests.factories import World


@pytest.fixture
def load(transactional_db):
    return Caseload(World())


def at_once(*jobs):
    """Results, or the domain errors, of jobs that start together."""
    gate = Barrier(len(jobs))

    def one(job):
        gate.wait()
        try:
            return job()
        except DomainError as e:
            return e
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


def outcomes(results):
    lost = [r.code for r in results if isinstance(r, DomainError)]
    return len(results) - len(lost), sorted(lost)


def test_of_many_advances_one_goes_through(load):
    case = load.case()
    load.intake(case)
    results = at_once(*[lambda: load.advance(case, "assessment")] * 8)
    assert outcomes(results) == (1, ["wrong_stage"] * 7)
    assert all(r.extra["stage"] == "assessment" for r in results if isinstance(r, WrongStage))
    assert Record.objects.filter(kind="stage").count() == 1


def test_of_two_approvals_one_counts(load):
    case = load.to("planning")
    plan = load.plan(case, approve=False)
    verdicts = [lambda: load.approve(plan), lambda: load.approve(plan, decision="return", text="不清")]
    assert outcomes(at_once(*verdicts)) == (1, ["not_pending"])
    assert Record.objects.filter(kind="approvals", about=plan).count() == 1


def test_a_consent_withdrawn_while_the_case_moves_is_seen_or_comes_after(load):
    case = load.case()
    load.intake(case)
    withdraw = lambda: actions.record_consent(load.user(), case, {"action": "withdraw"})  # noqa: E731
    moved, _withdrawn = at_once(lambda: load.advance(case, "assessment"), withdraw)
    order = list(case.records.filter(kind__in=("stage", "consent")).order_by("pk").values_list("kind", flat=True))
    assert order == (["consent"] if isinstance(moved, DomainError) else ["stage", "consent"])


def test_a_contact_against_the_closing_is_in_the_file_or_refused_whole(load):
    case = load.to("evaluation")
    load.evaluate(case), load.close(case, days=0)
    advance, contact = lambda: load.advance(case, "closed"), lambda: load.contact(case, days=0)
    closed, written = at_once(advance, contact)
    assert not isinstance(closed, DomainError)
    assert isinstance(written, DomainError) == (Record.objects.filter(kind="contacts", on=ago(0)).count() == 0)
    assert fresh(case).stage == "closed"


def test_one_person_is_filed_once_and_reopened_once(load):
    person = load.person()
    wins, lost = outcomes(at_once(*[lambda: actions.create_client(load.user(), person)] * 5))
    assert (wins, lost) == (1, ["duplicate"] * 4) and Client.objects.count() == 1
    case = load.to("closed")
    again = [lambda: actions.reopen_case(load.user(), case, {"on": ago(0), "reason": "x"})] * 4
    assert outcomes(at_once(*again)) == (1, ["duplicate"] * 3)


def test_numbers_are_given_once_and_without_gaps(load):
    client = load.client()
    body = {"client": client.public_id, "opened_on": "2022-08-01"}
    at_once(*[lambda: actions.open_case(load.user(), body)] * 12)
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [f"420702100-2022-{n:04d}" for n in range(1, 13)]


# ── a page against the API, at once ──────────────────────────────────────────────────────────────
def page_against_api(load, case, part, form, path, body, who="worker"):
    """(status of the page, status of the API) sent together by the same account."""
    browser, program = load.world.browser(who), load.world.program(who)
    by_page = lambda: browser.post(f"/cases/{case.number}/{part}/", form).status_code  # noqa: E731
    by_api = lambda: (  # noqa: E731
        program.post(f"/api/v1/cases/{case.number}/{path}/", body, content_type="application/json").status_code
    )
    return at_once(by_page, by_api)


def test_of_a_page_and_a_program_that_advance_one_goes_through(load):
    case = load.case()
    load.intake(case)
    form = {"to": "assessment", "on": ago(0), "seen": "intake"}
    page, api = page_against_api(load, case, "advance", form, "advance", {"to": "assessment"})
    assert (page, api) in ((302, 409), (409, 200))
    assert case.records.filter(kind="stage").count() == 1


def test_of_a_page_and_a_program_that_suspend_one_goes_through(load):
    case = load.case()
    body = {"on": ago(0), "reason": "hospital", "review_on": ago(-9)}
    assert page_against_api(load, case, "suspend", body, "suspend", body) in ([302, 409], [409, 201])
    assert case.records.filter(kind="suspend").count() == 1


def test_of_a_page_and_a_program_that_raise_a_crisis_one_goes_through(load):
    case = load.case()
    form = {"action": "raise", "found_at": f"{ago(0)}T00:10", "kinds": "wandering", "measures": "已找到"}
    body = form | {"found_at": f"{ago(0)}T00:10:00+08:00", "kinds": ["wandering"]}
    assert page_against_api(load, case, "crisis", form, "crisis", body) in ([302, 409], [409, 201])
    assert case.records.filter(kind="crisis").count() == 1 and fresh(case).crisis


def test_of_a_page_and_a_program_that_reopen_there_is_one_episode(load):
    case = load.to("closed")
    body = {"on": ago(0), "reason": "再次断餐"}
    assert page_against_api(load, case, "reopen", body, "reopen", body) in ([302, 409], [409, 201])
    assert Case.objects.filter(previous=case).count() == 1


def test_one_form_sent_many_times_at_once_is_done_once(load):
    case = load.to("closed")
    form = {"filed_on": ago(0), "client_ref": "0b7a4c1e-6f0e-4a3c-9c0c-0d9a5f2b7e11"}
    browsers = [load.world.browser("worker") for _ in range(4)]
    answers = at_once(*[lambda b=b: b.post(f"/cases/{case.number}/filing/", form).status_code for b in browsers])
    assert answers == [302] * 4 and case.records.filter(kind="filing").count() == 1


def test_a_withdrawn_consent_against_the_page_s_step_is_seen_or_comes_after(load):
    case = load.case()
    load.intake(case)
    form = {"to": "assessment", "on": ago(0), "seen": "intake"}
    page, api = page_against_api(load, case, "advance", form, "consent", {"action": "withdraw"})
    order = list(case.records.filter(kind__in=("stage", "consent")).order_by("pk").values_list("kind", flat=True))
    assert api == 201 and order == (["consent"] if page == 409 else ["stage", "consent"])


def test_closing_by_page_against_a_contact_by_program_keeps_the_file_whole(load):
    case = load.to("evaluation")
    load.evaluate(case), load.close(case, days=0)
    goals = [g.public_id for r in case.records.filter(kind="plans") for g in r.goals.all()]
    body = {"happened_on": ago(0), "minutes": 20, "way": "phone", "facts": "来电", "goals": goals}
    page, api = page_against_api(load, case, "advance", {"to": "closed", "seen": "evaluation"}, "contacts", body)
    assert page == 302 and fresh(case).is_closed
    assert case.records.filter(kind="contacts", on=ago(0)).count() == (1 if api == 201 else 0) and api in (201, 409)
