"""/clients/ and /cases/new/: who is found, what is shown to whom, nothing filed twice, nothing lost."""

import re
import uuid

import pytest
from psycopg.types.range import DateRange
from stdnum.cn import ric

from accounts.changes import change
from accounts.models import Event
from accounts.reveals import REVEALED
from casework import showing
from casework.models import Case, Client
from stations.models import Post
from tests.budgets import within_budget
from tests.casework.caseload import ago, id_number
from tests.factories import SINCE

ODD = "id_number:unknown_region"  # what the form gives back once it has said that nobody has county suffix 99
NAME, NUMBER, PHONE = "上官金虹", "420799194503121012", "13987654321"


@pytest.fixture
def person(load):
    return load.client(name=NAME, id_number=NUMBER, phone=PHONE)


def typed(**more):
    """A form as a browser sends it."""
    return {
        "client_ref": str(uuid.uuid4()), "station": "420702100000-1", "confirmed": ODD, "name": "钱桂芳", "id_type": "resident_id", "id_number": id_number("1951-06-01", male=False),
        "phone": "13911112222", "residence_division": "太和镇谢埠村", "address": "3组12号", "categories": ["lone_elder", "dibao"],
        "guardian_name": "", "emergency_contact_name": "钱军", "emergency_contact_relation": "儿子",
        "emergency_contact_phone": "13800138000", **more,
    }  # fmt: skip


def text(response):
    return response.content.decode()


# ── finding ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("asked", [NAME, "shangguanjinhong", "sgjh", "SGJH", NUMBER, "4207 9919 4503 1210 12", PHONE])
def test_a_person_is_found_by_name_pinyin_initials_number_and_phone(world, person, asked):
    answer = world.browser("worker").post("/clients/", {"q": asked})
    assert answer.status_code == 200 and f"/clients/{person.public_id}/" in text(answer)


@pytest.mark.parametrize("asked", ["上官", "金虹", "420799", NUMBER[:-1] + "3", "王"])
def test_a_part_of_a_name_or_number_finds_nobody(world, person, asked):
    assert person.public_id not in text(world.browser("worker").post("/clients/", {"q": asked}))


def test_nobody_is_found_from_next_door(world, person):
    for who in ("sibling_worker", "twin_manager", "twin_supervisor"):
        assert person.public_id not in text(world.browser(who).post("/clients/", {"q": NUMBER})), who


def test_a_colleague_sees_that_there_is_one_and_no_name(world, load, person):
    load.case(client=person)
    with change(None, "test.posted"):
        Post.objects.create(
            user=world.users["twin_worker"], role="worker", station=world.station("太和镇"), span=DateRange(SINCE, None)
        )
    page = text(world.browser("twin_worker").get("/clients/"))
    assert person.public_id in page and NAME not in page and "上***" in page
    page = text(world.browser("twin_worker").get(f"/clients/{person.public_id}/"))
    assert NAME not in page and "和平路" not in page and "上***" in page


@pytest.mark.parametrize(("only", "there"), [("", True), ("mine", True), ("none", False)])
def test_the_list_may_be_narrowed_to_my_own_and_to_those_without_a_case(world, load, person, only, there):
    load.case(client=person)
    assert (person.public_id in text(world.browser("worker").get(f"/clients/?only={only}"))) is there


# ── one person ───────────────────────────────────────────────────────────────────────────────────
def test_who_has_the_person_in_full_sees_name_birth_date_and_address_and_no_number(world, load, person):
    load.case(client=person)
    for who in ("worker", "manager", "supervisor"):
        page = text(world.browser(who).get(f"/clients/{person.public_id}/"))
        assert NAME in page and "1945-03-12" in page and "和平路7号" in page, who
        assert NUMBER not in page and PHONE not in page and "420***********1012" in page and "139****4321" in page, who


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("official", 403),
        ("viewer", 403),
        ("agency", 403),
        ("inspector", 403),
        ("superuser", 403),
        ("sibling_worker", 404),
        ("twin_manager", 404),
    ],
)
def test_others_get_no_page_of_a_person(world, person, who, status):
    assert world.browser(who).get(f"/clients/{person.public_id}/").status_code == status


