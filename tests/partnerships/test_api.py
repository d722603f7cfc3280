"""The API of the room: an agency logs its dispatch, its partner confirms it, the provinces see all, nobody else any."""

import csv
import io
import json
import uuid

import pytest

from partnerships.models import Batch

API = "/api/v1/"


class Asker:
    """Sends JSON with a session of one of the pair's people."""

    def __init__(self, pairs, who):
        from django.test import Client

        from tests.factories import BACKEND

        self.client = Client(raise_request_exception=True)
        self.client.force_login(pairs.user(who) if who in pairs.people else pairs.world.user(who), backend=BACKEND)

    def get(self, path, **more):
        return self.client.get(API + path, **more)

    def rows(self, path):
        return self.get(path).json()["results"]

    def post(self, path, body=None):
        return self.client.post(API + path, json.dumps(body or {}), content_type="application/json")

    def patch(self, path, body, match=None):
        headers = {"If-Match": match} if match else {}
        return self.client.patch(API + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def ask(pairs):
    return lambda who: Asker(pairs, who)


def pair(pairs, **more):
    return {"programme": "round-2", "sender": pairs.sender.credit_code, "county": pairs.red.code,
            "receiver": pairs.receiver.credit_code, "signed_on": "2022-01-05", **more}  # fmt: skip


def test_from_a_pairing_to_a_confirmed_batch(pairs, ask):
    made = ask("south").post("pairings/", pair(pairs))
    assert made.status_code == 201, made.content
    row = made.json()
    assert (
        row["county"] == {"code": pairs.red.code, "name": "原州县"} and row["state"] == "entered" and row["key_county"]
    )
    assert ask("south").post(f"pairings/{row['id']}/confirm/").status_code == 403
    assert ask("north").post(f"pairings/{row['id']}/confirm/").json()["state"] == "confirmed"

    members = [{"name": "林海"}, {"name": "陈江", "from": "2023-03-07", "days": ["2023-03-07", "2023-03-08"]}]
    body = {"pairing": row["id"], "departs_on": "2023-03-06", "returns_on": "2023-03-10", "members": members}
    made = ask("sender").post("batches/", body)
    assert made.status_code == 201, made.content
    batch = made.json()
    assert (batch["person_trips"], batch["workdays"], batch["person_workdays"], batch["number"]) == (2, 5, 7, 1)
    assert [m["days"] for m in batch["members"]] == [5, 2] and batch["members"][1]["from"] == "2023-03-07"
    assert ask("north").get("programmes/round-2/progress/").json()[0]["actual"] == 0
    assert ask("receiver").post(f"batches/{batch['id']}/confirm/").json()["state"] == "confirmed"
    assert ask("receiver").post(f"batches/{batch['id']}/confirm/").status_code == 409


def test_refusals_are_sentences_with_their_field(pairs, ask):
    one = pairs.pairing()
    assert ask("south").post("pairings/", pair(pairs)).status_code == 409
    nobody = {"pairing": one.public_id, "departs_on": "2023-03-06", "returns_on": "2023-03-10", "members": []}
    answer = ask("sender").post("batches/", nobody)
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "members"
    pairs.batch(one, "林海")
    answer = ask("sender").post("batches/", nobody | {"members": [{"name": "林海"}]})
    assert answer.json()["errors"][0]["code"] == "elsewhere" and "林海" in answer.json()["detail"]
    answer = ask("sender").post("batches/", nobody | {"members": [{"name": "陈江", "days": ["2023-04-01"]}]})
    assert answer.json()["errors"][0]["field"] == "members.0.days"
    assert ask("sender").post("batches/", nobody | {"surprise": 1}).status_code == 400


def test_the_same_twice_is_one(pairs, ask):
    body = pair(pairs, client_ref=str(uuid.uuid4()))
    first, again = ask("south").post("pairings/", body), ask("south").post("pairings/", body)
    assert (first.status_code, again.status_code) == (201, 200) and first.json()["id"] == again.json()["id"]
    assert ask("south").post("pairings/", body | {"note": "x"}).status_code == 409


def test_changes_ask_for_the_version_they_change(pairs, ask):
    batch = pairs.batch(pairs.pairing(), "林海")
    path = f"batches/{batch.public_id}/"
    tag = ask("sender").get(path)["ETag"]
    assert ask("sender").patch(path, {"place": "三营乡"}).status_code == 428
    changed = ask("sender").patch(path, {"place": "三营乡"}, tag)
    assert changed.status_code == 200 and changed.json()["state"] == "entered" and changed.json()["person_trips"] == 1
    assert ask("sender").patch(path, {"place": "别处"}, tag).status_code == 412
    assert ask("far").patch(path, {"place": "别处"}, "*").status_code == 404


def test_both_sides_and_both_provinces_see_it_nobody_else(pairs, ask):
    batch = pairs.batch(pairs.pairing(), "林海")
    for who in ("south", "north", "city", "sender", "receiver", "superuser"):
        assert len(ask(who).rows("batches/")) == 1, who
    for who in ("other", "far", "twin_official"):
        assert ask(who).rows("batches/") == [] and ask(who).get(f"batches/{batch.public_id}/").status_code == 404, who
    for who in ("reader", "manager", "worker", "supervisor", "inspector", "viewer"):
        assert ask(who).get("batches/").status_code == 403, who
    assert ask("reader").get("programmes/round-2/progress/").status_code == 200
    assert ask("far").get("programmes/round-2/").status_code == 200, "one of its counties"
    assert ask("twin_official").get("programmes/round-2/").status_code == 404


def test_a_support_session_an_activity_and_an_outcome(pairs, ask):
    one = pairs.pairing()
    body = {"pairing": one.public_id, "kind": "tutoring", "title": "线上督导", "on": "2023-03-09", "minutes": 90, "way": "online",
            "person_times": 6, "tutors": [{"name": "林海"}], "groups": [{"group": "elders", "person_times": 6}]}  # fmt: skip
    made = ask("sender").post("support-sessions/", body)
    assert made.status_code == 201 and made.json()["groups"] == [{"group": "elders", "person_times": 6}], made.content
    body = {"programme": "round-2", "field": "policy", "title": "政策研讨", "on": "2023-03-09", "way": "online"}
    deed = ask("south").post("cooperation-activities/", body).json()
    assert (
        deed["pairing"] is None
        and ask("north").post(f"cooperation-activities/{deed['id']}/confirm/").status_code == 200
    )
    assert ask("sender").get(f"cooperation-activities/{deed['id']}/").status_code == 200
    body = {
        "pairing": one.public_id,
        "kind": "certificate",
        "on": "2023-03-09",
        "evidence": "证书 2023001",
        "name": "马兰",
        "unit": "原州社工中心",
    }
    made = ask("receiver").post("pairing-outcomes/", body)
    assert made.status_code == 201 and made.json()["name"] == "马兰", made.content
    returned = ask("south").post(f"pairing-outcomes/{made.json()['id']}/return/", {"reason": "证书号不全"})
    assert returned.json()["state"] == "returned" and returned.json()["returned_reason"] == "证书号不全"


def test_an_agency_with_its_checked_code(pairs, ask):
    body = {"name": "新来的中心", "credit_code": "52640402MJX0000039", "division": pairs.red.code}
    answer = ask("north").post("agencies/", body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["code"] == "bad_credit_code"
    assert ask("north").post("agencies/", body | {"credit_code": None}).status_code == 201
    assert ask("sender").post("agencies/", body).status_code == 403
    assert {"海岸社工中心", "湖畔社工中心"} <= {a["name"] for a in ask("north").rows("agencies/")}


def test_a_programme_is_set_up_by_a_province(pairs, ask):
    body = {
        "slug": "round-3", "name": "第三轮", "sending": "420000000000", "receiving": "640000000000", "starts_on": "2026-01-01",
        "ends_on": "2026-12-31", "counties": [{"code": pairs.red.code, "key": True}], "agencies": [pairs.sender.credit_code],
        "targets": [{"metric": "pairing_batches", "op": ">", "value": 10}],
        "documents": [{"title": "关于结对的通知", "number": "示例〔2026〕1号"}],
    }  # fmt: skip
    made = ask("south").post("programmes/", body)
    assert made.status_code == 201, made.content
    assert made.json()["counties"][0]["name"] == "原州县" and made.json()["targets"][0]["op"] == ">"
    tag = ask("north").get("programmes/round-3/")["ETag"]
    changed = ask("north").patch("programmes/round-3/", {"targets": []}, tag)
    assert changed.json()["targets"] == [] and changed.json()["documents"]
    assert ask("city").patch("programmes/round-3/", {"name": "x"}, "*").status_code == 403
    assert ask("sender").post("programmes/", body | {"slug": "x"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["programmes", "agencies", "pairings", "batches", "support-sessions", "cooperation-activities", "pairing-outcomes"],
)
def test_every_list_pages_exports_and_knows_its_parameters(pairs, ask, path, django_assert_max_num_queries):
    one = pairs.pairing()
    pairs.batch(one, "林海", "陈江")
    pairs.session(one)
    south = ask("south")
    assert south.get(f"{path}/?nonsense=1").status_code == 400
    with django_assert_max_num_queries(12):
        assert south.get(f"{path}/?page_size=1").status_code == 200
    text = south.get(f"{path}/?format=csv").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) >= 1
    assert south.get(f"{path}/?format=xlsx").content[:2] == b"PK"
    if path != "agencies":
        assert "synced_to" in south.get(f"{path}/?updated_since=2020-01-01T00:00:00Z").json()
    assert south.get(f"{path}/?page_size=1").headers["ETag"]


def test_no_odd_value_breaks_a_batch(pairs, ask):
    body = {
        "pairing": pairs.pairing().public_id,
        "departs_on": "2023-03-06",
        "returns_on": "2023-03-10",
        "members": [{"name": "林海"}],
    }
    for field in body:
        for odd in (None, [], {}, "\0", "x" * 9000, -1, 10**30, True, "2022-02-30"):
            answer = ask("sender").post("batches/", body | {field: odd})
            assert answer.status_code in (400, 403, 404), (field, odd)
    assert not Batch.objects.exists()
