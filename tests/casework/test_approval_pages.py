"""The supervisor's desk: what waits, the paper with what changed, the word on it; own work refused, somebody faster told."""

import re

import pytest

from accounts.changes import change
from casework import actions
from casework.casefile import CaseFile
from casework.models import Record
from casework.reads import reads_of
from casework.sheets import ADDED, ALTERED, GONE, pieces, previous_of, sheet
from stations.models import Post
from surfaces.models import Draft
from tests.budgets import within_budget
from tests.casework.caseload import fresh


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def url_of(record):
    kind, public_id = str(record).split("/")
    return f"/approvals/{kind}/{public_id}/"


def decide(world, record, decision, text="", who="supervisor"):
    return world.browser(who).post(url_of(record), {"decision": decision, "text": text})


@pytest.fixture
def plan(load):
    return load.plan(load.to("planning"), approve=False)


# ── the queue ──


def test_the_queue_lists_what_waits_the_longest_first_and_opens_it(load, world, plan):
    red = load.assess(load.to("assessment"), risk_level="red")
    answer = world.browser("supervisor").get("/approvals/")
    assert [row["title"] for row in answer.context["queue"]] == ["服务计划", "预估"]
    assert answer.context["paper"]["name"] == str(plan)
    page = text_of(answer)
    assert "王德福" in page and "2 件等您审" in page and url_of(red) in page and "红色风险" in page
    assert "王德福" not in re.search("<title>.*?</title>", page)[0]


def test_nothing_waits_says_so(world):
    page = text_of(world.browser("supervisor").get("/approvals/"))
    assert "没有等您审的" in page and '<form class="stack"' not in page


@pytest.mark.parametrize("who", ["worker", "official", "viewer", "inspector", "agency", "superuser"])
def test_the_desk_is_for_supervisors_and_managers(world, plan, who):
    for path in ("/approvals/", url_of(plan)):
        assert world.browser(who).get(path).status_code == 403
    assert decide(world, plan, "approve", who=who).status_code == 403


def test_what_is_out_of_reach_a_draft_or_no_paper_is_no_page(load, world, plan):
    assert world.browser("twin_supervisor").get(url_of(plan)).status_code == 404
    assert decide(world, plan, "approve", who="twin_supervisor").status_code == 404
    draft = load.write(plan.case, "plans", {"planned_on": plan.on.isoformat(), "draft": True})
    for path in (url_of(draft), "/approvals/plans/nothing/", "/approvals/contacts/x/", "/approvals/goals/x/"):
        assert world.browser("supervisor").get(path).status_code == 404


# ── a word ──


def test_approving_opens_the_next_and_then_says_that_nothing_waits(load, world, plan):
    red = load.assess(load.to("assessment"), risk_level="red")
    answer = decide(world, plan, "approve")
    assert answer.status_code == 302 and answer["Location"] == url_of(red)
    assert CaseFile(fresh(plan.case)).approved_plan.pk == plan.pk
    answer = decide(world, red, "note", "每周家访两次")
    assert answer["Location"] == "/approvals/"


def test_returning_and_noting_ask_for_words_and_keep_what_was_chosen(world, plan):
    for decision in ("return", "note"):
        answer = decide(world, plan, decision, "  ")
        assert answer.status_code == 400 and "意见必须填" in text_of(answer)
    assert decide(world, plan, "return", "目标一缺基线").status_code == 302
    assert "目标一缺基线" in text_of(world.browser("supervisor").get(url_of(plan)))


def test_red_risk_asks_for_words_whatever_the_decision(load, world):
    red = load.assess(load.to("assessment"), risk_level="red")
    answer = decide(world, red, "approve")
    assert answer.status_code == 400 and "意见必须填" in text_of(answer)
    assert not red.followers.exists()
    assert decide(world, red, "approve", "同意，每周两访").status_code == 302
    assert not world.browser("supervisor").get("/approvals/").context["queue"]


def test_a_withdrawal_is_decided_on_the_same_desk(load, world):
    case = load.to("intervention")
    goal = case.records.get(kind="plans").goals.get()
    actions.withdraw_goal(load.user(), case, goal.public_id, {"reason": "家人接手"})
    page = text_of(world.browser("supervisor").get(f"/approvals/goals/{goal.public_id}/"))
    assert "家人接手" in page and "每日两餐热食" in page and "只批注" not in page
    assert decide(world, goal, "approve").status_code == 302
    goal.refresh_from_db()
    assert goal.withdrawal == "granted"


def test_ones_own_work_is_not_approved_and_the_page_says_who_can(load, world, plan):
    with change(None, "test.posted"):
        Post.objects.create(
            user=world.users["sibling_supervisor"],
            role="supervisor",
            station=world.station("鄂州市"),
            span=("2020-01-01", None),
        )
        plan.case.worker.__class__.objects.filter(pk=plan.case.worker_id).update(user=world.users["supervisor"])
        load.workers["manager"].__class__.objects.filter(pk=load.workers["manager"].pk).update(user=None)
    answer = world.browser("supervisor").get(url_of(plan))
    assert not answer.context["may"]
    page = text_of(answer)
    assert "要由别人审：sibling_supervisor 甲" in page and 'name="decision"' not in page
    answer = decide(world, plan, "approve")
    assert answer.status_code == 403 and "要由别人审" in text_of(answer)
    assert not CaseFile(fresh(plan.case)).approved_plan


