"""What is done to a case, by the pages: offered only where it can be done now, done once, refused with a sentence and what was typed."""

import re

import pytest

from casework import actions
from casework.models import Case, Record
from tests.budgets import within_budget
from tests.casework.caseload import ago, fresh


class Desk:
    """The pages of one case for one person."""

    def __init__(self, load, who="worker"):
        self.load, self.browser = load, load.world.browser(who)

    def get(self, case, part, **query):
        return self.browser.get(f"/cases/{case.number}/{part}/", query)

    def post(self, case, part, **body):
        """As the form of the page sends it: what stands in it, and `body` over it."""
        query = {k: body[k] for k in ("to", "action", "record") if k in body}
        form = fields_of(self.get(case, part, **query).content.decode())
        return self.browser.post(f"/cases/{case.number}/{part}/", {**form, **body})


def fields_of(text):
    """{name: value} of the inputs that a form starts with."""
    found = {}
    main = text[text.index("<main") :]
    for tag in re.findall(r"<input[^>]*>", main):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if (
            name
            and name[1] != "csrfmiddlewaretoken"
            and ('type="radio"' not in tag or " checked" in tag)
            and ('type="checkbox"' not in tag or " checked" in tag)
        ):
            found[name[1]] = value[1] if value else ""
    return found


@pytest.fixture
def desk(load):
    return Desk(load)


def text_of(answer):
    return answer.content.decode()


# ── advance ──────────────────────────────────────────────────────────────────────────────────────
def test_every_gate_is_named_with_why_it_is_shut_and_where_the_key_is(load, desk):
    case = load.case()
    answer = desk.get(case, "advance")
    text = text_of(answer)
    assert answer.status_code == 200 and "还不能进入预估：差 2 项" in text
    assert "接案登记还没有签名" in text and f"/cases/{case.number}/intake/" in text
    assert re.search(r'<button type="submit"[^>]*disabled', text)


def test_a_step_forward_says_what_happens_and_does_it(load, desk):
    case = load.case()
    load.intake(case)
    assert "进入预估</button>" in text_of(desk.get(case, "advance"))
    answer = desk.post(case, "advance", to="assessment")
    assert (answer.status_code, answer.url) == (302, f"/cases/{case.number}/")
    assert fresh(case).stage == "assessment"


def test_closing_says_that_it_locks(load, desk):
    case = load.to("evaluation")
    load.fill(case, "closed")
    text = text_of(desk.get(case, "advance"))
    assert "结案并锁定</button>" in text and "01 目标达成" in text and 'name="on"' not in text
    assert desk.post(case, "advance", to="closed").status_code == 302 and fresh(case).is_closed


def test_a_step_back_asks_for_its_reason(load, desk):
    case = load.to("intervention")
    answer = desk.post(case, "advance", to="planning", on=ago(0))
    assert answer.status_code == 400 and "原因必须填" in text_of(answer) and fresh(case).stage == "intervention"
    assert desk.post(case, "advance", to="planning", reason="目标要改").status_code == 302
    assert fresh(case).stage == "planning"


def test_a_gate_forged_open_stays_shut_and_what_was_typed_stays(load, desk):
    case = load.to("intervention")
    answer = desk.browser.post(
        f"/cases/{case.number}/advance/", {"to": "evaluation", "on": ago(0), "seen": "intervention"}
    )
    text = text_of(answer)
    assert answer.status_code == 409 and "还有 1 个目标没有服务记录" in text and f'value="{ago(0)}"' in text
    assert Record.objects.filter(case=case, kind="stage").count() == 3


@pytest.mark.parametrize(
    ("to", "status"), [("closed", 409), ("planning", 409), ("intake", 409), ("nonsense", 400), ("", 409)]
)
def test_a_forged_stage_is_refused(load, desk, to, status):
    case = load.case()
    answer = desk.browser.post(f"/cases/{case.number}/advance/", {"to": to})
    assert answer.status_code == status and fresh(case).stage == "intake"


