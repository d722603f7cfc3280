"""The pages of stations: the tree, the roster, one station, its changes, its history."""

import datetime as dt
import re

import pytest

from accounts.models import Event
from periods import today
from stations import actions
from stations.browsing import Picture, short_name
from stations.models import Station
from tests.budgets import within_budget


def text_of(answer):
    return answer.content.decode()


def url_of(world, name, more=""):
    return f"/stations/{world.station(name).code}/{more}"


# ── the tree ──


def test_the_tree_shows_what_lies_in_reach_and_nothing_else(world):
    page = text_of(world.browser("official").get("/stations/"))
    assert "太和镇社会工作服务站" in page
    assert not re.search("葛店|鸑鷟|SIBLING|TWIN", page)


def test_a_branch_is_a_fragment_of_the_same_address(world):
    hub = world.station("梁子湖区")
    answer = world.browser("official").get(f"/stations/?branch={hub.code}", headers={"HX-Request": "true"})
    assert text_of(answer).lstrip().startswith("<ul>")
    assert "东沟镇" in text_of(answer)
    assert world.browser("sibling_official").get(f"/stations/?branch={hub.code}").status_code == 404


def test_the_tree_opens_without_script_by_its_address(world):
    town = world.station("太和镇")
    page = text_of(world.browser("city_official").get(f"/stations/?open={town.code}"))
    assert "谢埠村室" in page
    assert "白浒村室" not in page  # of a branch that nobody opened


def test_tops_are_the_highest_stations_in_reach(world):
    assert [s.name[:4] for s in Picture(world.user("official")).tops()] == ["梁子湖区"]
    assert [s.name[:3] for s in Picture(world.user("city_official")).tops()] == ["鄂州市"]
    assert [s.name[:3] for s in Picture(world.user("manager")).tops()] == ["太和镇"]
    assert {s.name[:3] for s in Picture(world.user("superuser")).tops()} == {"鄂州市", "鸑鷟市"}


def test_the_tree_of_a_day_has_the_parents_and_states_of_that_day(world):
    official = world.user("city_official")
    town, other = world.fresh("太和镇"), world.fresh("华容区")
    actions.move_station(official, town, parent=other, on=today())
    yesterday = today() - dt.timedelta(days=1)
    then, now = Picture(official, yesterday), Picture(official)
    assert [s.name[:3] for s in then.path(town)] == ["鄂州市", "梁子湖", "太和镇"]
    assert [s.name[:3] for s in now.path(world.fresh("太和镇"))] == ["鄂州市", "华容区", "太和镇"]
    page = text_of(world.browser("city_official").get(f"/stations/?as_of={yesterday}&open={town.code}"))
    assert str(yesterday) in page
    assert text_of(world.browser("official").get("/stations/?as_of=2020-06-01")).count("<tr") <= 1  # before any stood


def test_more_stations_than_can_be_drawn_are_left_to_the_roster(world, monkeypatch):
    monkeypatch.setattr("stations.browsing.MOST", 1)
    hub = world.station("梁子湖区")
    nodes = Picture(world.user("official")).branch(hub)
    assert len(nodes) == 1
    assert f"within={hub.code}" in nodes[-1]["more"]["url"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("太和", "太和镇社会工作服务站"), ("thz", "太和镇社会工作服务站"), ("taihe", "太和镇社会工作服务站"),
        ("420702100000", "太和镇社会工作服务站"), ("４２０７０２１０００００", "太和镇社会工作服务站"), ("太和镇社工站", "太和镇社会工作服务站"),
        ("ＴＨＺ", "太和镇社会工作服务站"), ("葛店", None), ("%", None), ("' OR 1=1", None), ("x" * 500, None),
    ],
)  # fmt: skip
def test_a_station_is_found_by_name_code_pinyin_and_initials(world, typed, found):
    answer = world.browser("official").get(
        "/stations/", {"q": typed}, headers={"HX-Request": "true", "HX-Target": "roster"}
    )
    page = re.sub("</?mark>", "", text_of(answer))
    assert answer.status_code == 200
    assert ("<tbody>" in page) == bool(found)
    assert not found or found in page


