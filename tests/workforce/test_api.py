"""Workers, assignments, trainings and attendances as programs see them (case-api §4)."""

import uuid

import pytest

from tests.workforce.staff import ELSEWHERE, HERE, ID_NUMBERS, NEXT_DOOR, ago
from workforce.models import Assignment, Attendance, Training, Worker

API = "/api/v1/"
TRAINING = {"title": "照护", "starts_on": str(ago(9)), "ends_on": str(ago(9)), "minutes": 90}


class Program:
    """One key; answers are (status, body)."""

    def __init__(self, world, who):
        self.client = world.program(who)

    def get(self, path, **query):
        return self._told(self.client.get(API + path, query))

    def post(self, path, body):
        return self._told(self.client.post(API + path, body, content_type="application/json"))

    def patch(self, path, body, tag=None):
        headers = {"If-Match": tag or self.client.get(API + path).headers.get("ETag", "*")}
        return self._told(self.client.patch(API + path, body, content_type="application/json", headers=headers))

    @staticmethod
    def _told(answer):
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json and answer.content else answer


@pytest.fixture
def ask(world):
    return lambda who: Program(world, who)


def job(staff, at=HERE, **more):
    return {
        "station": staff.station(at).code,
        "duty": "social_worker",
        "full_time": True,
        "starts_on": "2021-03-01",
        **more,
    }


def test_a_worker_is_taken_in_with_a_job_and_shown_with_masked_numbers(staff, ask):
    body = {
        "name": "李敏", "sex": "female", "id_number": ID_NUMBERS[0], "phone": "13812345678", "qualification": "assistant",
        "certificate_no": "ZS-1", "certified_on": "2020-06-01", "registered_until": "2027-05-31", "assignments": [job(staff)],
    }  # fmt: skip
    status, made = ask("manager").post("workers/", body)
    assert status == 201
    assert made["id"].startswith("w") and made["name"] == "李敏"
    assert (made["id_number"], made["phone"]) == ("420***********0028", "138****5678")
    assert (made["qualification"], made["registered_until"]) == ("assistant", "2027-05-31")
    (shown,) = made["assignments"]
    assert shown | {"id": ""} == job(staff) | {"id": "", "ends_on": None}
    assert ask("official").get(f"workers/{made['id']}/") == (200, made)


def test_an_id_number_on_file_is_a_duplicate_that_names_nobody_out_of_reach(staff, ask):
    here = staff.worker("李敏", id_number=ID_NUMBERS[0])
    staff.worker("TWIN-person", at=ELSEWHERE, id_number=ID_NUMBERS[1])
    official = ask("official")
    status, told = official.post("workers/", {"name": "李敏", "id_number": ID_NUMBERS[0], "assignments": [job(staff)]})
    assert (status, told["errors"][0]["code"], told["existing"]) == (409, "duplicate", here.public_id)
    status, told = official.post("workers/", {"name": "王芳", "id_number": ID_NUMBERS[1], "assignments": [job(staff)]})
    assert (status, told["errors"][0]["code"]) == (409, "duplicate")
    assert "existing" not in told and "TWIN" not in str(told)
    assert Worker.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id_number", "420799195202290029", "bad_id_number"),
        ("id_number", "4207", "bad_id_number"),
        ("phone", "1381234567", "bad_phone"),
        ("certified_on", "2099-01-01", "inconsistent"),
        ("registered_until", "2027-05-31", "inconsistent"),
    ],
)
def test_a_wrong_number_or_date_is_named_and_nothing_is_written(staff, ask, field, value, code):
    status, told = ask("official").post("workers/", {"name": "李敏", "assignments": [job(staff)], field: value})
    assert (status, told["errors"][0]["code"]) == (400, code)
    assert not Worker.objects.exists()