def test_the_title_of_a_page_names_nobody(world, load, person):
    browser = world.browser("worker")
    for url in (
        f"/clients/{person.public_id}/",
        f"/clients/{person.public_id}/edit/",
        f"/cases/new/?client={person.public_id}",
    ):
        title = re.search("<title>(.*?)</title>", text(browser.get(url)), re.S).group(1)
        assert NAME not in title, url


def test_number_and_phone_open_for_five_minutes_with_a_purpose(world, person, monkeypatch):
    browser, url = world.browser("worker"), f"/clients/{person.public_id}/"
    answer = browser.post(f"{url}show/", {"purpose": "service"})
    assert answer.status_code == 302 and answer["Location"] == f"{url}#reveal"
    page = text(browser.get(url))
    assert NUMBER in page and PHONE in page and "打开证件号和电话" in page
    event = Event.objects.get(verb=REVEALED)
    assert (
        event.user == world.users["worker"]
        and event.detail["purpose"] == "service"
        and event.object_id == str(person.pk)
    )
    assert NUMBER not in text(world.browser("supervisor").get(url)), "only in that session"
    real = showing.timezone.now
    monkeypatch.setattr(showing.timezone, "now", lambda: real() + showing.FOR)
    assert NUMBER not in text(browser.get(url))


def test_without_a_purpose_nothing_opens(world, person):
    browser = world.browser("worker")
    for sent in ({}, {"purpose": "curiosity"}):
        assert browser.post(f"/clients/{person.public_id}/show/", sent).status_code == 400
    assert not Event.objects.filter(verb=REVEALED).exists()
    assert NUMBER not in text(browser.get(f"/clients/{person.public_id}/"))


def test_opening_from_the_case_page_comes_back_to_it_and_stands_in_its_timeline(world, load, person):
    case = load.case(client=person)
    answer = world.browser("worker").post(
        f"/clients/{person.public_id}/show/", {"purpose": "crisis", "case": case.number}
    )
    assert answer["Location"] == f"/cases/{case.number}/#reveal"
    assert Event.objects.get(verb=REVEALED).object_id == str(case.pk)


def test_what_was_opened_is_shut_once_the_right_is_gone(world, load, person):
    case = load.case(client=person)
    browser, url = world.browser("worker"), f"/clients/{person.public_id}/"
    browser.post(f"{url}show/", {"purpose": "service"})
    assert NUMBER in text(browser.get(url))
    with change(None, "test.given_away"):
        Case.objects.filter(pk=case.pk).update(worker=load.workers["manager"])
    page = text(browser.get(url))
    assert NUMBER not in page and NAME not in page


def test_who_looked_stands_on_the_page(world, load, person):
    world.browser("supervisor").get(f"/clients/{person.public_id}/")
    page = text(world.browser("worker").get(f"/clients/{person.public_id}/"))
    assert "supervisor 甲 · 看档案" in page


# ── filing ───────────────────────────────────────────────────────────────────────────────────────
def test_filing_draws_birth_date_and_sex_from_the_number(world, load):
    browser, sent = world.browser("worker"), typed()
    assert browser.get("/clients/new/").status_code == 200
    answer = browser.post("/clients/new/", sent)
    client = Client.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/clients/{client.public_id}/"
    assert (client.name.clear, client.sex, client.birth_date.clear) == ("钱桂芳", "female", "1951-06-01")
    assert client.residence_division.name == "谢埠村" and client.emergency_contact.clear["phone"] == "13800138000"
    assert client.guardian is None
    assert {r.category for r in client.category_rows.all()} == {"lone_elder", "dibao"}


def test_pressing_twice_files_one(world, load):
    browser, sent = world.browser("worker"), typed()
    first, second = (browser.post("/clients/new/", sent)["Location"] for _n in range(2))
    assert first == second and Client.objects.count() == 1


def test_a_number_on_file_in_reach_shows_who_it_is(world, person):
    answer = world.browser("worker").post("/clients/new/", typed(id_number=NUMBER, name="别名"))
    assert answer.status_code == 409 and NAME in text(answer) and f"/clients/{person.public_id}/" in text(answer)
    assert "别名" in text(answer), "what was typed is still there"
    assert Client.objects.count() == 1


