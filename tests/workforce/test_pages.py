"""The room's pages: what each role sees, forms that lose nothing, signing in, and how many queries a page takes."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.workforce.staff import ELSEWHERE, HERE, ID_NUMBERS, NEXT_DOOR, ago
from workforce.models import Attendance, Training, Worker


@pytest.fixture
def full(staff):
    """Two people and a training here, the same next door and in the twin county."""
    staff.one = staff.worker(
        "李敏", id_number=ID_NUMBERS[0], phone="13812345678", qualification=1, registered_until=ago(-40)
    )
    staff.two = staff.worker("王芳", phone="0711-2345678")
    staff.talk = staff.training("老年人照护", minutes=360, declared_head_count=30, ce_eligible=True)
    staff.came(staff.talk, staff.one, ("赵村长", "谢埠村"))
    for mark, at in (("SIBLING", NEXT_DOOR), ("TWIN", ELSEWHERE)):
        person = staff.worker(f"{mark}-person", at=at)
        staff.came(staff.training(f"{mark}-training", at=at), person)
    return staff


def page(staff, who, path, **query):
    return staff.world.browser(who).get(path, query)


def test_the_list_of_people_holds_those_in_reach_alone_with_masked_phones(full):
    for who in ("official", "manager", "supervisor"):
        text = page(full, who, "/workers/").content.decode()
        assert "李敏" in text and "王芳" in text and "138****5678" in text
        assert not re.search("SIBLING|TWIN|13812345678|2345678", text), who


@pytest.mark.parametrize("path", ["/workers/", "/trainings/"])
def test_who_has_nothing_to_do_with_staff_is_told_so(full, path):
    for who in ("viewer", "inspector", "agency"):
        assert page(full, who, path).status_code == 403


def test_a_worker_sees_himself_and_his_stations_trainings(full):
    user = full.world.users["worker"]
    assert page(full, "worker", "/workers/").status_code == 403
    from workforce.actions import link_account

    link_account(full.by, full.one, user)
    text = page(full, "worker", "/workers/").content.decode()
    assert "李敏" in text and "王芳" not in text
    own = page(full, "worker", f"/workers/{full.one.public_id}/")
    assert own.status_code == 200 and "差 66 小时" in own.content.decode()
    assert page(full, "worker", f"/workers/{full.two.public_id}/").status_code == 404
    listed = page(full, "worker", "/trainings/").content.decode()
    assert "老年人照护" in listed and "SIBLING" not in listed and "/trainings/new/" not in listed


def test_pages_out_of_reach_are_not_there(full):
    far, talk = Worker.objects.get(name="TWIN-person"), Training.objects.get(title="SIBLING-training")
    paths = [f"/workers/{far.public_id}/{tail}" for tail in ("", "edit/", "jobs/", "account/")]
    paths += [f"/trainings/{talk.public_id}/{tail}" for tail in ("", "edit/")]
    paths += ["/workers/w999999/", "/workers/x/", "/trainings/t/", "/workers/w%00/"]
    for path in paths:
        assert page(full, "official", path).status_code in (400, 404), path


@pytest.mark.parametrize(
    "path", ["/workers/", "/trainings/", "/workers/{one}/", "/trainings/{talk}/", "/workers/new/", "/trainings/new/"]
)
def test_a_page_takes_few_queries_whatever_it_holds(full, path):
    for n in range(30):
        full.came(full.talk, full.worker(f"甲{n}"))
    path = path.format(one=full.one.public_id, talk=full.talk.public_id)
    browser = full.world.browser("official")
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as taken:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert len(taken) <= 16, [q["sql"][:90] for q in taken.captured_queries]
    assert len(answer.content) < 60_000


def test_a_filter_answers_its_fragment_alone(full):
    answer = full.world.browser("official").get("/workers/", {"q": "lim"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text and "李" in text and "王芳" not in text
    left = page(full, "official", "/workers/", only="due").content.decode()
    assert "李敏" in left and "王芳" not in left
    assert page(full, "official", "/workers/", only="nonsense", sort="id_number").status_code == 200


def test_a_person_is_taken_in_by_the_form_and_pressing_twice_makes_one(staff):
    browser = staff.world.browser("manager")
    form = browser.get("/workers/new/").context["form"]
    body = {
        "name": "李敏", "sex": "female", "station": staff.station().code, "duty": "social_worker", "full_time": "on",
        "starts_on": "2022-01-01", "qualification": "1", "certificate_no": "ZS-9", "phone": "13812345678", "id_number": ID_NUMBERS[1],
        "client_ref": form.initial.get("client_ref") or form.get_initial_for_field(form.fields["client_ref"], "client_ref"),
    }  # fmt: skip
    first, again = (browser.post("/workers/new/", body) for _ in range(2))
    assert first.status_code == again.status_code == 302 and first.url == again.url
    worker = Worker.objects.get()
    assert (worker.id_number.clear, worker.phone.clear) == (ID_NUMBERS[1], "13812345678")
    assert worker.certificates.get().number == "ZS-9"


def test_the_same_form_with_other_content_is_told_so_and_makes_another_on_the_next_press(staff):
    """Back, changed, saved again: what was typed the second time is neither dropped nor written over the first."""
    browser, ref = staff.world.browser("manager"), str(uuid.uuid4())
    body = {"station": staff.station().code, "duty": "social_worker", "starts_on": "2022-01-01", "qualification": "0"}
    browser.post("/workers/new/", body | {"name": "李敏", "sex": "female", "client_ref": ref})
    answer = browser.post("/workers/new/", body | {"name": "王芳", "sex": "female", "client_ref": ref})
    assert "第一次的那份没有变" in answer.content.decode() and 'value="王芳"' in answer.content.decode()
    assert list(Worker.objects.values_list("name", flat=True)) == ["李敏"]
    again = answer.context["form"]["client_ref"].value()
    assert again != ref
    assert (
        browser.post("/workers/new/", body | {"name": "王芳", "sex": "female", "client_ref": again}).status_code == 302
    )
    assert sorted(Worker.objects.values_list("name", flat=True)) == ["李敏", "王芳"]


def test_a_wrong_number_comes_back_beside_its_field_and_nothing_typed_is_lost(staff):
    body = {"name": "李敏", "sex": "female", "station": staff.station().code, "duty": "social_worker", "starts_on": "2022-01-01",
            "qualification": "0", "id_number": "420799195202290029"}  # fmt: skip
    answer = staff.world.browser("official").post("/workers/new/", body)
    text = answer.content.decode()
    assert answer.status_code == 200 and "最后一位对不上" in text and 'value="李敏"' in text
    assert not Worker.objects.exists()


def test_an_old_form_shows_both_values_and_writes_on_the_second_try(full):
    browser, path = full.world.browser("manager"), f"/workers/{full.one.public_id}/edit/"
    form = browser.get(path).context["form"]
    body = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    body |= {"id_number": "", "phone": ""}
    full.world.browser("official").post(path, body | {"education": "大专"})
    answer = browser.post(path, body | {"education": "本科"})
    assert answer.status_code == 409 and "大专" in answer.content.decode() and 'value="本科"' in answer.content.decode()
    again = browser.post(path, body | {"education": "本科", "version": answer.context["form"]["version"].value()})
    assert again.status_code == 302
    worker = Worker.objects.get(pk=full.one.pk)
    assert (worker.education, worker.phone.clear, worker.id_number.clear) == ("本科", "13812345678", ID_NUMBERS[0])


def test_people_are_signed_in_by_ticking_and_by_lines_of_name_and_unit(full):
    browser, path = full.world.browser("manager"), f"/trainings/{full.talk.public_id}/"
    answer = browser.get(path)
    assert [w.name for w in answer.context["form"].fields["workers"].queryset] == ["王芳"]
    done = browser.post(path, {"workers": [full.two.pk], "others": "钱会计 谢埠村\n\n孙主任，马龙村"})
    assert done.status_code == 302
    assert Attendance.objects.filter(training=full.talk).count() == 5
    text = browser.get(path).content.decode()
    assert "孙主任" in text and "申报 30 人" in text and "人·学时" in text
    wrong = browser.post(path, {"others": "只有名字"})
    assert wrong.status_code == 422 and "第 1 行" in wrong.content.decode() and "只有名字" in wrong.content.decode()
    same = browser.post(path, {"others": "钱会计 谢埠村"})
    assert same.status_code == 422 and Attendance.objects.filter(training=full.talk).count() == 5


def test_an_entry_is_corrected_and_taken_away(full):
    entry = Attendance.objects.get(worker=full.one)
    browser, path = full.world.browser("manager"), f"/trainings/{full.talk.public_id}/came/{entry.public_id}/"
    assert browser.post(path, {"attended": "on", "minutes": "400"}).status_code == 200
    assert browser.post(path, {"attended": "on", "minutes": "90"}).status_code == 302
    entry.refresh_from_db()
    assert entry.minutes == 90
    assert browser.post(path, {"certificate_no": "X"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.attended, entry.minutes, entry.certificate_no) == (False, 0, "X")
    assert browser.post(f"{path}remove/").status_code == 302
    assert not Attendance.objects.filter(pk=entry.pk).exists()


def test_roles_that_only_read_get_no_form_and_no_way_around_it(full):
    path = f"/trainings/{full.talk.public_id}/"
    answer = page(full, "supervisor", path)
    assert answer.status_code == 200 and answer.context["form"] is None
    for who in ("supervisor", "worker"):
        browser = full.world.browser(who)
        assert browser.post(path, {"others": "甲 乙"}).status_code == 403
        assert browser.get("/trainings/new/").status_code == 403
        assert browser.get(f"{path}edit/").status_code == 403
    assert Attendance.objects.filter(training=full.talk).count() == 2


def test_a_job_is_ended_by_its_last_day_and_the_person_leaves_the_list(full):
    job = full.one.assignments.get()
    browser = full.world.browser("manager")
    path = f"/workers/{full.one.public_id}/jobs/{job.public_id}/"
    form = browser.get(path).context["form"]
    body = {
        "duty": "social_worker",
        "full_time": "on",
        "starts_on": "2021-03-01",
        "ends_on": str(ago(1)),
        "version": form["version"].value(),
    }
    assert browser.post(path, body).status_code == 302
    assert "李敏" not in browser.get("/workers/").content.decode()
    assert "李敏" in browser.get("/workers/", {"only": "left"}).content.decode()


def test_a_phone_is_shown_once_and_the_showing_is_recorded(full):
    from accounts.models import Event

    browser = full.world.browser("manager")
    browser.post(f"/workers/{full.one.public_id}/phone/", {"purpose": "service"})
    assert "13812345678" in browser.get(f"/workers/{full.one.public_id}/").content.decode()
    assert "13812345678" not in browser.get(f"/workers/{full.one.public_id}/").content.decode()
    assert Event.objects.filter(verb="personal.revealed").count() == 1
    assert (
        full.world.browser("supervisor")
        .post(f"/workers/{full.one.public_id}/phone/", {"purpose": "service"})
        .status_code
        == 403
    )


def test_a_training_is_planned_changed_and_seen_by_its_state(staff):
    browser = staff.world.browser("official")
    body = {
        "title": "防走失",
        "station": staff.station(HERE).code,
        "starts_on": str(ago(-2)),
        "minutes": "180",
        "mode": "onsite",
    }
    made = browser.post("/trainings/new/", body)
    assert made.status_code == 302 and "计划" in browser.get(made.url).content.decode()
    form = browser.get(f"{made.url}edit/").context["form"]
    changed = {**body, "starts_on": str(ago(2)), "version": form["version"].value()}
    assert browser.post(f"{made.url}edit/", changed).status_code == 302
    assert "已办" in browser.get(made.url).content.decode()
    assert Training.objects.get().ends_on == ago(2)
