"""/healthz and /readyz: no sign-in, each part by its name, never an error page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import health
from jobs.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    health.migrated.good_since = health.pinged.good_since = None


def parts(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["parts"]


def test_the_process_answers_without_sign_in_and_is_not_cached(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json() == {"status": "ok"}
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_a_worker_that_gave_a_sign_of_life_makes_the_site_ready(client):
    Heartbeat.objects.create(name="worker", at=timezone.now())
    assert parts(client) == (200, dict.fromkeys(("database", "broker", "migrations", "worker"), "ok"))


def test_without_a_worker_the_site_is_not_ready_and_says_so(client):
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(minutes=2))
    status, body = parts(client)
    assert status == 503 and body["worker"] == "unavailable" and body["database"] == "ok"


def test_without_a_broker_the_site_is_not_ready_and_nothing_is_raised(client, settings):
    settings.REDIS_URL = "unix:///nowhere/broker.sock"
    status, body = parts(client)
    assert status == 503 and body["broker"] == "unavailable" and body["database"] == "ok"


def test_a_good_answer_is_remembered_and_a_bad_one_asked_again():
    answers = iter([False, True, False])
    ask = health.Remembered(lambda: next(answers))
    assert [ask(), ask(), ask()] == [False, True, True]
