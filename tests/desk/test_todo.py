"""/todo/: one list for worker, supervisor and manager, in the order of its days; every line leads to where this reader does it."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from accounts.changes import change
from casework import actions, worklists
from casework.models import DueItem
from periods import today
from tests.budgets import within_budget
from tests.casework.caseload import Caseload, ago


@pytest.fixture
def load(world):
    return Caseload(world)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def due(case, days, **where):
    """Everything that is due in `case` falls due in so many days."""
    with change(None, "test.moved"):
        DueItem.objects.filter(case=case, done_on=None, **where).update(
            due_on=today() + dt.timedelta(days=days), due_at=None
        )


def titles(answer):
    return [str(group["title"]) for group in answer.context["groups"]]


def test_lines_stand_under_overdue_today_this_week_and_later(load, world):
    cases = [load.case(opened=0) for _n in range(3)]
    for case, days in zip(cases, (-2, 0, 30), strict=True):
        due(case, days)
    answer = world.browser("worker").get("/todo/")
    assert titles(answer) == ["逾期", "今天", "以后"]
    assert answer.context["counts"] == {"overdue": 1, "today": 1, "week": 0, "later": 1}
    page = text_of(answer)
    assert "逾期 2 天" in page and "王德福" in page and f"/cases/{cases[0].number}/intake/" in page
    assert titles(world.browser("worker").get("/todo/?when=today")) == ["今天"]
    assert "这一段没有要做的" in text_of(world.browser("worker").get("/todo/?when=week"))


def test_a_moment_that_has_passed_today_is_overdue(load, world):
    case = load.case(opened=0)
    with change(None, "test.moved"):
        DueItem.objects.filter(case=case).update(due_on=today(), due_at=timezone.now() - dt.timedelta(minutes=1))
    answer = world.browser("worker").get("/todo/")
    assert titles(answer) == ["逾期"] and answer.context["counts"]["overdue"] == 1


def test_the_spans_of_the_database_are_those_of_the_page(load, world):
    from desk.worklist import span_of

    case = load.to("intervention")
    for days in (-1, 0, 1, 3, 6, 7, 40):
        due(case, days)
        item = worklists.todo_of(load.user()).first()
        names = [name for name, span in worklists.spans().items() if DueItem.objects.filter(span, pk=item.pk).exists()]
        assert names == [span_of(item)], days


def test_work_of_others_says_whom_it_waits_for_and_leads_to_the_case(load, world):
    case = load.case(opened=0)
    due(case, -9)
    for who in ("supervisor", "manager"):
        page = text_of(world.browser(who).get("/todo/"))
        assert "等社工 w敏" in page and f'href="/cases/{case.number}/"' in page, who


def test_the_room_counts_what_is_late_and_due_today(load, world):
    for days in (-2, 0, 5):
        due(load.case(opened=0), days)
    page = text_of(world.browser("worker").get("/todo/"))
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    assert re.search(r'href="/cases/" aria-current="page">.*?<span class="count"[^>]*>2</span>', side)
    assert text_of(world.browser("official").get("/"))


@pytest.mark.parametrize("who", ["official", "viewer", "inspector", "agency", "superuser"])
def test_those_without_cases_find_no_line_of_one(load, world, who):
    case = load.case(opened=0)
    due(case, -9)
    page = text_of(world.browser(who).get("/todo/"))
    assert case.number not in page and "王德福" not in page


@pytest.mark.parametrize("who", ["worker", "supervisor", "manager"])
def test_every_line_leads_to_a_page_that_opens_for_its_reader(load, world, who):
    """Of cases at every stage, in crisis, resting, closed, a withdrawal asked: all of it so late that it stands on every list."""
    load.case(opened=20), load.to("assessment")
    load.assess(load.to("assessment"), risk_level="red")
    load.plan(load.to("planning"), approve=False)
    served = load.to("intervention")
    load.contact(served, days=2)
    actions.withdraw_goal(
        load.user(), served, served.records.get(kind="plans").goals.get().public_id, {"reason": "家人接手"}
    )
    crisis = load.to("intervention")
    raised = {
        "action": "raise",
        "found_at": timezone.now().isoformat(),
        "kinds": ["self_harm"],
        "level": "red",
        "measures": "陪同",
    }
    actions.record_crisis(load.user(), crisis, raised)
    resting = load.to("intervention")
    actions.suspend_case(load.user(), resting, {"on": ago(1), "reason": "hospital", "review_on": ago(-9)})
    load.evaluate(load.to("evaluation")), load.to("closed")
    with change(None, "test.moved"):
        DueItem.objects.filter(done_on=None).update(due_on=today() - dt.timedelta(days=30), due_at=None)
    browser = world.browser(who)
    answer = browser.get("/todo/")
    rows = [row for group in answer.context["groups"] for row in group["rows"]]
    assert len(rows) > 8
    failed = {row["what"]: row["url"] for row in rows if browser.get(row["url"], follow=True).status_code >= 400}
    assert not failed


def test_the_list_keeps_its_budget(load, world):
    load.to("intervention"), load.case(opened=0)
    within_budget(world.browser("worker"), "todo", "/todo/")
