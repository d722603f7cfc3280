"""What a row of this room must always obey, whichever door it comes through; hours of continuing education (dossier §7.3)."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from accounts.changes import change
from accounts.errors import Conflict, DomainError
from accounts.models import Change
from periods import today
from tests.workforce.staff import ELSEWHERE, HERE, ID_NUMBERS, NEXT_DOOR, ago
from workforce import actions
from workforce.actions.certificates import three_years_before
from workforce.education import met_on, with_minutes
from workforce.models import Assignment, Attendance, Registration, Training, Worker


def by_hand(sql, *params):
    """A statement as the application's database user, under an event so that only the constraints refuse."""
    with change(None, "test.by_hand"), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE workforce_attendance SET minutes = most + 1",
        "UPDATE workforce_attendance SET attended = false",
        "UPDATE workforce_attendance SET name = 'x', unit = 'y'",
        "UPDATE workforce_attendance SET person = 'w0'",
        'UPDATE workforce_attendance SET "on" = "on" - 1',
        "UPDATE workforce_attendance SET most = most + 60",
        "UPDATE workforce_training SET minutes = 1",
        "UPDATE workforce_training SET minutes = 0",
        "UPDATE workforce_training SET ends_on = starts_on - 1",
        "UPDATE workforce_training SET decided = 'done'",
        "UPDATE workforce_worker SET name = ''",
        "UPDATE workforce_assignment SET span = 'empty'",
        "UPDATE workforce_registration SET span = daterange(lower(span), upper(span) + 400)",
        (
            "INSERT INTO workforce_attendance (training_id, worker_id, name, unit, person, station_id, attended, minutes, certificate_no, "
            "updated_at, \"on\", decided, most) SELECT training_id, worker_id, name, unit, person, station_id, attended, minutes, '', now(), "
            '"on", decided, most FROM workforce_attendance'
        ),
        (
            "INSERT INTO workforce_assignment (worker_id, station_id, duty, full_time, span, updated_at) SELECT worker_id, station_id, 'clerical', "
            "true, span, now() FROM workforce_assignment"
        ),
    ],
)
def test_the_database_itself_refuses(staff, sql):
    worker = staff.worker(qualification=1, registered_until=ago(-100))
    staff.came(staff.training(), worker, minutes=300)
    with pytest.raises(IntegrityError), transaction.atomic():
        by_hand(sql)


def test_no_write_escapes_the_change_log(staff):
    worker = staff.worker(id_number=ID_NUMBERS[0], phone="13812345678")
    staff.came(staff.training(), worker)
    for table in ("worker", "assignment", "training", "attendance"):
        assert Change.objects.filter(table=f"workforce_{table}").exists()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM workforce_{table}")
    logged = str(list(Change.objects.values_list("before", "after")))
    assert ID_NUMBERS[0] not in logged and "13812345678" not in logged


def test_a_training_that_moves_takes_its_attendances_days_with_it(staff):
    training = staff.training(days_ago=9)
    (came,) = staff.came(training, staff.worker())
    actions.update_training(staff.by, training, starts_on=ago(40), ends_on=ago(40), state="cancelled")
    came.refresh_from_db()
    assert (came.on, came.decided) == (ago(40), "cancelled")
    assert not Attendance.objects.counted().exists() and not Training.objects.counted().exists()


def test_a_training_is_held_by_default_once_its_last_day_is_past_and_then_counts(staff):
    past, now, late = (
        staff.training("过", days_ago=1),
        staff.training("今", days_ago=0),
        staff.training("未", days_ago=-1),
    )
    assert [t.state for t in (past, now, late)] == ["held", "planned", "planned"]
    assert dict(Training.objects.with_state().values_list("title", "state_now")) == {
        "过": "held",
        "今": "planned",
        "未": "planned",
    }
    assert list(Training.objects.counted()) == [past]
    actions.update_training(staff.by, now, state="held")
    assert set(Training.objects.counted()) == {past, now}
    with pytest.raises(DomainError):
        actions.update_training(staff.by, late, state="held")
    with pytest.raises(DomainError):
        staff.came(late, ("甲", "乙"), attended=True)
    (planned,) = staff.came(late, ("甲", "乙"))
    assert (planned.attended, planned.minutes) == (False, 0)


