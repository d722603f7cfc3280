"""API keys: shown once, kept as a digest, bounded by scopes, expiry and revocation."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.changes import change
from accounts.keys import create_key, revoke_key
from accounts.models import ApiKey, Change, User

ME = "/api/v1/me/"


def ask(client, secret, path=ME, word="Bearer"):
    return client.get(path, headers={"Authorization": f"{word} {secret}"})


def test_a_key_acts_as_its_user_and_is_kept_as_a_digest_alone(world, client):
    key, secret = create_key(None, world.users["official"], "大屏", ["stations:read"])
    answer = ask(client, secret)
    assert answer.status_code == 200
    assert answer.json()["username"] == "official" and answer.json()["scopes"] == ["stations:read"]
    kept = repr(ApiKey.objects.values().get()) + repr(list(Change.objects.values_list("before", "after")))
    assert secret not in kept
    assert secret.startswith(key.prefix) and len(secret) > 40
    assert key.digest not in repr(list(Change.objects.values_list("before", "after")))


@pytest.mark.parametrize("word", ["bearer", "BEARER"])
def test_the_word_before_a_key_is_read_as_the_rfc_says(world, client, word):
    assert ask(client, world.key("viewer"), word=word).status_code == 200


@pytest.mark.parametrize("secret", ["", "wrong", "sg_" + "x" * 43, "sg_ü", "\udcff", "a b c"])
def test_a_wrong_key_is_nobody(world, client, secret):
    answer = client.get(ME, HTTP_AUTHORIZATION=f"Bearer {secret}".encode("utf-8", "surrogateescape").decode("latin-1"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_an_expired_a_revoked_and_an_orphaned_key_are_refused(world, client):
    user = world.users["viewer"]
    _key, late = create_key(None, user, "旧", ["stations:read"], expires_at=timezone.now() - dt.timedelta(seconds=1))
    _key, soon = create_key(None, user, "新", ["stations:read"], expires_at=timezone.now() + dt.timedelta(hours=1))
    assert (ask(client, late).status_code, ask(client, soon).status_code) == (401, 200)
    key, secret = create_key(None, user, "收", ["stations:read"])
    assert ask(client, secret).status_code == 200
    revoke_key(None, key)
    assert ask(client, secret).status_code == 401
    with change(None, "test"):
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask(client, soon).status_code == 401


def test_a_key_does_what_its_scopes_name_and_nothing_else(world):
    reader = world.program("official", ["stations:read"])
    assert reader.get("/api/v1/stations/").status_code == 200
    refused = reader.post("/api/v1/stations/", {}, content_type="application/json")
    assert refused.status_code == 403 and "stations:write" in refused.json()["detail"]
    code = world.station("太和镇").code
    refused = reader.patch(f"/api/v1/stations/{code}/", {"address": "x"}, content_type="application/json")
    assert refused.status_code == 403 and "stations:write" in refused.json()["detail"]
    other = world.program("official", ["metrics:read"])
    assert other.get("/api/v1/stations/").status_code == 403
    assert other.get(ME).status_code == 200


def test_an_unknown_scope_makes_no_key(world):
    with pytest.raises(ValueError, match="moon:read"):
        create_key(None, world.users["viewer"], "x", ["moon:read"])
    assert not ApiKey.objects.exists()


def test_the_last_use_of_a_key_is_noted_without_an_event(world, client):
    secret = world.key("viewer")
    before = Change.objects.count()
    ask(client, secret)
    assert ApiKey.objects.get().last_used_at is not None
    assert Change.objects.count() == before


def test_a_key_opens_no_page(world):
    program = world.program("official")
    for page in ("/account/", "/admin/", "/"):
        assert program.get(page).status_code in (302, 404)
