"""The room's figures at every tier (dossier §7.2, §7.3): rolled up whole, and followed write by write to the same cells."""

import datetime as dt

import pytest

from metrics import explain
from metrics.declared import indicators
from periods import Period
from tests.metrics.conftest import figures  # noqa: F401 — the fixture
from tests.workforce.staff import HERE, NEXT_DOOR, Staff, ago
from workforce import actions
from workforce.models import Attendance

DAY = ago(0).replace(day=1) - dt.timedelta(days=1)  # the last day of the month before: past, and its month is whole
MONTH = Period.month_of(DAY)
TRAINING = ("training_sessions", "training_person_times", "training_persons", "training_hours")
NONE = dict.fromkeys(TRAINING, 0)


@pytest.fixture
def staff(figures):  # noqa: F811
    return Staff(figures.world)


def read(figures, place, *codes):  # noqa: F811
    """{code: the figure as it is shown} of the month."""
    return {code: indicators()[code].part(figures.cell(code, place, MONTH)[0]) for code in codes or TRAINING}


def dossier(staff):
    """§7.3: a training of 18 hours and one of 6; A at both, B at the first, C for half of the second."""
    a, b, c = (staff.worker(name) for name in "甲乙丙")
    first = staff.training("一", minutes=18 * 60, starts_on=DAY - dt.timedelta(days=2), ends_on=DAY)
    second = staff.training("二", minutes=6 * 60, starts_on=DAY, ends_on=DAY)
    staff.came(first, a, b), staff.came(second, a), staff.came(second, c, minutes=180)
    return a, b, c


def tiers(world):
    """Station, hub, city's centre; township, district, city, province."""
    stations = [world.station(name) for name in (HERE, "梁子湖区", "鄂州市")]
    return [*stations, world.divisions["太和镇"], world.home, world.city, world.city.province]


def test_two_sessions_four_person_times_three_persons_forty_five_hours_at_every_tier(staff, figures):  # noqa: F811
    dossier(staff)
    figures.roll(MONTH)
    for place in tiers(staff.world):
        assert read(figures, place) == dict(zip(TRAINING, (2, 4, 3, 45), strict=True)), place
        hours, persons = figures.cell("training_hours_per_worker", place, MONTH)
        assert indicators()["training_hours_per_worker"].text(hours, persons) == "15.0000", place
    for place in (staff.world.sibling, staff.world.twin, staff.world.station("东沟镇")):
        assert read(figures, place) == NONE


def test_persons_are_never_sums_over_places(staff, figures):  # noqa: F811
    """One person at trainings of two districts counts once in their city; a guest of one name and unit as well."""
    for at in (HERE, "东沟镇", NEXT_DOOR):
        staff.came(staff.training(at=at, starts_on=DAY, ends_on=DAY), ("赵村长", "谢埠村"))
    figures.roll(MONTH)
    city, home = staff.world.city, staff.world.home
    assert (read(figures, city)["training_persons"], read(figures, city)["training_person_times"]) == (1, 3)
    assert (read(figures, home)["training_persons"], read(figures, home)["training_person_times"]) == (1, 2)
    assert read(figures, staff.station("东沟镇"))["training_persons"] == 1


def test_sessions_count_where_they_were_held_and_people_where_they_work(staff, figures):  # noqa: F811
    guest, training = staff.worker(at="东沟镇"), staff.training(at=HERE, starts_on=DAY, ends_on=DAY, minutes=60)
    staff.came(training, guest)
    figures.roll(MONTH)
    assert read(figures, staff.station(HERE)) == NONE | {"training_sessions": 1}
    assert read(figures, staff.station("东沟镇")) == NONE | {
        "training_person_times": 1,
        "training_persons": 1,
        "training_hours": 1,
    }
    assert read(figures, staff.world.home) == dict(zip(TRAINING, (1, 1, 1, 1), strict=True))


def test_a_worker_at_two_stations_is_one_person_in_their_district(staff, figures):  # noqa: F811
    one = staff.worker(full_time=False, qualification=1, certified_on=ago(900))
    actions.add_assignment(staff.by, one, station=staff.station("东沟镇"), full_time=False, starts_on=ago(900))
    staff.worker("乙")
    figures.roll(MONTH)
    assert read(figures, staff.station("东沟镇"), "workers") == {"workers": 1}
    for place in (staff.world.home, staff.world.city, staff.station("梁子湖区")):
        assert read(figures, place, "workers") == {"workers": 2}
        assert figures.cell("workers_certified_rate", place, MONTH) == (1, 2)