def test_an_old_page_tells_that_somebody_was_faster(load, desk):
    case = load.case()
    load.intake(case)
    form = fields_of(text_of(desk.get(case, "advance")))
    load.advance(case, "assessment")
    answer = desk.browser.post(f"/cases/{case.number}/advance/", form)
    assert answer.status_code == 409 and "刚才有人先动了：个案现在在“预估”" in text_of(answer)


def test_an_old_page_s_forward_is_not_taken_as_a_step_back(load, desk):
    case = load.to("assessment")
    load.assess(case)
    form = fields_of(text_of(desk.get(case, "advance")))
    load.advance(case, "planning")
    load.plan(case)
    load.advance(case, "intervention")
    answer = desk.browser.post(f"/cases/{case.number}/advance/", {**form, "reason": "x"})
    assert answer.status_code == 409 and fresh(case).stage == "intervention"


def test_a_consent_withdrawn_between_two_clicks_shuts_the_gate(load, desk):
    case = load.case()
    load.intake(case)
    form = fields_of(text_of(desk.get(case, "advance")))
    actions.record_consent(load.user(), case, {"action": "withdraw"})
    answer = desk.browser.post(f"/cases/{case.number}/advance/", form)
    assert answer.status_code == 409 and "知情同意已经撤回" in text_of(answer)


def test_a_suspended_case_says_so_and_leads_to_resuming(load, desk):
    case = load.case()
    load.intake(case)
    form = fields_of(text_of(desk.get(case, "advance")))
    assert desk.post(case, "suspend", on=ago(0), reason="hospital", review_on=ago(-20)).status_code == 302
    text = text_of(desk.get(case, "advance"))
    assert "个案中止中" in text and f"/cases/{case.number}/resume/" in text and "进入预估</button>" not in text
    assert desk.browser.post(f"/cases/{case.number}/advance/", form).status_code == 409
    assert desk.post(case, "resume", on=ago(0)).status_code == 302 and fresh(case).suspended_on is None


# ── who ──────────────────────────────────────────────────────────────────────────────────────────
DEEDS = [
    "advance",
    "suspend",
    "resume",
    "transfer",
    "crisis",
    "consent",
    "reopen",
    "correct",
    "filing",
    "confidentiality",
    "reads",
]


@pytest.mark.parametrize("part", DEEDS)
def test_out_of_reach_it_is_not_there_and_who_only_knows_of_it_may_not(load, part):
    case = load.case()
    for who, status in (
        ("twin_worker", 404),
        ("sibling_manager", 404),
        ("viewer", 404),
        ("official", 403),
        (None, 302),
    ):
        for method in ("get", "post"):
            answer = getattr(load.world.browser(who), method)(f"/cases/{case.number}/{part}/")
            assert answer.status_code == status, (who, method)
    assert Record.objects.filter(case=case).count() == 1


def test_a_right_lost_meanwhile_gives_back_what_was_typed(load, desk):
    case = load.to("intervention")
    other = load.workers["manager"].public_id
    form = fields_of(text_of(desk.get(case, "crisis")))
    actions.change_case(load.user("manager"), case, {"worker": other})
    body = {**form, "measures": "已陪同到派出所，家属在路上", "kinds": "wandering"}
    answer = desk.browser.post(f"/cases/{case.number}/crisis/", body)
    assert answer.status_code == 403 and "已陪同到派出所，家属在路上" in text_of(answer)
    assert "王德福" not in text_of(answer) and not fresh(case).crisis


