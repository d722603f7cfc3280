"""The pages of cases: what each reader sees of one, why a gate is shut and where the key is, tabs, lists, papers."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.models import User
from casework import actions, browsing
from stations.models import Post
from tests.budgets import within_budget
from tests.casework.caseload import STAGES, ago

NAME = "王德福"
DEPTHS = {  # who: what they get of a case at 太和镇
    "worker": "full", "supervisor": "full", "manager": "full", "official": "summary", "superuser": "summary", "city_official": "summary",
    "inspector": None, "viewer": None, "agency": None, "expired": None, "twin_worker": None, "sibling_manager": None,
    "twin_supervisor": None, "sibling_official": None,
}  # fmt: skip


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("who", DEPTHS)
def test_how_much_of_a_case_each_role_sees_on_its_page(load, who):
    case = load.case()
    answer = load.world.browser(who).get(f"/cases/{case.number}/")
    if DEPTHS[who] is None:
        assert answer.status_code == 404
        return
    assert answer.status_code == 200
    assert case.number in text_of(answer)
    assert (NAME in text_of(answer)) == (DEPTHS[who] == "full")


TABS = ("", "goals/", "assessments/", "plans/", "supervision/", "file/")


@pytest.fixture
def page(load):
    """What `who` gets at an address below a case."""

    def read(case, path="", who="worker", status=200):
        answer = load.world.browser(who).get(f"/cases/{case.number}/{path}")
        assert answer.status_code == status
        return text_of(answer)

    return read


@pytest.mark.parametrize("stage", STAGES)
def test_every_tab_answers_at_every_stage(load, page, stage):
    case = load.to(stage)
    for path in TABS:
        assert case.number in page(case, path)
    for record in case.records.all():
        page(case, f"papers/{record.record}/")


def test_papers_are_for_those_who_have_the_case_in_full(load, page):
    case = load.to("planning")
    record = case.records.get(kind="assessments")
    for path in (*TABS[1:], f"papers/{record.record}/"):
        page(case, path, "official", 403)
        page(case, path, "twin_supervisor", 404)
        assert NAME in page(case, path, "supervisor")
    page(case, "papers/assessments/nothing/", status=404)
    page(case, f"papers/plans/{record.public_id}/", status=404)


@pytest.fixture
def colleague(load):
    """The browser of another worker at the same station."""
    station = load.world.station("太和镇")
    with change(None, "test.posted"):
        user = User.objects.create(username="colleague", display_name="同事甲")
        Post.objects.create(user=user, role="worker", station=station, span=DateRange(dt.date(2021, 3, 1), None))
    load.world.users["colleague"] = user
    return load.world.browser("colleague")


def test_a_colleague_is_told_number_station_stage_and_dates_alone(load, colleague):
    case = load.to("intervention")
    load.contact(case, facts="只有她知道的话")
    actions.record_crisis(
        load.user(), case,
        {"action": "raise", "found_at": timezone.now().isoformat(), "kinds": ["self_harm"], "measures": "陪同"},
    )  # fmt: skip
    for path in (f"/cases/{case.number}/", "/cases/", "/"):
        html = text_of(colleague.get(path))
        assert path == "/" or case.number in html
        main = html[html.index("<main") : html.index("</main>")]
        for told in (
            NAME,
            "只有她知道的话",
            "危机中",
            "陪同",
            load.workers["worker"].name,
            "风险",
            "每日两餐热食",
            "139****5678",
        ):
            assert told not in main or (told == "风险" and path == "/cases/")
    assert "介入" in text_of(colleague.get(f"/cases/{case.number}/"))
    for tab in TABS[1:]:
        assert colleague.get(f"/cases/{case.number}/{tab}").status_code == 403


# ── gates and their keys ──


def test_a_shut_gate_says_why_and_leads_to_the_form_that_opens_it(load, page):
    case = load.case()
    html = page(case)
    assert "还不能进入预估：差 2 项" in html
    assert "还没有知情同意，也没有写明其他依据" in html
    assert f"/cases/{case.number}/intake/" in html
    load.intake(case)
    html = page(case)
    assert "可以进入预估了" in html
    assert f"/cases/{case.number}/advance/?to=assessment" in html


def test_an_official_reads_the_gates_and_gets_no_key(load, page):
    html = page(load.case(), who="official")
    assert "差 2 项" in html
    assert "/intake/" not in html
    assert "/advance/" not in html


def test_a_plan_that_waits_leads_its_worker_to_the_paper_and_its_supervisor_to_the_decision(load, page):
    case = load.to("planning")
    plan = load.plan(case, approve=False)
    assert f"/cases/{case.number}/papers/{plan.record}/" in page(case)
    assert f"/approvals/{plan.record}/" not in page(case)
    assert f"/approvals/{plan.record}/" in page(case, who="supervisor")


def test_a_plan_that_was_returned_leads_to_writing_a_new_one(load, page):
    case = load.to("planning")
    load.approve(load.plan(case, approve=False), decision="return", text="目标不可量")
    html = page(case)
    assert f"/cases/{case.number}/plan/" in html
    assert "目标不可量" in html
    assert "已退回" in page(case, "plans/")


def test_only_those_deeds_are_offered_that_the_reader_may_do_now(load, page):
    case = load.to("intervention")
    own, boss, official = page(case), page(case, who="supervisor"), page(case, who="official")
    assert f"/cases/{case.number}/suspend/" in own
    assert f"/cases/{case.number}/suspend/" not in boss + official
    assert f"/cases/{case.number}/resume/" not in own
    assert f"/cases/{case.number}/assign/" in boss
    assert f"/cases/{case.number}/assign/" not in own
    assert f"/cases/{case.number}/reopen/" not in own + boss
    assert f"/cases/{case.number}/print/" not in official


def test_a_case_that_rests_says_so_and_can_only_be_resumed(load, page):
    case = load.to("intervention")
    body = {"on": ago(1), "reason": "hospital", "review_on": ago(-10)}
    actions.suspend_case(load.user(), case, body)
    html = page(case)
    assert "中止中" in html
    assert f"/cases/{case.number}/resume/" in html
    assert f"/cases/{case.number}/advance/?to=planning" not in html


def test_a_crisis_stands_on_top_and_only_above_is_it_lifted(load, page):
    case = load.to("intervention")
    found = timezone.now().isoformat()
    actions.record_crisis(
        load.user(), case, {"action": "raise", "found_at": found, "kinds": ["self_harm"], "measures": "陪同"}
    )
    assert "危机中" in page(case)
    assert "action=lift" not in page(case)
    assert "action=lift" in page(case, who="supervisor")


def test_the_first_thing_to_press_follows_the_stage(load, page):
    def first(case):
        found = re.search(r'class="button is-primary"[^>]*href="([^"]*)"', page(case))
        return found and found[1].removeprefix(f"/cases/{case.number}/")

    case = load.case()
    assert first(case) == "intake/"
    case = load.to("planning", case)
    assert first(case) == "plan/"
    case = load.to("intervention")
    assert first(case) == "log/"
    assert first(load.to("closed")) == "follow-up/"


# ── what was done ──


def test_the_timeline_tells_what_was_written_and_is_paged(load, page):
    case = load.to("intervention")
    for n in range(25):
        load.contact(case, days=40 - n, facts=f"第{n}次：量了血压")
    html = page(case)
    assert "第24次：量了血压" in html
    assert "第0次：量了血压" not in html
    assert "第0次：量了血压" in page(case, "?page=2")
    assert "第24次" not in page(case, who="official")


def test_a_draft_is_gone_on_with_by_its_author_alone(load, page):
    case = load.to("intervention")
    draft = load.contact(case, draft=True, facts="草稿里的话")
    assert f"/cases/{case.number}/log/?draft={draft.public_id}" in page(case)
    assert f"?draft={draft.public_id}" not in page(case, who="supervisor")
    assert "草稿里的话" not in page(case)


def test_goals_show_their_score(load, page):
    case = load.to("evaluation")
    load.evaluate(case)
    assert "+1" in page(case, "goals/")
    assert "每日两餐热食" in page(case, "goals/")


def test_a_paper_shows_its_words_corrections_and_versions(load, page):
    case = load.to("planning")
    first = load.plan(case, approve=False)
    load.approve(first, decision="return", text="写明频次")
    second = load.plan(case, approve=False, overall_goal="三餐规律")
    body = {"record": first.record, "field": "overall_goal", "text": "三餐有着落", "reason": "写漏了"}
    actions.correct_record(load.user(), case, body)
    html = page(case, f"papers/{first.record}/")
    assert f"/correct/?record={first.kind}%2F" in html
    assert "/correct/?record=" not in page(case, f"papers/{case.records.get(kind='approvals').record}/")
    assert all(words in html for words in ("写明频次", "三餐有着落", "写漏了", f"papers/{second.record}/"))
    compared = page(case, f"papers/{second.record}/?compare=1")
    assert "三餐规律" in compared
    assert "<ins>" in compared or "新增" in compared


def test_every_kind_of_paper_can_be_read(load, page):
    case = load.to("closed")
    load.write(case, "follow-ups", {"visited_on": ago(0), "way": "phone", "effect_kept": True, "note": "仍按时吃饭"})
    load.write(case, "filing", {"filed_on": ago(0), "location": "二号柜"})
    assert "仍按时吃饭" in page(case, f"papers/{case.records.get(kind='follow-ups').record}/")
    for record in case.records.all():
        page(case, f"papers/{record.record}/")
    assert "二号柜" in page(case, f"papers/{case.records.get(kind='filing').record}/")


def test_the_episodes_before_and_after_lead_to_each_other(load, page):
    old = load.to("closed")
    new = actions.reopen_case(load.user(), old, {"on": ago(0), "reason": "又独居"})
    assert f"/cases/{new.number}/" in page(old)
    assert f"/cases/{old.number}/" in page(new)


def test_number_and_phone_stay_masked_and_no_title_names_anybody(load, page):
    case = load.case()
    for path in TABS:
        html = page(case, path)
        assert "13912345678" not in html
        assert case.client.id_number.clear not in html
        assert NAME not in re.search("<title>.*?</title>", html, re.DOTALL)[0]
    assert "139****5678" in page(case)


# ── the list ──


def test_the_list_names_clients_only_to_those_who_have_the_case_in_full(load):
    case = load.case()
    for who, depth in DEPTHS.items():
        answer = load.world.browser(who).get("/cases/")
        if answer.status_code == 403:
            assert depth is None
            continue
        assert (case.number in text_of(answer)) == (depth is not None)
        assert (NAME in text_of(answer)) == (depth == "full")
        assert ("服务对象</th>" in text_of(answer)) == (depth == "full")


@pytest.fixture
def listed(load):
    """Numbers of the cases that `who` finds at `/cases/` with a query, in their order."""

    def read(query="", who="worker"):
        answer = load.world.browser(who).get(f"/cases/{query}")
        assert answer.status_code == 200
        return list(dict.fromkeys(re.findall(r'<th[^>]* scope="row"><a[^>]* href="/cases/([^/"]+)/', text_of(answer))))

    return read


def test_what_is_due_first_stands_first(load, listed):
    client = load.client()
    soon, late = load.case(opened=1, client=client), load.case(opened=60, client=client)
    assert listed() == [late.number, soon.number]


def test_filters_leave_what_they_say(load, listed):
    client = load.client()
    first, second, closed = (
        load.case(client=client),
        load.to("intervention", client=client),
        load.to("closed", client=client),
    )
    assert set(listed()) == {first.number, second.number}
    assert listed("?stage=closed") == [closed.number]
    assert set(listed("?stage=all")) == {first.number, second.number, closed.number}
    assert listed("?stage=intervention") == [second.number]
    assert listed(f"?q={first.number}") == [first.number]
    assert listed("?crisis=yes") == []
    assert set(listed("?mine=yes")) == {first.number, second.number}
    assert listed("?mine=yes", "supervisor") == []
    assert first.number in listed("?overdue=yes")
    worker = load.workers["worker"].public_id
    assert set(listed(f"?worker={worker}", "supervisor")) == {first.number, second.number}
    assert set(listed(f"?station={load.world.station('太和镇').code}")) == {first.number, second.number}


def test_one_page_follows_the_other(load, listed, monkeypatch):
    monkeypatch.setattr("casework.views.cases.ROWS", 2)
    client = load.client()
    numbers = {load.case(opened=n + 1, client=client).number for n in range(5)}
    pages = [listed(f"?page={n}") for n in (1, 2, 3)]
    assert [len(p) for p in pages] == [2, 2, 1]
    assert {number for p in pages for number in p} == numbers


def test_where_there_are_many_the_walk_is_complete_and_without_doubles(load, monkeypatch):
    client = load.client()
    cases = [load.case(opened=n + 1, client=client).pk for n in range(4)]
    cases += [load.to(stage, client=client).pk for stage in ("evaluation", "intervention")]
    user = load.user("supervisor")
    few = browsing.find(user, browsing.Asked(), size=100)
    monkeypatch.setattr(browsing, "MANY", 2)
    for asked in (browsing.Asked(), browsing.Asked(stage="all"), browsing.Asked(overdue=True)):
        seen, after = [], ""
        for _turn in range(20):
            found = browsing.find(user, asked, size=2, after=after)
            assert found.total is None or asked.overdue
            seen += found.keys
            after = found.next
            if not after:
                break
        assert len(seen) == len(set(seen))
        if not asked.overdue:
            assert set(seen) == set(cases)
        if asked == browsing.Asked():
            assert set(seen) == set(few.keys)


def test_an_empty_list_says_how_to_begin(load):
    html = text_of(load.world.browser("worker").get("/cases/"))
    assert "接到社区上报，从这里开始" in html
    assert "没有这样的个案" in text_of(load.world.browser("worker").get("/cases/?crisis=yes"))


def test_htmx_gets_the_rows_alone(load):
    load.case()
    browser = load.world.browser("worker")
    assert "<html" not in text_of(browser.get("/cases/", headers={"HX-Request": "true"}))


def test_pages_answer_in_english(load, page):
    case = load.to("intervention")
    browser = load.world.browser("worker")
    for path in ("/", "/cases/", *(f"/cases/{case.number}/{tab}" for tab in TABS)):
        answer = browser.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 200


def test_pages_keep_their_budgets(load):
    case = load.to("intervention")
    for n in range(12):
        load.contact(case, days=20 - n)
        load.case(client=case.client)
    worker = load.world.browser("worker")
    within_budget(worker, "case_page", f"/cases/{case.number}/")
    within_budget(worker, "case_tab", f"/cases/{case.number}/file/")
    within_budget(worker, "case_list", "/cases/")
    within_budget(worker, "home_worker", "/")
    within_budget(load.world.browser("manager"), "home_manager", "/")
    within_budget(load.world.browser("supervisor"), "home_supervisor", "/")


def test_number_and_phone_open_with_a_purpose_from_the_case_and_the_timeline_tells(load, page):
    case = load.case()
    browser = load.world.browser("worker")
    url = f"/cases/{case.number}/"
    assert f"/clients/{case.client.public_id}/show/" in text_of(browser.get(url))
    answer = browser.post(f"/clients/{case.client.public_id}/show/", {"purpose": "service", "case": case.number})
    assert (answer.status_code, answer.headers["Location"].partition("#")[0]) == (302, url)
    html = text_of(browser.get(url))
    assert "13912345678" in html
    assert "查看了打码的信息" in html
    assert "13912345678" not in page(case, who="supervisor")