def test_unknown_fields_are_refused_deep_inside_as_well(staff, ask):
    official = ask("official")
    assert official.post("workers/", {"name": "李敏", "assignments": [job(staff, salary=1)]})[0] == 400
    assert official.post("workers/", {"name": "李敏", "assignments": [job(staff)], "salary": 1})[0] == 400
    assert official.post("trainings/", {**TRAINING, "station": staff.station().code, "surprise": 1})[0] == 400
    assert official.get("trainings/", nonsense=1)[0] == 400
    assert not Worker.objects.exists() and not Training.objects.exists()


def test_a_station_out_of_scope_is_refused_as_if_it_did_not_exist(staff, ask):
    official = ask("official")
    for at in (NEXT_DOOR, ELSEWHERE):
        status, told = official.post("trainings/", {**TRAINING, "station": staff.station(at).code})
        assert (status, told["errors"][0]["code"]) == (400, "out_of_scope")
        assert official.post("workers/", {"name": "李敏", "assignments": [job(staff, at)]})[0] == 400
    nowhere = official.post("trainings/", {**TRAINING, "station": "420702999999-9"})[1]
    assert nowhere["errors"][0]["code"] == "out_of_scope"


@pytest.mark.parametrize("who", ["worker", "supervisor", "viewer", "inspector", "agency"])
def test_only_officials_and_managers_write(staff, ask, who):
    training, worker = staff.training(), staff.worker()
    program, here = ask(who), staff.station().code
    assert program.post("trainings/", {**TRAINING, "station": here})[0] == 403
    assert program.post("workers/", {"name": "李敏", "assignments": [job(staff)]})[0] == 403
    assert program.post(f"trainings/{training.public_id}/attendances/", {"worker": worker.public_id})[0] in (403, 404)
    assert program.patch(f"trainings/{training.public_id}/", {"title": "x"})[0] in (403, 404)
    assert Training.objects.count() == 1 and not Attendance.objects.exists()


def test_those_who_have_nothing_to_do_with_staff_get_403_on_the_lists(staff, ask):
    staff.training(), staff.worker()
    for who in ("viewer", "inspector", "agency", "expired"):
        for path in ("workers/", "trainings/"):
            assert ask(who).get(path)[0] == 403, (who, path)


def test_a_training_row_carries_hours_made_from_minutes_and_its_state_by_date(staff, ask):
    status, made = ask("manager").post(
        "trainings/", {**TRAINING, "station": staff.station().code, "declared_head_count": 30}
    )
    assert status == 201
    assert (made["minutes"], made["credit_hours"], made["person_times"]) == (90, 1.5, 0)
    assert (made["state"], made["mode"], made["declared_head_count"]) == ("held", "onsite", 30)
    later = {**TRAINING, "station": staff.station().code, "starts_on": str(ago(-3)), "ends_on": str(ago(-3))}
    assert ask("manager").post("trainings/", later)[1]["state"] == "planned"
    assert [r["title"] for r in ask("manager").get("trainings/", state="planned")[1]["results"]] == ["照护"]


def test_trainings_are_filtered_by_station_place_state_and_days(staff, ask):
    near, far = staff.training("近", days_ago=3), staff.training("远", at="东沟镇", days_ago=100)
    titles = lambda **q: {r["title"] for r in ask("official").get("trainings/", **q)[1]["results"]}  # noqa: E731
    assert titles(station=near.station.code) == {"近"}
    assert titles(within="420702101000") == {"远"} and titles(within="420702000000") == {"近", "远"}
    assert titles(starts_from=str(ago(10))) == {"近"} and titles(starts_to=str(ago(10))) == {"远"}
    assert titles(state="held") == {"近", "远"} and titles(state="cancelled") == set()
    assert ask("official").get("trainings/", station=staff.station(NEXT_DOOR).code)[0] == 404
    assert far.station.code != near.station.code


