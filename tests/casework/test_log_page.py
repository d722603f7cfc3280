"""A contact in under a minute, and papers in steps: nothing typed is lost, nothing is made twice, nothing is half written."""

import pytest
from django.db import transaction

from accounts.changes import change
from casework import actions
from casework.casefile import values_of
from casework.models import Case, Record
from periods import today
from surfaces.models import Draft
from tests.budgets import within_budget
from tests.casework.caseload import SCORES, ago, fresh

FACTS = "去了日间照料中心，下了棋"


@pytest.fixture
def browser(load):
    return load.world.browser("worker")


@pytest.fixture
def served(load):
    return load.to("intervention")


def text_of(answer):
    return answer.content.decode()


def opened(browser, url):
    """(answer, what a browser would send of the form as it stands: what goes along unseen and what is filled in)."""
    answer = browser.get(url, follow=True)
    return answer, sent_by(answer)


def sent_by(answer):
    form, sent = answer.context["form"], dict(answer.context["unseen"])
    for name in form.fields:
        value = form[name].value()
        if value not in (None, ""):
            sent[name] = value
    return sent


def contacts(case):
    return case.records.filter(kind="contacts").order_by("pk")


# ── The quick log ────────────────────────────────────────────────────────────────────────────────
def test_two_taps_and_the_facts_make_a_signed_record(load, browser, served):
    page = text_of(browser.get("/log/"))
    assert f"/cases/{served.number}/log/" in page and "王德福" in page
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    goal = served.records.get(kind="plans").goals.get().public_id
    sent |= {
        "way": "home_visit",
        "day": today().isoformat(),
        "length": "45",
        "facts": FACTS,
        "next": "一周后电话",
        "do": "sign",
    }
    answer = browser.post(url, sent)
    assert answer.status_code == 302 and answer["Location"] == f"/cases/{served.number}/"
    record = contacts(served).get()
    assert not record.draft and (record.on, record.minutes, record.code) == (today(), 45, "home_visit")
    values = values_of(record)
    assert values["goals"] == [goal] and values["facts"] == FACTS and values["next_step"] == "一周后电话"


def test_the_page_makes_the_record_that_the_api_makes(load, browser, served):
    goal = served.records.get(kind="plans").goals.get().public_id
    body = {
        "happened_on": ago(3), "starts_at": "09:30", "minutes": 50, "way": "accompany", "place": "日间照料中心", "present": ["女儿", "护工"],
        "goals": [goal], "facts": FACTS, "analysis": "分析", "techniques": "倾听", "client_change": "愿意出门", "resources": "食堂",
        "next_step": "再去",
    }  # fmt: skip
    api = load.write(served, "contacts", body)
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    sent |= body | {"day": "other", "length": "other", "next": "other", "present": "女儿\r\n护工", "do": "sign"}
    assert browser.post(url, sent).status_code == 302
    page = contacts(served).last()
    assert page.pk != api.pk and values_of(page) == values_of(api)
    assert (page.on, page.minutes, page.code, page.plain) == (api.on, api.minutes, api.code, api.plain)


