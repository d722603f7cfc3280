"""The desk: home by role, the rooms each role sees, search, the inbox, the page of a job."""

import re

import pytest
from django.utils import timezone

from accounts.changes import change
from jobs.models import Job
from stations.models import Station
from tests.budgets import within_budget

ROLES = ["official", "manager", "supervisor", "worker", "inspector", "viewer", "agency", "superuser"]
ROOMS = {
    "official": {"/stations/", "/imports/", "/admin/"}, "manager": {"/stations/", "/imports/", "/people/"},
    "supervisor": {"/stations/"}, "worker": {"/stations/"}, "inspector": {"/stations/"}, "viewer": {"/stations/"},
    "agency": {"/agency/"}, "superuser": {"/stations/", "/imports/", "/admin/"},
}  # fmt: skip


def text_of(answer):
    return answer.content.decode()


def links(page):
    return [x.replace("&amp;", "&") for x in re.findall(r'<a [^>]*href="(/[^"#]*)', page)]


@pytest.mark.parametrize("who", ROLES)
def test_every_link_that_a_role_reaches_answers(world, who):
    browser, seen, todo, shapes = world.browser(who), {}, ["/"], {}
    while todo and len(seen) < 60:
        path = todo.pop(0)
        answer = browser.get(path)
        seen[path] = answer.status_code
        if "text/html" not in answer.get("Content-Type", "text/html"):
            continue
        for link in links(text_of(answer)) if answer.status_code == 200 else ():
            shape = re.sub(r"\d[\d-]*", "#", re.sub(r"=[^&]*", "=", link))
            if link in seen or link in todo or re.search("logout|format=|/api/", link) or shapes.get(shape, 0) > 1:
                continue
            shapes[shape] = shapes.get(shape, 0) + 1
            todo.append(link)
    assert len(seen) >= 4
    assert not {path: status for path, status in seen.items() if status >= 400}


@pytest.mark.parametrize("who", ROLES)
def test_the_sidebar_shows_only_rooms_the_role_may_enter(world, who):
    page = text_of(world.browser(who).get("/"))
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    rooms = {"/stations/", "/imports/", "/admin/", "/people/", "/agency/"} & set(links(side))
    assert rooms == ROOMS[who]


@pytest.mark.parametrize("who", ROLES)
def test_home_says_what_there_is_for_the_role(world, who):
    page = text_of(world.browser(who).get("/"))
    if who in ("official", "viewer", "superuser"):
        assert "社工站覆盖率" in page
    elif who in ("manager", "supervisor", "worker"):
        assert "我的站" in page
    else:
        assert "从这里进" in page
    assert not re.search("TWIN|SIBLING|鸾栖" if who != "superuser" else "x^", page)


def test_homes_keep_their_budget(world):
    world.browser("city_official").get("/")  # a period that nobody has rolled up yet is rolled up on its first page
    within_budget(world.browser("city_official"), "home_official", "/")
    within_budget(world.browser("worker"), "home_worker", "/")


def test_a_period_that_is_none_is_said(world):
    assert world.browser("official").get("/?period=2022-13").status_code == 400
    assert world.browser("official").get("/?period=2022-08").status_code == 200


def test_a_manager_is_told_what_his_station_lacks(world):
    with change(None, "test"):
        Station.objects.filter(pk=world.station("太和镇").pk).update(phone="")
    assert "补齐本站资料" in text_of(world.browser("manager").get("/"))
    assert "补齐本站资料" not in text_of(world.browser("worker").get("/"))


# ── search ──


@pytest.mark.parametrize("typed", ["太和", "thz", "taihe", "420702100000", "420702100000-1"])
def test_search_finds_stations_and_divisions(world, typed):
    page = re.sub("</?mark>", "", text_of(world.browser("official").get("/search/", {"q": typed})))
    assert "太和镇社会工作服务站" in page
    assert world.station("太和镇").code in page


