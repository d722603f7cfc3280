"""The second journey: an elder met this morning becomes a case, the case goes through all six stages and comes back; hours roll up."""

import contextlib
import datetime as dt
import random
import re

import pytest
from playwright.sync_api import Error
from stdnum.cn import ric

from casework.scales.gbt42195 import ITEMS
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.e2e
ELDER = "王德福"
CITY, COUNTY, TOWN, STATION = "420700000000", "420702000000", "420702100000", "420702100000-1"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def ago(days):
    """The case is told as it was lived two weeks ago and written down late; so its end lies far enough back to come again."""
    return (dt.datetime.now(SHANGHAI).date() - dt.timedelta(days=days)).isoformat()


BEGUN = 15


# ── What people do at a screen ───────────────────────────────────────────────────────────────────
def put(person, values):
    """Fill in what the page asks for, by the names of its controls."""
    for name, value in values.items():
        control = person.page.locator(f'main [name="{name}"]')
        folded = person.page.locator(f'main details:not([open]):has([name="{name}"]) > summary')
        while folded.count():
            folded.first.click()
        kind = control.first.evaluate("e => e.tagName == 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox"):
            person.page.check(f'main [name="{name}"][value="{value}"]')
        elif kind == "select":
            control.select_option(value)
        else:
            control.fill(value)


def press(person, words):
    """Press a button that sends something, and wait for what comes of it; the new page has no barrier."""
    with person.page.expect_response(lambda r: r.request.method == "POST" and "/drafts/" not in r.url) as answer:
        person.page.click(f"main button:not([aria-hidden]):has-text('{words}'):visible")
    to = answer.value.headers.get("location", "")
    if to and "hx-request" not in answer.value.request.headers:
        person.page.wait_for_url(lambda url: url.partition("#")[0].endswith(to.partition("#")[0]))
    assert _barriers(person) == [], person.page.url
    return person.text()


def _barriers(person):
    """Of the page that a form's answer becomes: the one before may go while it is looked at."""
    for _n in range(3):
        with contextlib.suppress(Error):
            person.page.wait_for_load_state("networkidle")
            return person.barriers()
    raise AssertionError("the page never came to rest")


def look(person, path):
    person.go(path)
    assert person.barriers() == [], path
    return person.text()


def write(person, path, *steps):
    """A form in steps, signed at the end."""
    look(person, path)
    for n, step in enumerate(steps, 1):
        put(person, step)
        said = press(person, "保存并签名" if n == len(steps) else "下一步")
    assert re.search(r"/cases/[\d-]+/$", person.page.url), said[:400]
    return said


def advance(person, number, to, word, day=BEGUN):
    look(person, f"/cases/{number}/advance/?to={to}")
    put(person, {"on": ago(day)})
    return press(person, word)


def approve(person, number):
    """Find the elder's paper in the queue and say yes."""
    assert ELDER in look(person, "/approvals/")
    person.page.click(f"main a[href*='/approvals/']:has-text('{ELDER}')")
    person.page.wait_for_load_state("networkidle")
    assert number in person.text()
    assert person.barriers() == []
    put(person, {"text": "同意"})
    assert "批准" in press(person, "批准")


def id_number():
    body = f"42079919450312{random.randrange(1, 499) * 2 + 1:03d}"
    return body + ric.calc_check_digit(body + "0")


# ── The case ─────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def told():
    """What one part of the journey leaves for the next."""
    return {}


def test_the_worker_sees_what_is_due_and_files_the_elder_she_met(person, told):
    worker = person("worker", PHONE)
    home = worker.text()
    assert worker.barriers() == []
    assert "要做的" in home and "逾期" in home
    look(worker, "/cases/new/")
    put(worker, {"q": ELDER})
    assert "范围内没有同名的人" in press(worker, "找")
    press(worker, "建档并开案")
    assert worker.page.input_value("main [name=name]") == ELDER, "what was looked for is kept, and not in the address"
    assert "%E7%8E%8B" not in worker.page.url
    put(
        worker,
        {"id_number": id_number(), "phone": "13912345678", "address": "谢埠村3组7号", "categories": "living_alone"},
    )
    assert "地区代码不在代码表里" in press(worker, "建档"), "an abolished region is a warning, no wall"
    press(worker, "建档")
    put(worker, {"opened_on": ago(BEGUN), "domain": "elder"})
    press(worker, "开案")
    told["number"] = re.search(r"/cases/([\d-]+)/", worker.page.url)[1]
    case = look(worker, f"/cases/{told['number']}/")
    assert ELDER in case and re.search(r"还不能进入预估：差 \d 项", case)
    assert "还没有知情同意，也没有写明其他依据" in case, "why the gate is shut, in plain words"
    assert worker.page.locator("main a[href$='/intake/']").count(), "and where the key is"