def test_nobody_is_noted_at_a_cancelled_training(staff):
    training = staff.training(state="cancelled")
    with pytest.raises(DomainError):
        staff.came(training, ("甲", "乙"))


def test_a_longer_training_takes_those_along_who_came_for_all_of_it(staff):
    training = staff.training(minutes=360)
    staff.came(training, ("甲", "村"))
    staff.came(training, ("乙", "村"), minutes=100)
    actions.update_training(staff.by, training, minutes=480)
    assert set(Attendance.objects.values_list("name", "minutes")) == {("甲", 480), ("乙", 100)}
    actions.update_training(staff.by, training, minutes=120)
    assert set(Attendance.objects.values_list("name", "minutes")) == {("甲", 120), ("乙", 100)}
    with pytest.raises(DomainError, match="100"):
        actions.update_training(staff.by, training, minutes=90)
    assert set(Attendance.objects.values_list("name", "minutes", "most")) == {("甲", 120, 120), ("乙", 100, 120)}


def test_of_two_jobs_an_attendance_counts_at_the_full_time_one(staff):
    worker = staff.worker(at="东沟镇", full_time=False)
    actions.add_assignment(staff.by, worker, station=staff.station(HERE), full_time=True, starts_on=ago(100))
    (came,) = staff.came(staff.training(at="梁子湖区"), worker)
    assert came.station == staff.station(HERE)


def test_a_higher_certificate_stands_beside_the_lower_and_a_correction_takes_it_away(staff):
    worker = staff.worker(qualification=1, certificate_no="A", certified_on=dt.date(2019, 6, 1))
    actions.update_worker(staff.by, worker, qualification=2, certificate_no="B", certified_on=dt.date(2023, 6, 1))
    assert list(worker.certificates.values_list("grade", "number")) == [(2, "B"), (1, "A")]
    actions.update_worker(staff.by, worker, qualification=1)
    assert list(worker.certificates.values_list("grade", "number")) == [(1, "A")]
    with pytest.raises(DomainError):
        actions.update_worker(staff.by, worker, qualification=0, certificate_no="C")


def test_registering_again_begins_a_new_cycle_and_a_correction_does_not(staff):
    worker = staff.worker(qualification=1, registered_until=dt.date(2024, 5, 31))
    actions.update_worker(staff.by, worker, registered_until=dt.date(2024, 6, 30))
    (only,) = worker.registrations.all()
    assert (only.last_day, only.span.lower) == (dt.date(2024, 6, 30), dt.date(2021, 7, 1))
    actions.update_worker(staff.by, worker, registered_until=dt.date(2027, 6, 30))
    first, second = worker.registrations.order_by("span")
    assert (first.last_day, second.span.lower, second.last_day) == (
        dt.date(2024, 6, 30),
        dt.date(2024, 7, 1),
        dt.date(2027, 6, 30),
    )
    with pytest.raises(DomainError):
        actions.update_worker(
            staff.by, worker, registered_from=dt.date(2020, 1, 1), registered_until=dt.date(2027, 6, 30)
        )
    assert three_years_before(dt.date(2027, 2, 28)) == dt.date(2024, 3, 1)


