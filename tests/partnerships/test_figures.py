"""The formulas of dossier §7.4, proved on an invented round; and the units kept apart."""

import datetime as dt

import pytest

from metrics.actions import roll_up
from metrics.explain import parts_of, rows_behind
from metrics.models import Cell
from partnerships import actions, codes
from partnerships.indicators import INDICATORS
from partnerships.progress import actual, by_field, by_period, progress, unpaired
from periods import Period
from periods.indicators import RATIO
from tests.metrics.conftest import figures  # noqa: F401 - the fixture
from tests.partnerships.pairs import LAST, MONDAY

WEEK = dt.timedelta(days=7)
OF = {i.code: i for i in INDICATORS}
MARCH, YEAR = Period.parse("2023-03"), Period.parse("2023")


def value(pairs, code, period=YEAR, place=None):
    indicator, place = OF[code], place or pairs.red
    ((_n, total),) = parts_of(indicator, place, period).values()
    assert sum(r.explained_amount for r in rows_behind(indicator, "numerator", place, period)) == total
    return indicator.part(total)


def test_a_synthetic_round(pairs):
    """Three batches: 3, 3 and 2 people; 林海 in all three. 5, 5 and 10 workdays, and 4 hours online."""
    one = pairs.confirmed()
    pairs.batch(one, "林海", "陈江", "黄河")
    pairs.batch(one, "林海", "陈江", "郑山", on=MONDAY + WEEK)
    pairs.batch(
        one, "林海", {"name": "陈江", "to": MONDAY + 2 * WEEK + dt.timedelta(days=4)}, on=MONDAY + 2 * WEEK, days=12
    )
    pairs.session(
        one, "tutoring", way="online", on=dt.date(2023, 4, 12), minutes=240, tutors=[{"name": "林海"}, {"name": "黄河"}]
    )
    assert value(pairs, "pairing_batches") == 3
    assert value(pairs, "pairing_person_trips") == 8
    assert value(pairs, "pairing_persons") == 4
    assert value(pairs, "pairing_workdays") == 20.5
    assert value(pairs, "pairing_person_workdays") == 15 + 15 + 10 + 5 + 1
    assert actual(pairs.programme, codes.SENDING_AGENCIES, LAST) == 1


def test_the_published_totals_cohere_as_days_of_the_team(pairs):
    """60 batches of 3 people with 18.35 days each: the published > 1100 workdays are the team's, not its members'."""
    one, days = pairs.confirmed(), 0
    for n in range(6):
        span = 26 if n % 2 else 24  # Monday to Friday or Wednesday: 20 or 18 workdays but for holidays
        batch = pairs.batch(one, "林海", "陈江", "黄河", on=dt.date(2023, 6, 26) + n * 4 * WEEK, days=span)
        days += batch.days.count()
    assert value(pairs, "pairing_batches") * 10 == 60 and value(pairs, "pairing_person_trips") * 10 == 180
    assert value(pairs, "pairing_workdays") == days and value(pairs, "pairing_person_workdays") == 3 * days
    assert codes.met(">", 1100, 1101) and not codes.met(">", 1100, 1100)


def test_only_what_the_other_side_confirmed_counts(pairs):
    one = pairs.pairing()
    batch = pairs.batch(one, "林海", sure=False)
    session = pairs.session(one, sure=False)
    for code in OF:
        assert value(pairs, code) == 0
    actions.confirm(pairs.user("north"), batch)
    actions.confirm(pairs.user("north"), session)
    assert value(pairs, "pairing_workdays") == 5 and value(pairs, "pairing_trained_person_times") == 40
    actions.update_batch(pairs.user("sender"), batch, task="带小组")
    assert value(pairs, "pairing_workdays") == 0


def test_attendance_is_no_professional(pairs):
    one = pairs.confirmed()
    pairs.session(one, "training")
    assert value(pairs, "pairing_professionals") == 0
    pairs.outcome(one, "certificate", name="马兰", unit="原州社工中心")
    pairs.outcome(one, "apprenticeship", name="马兰", unit="原州社工中心")
    pairs.outcome(one, "apprenticeship", name="马兰", unit="三营乡社工站")
    assert value(pairs, "pairing_professionals") == 2


def test_only_trainings_are_trained_person_times(pairs):
    one = pairs.confirmed()
    pairs.session(one, "supervision", person_times=3)
    pairs.session(one, "training", way="online", person_times=25)
    assert value(pairs, "pairing_trained_person_times") == 25


def test_online_work_of_one_day_is_one_day_at_most(pairs):
    one = pairs.confirmed()
    for name in ("林海", "陈江", "黄河"):
        pairs.session(one, "tutoring", way="online", minutes=200, tutors=[{"name": name}])
    assert value(pairs, "pairing_workdays") == 1
    pairs.batch(one, "郑山", days=1)
    assert value(pairs, "pairing_workdays") == 1, "the day on site holds what was done online"


def test_a_day_counts_in_its_own_month_a_batch_in_that_of_its_departure(pairs):
    one = pairs.confirmed()
    pairs.batch(one, "林海", on=dt.date(2023, 2, 27), days=5)
    february = Period.parse("2023-02")
    assert value(pairs, "pairing_batches", february) == 1 and value(pairs, "pairing_batches", MARCH) == 0
    assert value(pairs, "pairing_workdays", february) == 2 and value(pairs, "pairing_workdays", MARCH) == 3


