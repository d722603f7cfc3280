"""The sample rosters give what `expected.json` says of them, whatever comes before and after."""

import pytest

from exchange.models import Import
from stations.models import Station
from stations.names import plain_name
from tests.exchange.conftest import EXPECTED, ROSTERS, codes, picture

TEMPLATE, OFFICE, WRONG = EXPECTED
EZHOU, NINGXIA = "420700000000", "640000000000"


@pytest.fixture
def ezhou(published):
    run = published.take(path=ROSTERS / TEMPLATE["file"])
    assert (run.state, run.rows, run.created) == (Import.COMMITTED, 68, 68)
    return published


def test_the_template_makes_its_stations_tier_by_tier(ezhou):
    for tier, name in enumerate(("city", "district", "township", "village"), 1):
        assert Station.objects.filter(tier=tier).count() == TEMPLATE["created"][name]
    planned = Station.objects.filter(status="planned").values_list("division__code", flat=True)
    assert sorted(planned) == TEMPLATE["planned"]
    town = Station.objects.get(name="太和镇社会工作服务站")
    assert town.parent.name == "梁子湖区社会工作服务总站" and str(town.operating_since) == "2021-11-20"


def test_a_file_seen_before_finds_everything_unchanged_and_names_the_earlier_one(ezhou):
    first = Import.objects.get()
    again = ezhou.take(path=ROSTERS / TEMPLATE["file"])
    assert (again.created, again.updated, again.unchanged) == (0, 0, 68)
    assert again.earlier == first and again.event_id != first.event_id


def test_the_offices_workbook_updates_the_27_and_keeps_their_statuses(ezhou):
    before = picture("4207")
    run = ezhou.take(path=ROSTERS / OFFICE["file"], within=EZHOU)
    assert (run.state, run.rows, run.created, run.updated) == (Import.COMMITTED, 27, 0, 27)
    assert run.errors == [] and run.office == "鄂州市民政局" and run.left_out == 5
    assert all(said == computed for *_rest, said, computed in run.checked) and len(run.checked) == 4
    for said in OFFICE["stations"]:
        station = Station.objects.get(division__code=said["division"], tier=3)
        assert plain_name(station.name) == plain_name(said["name"])
        assert str(station.established_on) == said["established"] and station.phone == said["phone"]
        assert (station.manager_name, float(station.floor_area)) == (said["manager"], said["floor_area"])
        assert (station.reported_full_time, station.reported_certified) == (said["full_time"], said["certified"])
    assert (
        sorted(Station.objects.filter(status="planned").values_list("division__code", flat=True)) == TEMPLATE["planned"]
    )
    ezhou.undo(run)
    assert picture("4207") == before


def test_a_preview_writes_nothing(ezhou):
    before = picture("4207")
    run = ezhou.take(path=ROSTERS / OFFICE["file"], within=EZHOU, mode=Import.PREVIEW)
    assert (run.state, run.updated, run.event_id) == (Import.PREVIEWED, 27, None)
    assert picture("4207") == before
    row = run.import_rows.get(number=5)
    assert ("established_on", "2021-11-20", "2022-02-12") in row.triples() and row.label == "太和镇社会工作服务站"


def test_every_wrong_cell_is_found_and_nothing_is_written(published):
    run = published.take(path=ROSTERS / WRONG["file"])
    assert (run.state, run.rows, Station.objects.count()) == (Import.WRONG, WRONG["rows"], WRONG["written"])
    assert codes(run.errors) == [(e["row"], e["column"], e["code"]) for e in WRONG["errors"]]
    assert all(error["message"].endswith("。") and error["sheet"] == "站点花名册" for error in run.errors)
    sentences = {error["row"]: error["message"] for error in run.errors}
    assert sentences[17] == "2022年2月没有30日。" and "640402105000" in sentences[13] and "第 12 行" in sentences[24]


def test_undoing_the_first_roster_leaves_no_station(ezhou):
    ezhou.undo(Import.objects.get())
    assert not Station.objects.exists()
