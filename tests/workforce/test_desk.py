"""What this room gives the desk: what is due, what is found; and the officials' tables."""

import pytest

from tests.workforce.staff import ELSEWHERE, ID_NUMBERS, ago
from workforce import actions, todo
from workforce.models import Worker
from workforce.search import find_trainings, find_workers


def what(user):
    return [str(item["what"]) for ask in todo.TODO for item in ask(user)]


def test_registrations_to_renew_and_trainings_without_a_list_are_due_to_who_keeps_them(staff):
    staff.worker("甲", qualification=1, registered_until=ago(-30))
    staff.worker("乙", qualification=1, registered_until=ago(-300))
    renewed = staff.worker("丙", qualification=1, registered_until=ago(-20))
    actions.update_worker(staff.by, renewed, registered_until=ago(-1100))
    staff.training("防走失", days_ago=3)
    staff.came(staff.training("有人来", days_ago=3), ("甲", "村"))
    staff.training("很久以前", days_ago=200)
    for who in ("official", "manager"):
        assert what(staff.world.user(who)) == ["1 人的登记要续", "补签到：防走失"]
    for who in ("supervisor", "viewer", "twin_official"):
        assert what(staff.world.user(who)) == []


def test_a_worker_is_told_of_his_missing_hours_in_the_last_year_of_a_registration(staff):
    one, far = (staff.worker(n, qualification=1, registered_until=ago(-d)) for n, d in (("甲", 100), ("乙", 900)))
    actions.link_account(staff.by, one, staff.world.users["worker"])
    assert what(staff.world.user("worker")) == ["继续教育还差 72 小时"]
    actions.link_account(staff.by, one, None)
    actions.link_account(staff.by, far, staff.world.users["worker"])
    assert what(staff.world.user("worker")) == []


@pytest.mark.parametrize("text", ["李敏", "lim", "lm", "敏"])
def test_people_are_found_by_name_pinyin_and_initials_in_reach(staff, text):
    staff.worker("李敏"), staff.worker("李敏", at=ELSEWHERE)
    assert len(find_workers(staff.world.user("manager"), text, 5)) == 1
    assert not find_workers(staff.world.user("viewer"), text, 5)


def test_trainings_are_found_by_title_in_reach(staff):
    staff.training("防走失"), staff.training("防走失", at=ELSEWHERE)
    (hit,) = find_trainings(staff.world.user("worker"), "走失", 5)
    assert hit["url"].startswith("/trainings/t")


def test_the_tables_of_the_admin_show_those_in_reach_and_no_number(staff):
    one = staff.worker("李敏", id_number=ID_NUMBERS[0], phone="13812345678")
    staff.worker("TWIN-person", at=ELSEWHERE)
    staff.came(staff.training(), one)
    official = staff.world.browser("official")
    for name in ("worker", "assignment", "certificate", "registration", "training"):
        text = official.get(f"/admin/workforce/{name}/").content.decode()
        assert "TWIN" not in text and "13812345678" not in text, name
    page = official.get(f"/admin/workforce/worker/{one.pk}/change/")
    assert page.status_code == 200 and ID_NUMBERS[0] not in page.content.decode()
    far = Worker.objects.get(name="TWIN-person")
    assert official.get(f"/admin/workforce/worker/{far.pk}/change/").status_code in (302, 404)
    assert official.post(f"/admin/workforce/worker/{one.pk}/change/", {"name": "x"}).status_code == 403
    assert staff.world.browser("manager").get("/admin/workforce/worker/").status_code in (302, 403)
    assert staff.world.browser("superuser").get("/admin/workforce/hourrequirement/").status_code == 200