@pytest.mark.parametrize("typed", ["葛店", "gdz", "鸾栖", "420703101000", ""])
def test_search_finds_nothing_out_of_reach(world, typed):
    page = text_of(world.browser("official").get("/search/", {"q": typed}))
    assert '<ul class="todo">' not in page
    assert '<ul class="todo">' not in text_of(world.browser("agency").get("/search/", {"q": typed}))


def test_search_keeps_its_budget(world):
    within_budget(world.browser("city_official"), "search", "/search/?q=zhen")


# ── work that takes long ──


def job(world, who="official", **fields):
    return Job.objects.create(kind="exchange.write", user=world.users[who], **fields)


def test_a_job_page_renews_itself_until_it_ends(world):
    running = job(world, state="running", done=10, total=40, started_at=timezone.now())
    browser = world.browser("official")
    page = text_of(browser.get(f"/jobs/{running.pk}/"))
    assert "hx-trigger" in page[page.index('id="job"') :]
    assert "再看一眼" in page  # the way without script
    fragment = text_of(browser.get(f"/jobs/{running.pk}/", headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<section class="panel" id="job"')
    Job.objects.filter(pk=running.pk).update(
        state="done", finished_at=timezone.now(), result={"rows": 27, "updated": 27}, url="/imports/1/"
    )
    page = text_of(browser.get(f"/jobs/{running.pk}/"))
    assert "hx-trigger" not in page[page.index('id="job"') : page.index("</main>")]
    assert "27" in page and "/imports/1/" in page


def test_a_job_is_its_owners(world):
    other = job(world, "twin_official")
    assert world.browser("official").get(f"/jobs/{other.pk}/").status_code == 404
    assert world.browser("superuser").get(f"/jobs/{other.pk}/").status_code == 200


def test_the_inbox_lists_what_ended_and_marks_it_seen(world):
    ended = job(world, state="done", finished_at=timezone.now(), message="已写入 27 行")
    job(world, "twin_official", state="failed", finished_at=timezone.now(), message="TWIN")
    browser = world.browser("official")
    page = text_of(browser.get("/inbox/"))
    assert "已写入 27 行" in page and "is-unread" in page and "TWIN" not in page
    assert "is-unread" not in text_of(browser.get("/inbox/"))
    ended.refresh_from_db()
    assert ended.seen_at is not None


def test_ones_own_agency_and_no_other(world):
    page = text_of(world.browser("agency").get("/agency/"))
    assert "益民" in page and "凤鸣" not in page
    assert world.browser("official").get("/agency/").status_code == 404


# ── the frame ──


@pytest.mark.parametrize(
    ("who", "path", "room"),
    [
        ("manager", "/trainings/", "/workers/"), ("manager", "/clients/", "/cases/"), ("worker", "/todo/", "/cases/"),
        ("supervisor", "/approvals/", "/cases/"), ("supervisor", "/caseload/", "/cases/"), ("worker", "/log/", "/cases/"),
        ("official", "/divisions/", "/stations/"), ("official", "/coverage/", "/metrics/"), ("official", "/", "/"),
    ],
)  # fmt: skip
def test_every_page_belongs_to_a_room(world, who, path, room):
    page = text_of(world.browser(who).get(path))
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', side) == [room]


@pytest.mark.parametrize(
    ("who", "bar"),
    [
        ("worker", ["/", "/cases/", "/log/", "/stations/"]), ("supervisor", ["/", "/cases/", "/approvals/", "/stations/"]),
        ("official", ["/", "/stations/", "/workers/", "/cases/"]), ("viewer", ["/", "/stations/"]),
    ],
)  # fmt: skip
def test_the_bar_under_the_thumb_has_the_work_done_most_in_its_middle(world, who, bar):
    page = text_of(world.browser(who).get("/"))
    tabbar = page[page.index('<nav class="tabbar"') :]
    assert links(tabbar[: tabbar.index("</nav>")])[:-1][: len(bar)] == bar
    assert ('class="is-add"' in tabbar) == (who in ("worker", "supervisor"))
