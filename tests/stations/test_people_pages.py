"""The pages of people, posts, codes and keys, as their keepers use them."""

import re

import pytest

from accounts.models import ApiKey, User
from periods import today
from stations.models import Post


def text_of(answer):
    return answer.content.decode()


def person(world, **more):
    place = {"station": world.station("太和镇").code}
    return (
        {"display_name": "新人甲", "username": "xinren", "mobile": "", "role": "worker", "since": str(today())}
        | place
        | more
    )


def test_a_new_person_gets_a_code_shown_once_and_signs_in_with_it(world):
    browser = world.browser("manager")
    page = text_of(browser.post("/people/new/", person(world)))
    code = re.search(r"<code>([A-Z0-9-]{14})</code>", page)[1]
    stranger = world.browser(None)
    stranger.post("/accounts/code/", {"name": "xinren", "code": code, "password": "ein-langes-wort-27"})
    assert User.objects.get(username="xinren").check_password("ein-langes-wort-27")
    assert code not in text_of(browser.get(f"/people/{User.objects.get(username='xinren').pk}/"))


@pytest.mark.parametrize("who", ["worker", "supervisor", "viewer", "inspector", "agency", "expired"])
def test_people_are_kept_by_officials_and_managers_alone(world, who):
    browser = world.browser(who)
    for url in (
        "/people/",
        "/people/new/",
        f"/people/{world.users['manager'].pk}/",
        "/account/keys/",
        "/account/keys/new/",
    ):
        assert browser.get(url).status_code == 403
    assert browser.post(f"/people/{world.users['manager'].pk}/code/").status_code == 403


def test_lists_and_pages_of_people_stay_in_reach(world):
    browser = world.browser("manager")
    assert not re.search("twin_|sibling_|city_official", text_of(browser.get("/people/")))
    assert "<mark>work</mark>er 甲" in text_of(browser.get("/people/?q=work"))
    for who in ("twin_worker", "sibling_worker", "official", "superuser"):
        pk = world.users[who].pk
        assert browser.get(f"/people/{pk}/").status_code == 404
        assert browser.post(f"/people/{pk}/code/").status_code == 404
        assert browser.get(f"/people/{pk}/post/").status_code == 404
    for who in ("twin_worker", "sibling_worker"):
        post = world.users[who].posts.get()
        assert browser.post(f"/people/posts/{post.pk}/end/").status_code == 404


def test_a_manager_is_offered_what_he_may_give(world):
    page = text_of(world.browser("manager").get("/people/new/"))
    assert set(re.findall(r'name="role" value="(\w+)"', page)) == {"manager", "supervisor", "worker"}
    assert 'name="division"' not in page and 'name="agency"' not in page
    answer = world.browser("manager").post("/people/new/", person(world, role="official"))
    assert answer.status_code == 200
    out = world.browser("manager").post("/people/new/", person(world, station=world.station("东沟镇").code))
    assert out.status_code == 200
    assert not User.objects.filter(username="xinren").exists()


def test_what_was_typed_stands_there_again(world):
    page = text_of(world.browser("official").post("/people/new/", person(world, username="worker", mobile="123")))
    assert "新人甲" in page and "11 位" in page
    page = text_of(world.browser("official").post("/people/new/", person(world, username="worker")))
    assert "已有人用" in page


def test_a_post_is_added_and_ended(world):
    browser, worker = world.browser("official"), world.users["worker"]
    body = {"role": "supervisor", "station": world.station("东沟镇").code, "since": str(today()), "until": ""}
    assert browser.post(f"/people/{worker.pk}/post/", body).status_code == 302
    post = Post.objects.get(user=worker, role="supervisor")
    page = text_of(browser.get(f"/people/{worker.pk}/"))
    assert f"/people/posts/{post.pk}/end/" in page
    browser.post(f"/people/posts/{post.pk}/end/")
    assert not Post.objects.filter(user=worker, role="supervisor").exists()  # it had not yet lasted a day


def test_nobody_gives_or_ends_his_own_post(world):
    browser, me = world.browser("official"), world.users["official"]
    page = text_of(browser.get(f"/people/{me.pk}/"))
    assert "/end/" not in page and "/code/" not in page and f"/people/{me.pk}/post/" not in page
    assert browser.post(f"/people/posts/{me.posts.get().pk}/end/").status_code == 403
    assert browser.post(f"/people/{me.pk}/code/").status_code == 403


def test_a_mobile_number_is_masked(world):
    User_ = world.users["worker"]
    from accounts.changes import change

    with change(None, "test"):
        User.objects.filter(pk=User_.pk).update(mobile="13812345678")
    page = text_of(world.browser("manager").get(f"/people/{User_.pk}/"))
    assert "138****5678" in page and "13812345678" not in page


# ── keys ──


def key_body(**more):
    return {
        "name": "大屏",
        "place": "420702000000",
        "role": "viewer",
        "scopes": ["stations:read"],
        "expires_on": "",
    } | more


def test_a_key_is_shown_once_and_works(world):
    browser = world.browser("official")
    page = text_of(browser.post("/account/keys/new/", key_body()))
    secret = re.search(r"<code>(sg_[\w-]{30,})</code>", page)[1]
    assert secret not in text_of(browser.get("/account/keys/"))
    rows = world.browser(None).get("/api/v1/stations/", headers={"Authorization": f"Bearer {secret}"}).json()["results"]
    assert {r["division"]["code"][:6] for r in rows} == {"420702"}


def test_a_key_gives_no_more_than_its_maker_has(world):
    browser = world.browser("official")
    for body in (key_body(place="420703000000"), key_body(place="421199000000"), key_body(scopes=["moon:read"]), key_body(scopes=[]),
                 key_body(role="king"), key_body(expires_on="2020-01-01")):  # fmt: skip
        assert browser.post("/account/keys/new/", body).status_code == 200
    assert not ApiKey.objects.exists()
    assert world.browser("manager").get("/account/keys/").status_code == 403


def test_keys_of_another_place_are_neither_seen_nor_taken_back(world):
    world.browser("twin_official").post("/account/keys/new/", key_body(place="421199000000", name="TWIN-key"))
    key = ApiKey.objects.get()
    official = world.browser("official")
    assert "TWIN-key" not in text_of(official.get("/account/keys/"))
    assert official.post(f"/account/keys/{key.pk}/revoke/").status_code == 404
    world.browser("twin_official").post(f"/account/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None
