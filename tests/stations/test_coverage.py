"""Coverage (dossier §7.1): units that owe a station and have one, as of a day, as far as one sees."""

import datetime as dt

import pytest

from accounts.changes import change
from stations import planting, tree
from stations.actions import close_station, create_station, open_station, suspend_station
from stations.coverage import coverage
from stations.models import Division, Station
from stations.releases import Row, declare_unit, take_over
from tests.factories import HOME_CODE, LIST_FROM, SINCE


def covered(world, user="superuser", place="home", level="township", on=SINCE):
    return coverage(world.user(user), getattr(world, place), level, on)


def district_of(units, stations):
    """A district with so many townships, of which so many have an operating station."""
    code = "429906000000"
    rows = [Row(2, "429900000000", "市", 2, ""), Row(3, code, "县", 3, "429900000000")]
    rows += [Row(n, f"429906{n:06d}", f"第{n}镇", 4, code) for n in range(1000, 1000 + units)]
    take_over(None, rows, LIST_FROM)
    with change(None, "test"):
        towns = Division.objects.filter(level=4, district__code=code).order_by("pk")
        made = [Station(name=f"{t}社工站", tier=3, division=t, status="operating") for t in towns[:stations]]
        tree.lock(*{s.division.lock_id for s in made})
        planting.plant(made, dict.fromkeys(range(len(made)), SINCE))
    return Division.objects.get(code=code)


@pytest.mark.parametrize(
    ("met", "units", "rate", "percent"),
    [
        (25, 27, "0.9259", 92.6), (24, 27, "0.8889", 88.9), (27, 27, "1.0000", 100.0), (25, 28, "0.8929", 89.3),
        (0, 27, "0.0000", 0.0), (1, 3, "0.3333", 33.3), (2, 3, "0.6667", 66.7),
    ],
)  # fmt: skip
def test_rates_as_the_dossier_has_them(world, met, units, rate, percent):
    district = district_of(units, met)
    answer = coverage(world.users["superuser"], district, "township", SINCE)
    assert (answer["eligible"], answer["covered"], answer["rate"], answer["percent"]) == (units, met, rate, percent)
    assert len(answer["uncovered"]) == units - met


def test_a_whole_province(world):
    answer = coverage(world.users["superuser"], district_of(1825, 1739), "township", SINCE)
    assert (answer["eligible"], answer["covered"], answer["rate"], answer["percent"]) == (1825, 1739, "0.9529", 95.3)


def test_two_stations_in_one_township_cover_it_once(world):
    before = covered(world)
    create_station(
        world.users["official"],
        name="太和镇第二社工站",
        tier=3,
        division=world.divisions["太和镇"],
        status="operating",
        on=SINCE,
    )
    assert covered(world) == before


def test_the_answer_names_who_is_missing(world):
    answer = covered(world)
    assert (answer["within"], answer["level"], answer["as_of"]) == (HOME_CODE, "township", SINCE.isoformat())
    assert (answer["eligible"], answer["covered"]) == (3, 2)
    assert answer["uncovered"] == [{"code": "420702102000", "name": "梁子镇"}]
    assert "reason" not in answer


def test_planned_suspended_and_closed_stations_cover_nothing_and_from_their_day_on(world):
    user, day = world.users["official"], SINCE + dt.timedelta(days=50)
    before = day - dt.timedelta(days=1)
    suspend_station(user, world.fresh("太和镇"), on=day)
    assert (covered(world, on=before)["covered"], covered(world, on=day)["covered"]) == (2, 1)
    close_station(user, world.fresh("东沟镇"), on=day)
    assert (covered(world, on=before)["covered"], covered(world, on=day)["covered"]) == (2, 0)
    open_station(user, world.fresh("梁子镇"), on=day)
    assert (covered(world, on=before)["covered"], covered(world, on=day)["covered"]) == (2, 1)


def test_a_station_of_another_tier_covers_no_township(world):
    create_station(
        world.users["official"],
        name="茅圻村室",
        tier=4,
        division=world.divisions["茅圻村"],
        status="operating",
        on=SINCE,
    )
    close_station(world.users["official"], world.fresh("东沟镇"), on=SINCE)
    assert covered(world)["covered"] == 1


@pytest.mark.parametrize(("level", "eligible", "met"), [("district", 1, 1), ("township", 3, 2), ("village", 3, 1)])
def test_every_level_counts_its_own_units(world, level, eligible, met):
    answer = covered(world, level=level)
    assert (answer["eligible"], answer["covered"]) == (eligible, met)


def test_nothing_eligible_has_no_rate_and_before_the_first_list_that_is_said(world):
    nothing = covered(world, level="city")
    assert (nothing["eligible"], nothing["rate"], nothing["percent"], nothing.get("reason")) == (0, None, None, None)
    early = covered(world, on=LIST_FROM - dt.timedelta(days=1))
    assert (early["eligible"], early["rate"], early["reason"]) == (0, None, "no_list")


def test_who_owes_is_as_of_the_day(world):
    day = SINCE + dt.timedelta(days=100)
    with change(None, "test"):
        declare_unit(world.divisions["梁子镇"], False, day, "鄂民3号")
        declare_unit(world.divisions["红莲湖旅游度假区"], True, day, "鄂民3号")
    assert {u["name"] for u in covered(world, on=day)["uncovered"]} == {"红莲湖旅游度假区"}
    assert {u["name"] for u in covered(world, on=day - dt.timedelta(days=1))["uncovered"]} == {"梁子镇"}


@pytest.mark.parametrize(
    ("who", "eligible"), [("city_official", 6), ("official", 3), ("worker", 1), ("agency", 0), ("twin_official", 0)]
)
def test_one_counts_what_one_sees(world, who, eligible):
    assert covered(world, who, place="city")["eligible"] == eligible


def test_covered_never_exceeds_eligible(world):
    """Units are counted, so a station where nobody owes one raises nothing."""
    create_station(
        world.users["official"],
        name="红莲湖社工站",
        tier=3,
        division=world.divisions["红莲湖旅游度假区"],
        status="operating",
        on=SINCE,
    )
    answer = covered(world)
    assert (answer["eligible"], answer["covered"]) == (3, 2)