def test_she_takes_the_case_to_a_plan_and_the_supervisor_approves_it(person, told):
    worker, number = person("worker", PHONE), told["number"]
    write(
        worker, f"/cases/{number}/intake/",
        {"received_on": ago(BEGUN), "source": "outreach", "presenting_problem": "独居，三餐不定，血压不稳"},
        {"risk_screen": "none", "decision": "accept", "decision_reason": "属服务范围"},
        {"consent.basis": "consent", "consent.given_on": ago(BEGUN), "consent.method": "signature", "consent.by": "self"},
    )  # fmt: skip
    assert "还不能进入计划" in advance(worker, number, "assessment", "进入预估")
    scores = {f"ability.scores.{item['code']}": str(item["max"]) for item in ITEMS}
    write(
        worker, f"/cases/{number}/assessment/",
        {"assessed_on": ago(BEGUN), "sources": "home_visit", "personal": "行动慢，认知清楚"},
        {"needs.0.domain": "care", "needs.0.text": "助餐"},
        {"ability.way": "scores"} | scores,
        {"risk_level": "yellow", "conclusion": "能自理，缺热食"},
    )  # fmt: skip
    advance(worker, number, "planning", "进入计划")
    goal = {"text": "每日两餐热食", "indicator": "每日热食餐数", "baseline": "0", "target": "2", "due_on": ago(-60)}
    said = write(
        worker, f"/cases/{number}/plan/",
        {"planned_on": ago(BEGUN), "overall_goal": "吃好"} | {f"goals.0.{name}": value for name, value in goal.items()},
        {"steps.0.task": "接通送餐"},
        {"agreement.signed_on": ago(BEGUN), "agreement.method": "signature", "agreement.by": "self"},
    )  # fmt: skip
    assert "第1版计划待督导批准" in said
    look(worker, f"/cases/{number}/advance/?to=intervention")
    supervisor = person("supervisor", DESK)
    approve(supervisor, number)
    assert "记一次" in advance(worker, number, "intervention", "进入介入")


def test_she_logs_a_visit_on_her_phone(person, told):
    worker, number = person("worker", PHONE), told["number"]
    assert ELDER in look(worker, "/log/")
    worker.page.click(f"main a[href*='/{number}/log/']")
    worker.page.wait_for_load_state("networkidle")
    assert worker.barriers() == []
    put(
        worker,
        {
            "way": "home_visit",
            "day": "other",
            "happened_on": ago(BEGUN),
            "length": "45",
            "facts": "已接通送餐，第一顿已送到",
        },
    )
    worker.page.check("main [name=goals] >> nth=0")
    said = press(worker, "保存")
    assert "家访，45 分钟" in said


def test_the_case_is_evaluated_and_its_closure_approved(person, told):
    worker, number = person("worker", PHONE), told["number"]
    supervisor = person("supervisor", DESK)
    advance(worker, number, "evaluation", "进入评估")
    look(worker, f"/cases/{number}/evaluation/")
    _through(worker, {"evaluated_on": ago(BEGUN - 1), "goal_scores.0.score": "1", "goal_scores.0.evidence": "每天两餐",
                      "satisfaction.score": "5", "satisfaction.said_on": ago(BEGUN - 1)})  # fmt: skip
    look(worker, f"/cases/{number}/closure/")
    _through(worker, {"closed_on": ago(BEGUN - 1), "code": "01", "summary": "目标达成，子女接手", "informed_on": ago(BEGUN - 1),
                      "follow_up.0.due_on": ago(0), "follow_up.0.way": "phone"})  # fmt: skip
    assert "待督导批准" in look(worker, f"/cases/{number}/")
    approve(supervisor, number)


def test_it_closes(person, told):
    worker, number = person("worker", PHONE), told["number"]
    look(worker, f"/cases/{number}/advance/?to=closed")
    assert "结案" in press(worker, "结案并锁定")


def test_it_is_followed_up_filed_and_printed(person, told):
    worker, number = person("worker", PHONE), told["number"]
    look(worker, f"/cases/{number}/follow-up/")
    _through(worker, {"visited_on": ago(0), "way": "phone", "effect_kept": "no", "note": "又不按时吃了"})
    look(worker, f"/cases/{number}/filing/")
    put(worker, {"filed_on": ago(0), "location": "档案柜二层"})
    assert "归档" in press(worker, "归档")
    for tab in ("", "goals/", "assessments/", "plans/", "supervision/", "file/", "reads/", "print/"):
        look(worker, f"/cases/{number}/{tab}")
    with worker.page.expect_download() as taken:
        put(worker, {"purpose": "supervision"})
        press(worker, "排版")
        worker.page.click("text=下载 PDF", timeout=60_000)
    assert taken.value.suggested_filename == f"{number}.pdf"