def test_pressing_twice_makes_one_and_more_text_is_not_lost(browser, served):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    sent |= {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"}
    assert browser.post(url, sent).status_code == browser.post(url, sent).status_code == 302
    assert contacts(served).count() == 1
    again = browser.post(url, sent | {"facts": "另一段"})
    assert again.status_code == 409 and "另一段" in text_of(again) and FACTS in text_of(again)
    assert contacts(served).count() == 1
    assert (
        browser.post(url, sent | {"facts": "另一段", "client_ref": again.context["unseen"]["client_ref"]}).status_code
        == 302
    )
    assert contacts(served).count() == 2


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(browser, served):
    url = f"/cases/{served.number}/log/"
    answer = browser.post(
        url,
        {"do": "sign", "facts": FACTS, "happened_on": "2022-02-30", "minutes": "x", "way": "forged", "new": "field"},
    )
    page = text_of(answer)
    assert answer.status_code == 200 and FACTS in page and "2022年2月没有30日" in page
    assert set(answer.context["form"].errors) == {"happened_on", "minutes", "way"}
    answer = browser.post(url, {"do": "sign", "facts": FACTS, "happened_on": ago(59), "minutes": "5", "way": "phone"})
    assert set(answer.context["form"].errors) == {"happened_on"}, "before the plan"
    assert not contacts(served).exists()


def test_a_goal_of_another_case_is_refused(load, browser, served):
    other = load.to("intervention").records.get(kind="plans").goals.get().public_id
    sent = {"do": "sign", "facts": FACTS, "happened_on": ago(1), "minutes": "5", "way": "phone", "goals": other}
    answer = browser.post(f"/cases/{served.number}/log/", sent)
    assert set(answer.context["form"].errors) == {"goals"} and not contacts(served).exists()


def test_a_draft_is_gone_on_with_and_signed(browser, served):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    assert browser.post(url, sent | {"facts": FACTS, "do": "keep"}).status_code == 302
    record = contacts(served).get()
    assert record.draft
    url += f"?draft={record.public_id}"
    answer, sent = opened(browser, url)
    assert FACTS in text_of(answer)
    assert browser.post(url, sent | {"way": "phone", "length": "30", "do": "sign"}).status_code == 302
    assert not contacts(served).get().draft
    assert browser.get(url).status_code == 302


def test_a_sign_of_danger_leads_to_the_crisis_form(browser, served):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    answer = browser.post(url, sent | {"way": "phone", "length": "15", "facts": FACTS, "danger": "1", "do": "sign"})
    assert answer["Location"] == f"/cases/{served.number}/crisis/?action=raise"


@pytest.mark.parametrize("who", ["supervisor", "manager", "official", "superuser"])
def test_only_its_worker_writes(load, served, who):
    browser = load.world.browser(who)
    for form in ("log", "plan"):
        assert browser.get(f"/cases/{served.number}/{form}/").status_code == 403
        assert browser.post(f"/cases/{served.number}/{form}/", {"do": "sign"}).status_code == 403


def test_out_of_reach_is_not_there(load, served):
    for who in ("sibling_worker", "twin_worker", "viewer"):
        assert load.world.browser(who).get(f"/cases/{served.number}/log/").status_code == 404


def test_before_the_plan_is_approved_the_page_says_so_at_once(load, browser):
    case = load.to("planning")
    assert "批准以后才能写" in text_of(browser.get(f"/cases/{case.number}/log/"))
    assert f"/cases/{case.number}/log/" not in text_of(browser.get("/log/"))


def test_a_case_closed_between_two_clicks_keeps_the_text(load, browser):
    case = load.to("evaluation")
    url = f"/cases/{case.number}/log/"
    _answer, sent = opened(browser, url)
    load.fill(case, "closed"), load.advance(case, "closed")
    answer = browser.post(url, sent | {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"})
    assert answer.status_code == 409 and FACTS in text_of(answer) and "已结案" in text_of(answer)
    assert contacts(case).count() == 1


def test_a_consent_withdrawn_between_two_clicks_is_said_first(load, browser, served):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    actions.record_consent(load.user(), served, {"action": "withdraw", "withdrawn_on": ago(0)})
    sent |= {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"}
    answer = browser.post(url, sent)
    assert answer.status_code == 409 and "撤回" in text_of(answer) and FACTS in text_of(answer)
    assert not contacts(served).exists()
    assert browser.post(url, sent | {"consent": answer.context["unseen"]["consent"]}).status_code == 302
    assert contacts(served).count() == 1


def test_what_was_typed_is_restored_for_its_writer_as_long_as_the_case_is_hers(load, browser, served):
    url = f"/cases/{served.number}/log/"
    browser.post(
        "/drafts/",
        {"_address": url, "facts": FACTS, "day": "other", "happened_on": "garbage", "goals": "gxxx", "way": "forged"},
    )
    answer = browser.get(url)
    assert FACTS in text_of(answer) and "garbage" in text_of(answer) and "处要改" not in text_of(answer)
    with change(None, "test.moved"):
        Case.objects.filter(pk=served.pk).update(worker=load.workers["manager"])
    assert FACTS not in text_of(browser.get(url)), "the case is no longer hers: nor is its text"
    assert FACTS not in text_of(load.world.browser("manager").get(url)), "and nobody else reads it"


# ── Hostile ──────────────────────────────────────────────────────────────────────────────────────
HOSTILE = [
    {f"goals.{n}.text": "x" for n in range(10_000)}, {"overall_goal": "长" * 1_000_000}, {"overall_goal": "a\0b"},
    {"goals.9999.text": "x"}, {"goals.rows": "99999999999"}, {"goals.rows": "-1"}, {"add": "goals", "goals.rows": "9999"},
    {"add": "nothing"}, {"add": "\0"}, {"drop": "goals.9999"}, {"drop": "...."}, {"keep.goals": "theirs", "keep.x": "theirs"},
    {"client_ref": "x" * 9999, "version": "\0", "base": "x"}, {"do": "forged"}, {"do": "level"}, {"planned_on": "\ud7ff\uffff"},
    {"steps.0.starts_on": "0000-00-00", "agreement.signed_on": "9" * 5000}, {"goals.0.text.x.y": "1", "goals..text": "2"},
]  # fmt: skip


def test_hostile_bodies_get_a_sentence(load, browser):
    case = load.to("planning")
    url = f"/cases/{case.number}/plan/"
    ways = (
        (url, "next", {}),
        (url, "sign", {}),
        (f"{url}?step=2", "sign", {}),
        (f"{url}?step=x", "next", {"HX-Request": "true"}),
    )
    for body in HOSTILE:
        for there, do, how in ways:
            answer = browser.post(there, {"do": do, **body}, headers=how)
            assert answer.status_code in (200, 302, 400, 409, 413), list(body)[:3]
    assert not case.records.filter(kind="plans", draft=False).exists()


def test_rows_beyond_what_is_kept_are_named_and_none_is_dropped_unsaid(load, browser):
    case = load.to("planning")
    goals = {f"goals.{n}.text": "x" for n in range(31)}
    answer = browser.post(f"/cases/{case.number}/plan/", {"do": "next", "planned_on": ago(56), **goals})
    assert answer.status_code == 200 and "最多放 30 行" in text_of(answer)
    assert not case.records.filter(kind="plans").exists()


def test_pages_keep_their_budgets(load, browser, served):
    load.contact(served)
    within_budget(browser, "log_choose", "/log/")
    within_budget(browser, "case_log", f"/cases/{served.number}/log/")
    within_budget(browser, "case_form", f"/cases/{served.number}/plan/")


# ── Papers in steps ──────────────────────────────────────────────────────────────────────────────
def test_a_plan_is_written_in_steps_each_kept_and_signed_at_the_end(load, browser):
    case = load.to("planning")
    url = f"/cases/{case.number}/plan/"
    _answer, sent = opened(browser, url)
    goal = {
        "goals.0.text": "每日两餐热食",
        "goals.0.indicator": "餐数",
        "goals.0.baseline": "0",
        "goals.0.target": "2",
        "goals.0.due_on": ago(-60),
    }
    answer = browser.post(url, sent | goal | {"planned_on": ago(56), "do": "next"})
    assert answer.status_code == 302 and "step=2" in answer["Location"]
    record = case.records.get(kind="plans")
    assert record.draft and record.goals.get().text.clear == "每日两餐热食"
    answer, sent = opened(browser, answer["Location"])
    answer = browser.post(
        answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"],
        sent | {"steps.0.task": "送餐", "do": "next"},
    )
    answer, sent = opened(browser, answer["Location"])
    here = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
    signed = {"agreement.signed_on": ago(56), "agreement.method": "signature", "agreement.by": "self", "do": "sign"}
    assert browser.post(here, sent | signed).status_code == 302
    record = case.records.get(kind="plans")
    assert not record.draft and record.goals.count() == 1 and values_of(record)["steps"] == [{"task": "送餐"}]


def test_signing_names_what_lacks_in_other_steps_and_loses_nothing(load, browser):
    case = load.to("planning")
    url = f"/cases/{case.number}/plan/?step=3"
    _answer, sent = opened(browser, url)
    form = {"agreement.signed_on": ago(56), "agreement.method": "signature", "agreement.by": "self", "do": "sign"}
    answer = browser.post(url, sent | form)
    assert answer.status_code == 200 and [str(item["label"]) for item in answer.context["elsewhere"]] == ["分目标"]
    record = case.records.get(kind="plans")
    assert record.draft and values_of(record)["agreement"]["by"] == "self"
    assert record.public_id in answer.context["form_url"] and record.public_id in answer.context["elsewhere"][0]["url"]
    there = answer.context["elsewhere"][0]["url"]
    answer, first = opened(browser, there)
    assert browser.post(there, first | {"goals.0.text": "出门", "planned_on": ago(56), "do": "next"}).status_code == 302
    here = f"/cases/{case.number}/plan/?draft={record.public_id}&step=3"
    answer, sent = opened(browser, here)
    assert browser.post(here, sent | {"do": "sign"}).status_code == 302
    assert not case.records.get(kind="plans").draft


def test_a_new_version_starts_from_the_last_and_keeps_its_other_steps(load, browser):
    case = load.to("planning")
    old = load.write(
        case,
        "plans",
        {"planned_on": ago(56), "goals": [{"text": "出门"}], "steps": [{"task": "送餐"}], "model": "任务中心"},
    )
    url = f"/cases/{case.number}/plan/"
    answer, sent = opened(browser, url)
    assert answer.context["version"] == 2 and sent["goals.0.text"] == "出门"
    answer = browser.post(url, sent | {"goals.0.text": "每周出门两次", "do": "next"})
    record = case.records.filter(kind="plans").latest("pk")
    assert (
        record.version == 2
        and values_of(record)["steps"] == [{"task": "送餐"}]
        and record.goals.get().text.clear == "每周出门两次"
    )
    old.refresh_from_db()
    assert old.goals.get().text.clear == "出门"


def test_two_tabs_show_both_texts_and_either_can_be_taken(load, browser):
    case = load.to("planning")
    url = f"/cases/{case.number}/plan/"
    _answer, sent = opened(browser, url)
    browser.post(url, sent | {"goals.0.text": "甲", "overall_goal": "总", "do": "keep"})
    answer, one = opened(browser, url)
    here = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
    two = dict(one)
    assert browser.post(here, one | {"overall_goal": "先存的", "do": "keep"}).status_code == 302
    answer = browser.post(here, two | {"overall_goal": "后写的", "goals.0.text": "乙", "do": "keep"})
    page = text_of(answer)
    assert answer.status_code == 409 and "先存的" in page and "后写的" in page and "乙" in page
    again = sent_by(answer) | {"keep.overall_goal": "theirs", "keep.goals": "mine", "do": "keep"}
    assert browser.post(here, again).status_code == 302
    record = case.records.get(kind="plans")
    assert values_of(record)["overall_goal"] == "先存的" and record.goals.get().text.clear == "乙"


def test_a_paper_signed_elsewhere_meanwhile_keeps_what_was_typed(load, browser):
    case = load.case()
    draft = load.write(case, "intake", {"presenting_problem": "三餐不定", "draft": True})
    url = f"/cases/{case.number}/intake/?draft={draft.public_id}"
    _answer, sent = opened(browser, url)
    body = {"received_on": ago(60), "source": "outreach", "draft": False}
    actions.fill_record(load.user(), case, "intake", draft.public_id, body)
    answer = browser.post(url, sent | {"presenting_problem": "后来写的", "do": "next"})
    assert answer.status_code == 409 and "后来写的" in text_of(answer) and "已经签名" in text_of(answer)


def test_the_case_moved_on_meanwhile(load, browser):
    case = load.case()
    url = f"/cases/{case.number}/intake/"
    _answer, sent = opened(browser, url)
    load.intake(case), load.advance(case, "assessment")
    answer = browser.post(url, sent | {"presenting_problem": "后来写的", "source": "outreach", "do": "next"})
    assert answer.status_code == 409 and "后来写的" in text_of(answer)


def test_the_ability_record_is_scored_on_the_page_as_by_the_api(load, browser):
    case = load.to("assessment")
    url = f"/cases/{case.number}/assessment/?step=3"
    _answer, sent = opened(browser, url)
    scores = {f"ability.scores.{code}": str(n) for code, n in SCORES.items()}
    form = sent | scores | {"ability.way": "scores", "ability.diagnoses": "F01", "ability.risk_events_30d": "0"}
    level = browser.post(url, form | {"do": "level"})
    assert (
        "总分 90" in text_of(level) and "F01" in text_of(level) and not case.records.filter(kind="assessments").exists()
    )
    fragment = browser.post(url, form | {"do": "level"}, headers={"HX-Request": "true"})
    assert "总分 90" in text_of(fragment) and "<html" not in text_of(fragment)
    assert browser.post(url, form | {"do": "keep"}).status_code == 302
    ability = values_of(case.records.get(kind="assessments"))["ability"]
    assert (ability["total"], ability["level"], ability["diagnoses"]) == (90, 1, ["F01"])


def test_rows_come_without_script_and_in_place(load, browser):
    case = load.to("planning")
    url = f"/cases/{case.number}/plan/"
    _answer, sent = opened(browser, url)
    answer = browser.post(url, sent | {"goals.0.text": "甲", "goals.rows": "1", "add": "goals"})
    assert "goals.1.text" in answer.context["form"].fields and "甲" in text_of(answer)
    fragment = browser.post(
        url, sent | {"goals.0.text": "甲", "goals.rows": "1", "add": "goals"}, headers={"HX-Request": "true"}
    )
    assert 'name="goals.1.text"' in text_of(fragment) and "<html" not in text_of(fragment)
    assert not case.records.filter(kind="plans").exists()


def test_scores_of_an_evaluation_stand_under_their_goals(load, browser):
    case = load.to("evaluation")
    url = f"/cases/{case.number}/evaluation/"
    answer, sent = opened(browser, url)
    assert "每日两餐热食" in text_of(answer)
    answer = browser.post(url, sent | {"goal_scores.0.score": "-2", "goal_scores.0.evidence": "没变", "do": "next"})
    assert answer.status_code == 302
    scores = values_of(case.records.get(kind="evaluations"))["goal_scores"]
    assert [s["score"] for s in scores] == [-2] and scores[0]["goal"].startswith("g")


def test_a_form_that_succeeds_drops_what_was_kept_of_it(browser, served):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    browser.post("/drafts/", {"_address": url, "facts": FACTS})
    assert Draft.objects.count() == 1
    browser.post(url, sent | {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"})
    assert not Draft.objects.exists()


def test_nothing_is_half_written_when_a_write_fails(load, browser, served, monkeypatch):
    url = f"/cases/{served.number}/log/"
    _answer, sent = opened(browser, url)
    browser.raise_request_exception = False
    monkeypatch.setattr("casework.actions.holding.due.settle", lambda file: 1 / 0)
    with transaction.atomic():
        assert (
            browser.post(url, sent | {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"}).status_code == 500
        )
    monkeypatch.undo()
    assert not contacts(served).exists()
    assert browser.post(url, sent | {"way": "phone", "length": "15", "facts": FACTS, "do": "sign"}).status_code == 302
    assert Record.objects.filter(kind="contacts", case=fresh(served)).count() == 1


# ── The page writes what the API writes ──────────────────────────────────────────────────────────
CONSENT = {
    "basis": "consent",
    "given_on": ago(60),
    "method": "fingerprint",
    "by": "guardian",
    "scope": ["记录", "照片"],
    "expires_on": ago(-300),
}
FULL = {
    "intake": ("intake", {
        "received_on": ago(60), "source": "referral", "presenting_problem": "三餐不定\n行动不便", "willingness": "voluntary", "expectations": "有人来",
        "tried": "找过村里", "resources": "侄女", "risk_screen": ["wandering", "no_food_or_medicine"], "decision": "accept",
        "decision_reason": "属服务范围", "consent": CONSENT,
    }),
    "assessment": ("assessments", {
        "assessed_on": ago(58), "sources": ["home_visit", "scale"], "personal": "个人", "family": "家庭", "social": "社会",
        "problems": [{"fact": "跌倒两次", "feeling": "怕", "since": "半年", "cause": "地滑"}, {"fact": "忘服药"}], "strengths": "愿意学",
        "needs": [{"rank": 2, "domain": "care", "text": "助餐"}, {"rank": 1, "domain": "health", "text": "服药"}], "risk_level": "yellow",
        "ability": {"scores": SCORES, "coma": False, "diagnoses": ["I10"], "risk_events_30d": 1, "assessors": ["甲", "乙"]}, "conclusion": "结论",
    }),
    "planning": ("plans", {
        "planned_on": ago(56), "overall_goal": "总", "model": "任务中心", "resources": "食堂", "difficulties": "雨天", "review_on": ago(-30),
        "goals": [
            {"text": "每日两餐", "indicator": "餐数", "baseline": "0", "target": "2", "due_on": ago(-60)}, {"text": "出门"},
        ],
        "steps": [{"task": "送餐", "responsible": "社工", "frequency": "每天", "starts_on": ago(56), "ends_on": ago(-60)}],
        "agreement": {"signed_on": ago(56), "method": "signature", "by": "self"},
    }),
}  # fmt: skip
WORDS = {"intake": "intake", "assessments": "assessment", "plans": "plan"}


@pytest.mark.parametrize("stage", FULL)
def test_a_version_written_on_the_page_holds_what_the_api_wrote(load, browser, stage):
    kind, body = FULL[stage]
    case = load.to(stage)
    api = load.write(case, kind, body)
    main = {"intake": "received_on", "assessments": "assessed_on", "plans": "planned_on"}[kind]
    url = f"/cases/{case.number}/{WORDS[kind]}/"
    for _n in range(5):
        answer = browser.get(url, follow=True)
        sent = sent_by(answer) | ({main: body[main]} if main in answer.context["form"].fields else {})
        sent |= {name: "scores" for name in answer.context["form"].fields if name == "ability.way"}
        here = answer.context["form_url"]
        done = browser.post(here, sent | {"do": "sign" if answer.context["is_last"] else "next"})
        assert done.status_code == 302, (answer.context["step"], done.context["form"].errors)
        url = done["Location"]
        if answer.context["is_last"]:
            break
    page = case.records.filter(kind=kind).latest("pk")
    assert page.version == api.version + 1 and not page.draft
    assert values_of(page) == values_of(api) and page.plain == api.plain and (page.on, page.code) == (api.on, api.code)
    goals = [
        [(g.text.clear, g.indicator, g.target, g.due_on) for g in r.goals.order_by("position")] for r in (api, page)
    ]
    assert goals[0] == goals[1]


@pytest.mark.parametrize("step", ["²", "٣", "99", "-1", "1e1"])
def test_a_step_that_is_none_is_the_first_or_the_last(load, browser, step):
    case = load.to("assessment")
    assert browser.get(f"/cases/{case.number}/assessment/", {"step": step}).status_code == 200
