"""The pages of an import work without script: upload, look, mend, write, take back."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from openpyxl import load_workbook

from exchange.models import HeaderMapping, Import
from jobs import actions as jobs
from jobs.models import Job
from tests.exchange import workbooks as w
from tests.exchange.conftest import ROSTERS, picture

HEAD = ("区划代码", "站点名称", "层级", "负责人", "联系电话")
LINE = ("420702100000", "太和镇社工站", "乡镇（街道）站", "赵强", "13900000001")
LIMIT = 60_000
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pages(world):
    class Pages:
        def __init__(self, who="official"):
            self.browser = world.browser(who)

        def upload(self, data, **fields):
            file = SimpleUploadedFile("花名册.xlsx", data, "application/octet-stream")
            answer = self.browser.post(
                "/imports/", {"kind": "stations", "within": "", "sheet": "", "file": file, **fields}
            )
            return answer.headers.get("Location") or answer

        def work(self):
            for job in Job.objects.filter(state=Job.QUEUED).order_by("pk"):
                jobs.run(job.pk)

        def get(self, url):
            answer = self.browser.get(url)
            assert answer.status_code == 200 and len(answer.content) < LIMIT
            return answer.content.decode()

    Pages.world = world
    return Pages


def fields_of(html):
    return dict(re.findall(r'<input class="input" id="[^"]*" name="(c:[^"]+)"( )', html))


def test_upload_look_write_and_take_back(pages):
    page, before = pages(), picture()
    assert "上传并核对" in page.get("/imports/")
    url = page.upload(w.book(HEAD, LINE))
    assert "排队中" in page.get(url)
    page.work()
    html = page.get(url)
    assert "写入 1 行" in html and "<del>HOME-person</del> <ins>赵强</ins>" in html and "一行也还没写进去" in html
    assert picture() == before
    page.browser.post(f"{url}commit/")
    page.work()
    assert "修改 1 行（2 格）" in page.get(url) and pages.world.fresh("太和镇").manager_name == "赵强"
    page.browser.post(f"{url}undo/")
    page.work()
    assert "这次导入已撤销" in page.get(url) and picture() == before
    assert "已撤销" in page.get("/imports/")


def test_a_wrong_cell_is_mended_on_the_page_and_the_file_stays_as_it_is(pages):
    page = pages()
    url = page.upload(w.book(HEAD, (*LINE[:4], "139"), LINE, ("420702101000", "东沟镇社工站", "总部", "甲", "")))
    page.work()
    html = page.get(url)
    assert (
        "有 3 处要改" in html
        and "<code>E2</code>" in html
        and "手机号应是11位，这里3位。" in html
        and "不导入第 3 行" in html
    )
    assert page.browser.post(f"{url}commit/").status_code == 302
    assert Import.objects.get().state == Import.WRONG
    page.browser.post(f"{url}mend/", {"c:0:2:5": "13900000002", "c:0:4:3": "乡镇（街道）站", "d:0:3": "1"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT mended FROM exchange_import ORDER BY id DESC LIMIT 1")
        kept = cursor.fetchone()[0]
    assert kept.startswith("v1.") and "13900000002" not in kept
    page.work()
    run = Import.objects.get()
    assert (run.state, run.rows, run.updated, run.left_out) == (Import.PREVIEWED, 2, 2, 1)
    page.browser.post(f"{url}commit/")
    page.work()
    assert pages.world.fresh("太和镇").phone == "13900000002"


def test_what_an_office_says_of_its_headers_is_remembered_for_the_next_file(pages):
    page, lines = pages(), ((*HEAD[:3], "当家的"), LINE[:4])
    office = ("填报单位：太和镇民政办",)
    url = page.upload(w.book(office, *lines))
    page.work()
    assert "1 列没有读" in page.get(url)
    page.browser.post(f"{url}mapping/", {"m:0:4": "负责人", "m:0:1": "区划代码"})
    page.work()
    assert HeaderMapping.objects.get().office == "太和镇民政办"
    assert Import.objects.get().updated == 1 and "当家的" in page.get("/imports/")
    page.upload(w.book(office, *lines[:1], (*LINE[:3], "钱敏")))
    page.work()
    assert Import.objects.first().updated == 1


def test_an_unusable_file_is_told_and_nothing_else_is_offered(pages):
    page = pages()
    url = page.upload(w.pack(w.parts("") | {"xl/vbaProject.bin": b"x"}))
    page.work()
    html = page.get(url)
    assert "这份文件带宏" in html and "写入 " not in html
    assert page.browser.get(f"{url}annotated.xlsx").status_code in (400, 409)


def test_no_file_an_empty_one_and_one_too_large_are_told_on_the_form(pages, settings):
    page = pages()
    answer = page.browser.post("/imports/", {"kind": "stations"})
    assert answer.status_code == 400 and "没有收到文件" in answer.content.decode()
    assert "文件是空的" in page.upload(b"").content.decode()
    settings.UPLOAD_MAX_BYTES = 50_000
    answer = page.upload(b"A" * 400_000)
    assert answer.status_code == 413 and "20 MB" in answer.content.decode()


def test_the_page_of_a_long_file_stays_small(pages):
    page = pages("superuser")
    url = page.upload((ROSTERS / "ningxia-with-errors.xlsx").read_bytes())
    page.work()
    page.get(url)
    lines = [(f"42070210{n:04d}", f"甲{n}社工室", "总部", "甲", "1390000") for n in range(400)]
    url = page.upload(w.book(HEAD, *lines))
    page.work()
    html = page.get(url)
    assert Import.objects.first().error_count >= 800 and "处要改" in html and "errors=2" in html
    assert "<code>" in page.get(f"{url}?errors=2")


def test_a_manager_hands_in_and_an_official_writes(pages):
    manager, official = pages("manager"), pages("official")
    url = manager.upload(w.book(HEAD, LINE), within=pages.world.station("太和镇").code)
    manager.work()
    assert "写入由民政干部来做" in manager.get(url) and manager.browser.post(f"{url}commit/").status_code == 403
    assert "花名册.xlsx" in official.get("/imports/")
    official.browser.post(f"{url}commit/")
    official.work()
    assert Import.objects.get().state == Import.COMMITTED


@pytest.mark.parametrize("who", ["worker", "viewer", "inspector", "agency", "expired"])
def test_others_have_no_such_room(pages, who):
    assert pages(who).browser.get("/imports/").status_code == 403


def test_another_places_import_is_404(pages):
    page = pages()
    url = page.upload(w.book(HEAD, LINE), within="420702000000")
    for who in ("twin_official", "sibling_official"):
        browser = pages(who).browser
        assert browser.get(url).status_code == browser.post(f"{url}commit/").status_code == 404
        assert browser.get(f"{url}annotated.xlsx").status_code == 404


def test_the_blank_workbook_is_read_by_the_reader_that_it_was_made_for(pages):
    page = pages()
    data = page.browser.get("/imports/blank/stations.xlsx").content
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == (
        "区划代码 站点名称 层级 上级站点 状态 运营方式 承接机构 成立日期 地址 负责人 联系电话 场地面积（㎡） 专职社工数 持证社工数 备注".split()
    )
    assert any("筹建" in str(rule.formula1) for rule in sheet.data_validations.dataValidation)
    for at, value in enumerate(LINE[:3] + (None,) * 6 + LINE[3:], 1):
        sheet.cell(2, at, value)
    out = io.BytesIO()
    book.save(out)
    page.upload(out.getvalue())
    page.work()
    run = Import.objects.get()
    assert (run.state, run.rows, run.updated) == (Import.PREVIEWED, 1, 1), run.errors
