"""Who may give which role where, and keys for programs."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import DomainError, Forbidden
from accounts.models import ApiKey, User
from stations import people
from stations.models import Post


def make_key(*args):
    out = StringIO()
    call_command("create_api_key", *args, stdout=out)
    return [w for w in out.getvalue().split() if len(w) >= 20][-1]


@pytest.mark.parametrize("at", ["420702000000", "station", "agency"])
def test_a_key_acts_at_the_place_its_code_names(world, client, at):
    code = {"station": world.station("太和镇").code, "agency": str(world.users["agency"].posts.get().agency_id)}.get(
        at, at
    )
    role = "agency" if at == "agency" else "viewer"
    secret = make_key("省级大屏", "--at", code, "--role", role, "--scopes", "stations:read,metrics:read")
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert [p["place"]["code"] for p in answer.json()["posts"]] == [code]
    assert answer.json()["scopes"] == ["metrics:read", "stations:read"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--at", "999999999999", "--role", "viewer", "--scopes", "stations:read"), "999999999999"),
        (("--at", "99999", "--role", "agency", "--scopes", "stations:read"), "机构编号"),
        (("--at", "420700000000", "--role", "king", "--scopes", "stations:read"), "king"),
        (("--at", "420700000000", "--role", "agency", "--scopes", "stations:read"), "agency"),
        (("--at", "420700000000", "--role", "viewer", "--scopes", "moon:read"), "moon:read"),
        (("--at", "420700000000", "--role", "viewer", "--scopes", ","), "权限"),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_a_sentence(world, more, said):
    with pytest.raises(CommandError) as refused:
        call_command("create_api_key", "名", *more)
    assert said in str(refused.value)
    assert not ApiKey.objects.exists()


def test_a_manager_gives_roles_of_his_station_alone(world):
    manager, station = world.user("manager"), world.station("太和镇")
    assert people.grantable(manager, station) == ["manager", "supervisor", "worker"]
    assert people.grantable(manager, world.station("东沟镇")) == []
    assert people.grantable(manager, station.division) == []
    with pytest.raises(Forbidden):
        people.add_person(manager, username="neu", display_name="新人", role="official", place=station)
    account, post, code = people.add_person(manager, username="neu", display_name="新人", role="worker", place=station)
    assert post.station == station and len(code) == 14
    assert not account.has_usable_password()


def test_an_official_reaches_no_other_city(world):
    with pytest.raises(Forbidden):
        people.add_person(
            world.user("official"), username="x", display_name="x", role="worker", place=world.station("鸾栖镇")
        )


def test_nobody_raises_himself(world):
    official = world.user("official")
    with pytest.raises(Forbidden):
        people.add_post(official, official, role="manager", place=world.station("太和镇"))


def test_a_name_in_use_is_said(world):
    with pytest.raises(DomainError) as refused:
        people.add_person(world.user("official"), username="worker", display_name="x", role="worker", place=world.home)
    assert refused.value.field == "username"


def test_codes_are_issued_only_where_every_post_lies_in_the_place(world):
    manager, official, worker = (world.user(r) for r in ("manager", "official", "worker"))
    assert people.may_reset(manager, worker)
    assert not people.may_reset(manager, official)
    assert not people.may_reset(worker, manager)
    assert not people.may_reset(official, official)
    assert not people.may_reset(official, world.user("superuser"))
    people.add_post(official, worker, role="worker", place=world.station("东沟镇"))
    assert not people.may_reset(manager, worker)
    assert people.may_reset(official, worker)
    with pytest.raises(Forbidden):
        people.send_code(manager, worker)


def test_an_ended_post_gives_nothing_from_that_day(world):
    worker = world.user("worker")
    people.end_post(world.user("manager"), worker.posts.get())
    fresh = User.objects.get(pk=worker.pk)
    assert not fresh.posts.current().exists()
    assert not fresh.can("see", world.station("太和镇"))
    with pytest.raises(DomainError):
        people.end_post(world.user("manager"), Post.objects.get(user=worker))