def test_the_same_client_ref_gives_the_first_training_and_other_content_is_refused_with_both(staff, ask):
    body = {**TRAINING, "station": staff.station().code, "client_ref": str(uuid.uuid4())}
    program = ask("official")
    status, first = program.post("trainings/", body)
    assert (status, program.post("trainings/", body)) == (201, (200, first))
    status, told = program.post("trainings/", {**body, "title": "另一个"})
    assert (status, told["errors"][0]["code"], told["existing"]["id"]) == (409, "ref_reused", first["id"])
    assert told["sent"]["title"] == "另一个" and Training.objects.get().title == "照护"


def test_a_training_is_changed_with_its_etag_only(staff, ask):
    path, program = f"trainings/{staff.training().public_id}/", ask("manager")
    tag = program.client.get(API + path).headers["ETag"]
    assert program.patch(path, {"title": "新"}, tag)[1]["title"] == "新"
    assert program.patch(path, {"title": "旧"}, tag)[0] == 412
    bare = program.client.patch(API + path, {"title": "旧"}, content_type="application/json")
    assert bare.status_code == 428 and Training.objects.get().title == "新"


def test_an_attendance_has_the_trainings_minutes_unless_fewer_are_given(staff, ask):
    training, worker = staff.training(minutes=360), staff.worker()
    path, program = f"trainings/{training.public_id}/attendances/", ask("manager")
    status, made = program.post(path, {"worker": worker.public_id, "attended": True})
    assert status == 201
    assert (made["worker"], made["station"], made["minutes"], made["credit_hours"]) == (
        worker.public_id, staff.station().code, 360, 6.0,
    )  # fmt: skip
    status, made = program.post(path, {"name": "赵村长", "unit": "谢埠村", "minutes": 180})
    assert (status, made["worker"], made["name"], made["credit_hours"]) == (201, None, "赵村长", 3.0)
    status, told = program.post(path, {"name": "钱会计", "unit": "谢埠村", "minutes": 361})
    assert (status, told["errors"][0]["field"]) == (400, "minutes")
    assert program.get(f"trainings/{training.public_id}/")[1]["person_times"] == 2


def test_one_person_attends_a_training_once(staff, ask):
    training, worker = staff.training(), staff.worker()
    path, program = f"trainings/{training.public_id}/attendances/", ask("official")
    for body in ({"worker": worker.public_id}, {"name": "赵村长", "unit": "谢埠村"}):
        assert program.post(path, body)[0] == 201
        status, told = program.post(path, body)
        assert (status, told["errors"][0]["code"]) == (409, "duplicate")
    assert Attendance.objects.count() == 2


def test_a_list_of_attendances_is_written_whole_or_not_at_all(staff, ask):
    training, one, two = staff.training(), staff.worker("甲"), staff.worker("乙")
    path, program = f"trainings/{training.public_id}/attendances/", ask("manager")
    rows = [{"worker": one.public_id}, {"worker": two.public_id, "minutes": 9999}, {"name": "丙", "unit": "谢埠村"}]
    status, told = program.post(path, rows)
    assert (status, told["errors"][0]["field"]) == (400, "1.minutes") and not Attendance.objects.exists()
    rows[1]["minutes"] = 60
    status, made = program.post(path, rows)
    assert status == 201 and [r["minutes"] for r in made] == [360, 60, 360]
    status, told = program.post(path, [{"worker": one.public_id}, {"name": "丁", "unit": "谢埠村"}])
    assert (status, told["errors"]) == (
        409,
        [{"field": "0.worker", "code": "duplicate", "message": told["errors"][0]["message"]}],
    )
    assert Attendance.objects.count() == 3
    for bad in ([], [[]], ["w1"], [{"worker": "w999999"}], [{"surprise": 1}], [{}]):
        assert program.post(path, bad)[0] == 400, bad
    assert Attendance.objects.count() == 3


