"""The room's API: who sees how much, what is masked for whom, one object for one reference, drafts, duplicates, faults by field."""

import json
import uuid

import pytest

from casework.models import Case, Client, Record
from tests.casework.caseload import ago, id_number

API = "/api/v1/"


class Caller:
    """A session or a key that speaks JSON."""

    def __init__(self, client):
        self.client = client

    def get(self, path):
        return self.client.get(API + path)

    def post(self, path, body, **headers):
        return self.client.post(API + path, json.dumps(body), content_type="application/json", headers=headers)

    def patch(self, path, body, **headers):
        return self.client.patch(API + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def by_key(load):
    return lambda who="worker": Caller(load.world.program(who))


@pytest.fixture
def in_person(load):
    return lambda who="worker": Caller(load.world.browser(who))


def faults(answer):
    return {e["field"]: e["code"] for e in answer.json()["errors"]}


DEPTHS = {  # who: what they get of a case at 太和镇
    "worker": "full", "supervisor": "full", "manager": "full", "official": "summary", "superuser": "summary", "city_official": "summary",
    "inspector": None, "viewer": None, "agency": None, "expired": None, "twin_worker": None, "sibling_manager": None,
    "twin_supervisor": None, "sibling_official": None,
}  # fmt: skip


@pytest.mark.parametrize("who", DEPTHS)
def test_how_much_of_a_case_each_role_sees_alone_and_in_the_list(load, in_person, who):
    case = load.case()
    answer = in_person(who).get(f"cases/{case.number}/")
    listed = in_person(who).get("cases/?page_size=1000")
    numbers = [r["number"] for r in listed.json()["results"]] if listed.status_code == 200 else []
    if DEPTHS[who] is None:
        assert answer.status_code == 404 and case.number not in numbers
        return
    body = answer.json()
    assert body["depth"] == DEPTHS[who] and numbers == [case.number]
    assert (body["client"] is not None) == (DEPTHS[who] == "full")


def test_a_colleague_sees_number_station_stage_and_dates(load, in_person):
    case = load.case(who="manager", client=load.client())
    body = in_person().get(f"cases/{case.number}/").json()
    assert body["depth"] == "summary" and body["stage"] == "intake" and body["opened_on"] == ago(60)
    assert not any(body[name] for name in ("client", "worker", "risk_level", "domain", "gates", "goals", "due"))
    row = in_person().get("cases/").json()["results"][0]
    assert (row["worker"], row["crisis"], row["overdue"]) == (None, None, None)
    assert in_person().get("cases/?crisis=false").json()["results"] == []  # no oracle
    assert in_person().get(f"cases/{case.number}/intake/").status_code == 403
    assert in_person().post(f"cases/{case.number}/contacts/", {}).status_code == 403


def test_a_key_reads_everything_masked_and_a_session_by_the_rule(load, by_key, in_person):
    case = load.to("intervention")
    number, phone = case.client.id_number.clear, "13912345678"
    key = by_key().get(f"clients/{case.client.public_id}/").json()
    assert (key["name"], key["birth_date"], key["address"]) == ("王**", None, None)
    assert key["id_number"] == number[:3] + "*" * 11 + number[-4:] and key["phone"] == "139****5678"
    session = in_person().get(f"clients/{case.client.public_id}/").json()
    assert (session["name"], session["birth_date"], session["address"]) == ("王德福", "1945-03-12", "和平路7号")
    assert session["id_number"] == key["id_number"] and session["phone"] == key["phone"]
    intake = case.records.get(kind="intake").record
    assert by_key().get(f"cases/{case.number}/{intake}/").json()["presenting_problem"] == "***"
    assert in_person().get(f"cases/{case.number}/{intake}/").json()["presenting_problem"] == "独居，三餐不定"
    for path in ("", "timeline/", "plans/", "assessments/"):
        text = by_key().get(f"cases/{case.number}/{path}").content.decode()
        assert not [w for w in ("王德福", number, phone, "和平路", "助餐", "每日两餐") if w in text], path


def test_a_reveal_has_a_purpose_a_session_and_one_event(load, by_key, in_person):
    from accounts.models import Event

    case = load.case()
    path = f"cases/{case.number}/reveal/"
    assert by_key().post(path, {"purpose": "service"}).status_code == 403
    assert faults(in_person().post(path, {})) == {"purpose": "missing_required"}
    assert in_person("official").post(path, {"purpose": "service"}).status_code == 403
    assert in_person("twin_worker").post(path, {"purpose": "service"}).status_code == 404
    answer = in_person().post(path, {"purpose": "service"})
    assert answer.json()["phone"] == "13912345678" and "no-store" in answer["Cache-Control"]
    assert Event.objects.filter(verb="personal.revealed").count() == 1
    lines = in_person().get(f"cases/{case.number}/timeline/").json()["results"]
    assert [line["kind"] for line in lines] == ["opened", "reveal"]


def test_one_reference_makes_one_object_and_another_text_is_not_lost(load, by_key):
    case = load.to("intervention")
    body = {"happened_on": ago(3), "minutes": 20, "way": "phone", "facts": "谈了用药", "client_ref": str(uuid.uuid4())}
    path = f"cases/{case.number}/contacts/"
    first, again = by_key().post(path, body), by_key().post(path, body)
    assert (first.status_code, again.status_code) == (201, 200) and first.json()["id"] == again.json()["id"]
    other = by_key().post(path, body | {"facts": "谈了用药和饮食"})
    assert other.status_code == 409 and other.json()["errors"][0]["code"] == "ref_reused"
    assert other.json()["existing"]["id"] == first.json()["id"]
    assert "饮食" not in other.content.decode() and other.json()["sent"]["facts"] == "***"
    assert Record.objects.filter(kind="contacts", minutes=20).count() == 1


def test_what_a_key_sends_of_a_client_comes_back_masked_when_a_reference_is_reused(load, by_key):
    body = load.person(client_ref=str(uuid.uuid4()))
    assert by_key().post("clients/", body).status_code == 201
    again = by_key().post("clients/", body | {"address": "解放路8号"})
    assert again.status_code == 409
    text = again.content.decode()
    assert not [w for w in ("王德福", body["id_number"], "13912345678", "解放路", "和平路") if w in text]


def test_a_draft_is_filled_by_its_author_under_its_tag_and_signed_once(load, in_person):
    case = load.to("assessment")
    path = f"cases/{case.number}/assessments/"
    draft = in_person().post(path, {"draft": True, "personal": "行动慢"}).json()
    one = f"cases/{case.number}/{draft['record']}/"
    tag = in_person().get(one)["ETag"]
    assert in_person().patch(one, {"family": "独居"}).status_code == 428
    assert in_person("supervisor").patch(one, {"family": "x"}, if_match=tag).status_code == 403
    assert faults(in_person().patch(one, {"draft": False}, if_match=tag)) == {"assessed_on": "missing_required"}
    assert faults(in_person().patch(one, {"risk_level": "pink"}, if_match=tag)) == {"risk_level": "bad_choice"}
    signed = in_person().patch(one, {"assessed_on": ago(50), "draft": False}, if_match=tag)
    assert signed.status_code == 200 and signed.json()["personal"] == "行动慢" and signed.json()["signed_at"]
    assert in_person().patch(one, {"family": "x"}, if_match="*").status_code == 409


def test_a_stale_tag_loses_nothing_and_overwrites_nothing(load, in_person):
    case = load.to("assessment")
    draft = in_person().post(f"cases/{case.number}/assessments/", {"draft": True}).json()
    one = f"cases/{case.number}/{draft['record']}/"
    tag = in_person().get(one)["ETag"]
    assert in_person().patch(one, {"personal": "先写的"}, if_match=tag).status_code == 200
    assert in_person().patch(one, {"personal": "后写的"}, if_match=tag).status_code == 412
    assert in_person().get(one).json()["personal"] == "先写的"


def test_a_plan_s_draft_keeps_and_replaces_its_goals(load, in_person):
    case = load.to("planning")
    goals = [{"text": "每日两餐热食"}, {"text": "每周一次出门"}]
    draft = in_person().post(f"cases/{case.number}/plans/", {"draft": True, "goals": goals}).json()
    one = f"cases/{case.number}/{draft['record']}/"
    kept = in_person().patch(one, {"model": "任务中心"}, if_match="*").json()
    assert [g["text"] for g in kept["goals"]] == ["每日两餐热食", "每周一次出门"]
    signed = in_person().patch(one, {"goals": goals[:1], "planned_on": ago(50), "draft": False}, if_match="*").json()
    assert [g["text"] for g in signed["goals"]] == ["每日两餐热食"] and signed["review_on"]


def test_a_number_on_file_in_reach_is_named_and_out_of_reach_hinted(load, in_person):
    first = load.client()
    number = first.id_number.clear
    again = in_person("manager").post("clients/", load.person(id_number=number))
    assert again.status_code == 409 and again.json()["existing"] == first.public_id
    there = in_person("twin_worker").post("clients/", load.person(id_number=number, name="别人"))
    assert there.status_code == 201 and "duplicate" in [w["code"] for w in there.json()["warnings"]]
    assert first.public_id not in there.content.decode()


BAD_CLIENTS = [
    ({"id_number": "420799194503121013"}, "id_number", "bad_id_number"),
    ({"id_number": "420799194503121000"}, "id_number", "truncated_id"),
    ({"phone": "1391234"}, "phone", "bad_phone"),
    ({"guardian": {"name": "王建", "phone": "12"}}, "guardian.phone", "bad_phone"),
    ({"birth_date": "2050-01-01"}, "birth_date", "inconsistent"),
    ({"birth_date": "1945-02-30"}, "birth_date", "bad_date"),
    ({"sex": "m"}, "sex", "bad_choice"),
    ({"name": "  "}, "name", "missing_required"),
    ({"name": "***"}, "name", "inconsistent"),
    ({"station": "421199100000-1"}, "station", "out_of_scope"),
    ({"categories": ["poor"]}, "categories", "bad_choice"),
    ({"residence_division": "999999000000"}, "residence_division", "unknown_division"),
    ({"favourite": 1}, "favourite", "unknown_field"),
]  # fmt: skip


@pytest.mark.parametrize("change,field,code", BAD_CLIENTS)
def test_a_client_s_faults_are_named_by_field(load, by_key, change, field, code):
    answer = by_key().post("clients/", load.person(**change))
    assert answer.status_code == 400 and faults(answer) == {field: code}
    assert not Client.objects.exists()


def test_a_region_that_is_not_listed_is_a_warning_and_no_fault(load, by_key):
    answer = by_key().post("clients/", load.person(id_number=id_number()))
    assert answer.status_code == 201 and answer.json()["warnings"][0]["code"] == "unknown_region"


ODD = [None, 1, True, [], {}, "x" * 6000, "\u0000", [1], {"a": {"b": []}}, -1, 1.5, "2022-02-30", [[]], [{}], [None]]


@pytest.mark.parametrize(
    "kind", ["intake", "assessments", "plans", "contacts", "closure", "crisis", "transfer", "consent", "suspend"]
)
def test_odd_values_in_any_field_answer_400_and_write_nothing(load, by_key, kind):
    from casework.records import KINDS

    case, caller = load.case(), by_key()
    before = Record.objects.count()
    for field in KINDS[kind].fields:
        for value in ODD:
            answer = caller.post(f"cases/{case.number}/{kind}/", {field.name: value})
            assert answer.status_code in (400, 409), (field.name, value, answer.content[:300])
    assert Record.objects.count() == before


def test_a_case_is_assigned_by_patch_with_its_tag_and_not_by_its_worker(load, by_key):
    case = load.case()
    body = {"worker": load.workers["manager"].public_id}
    assert by_key().patch(f"cases/{case.number}/", body, if_match="*").status_code == 403
    assert by_key("manager").patch(f"cases/{case.number}/", body).status_code == 428
    assert by_key("manager").patch(f"cases/{case.number}/", body, if_match="*").status_code == 200
    assert Case.objects.get(pk=case.pk).worker == load.workers["manager"]
    stranger = {"worker": load.workers["twin_worker"].public_id}
    assert faults(by_key("supervisor").patch(f"cases/{case.number}/", stranger, if_match="*")) == {
        "worker": "bad_choice"
    }


def test_lists_name_nobody_and_search_is_no_oracle(load, in_person):
    case = load.case()
    for path in ("clients/", "cases/"):
        text = in_person().get(path).content.decode()
        assert "王" not in text and "1945" not in text and "139" not in text
    for query in (
        "search=王德福",
        f"id_number={case.client.id_number.clear}",
        "ordering=id_number",
        "search=13912345678",
    ):
        for path in ("clients/", "cases/"):
            answer = in_person().get(f"{path}?{query}")
            assert answer.status_code == 400 or answer.json()["results"] == []


def test_the_list_is_one_page_of_few_queries_whatever_its_length(load, in_person, django_assert_max_num_queries):
    caller = in_person("official")
    for _n in range(3):
        load.case()
    caller.get("cases/")
    with django_assert_max_num_queries(8):
        assert len(caller.get("cases/?ordering=-updated_at").json()["results"]) == 3


def test_the_timeline_pages_without_gap_or_double(load, in_person):
    case, caller = load.to("closed"), in_person()
    whole = caller.get(f"cases/{case.number}/timeline/").json()["results"]
    url, seen = f"cases/{case.number}/timeline/?page_size=4", []
    while url:
        page = caller.get(url).json()
        seen += page["results"]
        url = page["next"] and page["next"].partition(API)[2]
    assert seen == whole and len(whole) > 10
    official = in_person("official").get(f"cases/{case.number}/timeline/").json()["results"]
    assert {line["kind"] for line in official} == {"opened", "stage"}
