"""The first journey: the headline opens into its units, a roster comes in and goes back, a station opens, programs read the same."""

import re
import time
from pathlib import Path

import pytest

from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.e2e
ROSTER = Path(__file__).resolve().parents[1] / "exchange/rosters/ezhou-county-office.xlsx"
CITY, PLANNED = "420700000000", "420704108000-1"
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])


@SIZES
def test_the_headline_says_25_of_27_and_opens_into_its_units(person, size):
    official = person("official", size)
    assert "93%" in official.text().replace(" ", "")
    assert re.search(r"25\s*/\s*27", official.text())
    assert official.barriers() == []
    official.page.click("a[href*='/metrics/station_coverage/']")
    official.page.wait_for_load_state()
    assert official.barriers() == []
    seen = _codes_of_rows(official)
    assert len(seen) == 25
    official.go(f"/coverage/?within={CITY}")
    assert "葛店开发区" in official.text()
    assert "长港镇" in official.text()
    assert official.barriers() == []


@SIZES
def test_a_county_roster_is_shown_written_and_taken_back(person, site, size):
    official = person("official", size)
    before = site.stations()
    official.go("/imports/")
    assert official.barriers() == []
    official.page.set_input_files("input[type=file]", ROSTER)
    official.page.select_option("select[name=within]", CITY)
    official.page.click("main form[enctype] button[type=submit]")
    _until(official, lambda: official.page.query_selector("main form[action*='commit'] button") is not None)
    said = official.text()
    assert "27" in said
    assert "表头在第 3–4 行" in said, "the header that was found"
    assert "驻站社工" in official.page.inner_html("main"), "the columns that were found"
    assert site.stations() == before, "a preview writes nothing"
    assert official.barriers() == []
    official.page.click("main form[action*='commit'] button")
    _until(official, lambda: official.page.query_selector("main form[action*='undo'] button") is not None)
    after = site.stations()
    assert after.keys() == before.keys()
    assert sum(after[code] != before[code] for code in after) == 27
    coverage = site.get(f"coverage/?within={CITY}&level=township")
    assert (coverage["covered"], coverage["eligible"]) == (25, 27)
    assert official.barriers() == []
    official.page.click("main form[action*='undo'] button")
    _until(official, lambda: site.stations() == before)


def test_a_planned_station_opens_and_the_figures_follow_within_a_minute(person, site):
    official = person("official", DESK)
    last_month = _last_month()
    cell = f"metrics/?indicator=station_coverage&place={CITY}&period={last_month}"
    old = site.get(cell)["results"][0]
    official.go(f"/stations/{PLANNED}/")
    assert official.barriers() == []
    official.go(f"/stations/{PLANNED}/change/?do=open")
    assert official.barriers() == []
    official.page.click("button[value=preview]")
    official.page.wait_for_selector("#effects >> text=26")
    official.page.click("button[value=do]")
    official.page.wait_for_url(f"**/stations/{PLANNED}/**")
    begun = time.monotonic()
    _until(official.go("/"), lambda: re.search(r"26\s*/\s*27", official.go("/").text()), seconds=60)
    assert time.monotonic() - begun < 75
    new = site.get(cell)["results"][0]
    assert {k: new[k] for k in ("numerator", "denominator", "value")} == {
        k: old[k] for k in ("numerator", "denominator", "value")
    }
    assert official.barriers() == []
    for path in _figures_of(official):
        official.go(path)
        assert official.barriers() == [], path


def test_a_province_reads_the_same_figures_with_a_key(site):
    key = site.manage(
        "create_api_key",
        "省厅看板",
        "--at",
        "420000000000",
        "--role",
        "viewer",
        "--scopes",
        "metrics:read,stations:read",
    ).split()[-1]
    coverage = site.get(f"coverage/?within={CITY}&level=township", key)
    month = time.strftime("%Y-%m", time.gmtime(time.time() + 8 * 3600))
    cell = site.get(f"metrics/?indicator=station_coverage&place={CITY}&period={month}", key)["results"][0]
    assert (cell["numerator"], cell["denominator"]) == (coverage["covered"], coverage["eligible"])
    assert cell["value"] == coverage["rate"]
    rows = site.get(f"metrics/explain/?indicator=station_coverage&place={CITY}&period={month}&part=denominator", key)
    assert rows["count"] == len(rows["results"]) == 27


@SIZES
def test_tree_search_and_account_can_be_used_by_everybody(person, size):
    official = person("official", size)
    for path in (
        "/stations/",
        "/stations/?q=thz",
        "/search/?q=thz",
        "/divisions/",
        "/metrics/",
        "/inbox/",
        "/account/",
        "/people/",
    ):
        official.go(path)
        assert official.barriers() == [], path
        if "thz" in path:
            assert "太和镇" in official.text()


def _codes_of_rows(person):
    """The distinct units that the figure's page lists, over all its pages."""
    seen = set()
    while True:
        seen |= set(re.findall(r"/stations/(\d{12}-\d+)/", person.page.inner_html("main")))
        following = person.page.query_selector("main .pager a[rel=next]")
        if following is None:
            return {code for code in seen if code.split("-")[0].endswith("000")}
        following.click()
        person.page.wait_for_load_state()


def _figures_of(person):
    """Addresses of the figures that the board links to."""
    links = person.page.eval_on_selector_all("main a[href^='/metrics/']", "all => all.map(a => a.getAttribute('href'))")
    return list(dict.fromkeys(links))[:8]


def _until(person, true, seconds=60):
    """Wait for something to become true; the page may be reloading itself meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, person.text()[:600]
        person.page.wait_for_timeout(500)


def _last_month():
    now = time.gmtime(time.time() + 8 * 3600)
    year, month = (now.tm_year, now.tm_mon - 1) if now.tm_mon > 1 else (now.tm_year - 1, 12)
    return f"{year}-{month:02d}"
