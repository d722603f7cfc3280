"""What the API says when something is wrong: always a problem with a sentence, never a 5xx."""

import json

import pytest
from django.test import Client

from stations.api.serializers import StationInput, StationPatch
from tests.contracts.addresses import addresses, api_lists

STATIONS = "/api/v1/stations/"


def problem(answer, status):
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "errors"} <= body.keys()
    assert body["status"] == status and body["title"] and body["detail"]
    assert all({"field", "code", "message"} <= e.keys() for e in body["errors"])
    return body


def send(client, path, body, method="post", **more):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return getattr(client, method)(path, data, content_type="application/json", **more)


def test_each_kind_of_refusal_is_a_problem(world):
    official, viewer = world.program("official"), world.program("viewer")
    problem(Client().get("/api/v1/me/"), 401)
    problem(Client().post(STATIONS, {}), 401)
    problem(send(viewer, STATIONS, {}), 403)
    problem(official.get(STATIONS + "no-such/"), 404)
    problem(official.get("/api/v1/no-such/"), 404)
    problem(official.get("/api/v1/no-such"), 404)
    problem(official.delete(STATIONS), 405)
    problem(official.post(STATIONS, b"<x/>", content_type="text/xml"), 415)
    problem(official.get(STATIONS + "?format=exe"), 406)
    problem(send(official, STATIONS, b"{"), 400)


def test_every_wrong_field_is_named_at_once(world):
    body = problem(send(world.program("official"), STATIONS, {"tier": "moon", "phone": "x" * 60, "surprise": 1}), 400)
    assert {e["field"] for e in body["errors"]} == {"name", "tier", "division", "phone", "surprise"}


def test_a_rule_of_the_domain_keeps_its_code_and_field(world):
    official = world.program("city_official")
    code = world.station("太和镇").code
    body = problem(send(official, f"{STATIONS}{code}/move/", {"parent": world.station("谢埠村").code}), 400)
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("parent", "wrong_parent")]
    body = problem(send(official, f"{STATIONS}{code}/move/", {"parent": "no-such"}), 400)
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("parent", "unknown_parent")]
    body = problem(send(official, f"{STATIONS}{code}/open/", {}), 409)
    assert [e["code"] for e in body["errors"]] == ["no_change"]


def test_out_of_scope_and_never_there_are_told_alike(world):
    official = world.program("official")
    hidden = problem(official.get(f"{STATIONS}{world.station('葛店镇').code}/"), 404)
    missing = problem(official.get(f"{STATIONS}420703999000-1/"), 404)
    assert hidden == missing


@pytest.mark.parametrize("address", api_lists(), ids=lambda a: a.path)
def test_an_unknown_query_parameter_is_refused_on_every_list(world, address):
    body = problem(world.program("superuser").get(address.path + "?nonsense=1"), 400)
    assert body["errors"][0]["field"] == "nonsense"


def test_parameters_of_lists_are_unknown_to_writes_and_single_objects(world):
    official, code = world.program("official"), world.station("太和镇").code
    problem(send(official, f"{STATIONS}{code}/open/?page_size=3", {}), 400)
    problem(send(official, f"{STATIONS}?search=x", {}), 400)
    problem(official.get(f"{STATIONS}{code}/?tier=city"), 400)
    assert official.get(f"{STATIONS}{code}/?as_of=2022-08-09&fields=code").status_code == 200


DEEP = [
    b"[" * 20000,
    b'{"name":' * 3000,
    b'{"name":' + b"[" * 40 + b"]" * 40 + b"}",
    b'{"name":' + b"[" * 900 + b"]" * 900 + b"}",
]
BROKEN = [
    b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe", b'{"name":1e999}', b'{"name":NaN}', b'{"a":"\\ud800"}',
    b'{"\\udfff":1}', b"\0", b'{"name":' + b"9" * 5000 + b"}", *DEEP,
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=lambda b: repr(b[:20]))
def test_a_body_that_is_no_json_object_is_refused_everywhere(world, body):
    """On every address of the API that takes one."""
    client = world.program("superuser")
    for address in addresses():
        if not address.is_api or address.name in ("schema", "docs", "nowhere"):
            continue
        path = address.at(**dict.fromkeys(address.parameters, world.station("太和镇").code))
        for method in ("post", "patch", "put", "delete"):
            answer = send(client, path, body, method)
            assert (400 if body else 200) <= answer.status_code < 500, (
                method,
                path,
                answer.status_code,
                answer.content[:200],
            )


ODD = (
    None,
    [],
    {},
    "\0",
    "x" * 9000,
    -1,
    10**30,
    True,
    "2022-02-30",
    "\ud800",
    1.5,
    "",
    " ",
    "\u202e",
    {"code": 1},
    "＝1",
)