def test_a_number_on_file_elsewhere_gives_a_hint_without_a_name_and_then_files(world, load, person):
    sent = typed(id_number=NUMBER, residence_division="", station=world.station("鸾栖镇").code)
    browser = world.browser("twin_worker")
    answer = browser.post("/clients/new/", sent)
    page = text(answer)
    assert (
        answer.status_code == 200
        and "别的站点已有这个证件号的档案" in page
        and NAME not in page
        and person.public_id not in page
    )
    assert Client.objects.count() == 1
    mark = re.search(r'name="confirmed" value="([^"]*)"', page).group(1)
    assert browser.post("/clients/new/", sent | {"confirmed": mark}).status_code == 302
    assert Client.objects.count() == 2


def test_an_odd_region_is_only_a_warning_shown_before_saving(world, load):
    browser = world.browser("worker")
    for number, said in (
        ("420799195202290028", "不在代码表里"),
        (number_of_region("510202"), "现已撤并"),
    ):  # 重庆 was Sichuan's
        sent, before = typed(id_number=number, confirmed=""), Client.objects.count()
        page = text(browser.post("/clients/new/", sent))
        assert "还没有保存，先看一下" in page and said in page and "钱桂芳" in page
        assert Client.objects.count() == before
        mark = re.search(r'name="confirmed" value="([^"]*)"', page).group(1)
        assert browser.post("/clients/new/", sent | {"confirmed": mark}).status_code == 302
        assert Client.objects.count() == before + 1


