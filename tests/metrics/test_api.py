"""What programs read: cells with their pedigree, exactly one's own, and the rows behind each of them."""

import json

import pytest

from jobs import actions as jobs
from metrics import declared
from stations import actions as stations
from stations.coverage import coverage
from stations.indicators import INDICATORS
from tests.metrics.conftest import days_ago

CELL = "indicator version place tier period numerator denominator value target status suppressed as_of computed_at state".split()


@pytest.fixture
def api(figures, world):
    figures.roll()

    def get(who, path, status=200, **query):
        answer = world.program(who).get(f"/api/v1/{path}", query)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return get


def test_a_cell_carries_its_pedigree(api, figures, world):
    (row,) = api(
        "city_official", "metrics/", indicator="station_coverage", place=world.city.code, period=figures.month.code
    )["results"]
    assert list(row) == CELL
    assert row["place"] == {"kind": "division", "code": world.city.code, "name": "鄂州市"}
    said = coverage(world.user("city_official"), world.city, "township", days_ago(0))
    assert (row["numerator"], row["denominator"], row["value"]) == (said["covered"], said["eligible"], said["rate"])
    assert row["tier"] == "city"
    assert (row["state"], row["target"], row["status"], row["suppressed"]) == ("draft", None, None, False)
    assert row["as_of"] == days_ago(0).isoformat()


def test_within_lists_the_place_itself_and_every_cell_below(api, figures, world):
    rows = api(
        "city_official", "metrics/", indicator="stations_operating", within=world.home.code, period=figures.month.code
    )["results"]
    codes = {r["place"]["code"] for r in rows}
    assert (
        world.home.code in codes and world.station("太和镇").code in codes and world.divisions["谢埠村"].code in codes
    )
    assert world.city.code not in codes and world.station("鄂州市").code not in codes
    assert {r["value"] for r in rows if r["place"]["code"] == world.home.code} == {"4"}


def test_a_list_pages_through_all_cells_once(api, world):
    whole = api("city_official", "metrics/", within=world.city.code, page_size=1000)["results"]
    client, path, seen = world.program("city_official"), f"/api/v1/metrics/?within={world.city.code}&page_size=7", []
    while path:
        page = client.get(path).json()
        seen += page["results"]
        path = page["next"]
    assert seen == whole and len(seen) > 50


def test_tiers_name_levels_of_divisions_and_tiers_of_stations(api, figures, world):
    rows = api("city_official", "metrics/", within=world.city.code, tier="township", indicator="stations_operating",
               period=figures.month.code)["results"]  # fmt: skip
    assert {r["tier"] for r in rows} == {"township"}
    assert {r["place"]["kind"] for r in rows} == {"division", "station"}


@pytest.mark.parametrize("who", ["agency", "worker", "inspector", "supervisor"])
def test_a_role_without_figures_gets_an_empty_list(api, who):
    assert api(who, "metrics/")["results"] == []


def test_without_a_place_one_reads_the_cells_of_ones_own_places(api, figures, world):
    assert {r["place"]["code"] for r in api("official", "metrics/")["results"]} == {world.home.code}
    assert {r["place"]["code"] for r in api("manager", "metrics/")["results"]} == {world.station("太和镇").code}
    assert {r["place"]["code"] for r in api("superuser", "metrics/")["results"]} == {world.city.code}


def test_out_of_reach_is_404(api, world):
    for name in ("place", "within"):
        api("official", "metrics/", 404, **{name: world.twin.code})
        api("official", "metrics/", 404, **{name: world.city.code})
        api("manager", "metrics/", 404, **{name: world.station("东沟镇").code})
    explain = {"indicator": "station_coverage", "period": "2026"}
    api("official", "metrics/explain/", 404, place=world.sibling.code, **explain)
    api("inspector", "metrics/explain/", 404, place=world.home.code, **explain)


def test_a_manager_reads_his_subtree_and_the_coverage_of_where_he_stands(api, figures, world):
    town = world.station("太和镇")
    rows = api("manager", "metrics/", within=town.division.code, period=figures.month.code)["results"]
    divisions = {r["indicator"] for r in rows if r["place"]["kind"] == "division"}
    assert divisions <= set(declared.hanging_on("division")) and divisions
    assert {r["place"]["code"] for r in rows if r["place"]["kind"] == "station"} == {
        town.code,
        world.station("谢埠村").code,
    }


def test_unknown_parameters_and_values_are_refused(api, world):
    for query in ({"plaec": "x"}, {"tier": "hamlet"}, {"state": "done"}, {"period": "2022-13"}, {"ordering": "value"},
                  {"place": world.home.code, "within": world.home.code}):  # fmt: skip
        api("official", "metrics/", 400, **query)
    assert api("official", "metrics/", indicator="no_such", within=world.home.code)["results"] == []