def test_no_odd_value_in_any_field_gives_a_5xx(world):
    official, code = world.program("superuser"), world.station("太和镇").code
    good = {"name": "马龙村室", "tier": "village", "division": world.divisions["马龙村"].code}
    for method, path, body, fields in (
        ("post", STATIONS, good, [*StationInput().fields, "client_ref"]),
        ("post", f"{STATIONS}{code}/move/", {"parent": world.station("梁子湖区").code}, ["parent", "on", "reason"]),
        ("post", f"{STATIONS}{code}/merge/", {}, ["into"]),
        ("patch", f"{STATIONS}{code}/", {}, StationPatch().fields),
    ):
        for field in fields:
            for value in ODD:
                answer = send(official, path, {**body, field: value}, method, headers={"If-Match": "*"})
                assert answer.status_code < 500, (path, field, value, answer.content[:300])


ODD_QUERIES = """page_size=x page_size=-1 page_size=0 page_size=1001 page_size=١٢ page_size=1e2 page_size= cursor=%00 cursor=abc cursor=
cursor=bnVsbA cursor=W10 cursor=eyJ2IjpbMV19 cursor=eyJ2IjpbbnVsbF19 cursor=eyJ0IjoieCJ9 cursor=eyJ2IjpbIlx1ZDgwMCJdfQ cursor=eyJ2IjpbMWU5OTldfQ
cursor=eyJ2IjpbWzFdXX0 cursor=eyJ0Ijo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTl9 cursor=%F0%9F%90%B1 ordering=__class__ ordering=--name ordering=-
ordering=name,code ordering=parent__name ordering= updated_since=yesterday updated_since= updated_since=2022-08-09
updated_since=9999-12-31T23:59:59Z updated_since=0001-01-01T00:00:00Z fields=a,,b fields= fields=code,code fields=password as_of=2022-02-30
as_of= as_of=2022-8-9 as_of=99999-01-01 as_of=20220809 within=%27%22%00 within= within=x within=420700000000%00 search=%00 search=%25
search=_ search=%5C search=%ED%A0%80 format=exe format= level=99999999999999999999 level=city%27 tier=0 status=closed;-- period=2022-13
period=x indicator=x place=x state=x""".split()


@pytest.mark.parametrize("address", api_lists(), ids=lambda a: a.path)
def test_no_odd_query_gives_a_5xx(world, address):
    client = world.program("superuser")
    for query in ODD_QUERIES:
        answer = client.get(f"{address.path}?{query}")
        assert answer.status_code < 500, (query, answer.content[:300])
        if answer.status_code >= 400:
            problem(answer, answer.status_code)


def test_a_cursor_of_bottomless_nesting_is_refused(world):
    import base64

    deep = base64.urlsafe_b64encode(b"[" * 2900).decode()
    problem(world.program("official").get(f"{STATIONS}?cursor={deep}"), 400)


def test_a_hostile_header_gives_no_5xx(world):
    client = world.program("official")
    for name, value in (
        ("If-None-Match", '"' + "x" * 5000), ("If-Match", "\x80"), ("Accept-Language", "zz;q=9,*;q=x,-"), ("Accept", "a/b/c;;;"),
        ("Accept-Language", "x" * 5000), ("Cookie", "sid=\x00; csrf=" + "y" * 3000), ("X-Forwarded-For", "<script>"),
    ):  # fmt: skip
        assert client.get(STATIONS, headers={name: value}).status_code < 500, name


@pytest.mark.parametrize("word", ["Basic", "Token", "Bearer", "bearer", ""])
def test_a_stranger_s_authorization_is_nobody(db, word):
    for secret in ("", "x", "a:b", "\xff" * 50, "Bearer Bearer"):
        assert Client().get(STATIONS, headers={"Authorization": f"{word} {secret}"}).status_code == 401


def test_in_a_session_a_write_needs_its_token(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["official"], backend="accounts.backends.NameOrMobile")
    assert client.get(STATIONS).status_code == 200
    problem(send(client, STATIONS, {}), 403)


def test_what_a_constraint_refuses_is_a_conflict_and_what_a_column_cannot_hold_a_mistake(world):
    from django.db import DataError, IntegrityError, OperationalError

    from surfaces import problems

    assert [problems.describe(e)[0] for e in (IntegrityError(), DataError(), OperationalError(), OSError(28, "x"))] == [
        409,
        400,
        503,
        507,
    ]
    assert problems.describe(ZeroDivisionError())[0] is None


def test_the_sentences_come_in_the_language_asked_for(world):
    answer = world.program("official").get(STATIONS, headers={"Accept-Language": "en"})
    assert answer["Content-Language"] == "en"
    assert world.program("official").get(STATIONS)["Content-Language"] == "zh-hans"