def test_filters_are_links_and_count_their_rows(world):
    page = text_of(world.browser("official").get("/stations/?status=planned"))
    assert "梁子镇社会工作服务站" in page
    assert "东沟镇社会工作服务站</a></th>" not in page
    assert re.search(r"status=planned|筹建 1", page)


def test_names_inside_the_tree_are_short():
    assert short_name("太和镇社会工作服务站") == "太和镇站"
    assert short_name("鄂州市社会工作服务指导中心") == "鄂州市指导中心"
    assert short_name("社工之家") == "社工之家"


# ── one station ──


@pytest.mark.parametrize("who", ["official", "manager", "supervisor", "worker", "inspector", "viewer", "superuser"])
def test_everybody_of_the_network_reads_the_station_page(world, who):
    page = text_of(world.browser(who).get(url_of(world, "太和镇")))
    assert "HOME-person" in page  # the public contact stands in clear
    assert ("改资料" in page) == (who in {"official", "manager", "superuser"})


def test_a_station_out_of_reach_is_no_page(world):
    for more in ("", "history/", "edit/", "change/?do=close"):
        assert world.browser("official").get(url_of(world, "葛店镇", more)).status_code == 404
        assert world.browser("official").get(url_of(world, "鸾栖镇", more)).status_code == 404
    assert world.browser("agency").get(url_of(world, "太和镇")).status_code == 403


def test_pages_keep_their_budget(world):
    browser = world.browser("city_official")
    within_budget(browser, "station_page", url_of(world, "太和镇"))
    within_budget(browser, "station_tree", "/stations/")
    within_budget(browser, "station_history", url_of(world, "太和镇", "history/"))


def test_a_parent_out_of_reach_is_named_without_a_way_in(world):
    page = text_of(world.browser("worker").get(url_of(world, "太和镇")))
    assert "梁子湖区社会工作服务总站" in page
    assert f"/stations/{world.station('梁子湖区').code}/" not in page


# ── particulars ──


def form_of(page):
    """The values that the page's edit form would send back."""
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    return {name: fields.get(name, "") for name in ("version", "name", "address", "manager_name", "phone")} | {
        "reported_full_time": fields.get("reported_full_time", "")
    }


def test_particulars_are_saved_and_can_be_taken_back(world):
    browser, url = world.browser("manager"), url_of(world, "太和镇")
    body = form_of(text_of(browser.get(f"{url}edit/"))) | {"phone": "0711-7654321"}
    browser.post(f"{url}edit/", body)
    assert world.fresh("太和镇").phone == "0711-7654321"
    undo = re.search(r'action="(/stations/[^"]+/undo/\d+/)"', text_of(browser.get(url)))[1]
    browser.post(undo)
    assert world.fresh("太和镇").phone == "0711-2345678"


def test_a_stale_form_keeps_what_others_wrote_elsewhere(world):
    manager, official, url = world.browser("manager"), world.browser("official"), url_of(world, "太和镇", "edit/")
    stale = form_of(text_of(manager.get(url)))
    official.post(url, form_of(text_of(official.get(url))) | {"address": "新街 1 号"})
    assert manager.post(url, stale | {"manager_name": "王翀"}).status_code == 302
    station = world.fresh("太和镇")
    assert (station.address, station.manager_name) == ("新街 1 号", "王翀")