def number_of_region(region, rest="19450312101"):
    return f"{region}{rest}" + ric.calc_check_digit(f"{region}{rest}0")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id_number": "420799194503121013"}, "最后一位对不上"),
        ({"id_number": "", "id_absent_reason": ""}, "写明为什么"),
        ({"phone": "1391234"}, "手机号应是"),
        ({"emergency_contact_phone": "12"}, "手机号应是"),
        ({"emergency_contact_name": ""}, "紧急联系人的姓名必须填"),
        ({"residence_division": "不存在镇"}, "没有“不存在镇”这个地方"),
        ({"id_number": "", "id_absent_reason": "没带"}, "性别必须填"),
        ({"birth_date": "1951-02-30"}, "1951年2月没有30日"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(world, load, wrong, said):
    answer = world.browser("worker").post("/clients/new/", typed(**wrong))
    page = text(answer)
    assert answer.status_code == 422 and said in page and "钱桂芳" in page and not Client.objects.exists()


def test_a_person_without_papers_is_filed_with_the_reason(world, load):
    sent = typed(id_number="", id_absent_reason="流浪，没有证件", id_type="none", sex="male", birth_date="1950-01-01")
    assert world.browser("worker").post("/clients/new/", sent).status_code == 302
    assert Client.objects.get().id_absent_reason == "流浪，没有证件"


@pytest.mark.parametrize("who", ["official", "viewer", "inspector", "agency", "superuser"])
def test_others_file_nobody(world, who):
    assert world.browser(who).get("/clients/new/").status_code == 403
    assert world.browser(who).post("/clients/new/", typed()).status_code == 403
    assert not Client.objects.exists()


def test_what_was_typed_to_find_somebody_goes_into_the_new_file(world, load):
    page = text(world.browser("worker").post("/clients/new/?then=case", {"begin": "1", "typed": "慕容秋荻"}))
    assert 'value="慕容秋荻"' in page and "建档，接着开案" in page and not Client.objects.exists()


# ── changing ─────────────────────────────────────────────────────────────────────────────────────
def edit(browser, person, **more):
    page = text(browser.get(f"/clients/{person.public_id}/edit/"))
    assert NUMBER not in page and PHONE not in page and "现在是 139****4321，不改就留空" in page
    sent = {
        "version": re.search(r'name="version" value="([^"]*)"', page).group(1), "name": NAME, "id_type": "resident_id", "sex": "male",
        "birth_date": "1945-03-12", "address": "和平路9号", **more,
    }  # fmt: skip
    return browser.post(f"/clients/{person.public_id}/edit/", sent)


def test_empty_number_and_phone_stay_as_they_are(world, person):
    assert edit(world.browser("worker"), person).status_code == 302
    now = Client.objects.get()
    assert (now.id_number.clear, now.phone.clear, now.address.clear) == (NUMBER, PHONE, "和平路9号")


def test_a_phone_that_is_no_more_is_taken_away(world, person):
    edit(world.browser("worker"), person, no_phone="on")
    now = Client.objects.get()
    assert now.phone is None and now.phone_index is None and now.id_number.clear == NUMBER


def test_two_at_once_one_wins_and_the_other_loses_no_text(world, person):
    first, second = world.browser("worker"), world.browser("supervisor")
    page = text(second.get(f"/clients/{person.public_id}/edit/"))
    old = re.search(r'name="version" value="([^"]*)"', page).group(1)
    edit(first, person)
    answer = edit(second, person, version=old, address="别处路1号")
    page = text(answer)
    assert answer.status_code == 409 and "和平路9号" in page and "别处路1号" in page
    assert Client.objects.get().address.clear == "和平路9号"
    new = re.search(r'name="version" value="([^"]*)"', page).group(1)
    assert edit(second, person, version=new, address="别处路1号").status_code == 302


def test_categories_are_dated_and_their_history_stays(world, person):
    browser, url = world.browser("worker"), f"/clients/{person.public_id}/"
    assert browser.post(f"{url}categories/", {"category": "dibao", "since": ago(90)}).status_code == 302
    assert browser.post(f"{url}categories/", {"category": "dibao", "since": ago(10)}).status_code == 422
    row = Client.objects.get().category_rows.get()
    page = text(browser.get(url))
    assert "低保" in page and f"从 {ago(90)} 起" in page and f"{url}categories/{row.pk}/" in page
    assert browser.post(f"{url}categories/{row.pk}/", {"last": ago(100)}).status_code == 422
    assert browser.post(f"{url}categories/{row.pk}/", {"last": ago(30)}).status_code == 302
    page = text(browser.get(url))
    assert "以前的" in page and f"{ago(90)} – {ago(30)}" in page
    assert browser.post(f"{url}categories/", {"category": "dibao", "since": ago(29)}).status_code == 302


# ── opening a case ───────────────────────────────────────────────────────────────────────────────
def test_opening_a_case_asks_first_whether_the_person_is_known(world, person):
    browser = world.browser("worker")
    assert "为谁开案" in text(browser.get("/cases/new/"))
    page = text(browser.post("/cases/new/", {"q": "sgjh"}))
    assert "1 人已经在档" in page and f"/cases/new/?client={person.public_id}" in page and "建档并开案" in page


def opening(**more):
    return {
        "client_ref": str(uuid.uuid4()),
        "station": "420702100000-1",
        "opened_on": ago(1),
        "domain": "elder",
        **more,
    }


def test_a_case_opens_once_and_lands_on_its_intake(world, load, person):
    browser, sent = world.browser("worker"), opening()
    url = f"/cases/new/?client={person.public_id}"
    assert NAME in text(browser.get(url))
    first, second = (browser.post(url, sent) for _n in range(2))
    case = Case.objects.get()
    assert first.status_code == second.status_code == 302 and first["Location"] == second["Location"]
    assert case.number in first["Location"] and case.domain == "elder" and case.opened_on.isoformat() == ago(1)
    assert case.number in text(browser.get(url)), "the open case is shown before another is made"


def test_a_manager_names_who_keeps_the_case(world, load, person):
    url = f"/cases/new/?client={person.public_id}"
    browser = world.browser("manager")
    page = text(browser.get(url))
    worker = load.workers["worker"]
    assert worker.public_id in page
    assert browser.post(url, opening(worker=worker.public_id)).status_code == 302
    assert Case.objects.get().worker == worker
    assert 'name="worker"' not in text(world.browser("worker").get(url))


def test_a_day_that_has_not_come_opens_nothing(world, load, person):
    answer = world.browser("worker").post(f"/cases/new/?client={person.public_id}", opening(opened_on=ago(-1)))
    assert answer.status_code == 422 and "这一天还没有到" in text(answer) and not Case.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("official", 403), ("superuser", 403), ("sibling_worker", 404), ("twin_supervisor", 404)]
)
def test_others_open_no_case_for_him(world, load, person, who, status):
    browser, url = world.browser(who), f"/cases/new/?client={person.public_id}"
    assert (browser.get(url).status_code, browser.post(url, opening()).status_code) == (status, status)
    assert not Case.objects.exists()


def test_the_list_and_a_persons_page_keep_within_their_budgets(world, load):
    for _n in range(12):
        client = load.client(id_number=None, id_absent_reason="遗失", categories=["dibao"])
        load.case(client=client)
    browser = world.browser("worker")
    within_budget(browser, "client_list", "/clients/")
    within_budget(browser, "client_page", f"/clients/{client.public_id}/")