def test_a_manager_is_told_that_the_supervisor_decides(world, plan):
    answer = world.browser("manager").get(url_of(plan))
    assert "由督导来审：supervisor 甲" in answer.context["why_not"]
    assert decide(world, plan, "approve", who="manager").status_code == 403


def test_somebody_faster_is_named_and_what_was_typed_is_kept(load, world, plan):
    load.approve(plan, decision="return", text="缺基线")
    answer = decide(world, plan, "approve", "写得很好，同意")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "supervisor 甲" in page and "先审过了：退回" in page and "缺基线" in page and "写得很好，同意" in page
    assert Record.objects.filter(about=plan, kind="approvals").count() == 1


def test_a_newer_version_takes_the_place_of_the_one_that_lay_open(load, world, plan):
    newer = load.plan(plan.case, days=40, approve=False)
    answer = decide(world, plan, "approve", "同意第一版")
    page = text_of(answer)
    assert answer.status_code == 409 and url_of(newer) in page and "同意第一版" in page
    assert not CaseFile(fresh(plan.case)).approved_plan


def test_a_closed_case_is_not_decided_on(load, world):
    case = load.to("closed")
    plan = case.records.get(kind="plans")
    assert "已结案" in world.browser("supervisor").get(url_of(plan)).context["why_not"]
    assert decide(world, plan, "note", "看过").status_code == 409


# ── the sheet ──


def test_a_paper_is_shown_in_words_and_beside_the_version_before(load, world, plan):
    load.approve(plan, decision="return", text="目标太粗")
    goal = {"text": "每日两餐热食", "indicator": "餐数", "baseline": "1", "target": "2", "due_on": "2027-01-01"}
    newer = load.write(plan.case, "plans", {
        "planned_on": plan.on.isoformat(), "goals": [goal, goal | {"text": "每周下楼三次"}], "overall_goal": "吃好，走动",
        "agreement": {"signed_on": plan.on.isoformat(), "method": "signature", "by": "self"},
    })  # fmt: skip
    file = CaseFile(fresh(plan.case))
    lines = {line["name"]: line for line in sheet(newer, file, previous_of(newer, file))}
    assert [row["changed"] for row in lines["goals"]["rows"]] == [ALTERED, ADDED]
    assert ("基线值", "0") in lines["goals"]["rows"][0]["was"]
    assert lines["overall_goal"]["changed"] == ADDED and lines["agreement"]["changed"] == ""
    assert ("方式", "签字") in [(str(a), b) for a, b in lines["agreement"]["rows"][0]["cells"]]
    page = text_of(world.browser("supervisor").get(url_of(newer)))
    assert "和第1版比" in page and "目标太粗" in page and "<ins>吃好，走动</ins>" in page


def test_a_first_version_has_nothing_to_compare(load, plan):
    file = CaseFile(plan.case)
    assert previous_of(plan, file) is None
    assert {line["changed"] for line in sheet(plan, file)} == {""}


def test_what_is_gone_is_shown_struck_out(load):
    case = load.to("assessment")
    first = load.assess(case, strengths="爱好下棋")
    second = load.assess(case, risk_level="red")
    file = CaseFile(fresh(case))
    lines = {line["name"]: line for line in sheet(second, file, first)}
    assert lines["strengths"]["changed"] == GONE and lines["strengths"]["pieces"] == [
        {"kind": "del", "text": "爱好下棋"}
    ]
    assert lines["risk_level"]["changed"] == ALTERED


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("三餐不定，独居。", "三餐不定，与女儿同住。", ["三餐不定，", "-独居。", "+与女儿同住。"]),
        ("一样", "一样", ["一样"]), ("", "新的", ["+新的"]), ("旧的", "", ["-旧的"]), ("", "", []),
    ],
)  # fmt: skip
def test_texts_are_compared_clause_by_clause(before, after, shown):
    marks = {"": "", "ins": "+", "del": "-"}
    assert [marks[p["kind"]] + p["text"] for p in pieces(before, after)] == shown


def test_the_desk_keeps_its_budget(load, world, plan):
    load.assess(load.to("assessment"), risk_level="red")
    within_budget(world.browser("supervisor"), "approvals", "/approvals/")
    within_budget(world.browser("supervisor"), "approvals", url_of(plan))


def test_what_was_typed_and_not_sent_is_there_again_and_gone_once_the_word_is_given(world, plan):
    browser = world.browser("supervisor")
    assert browser.post("/drafts/", {"_address": url_of(plan), "text": "目标一写得清楚"}).status_code == 200
    assert "目标一写得清楚" in text_of(browser.get(url_of(plan)))
    assert "目标一写得清楚" not in text_of(world.browser("manager").get(url_of(plan)))
    decide(world, plan, "approve", "目标一写得清楚")
    assert not Draft.objects.filter(address=url_of(plan)).exists()


def test_each_look_at_a_paper_that_waits_is_noted(world, plan):
    supervisor = world.browser("supervisor")
    for path in ("/approvals/", url_of(plan)):
        before = reads_of(plan.case).count()
        supervisor.get(path)
        assert reads_of(plan.case).count() == before + 1, path