def test_a_worker_out_of_reach_cannot_be_put_on_a_list(staff, ask):
    training, far = staff.training(), staff.worker("TWIN-person", at=ELSEWHERE)
    path = f"trainings/{training.public_id}/attendances/"
    status, told = ask("official").post(path, {"worker": far.public_id})
    assert (status, told["errors"][0]["code"]) == (400, "out_of_scope") and "TWIN" not in str(told)
    assert ask("official").post(path, [{"name": "甲", "unit": "乙"}, {"worker": far.public_id}])[0] == 400
    assert not Attendance.objects.exists()


def test_an_attendance_counts_at_the_workers_station_of_that_day(staff, ask):
    training = staff.training(at="梁子湖区", days_ago=9)
    moved = staff.worker("甲", at=HERE, ends_on=ago(5))
    ask("official").post(f"workers/{moved.public_id}/assignments/", job(staff, "东沟镇", starts_on=str(ago(4))))
    status, made = ask("official").post(f"trainings/{training.public_id}/attendances/", {"worker": moved.public_id})
    assert (status, made["station"]) == (201, staff.station(HERE).code)
    guest = ask("official").post(f"trainings/{training.public_id}/attendances/", {"name": "乙", "unit": "丙"})[1]
    assert guest["station"] == staff.station("梁子湖区").code


def test_moving_a_job_moves_where_its_attendances_count(staff, ask):
    training, worker = staff.training(days_ago=9), staff.worker(at=HERE)
    (came,) = staff.came(training, worker)
    assert came.station == staff.station(HERE)
    first = worker.assignments.get().public_id
    status, _body = ask("official").patch(f"workers/{worker.public_id}/assignments/{first}/", {"ends_on": str(ago(30))})
    assert status == 200
    ask("official").post(f"workers/{worker.public_id}/assignments/", job(staff, "东沟镇", starts_on=str(ago(29))))
    assert Attendance.objects.get().station == staff.station("东沟镇")


def test_a_job_gives_no_right_and_no_second_full_time_one_fits(staff, ask):
    worker, program = staff.worker(), ask("official")
    path = f"workers/{worker.public_id}/assignments/"
    status, told = program.post(path, job(staff, "东沟镇"))
    assert (status, told["errors"][0]["field"]) == (400, "full_time")
    status, made = program.post(path, job(staff, "东沟镇", full_time=False, ends_on=str(ago(1))))
    assert (status, made["ends_on"]) == (201, str(ago(1)))
    assert program.post(path, job(staff, "东沟镇", full_time=False))[0] == 409
    assert (
        program.post(
            path, job(staff, "东沟镇", duty="clerical", full_time=False, starts_on=str(ago(1)), ends_on=str(ago(2)))
        )[0]
        == 400
    )
    assert (
        Assignment.objects.count() == 2
        and not staff.world.user("worker").posts.filter(station=staff.station("东沟镇")).exists()
    )


def test_sync_brings_what_changed_and_tombstones_for_what_went(staff, ask):
    training = staff.training()
    kept, gone = staff.came(training, ("甲", "村"), ("乙", "村"))
    path, program = f"trainings/{training.public_id}/attendances/", ask("official")
    since = program.get(path, updated_since="2020-01-01T00:00:00Z")[1]["synced_to"]
    assert program.client.delete(f"{API}{path}{gone.public_id}/").status_code == 204
    rows = program.get(path, updated_since=since)[1]["results"]
    assert {"id": gone.public_id, "deleted_at": rows[-1].get("deleted_at")} == rows[-1]
    assert [r["id"] for r in program.get(path)[1]["results"]] == [kept.public_id]


def test_lists_come_as_csv_and_workbook_in_which_no_formula_runs(staff, ask):
    staff.training("=1+1"), staff.worker("李敏", id_number=ID_NUMBERS[0])
    for path in ("trainings/", "workers/"):
        text = ask("official").client.get(API + path, {"format": "csv"}).content.decode("utf-8-sig")
        assert "\n'=1+1" in text.replace(",'=", "\n'=") or path == "workers/"
        assert ID_NUMBERS[0] not in text
        assert ask("official").client.get(API + path, {"format": "xlsx"}).content[:2] == b"PK"