def test_cancelled_trainings_absent_people_and_trainings_to_come_count_nowhere(staff, figures):  # noqa: F811
    on = {"starts_on": DAY, "ends_on": DAY}
    kept = staff.training("办", **on)
    staff.came(kept, ("甲", "村"), attended=False)
    gone = staff.training("取消", **on)
    staff.came(gone, ("乙", "村"))
    actions.update_training(staff.by, gone, state="cancelled")
    planned = staff.training("计划", **on, state="planned")
    staff.came(planned, ("丙", "村"))
    figures.roll(MONTH)
    assert read(figures, staff.world.city) == NONE | {"training_sessions": 1}


def test_certificates_and_registrations_count_as_of_the_periods_last_day(staff, figures):  # noqa: F811
    past = {"qualification": 1, "certified_on": ago(2000)}
    staff.worker("甲", **past, registered_until=ago(-300))
    staff.worker("乙", **past, registered_until=DAY - dt.timedelta(days=1))
    staff.worker("丙", qualification=2, certified_on=ago(0))
    staff.worker("丁")
    left = staff.worker("戊", **past)
    actions.change_assignment(staff.by, left.assignments.get(), ends_on=DAY - dt.timedelta(days=1))
    figures.roll(MONTH)
    place = staff.world.city
    assert figures.cell("workers_certified_rate", place, MONTH) == (2, 4)
    assert figures.cell("registration_valid_rate", place, MONTH) == (1, 2)
    assert figures.cell("ce_met_rate", place, MONTH) == (0, 1)


def test_every_figure_opens_into_exactly_its_rows(staff, figures):  # noqa: F811
    dossier(staff)
    figures.roll(MONTH)
    for place in (staff.world.city, staff.station(HERE)):
        for code, indicator in indicators().items():
            numerator, denominator = figures.cell(code, place, MONTH)
            counted = explain.parts_of(indicator, place, MONTH)
            assert counted["numerator"][1] == numerator, code
            assert not indicator.is_ratio or counted["denominator"][1] == denominator, code
    rows = explain.rows_behind(indicators()["training_persons"], "numerator", staff.world.city, MONTH)
    assert sorted(rows.values_list("explained_label", flat=True)) == ["丙", "乙", "甲"]


def test_each_write_moves_the_cells_that_a_whole_run_would_give(staff, figures):  # noqa: F811
    """Whatever is written, in whatever order: the refreshed cells are those of a run from nothing."""
    figures.roll(MONTH, figures.month)
    a, b, c = dossier(staff)
    figures.refresh()
    assert read(figures, staff.world.city) == dict(zip(TRAINING, (2, 4, 3, 45), strict=True))
    training = Attendance.objects.filter(worker=a).first().training
    steps = [
        lambda: actions.change_attendance(staff.by, Attendance.objects.filter(worker=c).get(), minutes=60),
        lambda: actions.remove_attendance(staff.by, Attendance.objects.filter(worker=b).get()),
        lambda: actions.update_training(staff.by, training, minutes=600),
        lambda: actions.update_training(staff.by, training, station=staff.station("东沟镇")),
        lambda: actions.update_training(staff.by, training, state="cancelled"),
        lambda: actions.update_worker(staff.by, a, qualification=1, certified_on=ago(900), registered_until=ago(-500)),
        lambda: actions.update_worker(staff.by, a, degree_on=ago(100)),
        lambda: actions.update_training(staff.by, training, state="held", ce_eligible=True),
        lambda: actions.change_assignment(staff.by, c.assignments.get(), ends_on=ago(200)),
        lambda: actions.add_assignment(staff.by, c, station=staff.station(NEXT_DOOR), starts_on=ago(199)),
        lambda: staff.came(staff.training(at="鄂州市", days_ago=1), a, c, ("丁", "村")),
    ]
    for n, step in enumerate(steps):
        step()
        figures.refresh()
        refreshed = figures.everything()
        assert refreshed == figures.anew(), n