def test_a_conflict_shows_both_values_and_loses_nothing(world):
    manager, official, url = world.browser("manager"), world.browser("official"), url_of(world, "太和镇", "edit/")
    stale = form_of(text_of(manager.get(url)))
    official.post(url, form_of(text_of(official.get(url))) | {"address": "新街 1 号"})
    answer = manager.post(url, stale | {"address": "老街 2 号", "manager_name": "王翀"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert all(word in page for word in ("新街 1 号", "老街 2 号", "official 甲", "王翀"))
    assert world.fresh("太和镇").address == "新街 1 号"
    again = form_of(page)
    assert again["address"] == "老街 2 号"
    assert manager.post(url, again).status_code == 302
    assert world.fresh("太和镇").address == "老街 2 号"


def test_a_wrong_particular_is_said_beside_its_field(world):
    browser, url = world.browser("manager"), url_of(world, "太和镇", "edit/")
    body = form_of(text_of(browser.get(url)))
    page = text_of(browser.post(url, body | {"phone": "call me", "reported_full_time": "1", "reported_certified": "3"}))
    assert "call me" in page
    assert "座机" in page
    assert world.fresh("太和镇").reported_full_time == 2


def test_the_form_writes_neither_state_nor_parent(world):
    browser, url = world.browser("official"), url_of(world, "太和镇", "edit/")
    before = world.fresh("太和镇")
    body = form_of(text_of(browser.get(url))) | {"status": "closed", "parent": "", "tier": "1", "lft": "9", "code": "x"}
    browser.post(url, body | {"address": "新街"})
    after = world.fresh("太和镇")
    assert after.address == "新街"
    assert [getattr(after, n) for n in ("status", "parent_id", "tier", "lft", "code")] == [
        getattr(before, n) for n in ("status", "parent_id", "tier", "lft", "code")
    ]


# ── dated changes ──


def test_a_change_is_shown_before_it_is_done(world):
    browser, url = world.browser("city_official"), url_of(world, "太和镇", "change/?do=close")
    day = str(today())
    page = text_of(browser.post(url, {"on": day, "step": "preview"}))
    assert "谢埠村社会工作服务室" in page  # goes to another parent
    assert "2 / 3" in page and "1 / 3" in page  # the district's coverage, before and after
    assert world.fresh("太和镇").status == "operating"
    assert not Event.objects.filter(verb="station.closed").exists()
    browser.post(url, {"on": day, "reason": "并村", "step": "do"})
    assert world.fresh("太和镇").status == "closed"
    assert world.fresh("谢埠村").parent.name == "梁子湖区社会工作服务总站"


def test_htmx_gets_the_effects_alone_even_with_the_button_of_doing(world):
    browser, url = world.browser("city_official"), url_of(world, "太和镇", "change/?do=suspend")
    page = text_of(browser.post(url, {"on": str(today()), "step": "do"}, headers={"HX-Request": "true"}))
    assert page.lstrip().startswith('<section class="panel" id="effects"')
    assert world.fresh("太和镇").status == "operating"


@pytest.mark.parametrize("on", ["", "2022-02-30", "1800-01-01", "9999-01-01"])
def test_a_day_that_cannot_be_is_said_and_nothing_is_done(world, on):
    answer = world.browser("city_official").post(url_of(world, "太和镇", "change/?do=close"), {"on": on, "step": "do"})
    assert answer.status_code == 200
    assert "error" in text_of(answer)
    assert world.fresh("太和镇").status == "operating"


def test_the_last_step_can_be_taken_back_from_the_history(world):
    browser, url = world.browser("city_official"), url_of(world, "太和镇")
    browser.post(f"{url}change/?do=close", {"on": str(today()), "step": "do"})
    history = text_of(browser.get(f"{url}history/"))
    undo = re.findall(r'action="(/stations/[^"]+/undo/\d+/)"', history)
    browser.post(undo[-1])
    assert world.fresh("太和镇").status == "operating"
    assert world.fresh("谢埠村").parent.name == "太和镇社会工作服务站"
    assert "已撤销" in text_of(browser.get(url))


def test_a_step_that_others_built_upon_is_not_taken_back(world):
    browser, url = world.browser("city_official"), url_of(world, "太和镇")
    actions.suspend_station(world.user("city_official"), world.fresh("太和镇"))
    event = Event.objects.get(verb="station.suspended").pk
    actions.open_station(world.user("city_official"), world.fresh("太和镇"))
    page = text_of(browser.post(f"{url}undo/{event}/", follow=True))
    assert "撤销不了" in page
    assert world.fresh("太和镇").status == "operating"


def test_undo_is_for_those_who_may_do(world):
    actions.suspend_station(world.user("official"), world.fresh("太和镇"))
    event = Event.objects.get(verb="station.suspended").pk
    url = url_of(world, "太和镇", f"undo/{event}/")
    assert world.browser("worker").post(url).status_code == 403
    assert world.browser("twin_official").post(url).status_code == 404
    other = url_of(world, "东沟镇", f"undo/{event}/")
    assert world.browser("official").post(other).status_code == 404
    assert world.browser("official").get(url).status_code == 405


def test_a_manager_suspends_but_does_not_move(world):
    browser = world.browser("manager")
    page = text_of(browser.get(url_of(world, "太和镇")))
    assert "do=suspend" in page and "do=move" not in page
    assert browser.get(url_of(world, "太和镇", "change/?do=move")).status_code == 403
    assert browser.get(url_of(world, "太和镇", "change/?do=split")).status_code == 404


def test_a_move_offers_only_what_is_in_reach(world):
    page = text_of(world.browser("official").get(url_of(world, "太和镇", "change/?do=move")))
    assert not re.search("华容|鸑鷟", page)
    body = {"on": str(today()), "step": "do", "parent": world.station("华容区").code}
    answer = world.browser("official").post(url_of(world, "太和镇", "change/?do=move"), body)
    assert answer.status_code == 200
    assert world.fresh("太和镇").parent.name.startswith("梁子湖区")


# ── a new station ──


def new_station(world, **more):
    return {
        "tier": "3",
        "division": "420702450000",
        "name": "红莲湖社会工作服务站",
        "status": "planned",
        "on": str(today()),
    } | more


def test_pressing_twice_makes_one_station(world):
    browser = world.browser("official")
    ref = re.search(r'name="client_ref" value="([^"]+)"', text_of(browser.get("/stations/new/")))[1]
    first = browser.post("/stations/new/", new_station(world, client_ref=ref))
    again = browser.post("/stations/new/", new_station(world, client_ref=ref))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Station.objects.filter(name="红莲湖社会工作服务站").count() == 1
    other = browser.post("/stations/new/", new_station(world, client_ref=ref, name="另一个社工站"))
    assert other.status_code == 200 and "第一次的那份没有变" in text_of(other) and "另一个社工站" in text_of(other)
    assert not Station.objects.filter(name="另一个社工站").exists()


def test_a_station_stands_where_its_tier_stands(world):
    page = text_of(world.browser("official").post("/stations/new/", new_station(world, tier="2")))
    assert "应设在" in page
    assert "红莲湖社会工作服务站" in page  # what was typed is still there


def test_no_station_is_made_out_of_reach(world):
    answer = world.browser("official").post("/stations/new/", new_station(world, division="420703100000"))
    assert answer.status_code == 200
    assert not Station.objects.filter(name="红莲湖社会工作服务站").exists()
    assert world.browser("manager").get("/stations/new/").status_code == 403


# ── divisions ──


def test_the_code_list_says_who_owes_a_station_and_has_one(world):
    page = text_of(world.browser("official").get("/divisions/?level=township"))
    rows = {
        name: re.sub("<[^>]+>", " ", row)
        for name, row in re.findall(r"<tr><th[^>]*>.*?>([^<]+)</a></th>(.*?)</tr>", page, re.S)
    }
    assert "有站" in rows["太和镇"]
    assert "还没有" in rows["梁子镇"]
    assert "不要求" in rows["红莲湖旅游度假区"]
    assert "葛店" not in page


def test_the_code_list_of_a_day_before_the_list_is_empty(world):
    assert "太和镇" not in text_of(world.browser("official").get("/divisions/?as_of=2019-12-31&level=township"))
    assert world.browser("official").get("/divisions/?as_of=gestern").status_code == 400
    assert world.browser("official").get("/divisions/?within=421199000000").status_code == 404