def test_figures_roll_up_to_the_province_that_is_helped(pairs):
    one = pairs.confirmed()
    two = pairs.pairing(sender=pairs.second, county=pairs.sea, receiver=None)
    pairs.batch(one, "林海", "陈江")
    pairs.batch(two, "吴岛", who="other")
    roll_up(MARCH)
    found = {
        c.indicator: c.numerator
        for c in Cell.objects.filter(division=pairs.red.province, indicator__startswith="pairing")
    }
    assert found["pairing_batches"] == 2 and found["pairing_persons"] == 3 and found["pairing_workdays"] == 10 * 480
    assert not Cell.objects.filter(division=pairs.place["420000000000"], indicator__startswith="pairing").exists()


def cells(period):
    rows = Cell.objects.filter(run__code=period.code, indicator__startswith="pairing")
    return {(c.indicator, c.division_id): c.numerator for c in rows if c.numerator}


def test_increments_say_what_a_whole_run_says(pairs, figures):  # noqa: F811
    """After entering, confirming, changing, returning and moving a batch, of figures of both counties."""
    one = pairs.confirmed()
    roll_up(MARCH)
    batch = pairs.batch(one, "林海", "陈江", sure=False)
    session = pairs.session(
        one, "tutoring", way="online", on=dt.date(2023, 3, 16), minutes=240, tutors=[{"name": "林海"}]
    )
    pairs.outcome(one, "certificate", name="马兰", unit="原州社工中心")
    deeds = [
        lambda: actions.confirm(pairs.user("north"), batch),
        lambda: actions.update_session(pairs.user("sender"), session, minutes=300),
        lambda: actions.confirm(pairs.user("north"), session),
        lambda: actions.update_batch(pairs.user("sender"), batch, members=[{"name": "黄河"}]),
        lambda: actions.confirm(pairs.user("receiver"), batch),
    ]
    for deed in deeds:
        deed()
        figures.refresh()
        found = cells(MARCH)
        roll_up(MARCH)
        assert found == cells(MARCH)
    assert found[("pairing_workdays", pairs.red.pk)] == 5 * 480 + 300


def test_targets_with_their_comparators(pairs):
    one = pairs.confirmed()
    for n in range(29):
        pairs.outcome(one, "certificate", name=f"学员{n}", unit="原州社工中心")
    line = progress(pairs.programme, LAST)[1]
    assert (line["op"], line["target"], line["actual"], line["met"], line["missing"]) == (">=", 30, 29, False, 1)
    pairs.outcome(one, "certificate", name="学员30", unit="原州社工中心")
    line = progress(pairs.programme, LAST)[1]
    assert line["met"] and line["ratio"] == "1.0000" and line["missing"] == 0


@pytest.mark.parametrize(
    ("op", "actual", "expected"),
    [("=", 5, True), ("=", 4, False), (">=", 5, True), (">", 5, False), (">", 6, True), ("=", None, None)],
)
def test_comparators(op, actual, expected):
    assert codes.met(op, 5, actual) is expected


def test_a_declared_round_invents_no_rows(pairs):
    source = "2022-08-09 报道"
    first = actions.create_programme(
        pairs.root, slug="round-1", name="第一轮", sending=pairs.programme.sending, receiving=pairs.programme.receiving,
        starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2020, 12, 31), rows_kept=False,
        declared=[
            {"metric": "sending_agencies", "op": "=", "value": 10, "source": source},
            {"metric": "pairing_batches", "op": "=", "value": 60, "source": source},
            {"metric": "pairing_person_trips", "op": "=", "value": 180, "source": source},
            {"metric": "pairing_workdays", "op": ">", "value": 1100, "source": source},
        ],
    )  # fmt: skip
    lines = {line["metric"]: line for line in progress(first)}
    assert [lines[m]["declared"]["value"] for m in lines] == [10, 60, 180, 1100]
    assert lines["pairing_workdays"]["declared"] == {"op": ">", "value": 1100, "source": source}
    assert all(line["actual"] is None and line["met"] is None for line in lines.values())


def test_over_time_and_by_field(pairs):
    one = pairs.confirmed()
    pairs.session(one, person_times=40)
    pairs.session(one, person_times=25, on=dt.date(2023, 5, 10))
    rows = by_period(pairs.programme, "pairing_trained_person_times", dt.date(2023, 6, 30))
    assert [(q.code, n, total) for q, n, total in rows][-2:] == [("2022-H2", 0, 0), ("2023-H1", 65, 65)]
    deed = actions.create_activity(
        pairs.user("south"),
        programme=pairs.programme,
        field="teachers",
        title="师资互访",
        on=MONDAY,
        way="onsite",
        person_times=12,
    )
    assert sum(f["activities"] for f in by_field(pairs.programme)) == 0
    actions.confirm(pairs.user("north"), deed)
    assert [f["person_times"] for f in by_field(pairs.programme)] == [0, 0, 0, 12, 0, 0]


def test_what_is_still_to_be_paired(pairs):
    pairs.pairing()
    agencies, counties = unpaired(pairs.programme)
    assert agencies == [pairs.second] and counties == [pairs.sea]


def test_no_pairing_figure_is_a_ratio():
    assert len(OF) == 9 and all(i.kind != RATIO and i.hangs_on == "division" for i in INDICATORS)