def test_a_period_that_is_not_rolled_up_is_rolled_up_first(api, world):
    rows = api("official", "metrics/", place=world.home.code, period="2022-Q3", indicator="station_coverage")["results"]
    assert [(r["numerator"], r["denominator"], r["as_of"]) for r in rows] == [(2, 3, "2022-09-30")]
    assert api("official", "metrics/", place=world.home.code, period="2199")["results"] == []


@pytest.mark.parametrize("code", [i.code for i in INDICATORS])
def test_explain_lists_exactly_the_rows_of_every_cell(api, figures, world, code):
    client, indicator = world.program("city_official"), declared.indicators()[code]
    ready = {"site_ready": True, "staff_ready": True, "funds_ready": True}
    stations.update_station(world.user("city_official"), world.station("东沟镇"), **ready)
    stations.move_station(
        world.user("city_official"), world.station("太和镇"), parent=world.station("华容区"), on=days_ago(0)
    )
    figures.refresh()
    cells = [
        row
        for period in (figures.before, figures.month)
        for row in api("city_official", "metrics/", within=world.city.code, indicator=code, period=period.code)[
            "results"
        ]
    ]
    assert cells
    for cell in cells:
        for part in ("numerator", "denominator") if indicator.is_ratio else ("numerator",):
            query = {"indicator": code, "place": cell["place"]["code"], "period": cell["period"], "part": part}
            answer = client.get("/api/v1/metrics/explain/", query).json()
            assert answer["count"] == answer["total"] == len(answer["results"]) == cell[part], (query, answer)
            assert (answer["numerator"], answer["denominator"], answer["value"]) == (
                cell["numerator"], cell["denominator"], cell["value"],
            )  # fmt: skip


def test_a_row_says_what_it_is_and_where(api, figures, world):
    rows = api("official", "metrics/explain/", indicator="station_coverage", place=world.home.code, period=figures.month.code,
               part="numerator")["results"]  # fmt: skip
    assert {"kind", "id", "on", "station", "label", "amount"} == set(rows[0])
    assert {(r["label"], r["station"]) for r in rows} == {
        ("太和镇", world.station("太和镇").code), ("东沟镇", world.station("东沟镇").code)
    }  # fmt: skip


def test_explain_asks_for_exactly_one_cell(api, world):
    for query in ({"indicator": "station_coverage", "period": "2022", "within": world.home.code},
                  {"indicator": "station_coverage", "place": world.home.code},
                  {"place": world.home.code, "period": "2022"},
                  {"indicator": ["station_coverage", "village_coverage"], "place": world.home.code, "period": "2022"},
                  {"indicator": "station_coverage", "place": world.station("太和镇").code, "period": "2022"},
                  {"indicator": "stations_operating", "place": world.home.code, "period": "2022", "part": "denominator"}):  # fmt: skip
        api("official", "metrics/explain/", 400, **query)


def test_a_roll_up_is_asked_for_and_a_second_one_changes_nothing(api, world, django_capture_on_commit_callbacks):
    client = world.program("official")
    for _again in (False, True):
        body = json.dumps({"period": "2022-07", "within": world.home.code})
        made = client.post("/api/v1/rollups/", body, content_type="application/json")
        assert made.status_code == 202, made.content.decode()
        jobs.run(made.json()["id"])
        answer = client.get(f"/api/v1/rollups/{made.json()['id']}/").json()
        assert answer["state"] == "done" and answer["progress"] == 1 and answer["finished"]
    assert answer["changed"] == 0


def test_who_may_not_roll_up(api, world):
    for who, place, status in (
        ("manager", world.station("太和镇").code, 403),
        ("official", world.twin.code, 404),
        ("viewer", world.home.code, 403),
    ):
        body = json.dumps({"period": "2022-07", "within": place})
        assert world.program(who).post("/api/v1/rollups/", body, content_type="application/json").status_code == status
    read = world.program("official", ("metrics:read",))
    body = json.dumps({"period": "2022-07"})
    assert read.post("/api/v1/rollups/", body, content_type="application/json").status_code == 403
    assert world.program("official", ("stations:read",)).get("/api/v1/metrics/").status_code == 403


def test_indicators_say_how_they_are_counted(api):
    rows = {r["code"]: r for r in api("official", "indicators/", page_size=1000)["results"]}
    assert set(rows) == set(declared.indicators())
    assert all(
        r["unit"] and r["numerator"] and r["version"] and (r["kind"] != "ratio" or r["denominator"])
        for r in rows.values()
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_figures_leave_as_tables(api, world, kind):
    client = world.program("official")
    for path in (
        "indicators/",
        f"metrics/?within={world.home.code}",
        f"metrics/?within={world.home.code}&indicator=cases_open",
    ):
        answer = client.get(f"/api/v1/{path}{'&' if '?' in path else '?'}format={kind}")
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
