"""Every declared figure of every room at every tier: the cell is what its rows say, and what must count nowhere does not."""

import pytest

from casework import actions
from casework import indicators as casework
from casework.indicators import overdue
from metrics import explain
from metrics.declared import indicators
from metrics.models import Cell
from periods import Period, today
from periods.indicators import DISTINCT
from stations import indicators as stations
from stations.models import Division, Station
from tests.casework.caseload import HERE, Caseload, ago
from tests.metrics.conftest import days_ago
from tests.workforce.staff import Staff
from workforce import actions as jobs
from workforce import indicators as workforce

MONTH, YEAR = Period.month_of(today()), Period.of("year", today())


@pytest.fixture
def busy(figures):
    """Trainings of two districts with persons who were at several, and cases of three stations at every stage."""
    trainings(Staff(figures.world))
    figures.load = Caseload(figures.world)
    cases(figures.load)
    return figures


def trainings(staff):
    """§7.3 with one person more, who works in two districts, and a guest who came to both."""
    a, b, c = (staff.worker(name, qualification=1, certified_on=days_ago(900)) for name in "甲乙丙")
    both = staff.worker(
        "丁", full_time=False, registered_until=days_ago(-300), qualification=2, certified_on=days_ago(800)
    )
    jobs.add_assignment(staff.by, both, station=staff.station("葛店镇"), full_time=False, starts_on=days_ago(900))
    first, second = staff.training("一", minutes=1080, days_ago=2), staff.training("二", minutes=360, days_ago=1)
    next_door = staff.training("三", at="葛店镇", days_ago=1, ce_eligible=True)
    staff.came(first, a, b, ("赵村长", "谢埠村")), staff.came(second, a, both), staff.came(second, c, minutes=180)
    staff.came(next_door, both, a, ("赵村长", "谢埠村"))


def cases(load):
    done = load.to("closed")
    load.write(done, "filing", {"filed_on": ago(0)})
    for stage in ("assessment", "intervention", "evaluation"):
        load.to(stage)
    taken = {
        "received_on": ago(60),
        "source": "outreach",
        "presenting_problem": "独居",
        "decision": "accept",
        "decision_reason": "属服务范围",
    }
    for who in ("sibling_worker", "twin_worker"):
        load.write(load.case(who=who), "intake", taken, who)
    load.intake(load.case(), decision="decline", decision_reason="外地")
    referred = load.case()
    load.intake(referred, decision="refer", decision_reason="精神科")
    troubled = load.to("intervention")
    lift = {"action": "lift", "at": f"{ago(6)}T09:00:00+08:00", "reason": "已平稳"}
    for who, body in (("worker", raised(9)), ("supervisor", lift), ("worker", raised(4))):
        actions.record_crisis(load.user(who), troubled, body)
    load.contact(troubled, days=1, minutes=25)
    load.close(load.to("assessment"), "07")


def raised(days):
    """A crisis found so many days ago."""
    at = f"{ago(days)}T09:00:00+08:00"
    return {
        "action": "raise",
        "found_at": at,
        "kinds": ["self_harm"],
        "level": "red",
        "measures": "陪护",
        "reported_to": [],
    }


def places():
    return [*Division.objects.select_related("province", "city", "district", "township"), *Station.objects.all()]


def test_every_cell_of_every_figure_is_what_its_rows_say(busy):
    busy.roll(MONTH, YEAR)
    filled = set()
    for period in (MONTH, YEAR):
        for place in places():
            for code, indicator in indicators().items():
                cell = dict(zip(("numerator", "denominator"), busy.cell(code, place, period), strict=True))
                for part, (rows, total) in explain.parts_of(indicator, place, period).items():
                    assert total == cell[part], (code, part, place, period)
                    if rows:
                        found = list(explain.rows_behind(indicator, part, place, period))
                        assert (len(found), sum(r.explained_amount for r in found)) == (rows, total), (
                            code,
                            part,
                            place,
                        )
                        filled.add(code)
    declared = {i.code for room in (stations, workforce, casework) for i in room.INDICATORS}
    assert declared - filled <= {"filing_complete_rate", "stations_three_in_place"}


def test_persons_are_counted_anew_at_every_tier(busy):
    """Who works, learns or is in danger in two places below counts once above: at no tier is it the sum of those below."""
    busy.roll(YEAR)
    world = busy.world
    tiers = [world.station(HERE), world.home, world.sibling, world.city, world.city.province]
    read = {
        code: [busy.cell(code, place, YEAR)[0] for place in tiers]
        for code, i in indicators().items()
        if i.kind == DISTINCT
    }
    workers = read["workers"]
    assert workers[3] == workers[1] + workers[2] - 1
    assert read["training_persons"] == [5, 5, 1, 5, 5]
    assert read["crisis_cases"] == [1, 1, 0, 1, 1]
    assert [busy.cell("training_person_times", place, YEAR)[0] for place in tiers[:4]] == [8, 8, 1, 9]


def test_a_file_made_twice_counts_nowhere(busy):
    """Closure code 12: whatever was written in it, no figure but the client's file knows of it (contract §5)."""
    busy.roll(MONTH, YEAR)
    before = everything()
    load = busy.load
    double = load.to("intervention")
    load.contact(double, days=1)
    actions.record_crisis(load.user(), double, raised(3))
    busy.roll(MONTH, YEAR)
    assert everything() != before
    load.close(double, "12", days=1), load.advance(double, "closed")
    load.write(double, "filing", {"filed_on": ago(0)})
    busy.roll(MONTH, YEAR)
    assert everything() == before


def everything():
    rows = Cell.objects.exclude(indicator="clients_filed")
    return set(rows.values_list("run__code", "indicator", "division", "station", "numerator", "denominator"))


def test_overdue_is_past_its_day_and_ends_on_the_day_of_the_event_or_of_closing(figures):
    """Accepted, not closed on the day, a deadline whose day is past and whose closing event is not dated by then (§6)."""
    load = Caseload(figures.world)
    case = load.case(opened=60)

    def counted(days):
        return overdue(None, days_ago(days)).filter(pk=case.pk).exists()

    assert not any(counted(days) for days in range(61))  # the intake is overdue, but nothing was accepted yet
    load.intake(case)
    due = (today() - case.due_items.get(code="assessment").due_on).days
    assert [counted(days) for days in (due, due - 1, 0)] == [False, True, True]
    case = load.advance(case, "assessment")
    load.assess(case, days=10)
    assert [counted(days) for days in (due, due - 1, 11, 10)] == [False, True, True, False]
    load.close(case, "03", days=0), load.advance(case, "closed")
    assert [counted(days) for days in (11, 0)] == [True, False]
