"""What lists look like as tables, how often one may ask, and the schema that describes it all."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta

import jsonschema
import openpyxl
import pytest
import time_machine
from django.core.cache import cache
from drf_spectacular.validation import validate_schema

from accounts.changes import change
from stations.models import Station
from surfaces.renderers import unrunnable, workbook
from surfaces.throttling import wait_for
from tests.contracts.addresses import addresses, api_lists

STATIONS = "/api/v1/stations/"
EVIL = [
    "=1+1",
    "+86",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    '=HYPERLINK("http://127.0.0.1","x")',
    "=cmd|' /C calc'!A0",
]


def runs(cell):
    """Would a spreadsheet take it for a formula? A negative number is none."""
    return (
        cell[:1] in "=+@\t\r\n＝＋－＠"
        and cell[:1] != ""
        or (cell[:1] == "-" and not cell[1:].replace(".", "", 1).isdigit())
    )


def as_csv(answer):
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


# ── tables ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", api_lists(), ids=lambda a: a.path)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_is_a_table_too(world, address, kind):
    answer = world.program("superuser").get(f"{address.path}?format={kind}")
    if answer.status_code in (400, 403, 405) or "results" not in world.program("superuser").get(address.path).json():
        pytest.skip("no list, or one that asks for more")
    assert answer.status_code == 200
    assert 'filename="' in answer["Content-Disposition"] and answer["Content-Disposition"].endswith(f'.{kind}"')
    if kind == "csv":
        assert len(as_csv(answer)[0]) > 1
    else:
        assert len(next(openpyxl.load_workbook(io.BytesIO(answer.content)).active.rows)) > 1


def test_no_text_runs_as_a_formula_in_any_table(world):
    with change(None, "test"):
        for i, text in enumerate(EVIL[: Station.objects.count()]):
            Station.objects.filter(pk=Station.objects.order_by("pk")[i].pk).update(address=text, manager_name=text[:40])
    client = world.program("superuser")
    table = as_csv(client.get(f"{STATIONS}?format=csv"))
    assert not [cell for row in table for cell in row if runs(cell)]
    body = client.get(f"{STATIONS}?format=xlsx").content
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<f " not in sheet
    cells = {c.value for row in openpyxl.load_workbook(io.BytesIO(body)).active for c in row}
    assert '=HYPERLINK("http://127.0.0.1","x")' in cells, "in a workbook text is text as it is"


def test_a_table_has_all_rows_unless_a_page_is_asked_for(world):
    client = world.program("superuser")
    assert len(as_csv(client.get(f"{STATIONS}?format=csv"))) == 1 + Station.objects.count()
    assert len(as_csv(client.get(f"{STATIONS}?format=csv&page_size=3"))) == 4
    assert len(as_csv(client.get(f"{STATIONS}?format=csv&tier=city&fields=code,name"))) == 3


def test_a_table_says_what_the_json_says_under_words(world):
    client = world.program("official")
    head, first, *_rest = as_csv(client.get(f"{STATIONS}?format=csv"))
    assert head[:6] == ["站点编号", "站点名称", "层级", "状态", "区划", "上级站点"]
    assert first[:3] == ["420702000000-1", "梁子湖区社会工作服务总站", "district"]
    assert first[4] == "420702000000 梁子湖区"
    empty = as_csv(world.program("agency").get(f"{STATIONS}?format=csv"))
    assert [row[:2] for row in empty] == [["站点编号", "站点名称"]]


def test_a_refused_table_is_a_problem_not_a_table(world):
    answer = world.program("official").get(f"{STATIONS}?format=csv&nonsense=1")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("value", [*EVIL, "-5 度", "'=1"])
def test_text_that_would_run_is_quoted(value):
    assert not runs(unrunnable(value)) and unrunnable(value).lstrip("'") == value.lstrip("'")


@pytest.mark.parametrize("value", [-5, 0, 1.5, None, "太和镇", "a=b", ""])
def test_numbers_and_plain_text_stay_as_they_are(value):
    assert unrunnable(value) == value


def test_a_workbook_takes_any_text():
    odd = [
        "\x00\x01\x1f",
        "x" * 40_000,
        "𠮷䶮",
        "<>&\"'",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "http://x.cn",
    ]
    body = workbook(["列"], ([v] for v in odd))
    assert openpyxl.load_workbook(io.BytesIO(body)).active.max_row == 1 + len(odd)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def few(settings):
    settings.API_REQUESTS_A_MINUTE, settings.API_EXPORTS_A_MINUTE = 5, 2
    cache.clear()
    yield
    cache.clear()


def test_one_is_told_what_is_left_and_then_when_to_come_again(world, few):
    client = world.program("viewer")
    with time_machine.travel(datetime(2026, 3, 2, 8, 0, 10, tzinfo=UTC), tick=False) as clock:
        told = [client.get("/api/v1/me/") for _ in range(6)]
        assert [a.status_code for a in told] == [200] * 5 + [429]
        assert [int(a["RateLimit-Remaining"]) for a in told] == [4, 3, 2, 1, 0, 0]
        assert {a["RateLimit-Limit"] for a in told} == {"5"}
        wait = int(told[-1]["Retry-After"])
        assert told[-1]["Content-Type"] == "application/problem+json"
        for _ in range(20):  # asking on does not push the moment away
            assert client.get("/api/v1/me/").status_code == 429
        clock.shift(timedelta(seconds=wait))
        assert client.get("/api/v1/me/").status_code == 200


def test_exports_have_a_limit_of_their_own_and_everybody_his(world, few):
    client = world.program("viewer")
    with time_machine.travel(datetime(2026, 3, 2, 8, 0, 10, tzinfo=UTC), tick=False):
        assert [client.get(f"{STATIONS}?format=csv").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get(STATIONS).status_code == 200
        assert world.program("official").get(f"{STATIONS}?format=xlsx").status_code == 200
        assert world.program("viewer", ["stations:read"]).get(f"{STATIONS}?format=csv").status_code == 200, (
            "a key of its own"
        )


@pytest.mark.parametrize("limit", [5, 60, 600])
@pytest.mark.parametrize(
    ("now", "last", "second"), [(5, 0, 10), (0, 5, 0), (3, 5, 20.5), (5, 5, 59.9), (1, 5, 1), (2, 4, 30)]
)
def test_the_moment_told_is_the_first_at_which_one_more_fits(limit, now, last, second):
    now, last = now * limit // 5, last * limit // 5

    def fits(wait):
        at = second + wait
        used = now + last * (1 - at / 60) if at < 60 else now * max(0, 1 - (at - 60) / 60)
        return used + 1 <= limit + 1e-6

    wait = wait_for(limit, now, last, second)
    assert fits(wait) and (wait == 0 or not fits(wait - 0.5) or wait < 0.5)


def test_without_the_broker_the_limits_hold_in_the_process(world, few, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/limits.sock?db=1"}}
    cache.clear()
    client = world.program("viewer")
    with time_machine.travel(datetime(2026, 3, 2, 8, 0, 10, tzinfo=UTC), tick=False):
        assert [client.get("/api/v1/me/").status_code for _ in range(6)] == [200] * 5 + [429]


# ── the schema ───────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def schema(world):
    answer = world.program("viewer").get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_schema_is_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_every_reference_leads_somewhere(schema):
    for ref in set(references(schema)):
        at = schema
        for step in ref.removeprefix("#/").split("/"):
            at = at[step.replace("~1", "/").replace("~0", "~")]
        assert at


def test_every_address_of_the_api_stands_in_the_schema(schema):
    known = {re.sub(r"{\w+}", "{}", path).removeprefix("/api/v1") for path in schema["paths"]}
    ours = [a for a in addresses() if a.is_api and a.name not in ("schema", "docs", "nowhere")]
    missing = [a.path for a in ours if re.sub(r"{\w+}", "{}", a.path).removeprefix("/api/v1") not in known]
    assert missing == []


def test_every_operation_has_a_name_of_its_own_and_names_its_problems(schema):
    operations = [op for path in schema["paths"].values() for op in path.values() if isinstance(op, dict)]
    names = [op["operationId"] for op in operations]
    assert len(set(names)) == len(names)
    assert all("application/problem+json" in op["responses"]["403"]["content"] for op in operations)


@pytest.mark.parametrize("address", api_lists(), ids=lambda a: a.path)
def test_answers_are_of_the_shape_that_the_schema_tells(world, schema, address):
    client = world.program("superuser")
    answer = client.get(address.path)
    if answer.status_code in (400, 403, 405):
        pytest.skip("asks for one cell, or is only written")
    operation = schema["paths"].get(address.path) or schema["paths"][address.path.removeprefix("/api/v1")]
    shape = operation["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**shape, "components": schema["components"]}
    errors = [
        f"{list(e.absolute_path)}: {e.message}"
        for e in jsonschema.Draft202012Validator(whole).iter_errors(answer.json())
    ]
    assert errors == []


def test_the_page_that_shows_the_schema_asks_nothing_of_other_sites(world):
    page = world.browser("viewer").get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200 and "cdn" not in text.lower()
    assert not [u for u in re.findall(r'(?:src|href)="([^"]+)"', text) if u.startswith(("http", "//"))]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", text)