def test_two_weeks_later_he_is_back_and_a_new_episode_opens(person, told):
    worker, number = person("worker", PHONE), told["number"]
    look(worker, f"/cases/{number}/reopen/")
    put(worker, {"on": ago(0), "reason": "又不按时吃饭，子女请求再帮一段"})
    press(worker, "重新开案")
    again = re.search(r"/cases/([\d-]+)/", worker.page.url)[1]
    assert again != number
    said = look(worker, f"/cases/{again}/")
    assert ELDER in said and number in said, "the new episode names the old one"
    assert again in look(worker, f"/cases/{number}/"), "and the old one names the new one"


def _through(person, values):
    """A form however many steps it has: what a step asks for is filled, the last one is signed."""
    left = dict(values)
    while True:
        here = {
            name: value for name, value in left.items() if person.page.locator(f'main [name="{name}"]:visible').count()
        }
        put(person, here)
        left = {name: value for name, value in left.items() if name not in here}
        if person.page.locator("main button:has-text('下一步'):visible").count():
            press(person, "下一步")
        else:
            break
    press(person, "保存并签名")
    assert not left, f"the form never asked for {list(left)}"
    assert re.search(r"/cases/[\d-]+/$", person.page.url), person.text()[:400]


# ── The training ─────────────────────────────────────────────────────────────────────────────────
CAME, GUEST = ("李梅", "胡平"), f"赵村长{random.randrange(10**6)}"


def test_hours_of_a_training_roll_up_beside_the_cases(person, site):
    """480 minutes of the county's: two of the town's people and a guest of the county. Each counts where he works, once a tier."""
    tiers = {TOWN: (0, CAME), COUNTY: (1, (*CAME, GUEST)), CITY: (1, (*CAME, GUEST))}  # place: (sessions, who came)
    before = {(code, place): _cell(site, code, place)[0] for code in FIGURES for place in tiers}
    known = {place: _people(site, place) for place in tiers}
    official = person("official", DESK)
    look(official, "/trainings/new/")
    hub = official.page.locator("select[name=station] option", has_text="梁子湖区").first.get_attribute("value")
    put(
        official,
        {
            "title": "居家养老个案实务",
            "station": hub,
            "starts_on": ago(0),
            "minutes": "480",
            "mode": "onsite",
            "state": "held",
        },
    )
    press(official, "保存")
    for name in CAME:
        official.page.get_by_label(name, exact=True).check()
    put(official, {"others": f"{GUEST} 谢埠村"})
    press(official, "记下")
    assert "24 人·学时" in official.text()
    _until(official, lambda: _cell(site, "training_hours", CITY)[0] == before["training_hours", CITY] + 24)
    for place, (sessions, came) in tiers.items():
        more = {
            "training_sessions": sessions, "training_person_times": len(came), "training_hours": 8 * len(came),
            "training_persons": len({*came} - known[place]),
        }  # fmt: skip
        for code in FIGURES:
            number, value = _cell(site, code, place)
            assert number == before[code, place] + more[code], (code, place)
            if number:
                page = look(official, f"/metrics/{code}/?within={place}&period={_month()}")
                assert value in page.replace(",", ""), (code, place)


def test_the_board_shows_hours_beside_open_and_overdue_cases_and_each_opens(person, site):
    official = person("official", DESK)
    board = look(official, f"/dashboard/{COUNTY}/")
    links = official.page.eval_on_selector_all(
        "main a[href*='/metrics/']", "all => all.map(a => a.getAttribute('href'))"
    )
    for code in ("cases_open", "cases_overdue", "training_hours"):
        to = next((link for link in links if f"/metrics/{code}" in link), None)
        assert to, f"{code} is not on the board: {board[:600]}"
        opened = look(official, to)
        assert _cell(site, code, COUNTY)[1] in opened.replace(",", ""), code
        rows = official.page.locator("main table tbody tr").count()
        assert rows, f"{code} opens into no rows"
    look(official, "/cases/?overdue=yes")


FIGURES = ("training_sessions", "training_person_times", "training_persons", "training_hours")


def _month():
    return ago(0)[:7]


def _cell(site, code, place):
    """(numerator, value) of a figure of this month."""
    rows = site.get(f"metrics/?indicator={code}&place={place}&period={_month()}")["results"]
    return (rows[0]["numerator"], str(rows[0]["value"])) if rows else (0, "0")


def _people(site, place):
    """Names of those who were taught this month."""
    rows = site.get(f"metrics/explain/?indicator=training_persons&place={place}&period={_month()}&page_size=1000")
    return {row["label"] for row in rows["results"]}


def _until(person, true, seconds=90):
    for _n in range(seconds * 2):
        if true():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError("it never came true")