# ── once ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_form_sent_twice_is_done_once(load, desk):
    case = load.to("closed")
    form = fields_of(text_of(desk.get(case, "filing")))
    first, again = (desk.browser.post(f"/cases/{case.number}/filing/", form) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert Record.objects.filter(case=case, kind="filing").count() == 1


def test_what_was_typed_and_not_sent_stands_there_again_until_it_is_done(load, desk):
    case = load.case()
    address = f"/cases/{case.number}/crisis/?action=raise"
    kept = {"_address": address, "measures": "正在去的路上", "reported_to.rows": "2", "reported_to.1.to": "police_110"}
    assert desk.browser.post("/drafts/", kept).status_code == 200
    text = text_of(desk.browser.get(address))
    assert "正在去的路上" in text and "reported_to.1.to" in text and "必须填" not in text
    body = {"found_at": f"{ago(0)}T00:10", "kinds": "wandering", "measures": "已找到"}
    assert desk.browser.post(address, {**body, "action": "raise"}).status_code == 302
    above = Desk(load, "supervisor")
    assert above.post(case, "crisis", action="lift", at=f"{ago(0)}T00:10", reason="已安全").status_code == 302
    text = text_of(desk.browser.get(address))
    assert "报危机</button>" in text and "正在去的路上" not in text


def test_a_form_sent_again_with_other_words_loses_none(load, desk):
    case = load.to("closed")
    contact = case.records.get(kind="contacts").record
    body = {"record": contact, "field": "minutes", "text": "45", "reason": "记错了"}
    form = {**fields_of(text_of(desk.get(case, "correct", record=contact))), **body}
    assert desk.browser.post(f"/cases/{case.number}/correct/", form).status_code == 302
    answer = desk.browser.post(f"/cases/{case.number}/correct/", {**form, "text": "50分钟，含路上"})
    assert answer.status_code == 409 and "50分钟，含路上" in text_of(answer) and "已经交过一次" in text_of(answer)
    assert Record.objects.filter(case=case, kind="corrections").count() == 1


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────
def test_consent_is_given_and_withdrawn(load, desk):
    case = load.case()
    load.intake(case, consent=None)
    assert "撤回" not in text_of(desk.get(case, "consent")).split("<main")[1]
    given = {"basis": "consent", "given_on": ago(1), "method": "fingerprint", "by": "self", "scope": "服务记录\n照片"}
    assert desk.post(case, "consent", **given).status_code == 302
    assert case.records.get(kind="consent").plain["scope"] == ["服务记录", "照片"]
    assert "指印" in text_of(desk.get(case, "consent"))
    assert desk.post(case, "consent", action="withdraw", reason="家属不愿").status_code == 302
    answer = desk.browser.post(f"/cases/{case.number}/consent/", {"action": "withdraw"})
    assert answer.status_code == 409


def test_a_crisis_is_raised_followed_and_lifted_by_the_supervisor(load, desk):
    case = load.to("intervention")
    moment = f"{ago(0)}T00:10"
    body = {"found_at": moment, "kinds": ["wandering"], "level": "orange", "measures": "已找到",
            "reported_to.rows": "1", "reported_to.0.to": "supervisor", "reported_to.0.at": moment}  # fmt: skip
    assert desk.post(case, "crisis", **body).status_code == 302 and fresh(case).crisis
    assert case.records.get(kind="crisis").plain["reported_to"][0]["to"] == "supervisor"
    assert "action=lift" not in text_of(desk.get(case, "crisis"))
    again = desk.browser.post(f"/cases/{case.number}/crisis/", {**body, "action": "raise"})
    assert again.status_code == 409 and "已找到" in text_of(again) and "已在危机中，请记跟进" in text_of(again)
    assert desk.post(case, "crisis", action="follow_up", at=moment, note="情绪平稳").status_code == 302
    forged = desk.browser.post(f"/cases/{case.number}/crisis/", {"action": "lift", "at": moment, "reason": "已安全"})
    assert forged.status_code == 403 and "已安全" in text_of(forged)
    above = Desk(load, "supervisor")
    assert above.post(case, "crisis", action="lift", at=moment, reason="已安全").status_code == 302
    assert not fresh(case).crisis


def test_another_row_without_script_keeps_what_was_typed(load, desk):
    case = load.case()
    body = {"action": "raise", "measures": "写了一半", "reported_to.rows": "1", "add": "reported_to"}
    answer = desk.browser.post(f"/cases/{case.number}/crisis/", body)
    assert answer.status_code == 200 and "写了一半" in text_of(answer) and "reported_to.1.to" in text_of(answer)
    assert "必须填" not in text_of(answer)


def test_a_case_is_offered_and_accepted_elsewhere(load, desk):
    case = load.to("intervention")
    to = load.world.station("葛店镇")
    answer = desk.post(case, "transfer", to_station="999", reason="随子女迁居")
    assert answer.status_code == 400 and "随子女迁居" in text_of(answer)
    assert desk.post(case, "transfer", to_station=to.code, reason="随子女迁居").status_code == 302
    there = Desk(load, "sibling_manager")
    text = text_of(there.get(case, "transfer"))
    assert "接收" in text and load.workers["sibling_worker"].name in text and "王德福" not in text
    assert "收回" in text_of(desk.get(case, "transfer"))
    twice = {"action": "offer", "to_station": load.world.station("东沟镇").code, "reason": "改转东沟"}
    again = desk.browser.post(f"/cases/{case.number}/transfer/", twice)
    assert again.status_code == 409 and "等对方答复" in text_of(again) and "改转东沟" in text_of(again)
    taken = there.post(case, "transfer", action="accept", worker=load.workers["sibling_worker"].public_id)
    assert (taken.status_code, taken.url) == (302, f"/cases/{case.number}/")
    assert fresh(case).station == to
    late = desk.browser.post(f"/cases/{case.number}/transfer/", {"action": "cancel", "reason": "不转了，家属改了主意"})
    assert late.status_code == 404 and "不转了，家属改了主意" in text_of(late)


def test_a_transfer_sent_back_is_out_of_reach_again(load, desk):
    case = load.case()
    desk.post(case, "transfer", to_station=load.world.station("葛店镇").code, reason="迁居")
    there = Desk(load, "sibling_manager")
    back = there.post(case, "transfer", action="return", reason="本站没有人手")
    assert (back.status_code, back.url) == (302, "/cases/")
    assert there.get(case, "transfer").status_code == 404 and fresh(case).transfer_to is None


def test_the_picker_holds_stations_in_reach_alone(load):
    case = load.case()
    text = text_of(Desk(load, "supervisor").get(case, "transfer"))
    assert "东沟镇" in text and not re.search("葛店|华容|鸾栖", text)
    assert (
        Desk(load, "supervisor").post(case, "transfer", to_station="东沟镇社会工作服务站", reason="就近").status_code
        == 302
    )
    assert fresh(case).transfer_to == load.world.station("东沟镇")


def test_filing_lists_what_is_there_and_what_is_missing(load, desk):
    case = load.to("closed")
    text = text_of(desk.get(case, "filing"))
    assert "文件齐全" in text and "服务记录" in text and "F05" in text
    assert desk.post(case, "filing", location="档案柜二层").status_code == 302 and fresh(case).filing_complete
    early = load.case()
    assert "结案以后才归档" in text_of(desk.get(early, "filing"))
    assert desk.browser.post(f"/cases/{early.number}/filing/", {"filed_on": ago(0)}).status_code == 409


def test_a_closed_case_opens_its_next_episode_once(load, desk):
    case = load.to("closed")
    answer = desk.post(case, "reopen", reason="再次断餐")
    new = Case.objects.get(previous=case)
    assert (answer.status_code, answer.url) == (302, f"/cases/{new.number}/")
    assert new.number in text_of(desk.get(case, "reopen"))
    assert desk.browser.post(f"/cases/{case.number}/reopen/", {"on": ago(0), "reason": "再来一次"}).status_code == 409


def test_a_correction_stands_beside_the_paper(load, desk):
    case = load.to("closed")
    contact = case.records.get(kind="contacts")
    assert contact.record.replace("/", "%2F") in text_of(desk.get(case, "correct"))
    text = text_of(desk.get(case, "correct", record=contact.record))
    assert "过程要点" in text and "已接通送餐" in text
    assert desk.get(case, "correct", record="contacts/x").status_code == 404
    assert (
        desk.post(case, "correct", record=contact.record, field="facts", text="接通的是午餐", reason="笔误").status_code
        == 302
    )
    forged = desk.browser.post(
        f"/cases/{case.number}/correct/",
        {"record": "contacts/x", "field": "facts", "text": "接通的是午餐", "reason": "笔误"},
    )
    assert forged.status_code == 400 and "接通的是午餐" in text_of(forged)
    assert case.records.filter(kind="corrections").count() == 1


def test_a_goal_s_withdrawal_is_asked_with_a_reason(load, desk):
    case = load.to("intervention")
    goal = case.records.get(kind="plans").goals.get()
    part = f"withdraw-goal/{goal.public_id}"
    assert "每日两餐热食" in text_of(desk.get(case, part))
    assert desk.post(case, part).status_code == 400
    assert desk.post(case, part, reason="已搬去女儿家").status_code == 302
    assert "正等批准" in text_of(desk.get(case, part))
    assert desk.browser.post(f"/cases/{case.number}/{part}/", {"reason": "已搬去女儿家"}).status_code == 409
    assert desk.get(case, "withdraw-goal/gx").status_code == 404


def test_the_confidentiality_is_set_by_supervisor_or_manager(load, desk):
    case = load.case()
    assert desk.get(case, "confidentiality").status_code == 403
    assert Desk(load, "manager").post(case, "confidentiality", confidentiality="restricted").status_code == 302
    assert fresh(case).confidentiality == "restricted"


def test_the_register_names_who_looked(load, desk):
    case = load.case()
    Desk(load, "supervisor").get(case, "crisis")
    assert "supervisor 甲" in text_of(desk.get(case, "reads"))


@pytest.mark.parametrize("part", ["advance", "transfer", "crisis", "correct", "reads"])
def test_a_deed_s_page_takes_few_queries_whatever_the_case_holds(load, part):
    case = load.to("intervention")
    for day in range(20):
        load.contact(case, days=20 - day)
    within_budget(load.world.browser("worker"), "case_deed", f"/cases/{case.number}/{part}/")


CLOSED = ["advance", "suspend", "resume", "crisis", "consent", "transfer", "confidentiality"]


@pytest.mark.parametrize("part", CLOSED)
def test_a_case_closed_meanwhile_takes_nothing_more(load, part):
    case = load.to("closed")
    before = Record.objects.filter(case=case).count()
    desk = Desk(load, "manager" if part == "confidentiality" else "worker")
    assert "个案已结案" in text_of(desk.get(case, part))
    body = {
        "to": "evaluation", "on": ago(0), "reason": "hospital", "review_on": ago(-9), "action": "raise", "found_at": f"{ago(0)}T00:10",
        "kinds": "wandering", "measures": "写了的还在这里不丢", "confidentiality": "restricted", "at": f"{ago(0)}T00:10", "note": "x",
    }  # fmt: skip
    if part == "consent":
        body |= {"action": "give", "basis": "emergency", "reason": "写了的还在这里不丢"}
    if part == "transfer":
        body |= {"action": "offer", "to_station": load.world.station("东沟镇").code, "reason": "写了的还在这里不丢"}
    answer = desk.browser.post(f"/cases/{case.number}/{part}/", body)
    assert answer.status_code == 409 and "结案" in text_of(answer)
    assert Record.objects.filter(case=case).count() == before


def test_to_htmx_a_deed_is_a_dialog(load, desk):
    case = load.case()
    text = text_of(desk.browser.get(f"/cases/{case.number}/suspend/", headers={"HX-Request": "true"}))
    assert (
        text.lstrip().startswith("<dialog")
        and "<html" not in text
        and f'action="/cases/{case.number}/suspend/"' in text
    )
    leave = desk.browser.get(f"/cases/{case.number}/crisis/", headers={"HX-Request": "true"})
    assert leave.headers["HX-Redirect"] == f"/cases/{case.number}/crisis/"


def test_one_more_row_comes_to_htmx_alone(load, desk):
    case = load.case()
    body = {"action": "raise", "reported_to.rows": "1", "reported_to.0.to": "police_110", "add": "reported_to"}
    asked = {"HX-Request": "true", "HX-Target": "each-reported_to"}
    text = text_of(desk.browser.post(f"/cases/{case.number}/crisis/", body, headers=asked))
    assert text.lstrip().startswith("<fieldset") and "reported_to.1.to" in text
