"""Two at once, on real threads and a real database: one of everything, nothing half-written."""

import threading
import uuid

import pytest
from django.db import connection, connections

from tests.factories import World
from tests.workforce.staff import ID_NUMBERS, Staff, ago
from workforce.models import Attendance, Training, Worker

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each of these gives when all begin together; an exception where one raises it."""
    gate, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n, call):
        try:
            gate.wait()
            found[n] = call()
        except Exception as e:
            found[n] = e
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return found


@pytest.fixture
def staff():
    return Staff(World())


def posting(staff, path, *bodies):
    programs = [staff.world.program("official") for _ in bodies]
    return [
        lambda p=p, b=b: p.post(f"/api/v1/{path}", b, content_type="application/json")
        for p, b in zip(programs, bodies, strict=True)
    ]


def test_the_same_client_ref_eight_times_at_once_makes_one_training(staff):
    body = {"title": "照护", "station": staff.station().code, "starts_on": str(ago(3)), "ends_on": str(ago(3)), "minutes": 90,
            "client_ref": str(uuid.uuid4())}  # fmt: skip
    got = at_once(*posting(staff, "trainings/", *[body] * 8))
    assert sorted(a.status_code for a in got) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in got}) == 1 and Training.objects.count() == 1


def test_one_person_noted_by_two_at_once_is_there_once(staff):
    training, worker = staff.training(), staff.worker()
    path = f"trainings/{training.public_id}/attendances/"
    got = at_once(
        *posting(staff, path, *[{"worker": worker.public_id}] * 4, *[[{"name": "赵村长", "unit": "谢埠村"}]] * 4)
    )
    assert sorted(a.status_code for a in got) == [201] * 2 + [409] * 6
    assert {a.json()["errors"][0]["code"] for a in got if a.status_code == 409} == {"duplicate"}
    assert Attendance.objects.count() == 2


def test_one_id_number_taken_in_by_two_at_once_is_one_person(staff):
    job = {"station": staff.station().code, "starts_on": "2022-01-01"}
    body = {"name": "李敏", "id_number": ID_NUMBERS[0], "assignments": [job]}
    got = at_once(*posting(staff, "workers/", *[body] * 4))
    assert sorted(a.status_code for a in got) == [201, 409, 409, 409]
    assert {a.json()["errors"][0]["code"] for a in got if a.status_code == 409} == {"duplicate"}
    assert Worker.objects.count() == 1


def test_two_who_change_one_training_at_once_do_not_overwrite_each_other(staff):
    training = staff.training()
    path = f"/api/v1/trainings/{training.public_id}/"
    programs = [staff.world.program("official") for _ in range(4)]
    tag = programs[0].get(path).headers["ETag"]

    def change(n):
        headers = {"If-Match": tag}
        return programs[n].patch(path, {"title": f"第{n}"}, content_type="application/json", headers=headers)

    got = at_once(*[lambda n=n: change(n) for n in range(4)])
    assert sorted(a.status_code for a in got) == [200, 412, 412, 412]


def test_a_training_made_shorter_while_people_are_noted_keeps_nobody_longer_than_it_is(staff):
    training = staff.training(minutes=360)
    path, people = f"/api/v1/trainings/{training.public_id}/", [staff.worker(f"甲{n}") for n in range(4)]
    program = staff.world.program("official")
    shorten = lambda: program.patch(path, {"minutes": 90}, content_type="application/json", headers={"If-Match": "*"})  # noqa: E731
    got = at_once(
        shorten,
        *posting(staff, f"trainings/{training.public_id}/attendances/", *[{"worker": w.public_id} for w in people]),
    )
    assert [a.status_code for a in got] == [200] + [201] * 4
    assert set(Attendance.objects.values_list("minutes", "most")) == {(90, 90)}


def test_two_full_time_jobs_at_once_end_as_one(staff):
    worker = staff.worker(full_time=False)
    bodies = [
        {"station": staff.station(at).code, "duty": "clerical", "full_time": True, "starts_on": "2022-01-01"}
        for at in ("东沟镇", "梁子湖区")
    ]
    got = at_once(*posting(staff, f"workers/{worker.public_id}/assignments/", *bodies))
    assert sorted(a.status_code for a in got) == [201, 400]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workforce_assignment WHERE full_time")
        assert cursor.fetchone() == (1,)
