"""What people see: the board, one figure with its rows, the definitions, who owes a station; and who may not."""

import re

import pytest

from stations import actions as stations
from tests.budgets import within_budget
from tests.casework.caseload import Caseload
from tests.metrics.conftest import days_ago
from tests.workforce.staff import Staff


@pytest.fixture
def page(figures, world):
    figures.roll()

    def get(who, path, status=200):
        answer = world.browser(who).get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer

    return get


def paths(world):
    home = world.home.code
    return [
        f"/dashboard/{home}/", f"/dashboard/{world.divisions['太和镇'].code}/", f"/metrics/?within={home}", f"/coverage/?within={home}",
        f"/metrics/station_coverage/?within={home}", f"/metrics/stations_operating/?within={home}&rows=in",
        f"/metrics/stations_two_workers_rate/?within={home}&rows=out", f"/coverage/?within={home}&level=village&show=out",
    ]  # fmt: skip


def test_every_page_opens_in_few_queries_and_few_bytes(page, world, django_assert_max_num_queries):
    for path in paths(world):
        browser = world.browser("official")
        browser.get(path)
        with django_assert_max_num_queries(12):
            answer = browser.get(path)
        assert answer.status_code == 200 and len(answer.content) < 60_000, path


def test_the_board_says_how_many_and_which_not(page, world):
    text = page("official", f"/dashboard/{world.home.code}/").content.decode()
    assert "67" in text and "<b>2</b> / 3" in text
    assert "梁子镇" in text and world.station("梁子镇").code in text


def test_the_board_follows_an_opening_and_last_month_stays(page, figures, world):
    stations.open_station(world.user("official"), world.station("梁子镇"), on=days_ago(0))
    figures.refresh()
    assert "<b>3</b> / 3" in page("official", f"/dashboard/{world.home.code}/").content.decode()
    last = page("official", f"/dashboard/{world.home.code}/?period={figures.before.code}").content.decode()
    assert "<b>2</b> / 3" in last


def test_a_figure_opens_into_its_rows(page, world):
    text = page("official", f"/metrics/station_coverage/?within={world.home.code}&rows=in").content.decode()
    assert "太和镇" in text and "东沟镇" in text and world.station("东沟镇").code in text
    out = page("official", f"/metrics/station_coverage/?within={world.home.code}&rows=out").content.decode()
    assert '<th scope="row">梁子镇' in out or "梁子镇" in out


def test_a_station_has_its_figures_too(page, world):
    town = world.station("太和镇").code
    assert page("manager", f"/dashboard/{town}/").context["place"]["code"] == town
    shown = page("manager", f"/metrics/stations_operating/?within={town}")
    assert shown.context["cell"]["value"] == 2
    assert (
        page("manager", f"/metrics/station_coverage/?within={town}").context["place"]["code"]
        == world.divisions["太和镇"].code
    )


def test_what_lies_elsewhere_is_not_there(page, world):
    for path in paths(world):
        page("twin_official", path, 404)
        page(None, path, 302)


def test_rows_and_boards_are_for_those_who_read_figures(page, world):
    for who in ("worker", "inspector", "supervisor"):
        page(who, f"/dashboard/{world.divisions['太和镇'].code}/", 403)
        page(who, "/metrics/station_coverage/", 403)
        text = page(who, "/metrics/").content.decode()
        assert "社工站覆盖率" in text and "/dashboard/" not in text
    assert "社工站覆盖率" in page("agency", "/metrics/").content.decode()


def test_nothing_of_the_sibling_or_the_twin_is_on_a_page(page, world):
    for path in paths(world):
        text = page("official", path).content.decode()
        assert not [mark for mark in ("华容", "葛店", "白浒", "鸑鷟", "鸾栖") if mark in text], path


def test_a_period_before_the_list_has_no_rate_and_says_why(page, world):
    text = page("official", f"/metrics/station_coverage/?within={world.home.code}&period=2019").content.decode()
    assert "还没有应建站名单" in text


@pytest.mark.parametrize("query", ["period=2022-13", "period=x", "level=planet", "within=999999999999"])
def test_a_wrong_query_is_told_not_a_crash(page, query):
    assert page("official", f"/coverage/?{query}", 404 if "within" in query else 400)


def test_no_link_of_a_board_leads_nowhere(page, world):
    """Of every role that sees a board, at its own place and one tier down."""
    boards = {"official": world.home.code, "viewer": world.home.code, "city_official": world.city.code,
              "manager": world.station("太和镇").code, "superuser": world.city.code}  # fmt: skip
    for who, code in boards.items():
        for start in {f"/dashboard/{code}/", f"/dashboard/{code.split('-')[0]}/", "/metrics/"}:
            text = page(who, start).content.decode()
            for link in set(re.findall(r'href="(/(?:dashboard|metrics|coverage)/[^"#]*)', text)):
                page(who, link.replace("&amp;", "&"))


@pytest.fixture
def work(world):
    """A case, late at intake, another one closed, and a training with one person who came: all at 太和镇."""
    staff, load = Staff(world), Caseload(world)
    staff.came(staff.training("防走失", days_ago=1), load.workers["worker"])
    late = load.intake(load.case(opened=60))
    load.to("closed")
    return late.case


def test_cases_and_trainings_stand_beside_the_headline_and_open_into_their_rows(work, figures, world):
    figures.roll()
    official = world.browser("official")
    answer = official.get(f"/dashboard/{world.home.code}/")
    shown = {str(fact["label"]): fact for fact in answer.context["work"]}
    assert {label: fact["value"] for label, fact in shown.items() if label in ("在案", "结案", "逾期个案")} == {
        "在案": "1", "结案": "1", "逾期个案": "1",
    }  # fmt: skip
    assert [str(label) for label in shown] == [
        "在案",
        "逾期个案",
        "结案",
        "培训场次",
        "培训人次",
        "培训人数",
        "培训学时",
    ]
    rows = official.get(shown["在案"]["url"]).content.decode()
    assert f'href="/cases/{work.number}/"' in rows and "王德福" not in rows
    assert 'href="/trainings/t' in official.get(shown["培训场次"]["url"]).content.decode()
    assert "/cases/" not in world.browser("viewer").get(shown["在案"]["url"]).content.decode()


def test_the_board_with_its_work_keeps_its_budget(work, figures, world):
    figures.roll()
    within_budget(world.browser("official"), "board", f"/dashboard/{world.home.code}/")