class TestContinuingEducation:
    """dossier §7.3: 助理 with 71.5 h has not met, with 72.0 has; a degree counts 90 h once; hours outside the cycle do not count."""

    def cycle(self, staff, grade=1, begins=300, **more):
        worker = staff.worker(qualification=grade, **more)
        with change(None, "test.registered"):
            last = ago(begins) + dt.timedelta(days=1095)
            from psycopg.types.range import DateRange

            Registration.objects.create(worker=worker, grade=grade, span=DateRange(ago(begins), last))
        return worker

    def hours(self, staff, worker, hours, days_ago=9, ce=True):
        minutes, day = round(hours * 60), ago(days_ago)
        training = staff.training(minutes=minutes, starts_on=day - dt.timedelta(days=9), ends_on=day, ce_eligible=ce)
        staff.came(training, worker)

    def met(self):
        return met_on(today()).exists()

    @pytest.mark.parametrize(
        ("grade", "hours", "met"), [(1, 71.5, False), (1, 72, True), (2, 72, False), (2, 90, True), (3, 89.5, False)]
    )
    def test_the_hours_of_the_registered_grade_are_asked(self, staff, grade, hours, met):
        worker = self.cycle(staff, grade)
        self.hours(staff, worker, hours / 2)
        self.hours(staff, worker, hours / 2, days_ago=20)
        assert self.met() is met

    def test_a_promotion_in_the_cycle_asks_what_the_registration_asks(self, staff):
        worker = self.cycle(staff, 1)
        actions.update_worker(staff.by, worker, qualification=2)
        self.hours(staff, worker, 72)
        assert self.met()

    def test_a_degree_counts_ninety_hours_once_in_its_cycle(self, staff):
        worker = self.cycle(staff, 2, degree_on=ago(100))
        assert self.met() and with_minutes(Registration.objects.filter(worker=worker), today()).get().done == 90 * 60
        actions.update_worker(staff.by, worker, degree_on=ago(400))
        assert not self.met()

    def test_hours_outside_the_cycle_or_of_other_trainings_do_not_count(self, staff):
        worker = self.cycle(staff, 1, begins=50)
        self.hours(staff, worker, 80, days_ago=60)
        self.hours(staff, worker, 80, ce=False)
        assert not self.met()
        assert with_minutes(Registration.objects.all(), today()).get().done == 0

    def test_a_registration_that_ran_out_is_not_among_them(self, staff):
        worker = self.cycle(staff, 1, begins=1200)
        self.hours(staff, worker, 80, days_ago=300)
        assert not self.met() and not Registration.objects.on(today()).filter(worker=worker).exists()


def test_who_moved_away_is_still_seen_but_changed_by_his_new_station(staff):
    worker = staff.worker(at=NEXT_DOOR, ends_on=ago(30))
    actions.add_assignment(staff.by, worker, station=staff.station(HERE), starts_on=ago(29))
    old, new = staff.world.user("sibling_official"), staff.world.user("official")
    for user in (old, new):
        assert worker in Worker.objects.visible_to(user) and user.can("see", worker)
    assert new.can("change", worker) and not old.can("change", worker)
    assert [j.station for j in Assignment.objects.visible_to(old)] == [staff.station(NEXT_DOOR)]


@pytest.mark.parametrize(
    "who", ["official", "manager", "supervisor", "worker", "viewer", "inspector", "agency", "expired"]
)
def test_nothing_of_the_sibling_or_the_twin_is_seen_by_anyone_here(staff, who):
    for at in (NEXT_DOOR, ELSEWHERE):
        person = staff.worker("甲", at=at, qualification=1, registered_until=ago(-9))
        staff.came(staff.training(at=at), person, ("乙", "丙"))
    user = staff.world.user(who)
    for model in (Worker, Assignment, Training, Attendance, Registration):
        assert not model.objects.visible_to(user).exists(), model
        for obj in model.objects.all():
            assert not any(user.can(verb, obj) for verb in ("see", "change", "create", "destroy", "reveal", "keep")), (
                obj
            )


def test_what_may_be_seen_is_what_the_rows_say(staff):
    """`visible_to` and `can("see")` never drift apart."""
    for at in (HERE, "东沟镇", NEXT_DOOR, ELSEWHERE, "梁子湖区"):
        staff.came(staff.training(at=at), staff.worker("甲", at=at), ("乙", "丙"))
    people = [who for who in staff.world.users if who != "superuser"]
    for who in people:
        user = staff.world.user(who)
        for model in (Worker, Assignment, Training):
            seen = set(model.objects.visible_to(user))
            assert seen == {obj for obj in model.objects.all() if user.can("see", obj)}, (who, model)


def test_a_user_is_one_worker(staff):
    one, two, user = staff.worker("甲"), staff.worker("乙"), staff.world.users["worker"]
    actions.link_account(staff.by, one, user)
    with pytest.raises(Conflict):
        actions.link_account(staff.by, two, user)
    user = staff.world.user("worker")
    assert user.worker == one and list(Worker.objects.visible_to(user)) == [one]
    me = staff.world.program("worker").get("/api/v1/me/").json()
    assert me["worker"] == one.public_id and staff.world.program("viewer").get("/api/v1/me/").json()["worker"] is None
