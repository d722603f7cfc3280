"""Imports through the API: upload, look, commit, undo, and every refusal with its status (case-api §4)."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from exchange.models import Import
from jobs import actions as jobs
from jobs.models import Job
from tests.exchange import workbooks as w
from tests.exchange.conftest import picture

URL = "/api/v1/imports/"
HEAD = ("区划代码", "站点名称", "层级", "负责人")
LINE = ("420702100000", "太和镇社工站", "乡镇（街道）站", "赵强")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def work(world):
    """Do what waits in the background."""

    def run():
        for job in Job.objects.filter(state=Job.QUEUED).order_by("pk"):
            jobs.run(job.pk)

    run.world = world
    return run


def send(program, data, name="花名册.xlsx", **fields):
    file = SimpleUploadedFile(name, data, "application/octet-stream")
    return program.post(URL, {"kind": "stations", "file": file, **fields})


def test_a_preview_then_commit_then_undo(work):
    program, before = work.world.program("official"), picture()
    answer = send(program, w.book(HEAD, LINE))
    assert answer.status_code == 202 and answer.json()["state"] == "queued"
    url = f"{URL}{answer.json()['id']}/"
    work()
    body = program.get(url).json()
    assert (body["state"], body["rows"], body["created"], body["updated"], body["errors"]) == ("previewed", 1, 0, 1, [])
    assert body["progress"] == 1.0 and body["mode"] == "preview" and body["changes_url"] and isinstance(body["id"], str)
    assert picture() == before
    assert program.post(f"{url}commit/").status_code == 202
    work()
    assert program.get(url).json()["state"] == "committed"
    assert program.get(f"/api/v1/stations/{work.world.station('太和镇').code}/").json()["manager_name"] == "赵强"
    assert program.post(f"{url}undo/").status_code == 202
    work()
    assert program.get(url).json()["state"] == "undone" and picture() == before


def test_a_wrong_file_cannot_be_committed_and_comes_back_marked(work):
    program = work.world.program("official")
    data = w.book(HEAD, LINE, ("420702101000", "东沟镇社工站", "总部", "甲"))
    url = f"{URL}{send(program, data).json()['id']}/"
    work()
    body = program.get(url).json()
    assert body["state"] == "wrong"
    assert body["errors"] == [
        {
            "sheet": "名册",
            "row": 3,
            "column": "层级",
            "code": "bad_choice",
            "message": body["errors"][0]["message"],
            "value": "总部",
        }
    ]
    refused = program.post(f"{url}commit/")
    assert refused.status_code == 409 and refused.json()["errors"][0]["code"] == "rows_wrong"
    answer = program.get(f"{url}annotated.xlsx")
    page = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert "总部" in page["C3"].comment.text and page["C3"].fill.fgColor.rgb.endswith("FFC7CE")
    assert page["B2"].value == "太和镇社工站" and page["B2"].comment is None


def test_an_undo_over_a_later_change_is_409_and_names_the_station(work):
    program, station = work.world.program("official"), work.world.station("太和镇")
    url = f"{URL}{send(program, w.book(HEAD, LINE), mode='commit').json()['id']}/"
    work()
    one = f"/api/v1/stations/{station.code}/"
    tag = program.get(one).headers["ETag"]
    assert (
        program.patch(one, {"phone": "13900000009"}, "application/json", headers={"If-Match": tag}).status_code == 200
    )
    refused = program.post(f"{url}undo/")
    assert (
        refused.status_code == 409
        and refused.json()["errors"][0]["code"] == "changed_since"
        and station.code in refused.json()["detail"]
    )


def test_a_file_that_is_too_large_is_read_to_its_end_and_answered(work, settings):
    settings.UPLOAD_MAX_BYTES = 50_000
    answer = send(work.world.program("official"), b"A" * 500_000, "大.csv")
    assert answer.status_code == 413 and answer.json()["errors"][0]["code"] == "too_large"
    assert not Import.objects.exists()


def test_an_unusable_file_says_why(work):
    program = work.world.program("official")
    url = f"{URL}{send(program, w.compound({'EncryptedPackage': b'1' * 9000})).json()['id']}/"
    work()
    body = program.get(url).json()
    assert body["state"] == "unusable" and "密码" in body["message"]
    assert [(e["code"], e["row"]) for e in body["errors"]] == [("encrypted", None)]
    assert program.get(f"{url}annotated.xlsx").status_code == 409


def test_bad_uploads_are_400_and_unknown_fields_are_refused(work):
    program = work.world.program("official")
    assert send(program, b"").json()["errors"][0]["code"] == "empty"
    assert program.post(URL, {"kind": "stations"}).status_code == 400
    assert send(program, w.book(HEAD, LINE), kind="nothing").status_code == 400
    assert send(program, w.book(HEAD, LINE), mode="perhaps").status_code == 400
    assert send(program, w.book(HEAD, LINE), colour="red").status_code == 400


def test_sending_twice_under_one_reference_makes_one_import(work):
    program, ref = work.world.program("official"), str(uuid.uuid4())
    data = w.book(HEAD, LINE)
    first, again = (send(program, data, client_ref=ref) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200) and first.json()["id"] == again.json()["id"]
    other = send(program, data + b" ", client_ref=ref)
    assert other.status_code == 409 and other.json()["errors"][0]["code"] == "ref_reused"


def test_nobody_sees_or_touches_the_imports_of_another_place(work):
    url = f"{URL}{send(work.world.program('official'), w.book(HEAD, LINE), within='420702000000').json()['id']}/"
    work()
    for who in ("twin_official", "sibling_official", "manager"):
        program = work.world.program(who)
        assert program.get(url).status_code == program.post(f"{url}commit/").status_code == 404
        assert program.get(URL).json()["results"] == []
    assert work.world.program("city_official").get(url).status_code == 200
    assert send(work.world.program("official"), w.book(HEAD, LINE), within="421199000000").status_code == 404


def test_who_may_import(work):
    for who in ("worker", "viewer", "inspector", "supervisor", "agency", "expired"):
        assert send(work.world.program(who), w.book(HEAD, LINE)).status_code == 403, who
    manager = work.world.program("manager")
    assert send(manager, w.book(HEAD, LINE), mode="commit").status_code == 403
    url = f"{URL}{send(manager, w.book(HEAD, LINE)).json()['id']}/"
    work()
    assert manager.get(url).json()["state"] == "previewed"
    assert manager.post(f"{url}commit/").status_code == 403
    reading = work.world.program("official", ("stations:read",))
    assert send(reading, w.book(HEAD, LINE)).status_code == 403


def test_a_step_that_is_done_again_after_a_crash_writes_once(work):
    program = work.world.program("official")
    url = f"{URL}{send(program, w.book(HEAD, LINE), mode='commit').json()['id']}/"
    work()
    run = Import.objects.get()
    Job.objects.filter(pk=run.job_id).update(state=Job.QUEUED)
    work()
    assert program.get(url).json()["state"] == "committed" and Import.objects.get().event_id == run.event_id
