"""The officials' set-up pages: who enters, what is in reach, how rows are written, what leaves as a file."""

import io
import re

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import Event
from periods import today
from stations.models import Agency, CoverageUnit, Division, Post, Station
from stations.models.stations import FORM_FIELDS
from surfaces.admin import ScopedAdmin

OURS = [Station, Division, CoverageUnit, Agency, Post]
LISTS = [f"/admin/stations/{m._meta.model_name}/" for m in OURS]
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style\b|<[a-z][^>]*\s(?:style|on[a-z]+)\s*=|(?:href|src)\s*=\s*[\"']javascript:",
    re.I,
)
GOOD = "91420700MA4F0X9R6U"


def text_of(answer):
    return answer.content.decode()


def book(*rows):
    made, out = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return SimpleUploadedFile("机构.xlsx", out.getvalue())


def test_every_table_of_the_room_stands_on_the_scoped_base():
    for model, page in admin.site._registry.items():
        if model._meta.app_label == "stations":
            assert isinstance(page, ScopedAdmin), model


@pytest.mark.parametrize("who", ["manager", "worker", "viewer", "agency", "expired"])
def test_only_officials_and_the_administrator_enter(world, who):
    for url in ["/admin/", *LISTS]:
        assert world.browser(who).get(url).status_code == 403
    assert world.browser(None).get("/admin/").status_code == 302


@pytest.mark.parametrize("who", ["official", "superuser"])
def test_no_page_holds_anything_inline(world, who):
    browser = world.browser(who)
    unit, agency = CoverageUnit.objects.filter(division=world.home).get(), world.users["agency"].posts.get().agency
    urls = ["/admin/", *LISTS, *(f"{url}export/" for url in LISTS)]
    urls += [f"{LISTS[1]}{world.home.pk}/change/", f"{LISTS[1]}{world.home.pk}/history/", f"{LISTS[2]}add/"]
    urls += [f"{LISTS[2]}{unit.pk}/change/", f"{LISTS[3]}add/", f"{LISTS[3]}import/", f"{LISTS[3]}{agency.pk}/change/"]
    for url in urls:
        answer = browser.get(url)
        assert answer.status_code == 200, url
        found = INLINE.search(text_of(answer))
        assert not found, (url, found)


def test_lists_search_filters_and_histories_stay_in_reach(world):
    browser = world.browser("official")
    for url in LISTS:
        for query in ("", "?q=a", "?q=鸑鷟", "?q=葛店", "?all="):
            page = re.sub(r'value="[^"]*"', "", text_of(browser.get(url + query)))
            assert not re.search("葛店镇社会|白浒|SIBLING|TWIN|凤鸣|鸾栖", page), url + query
    for model, twin in (
        (Station, world.station("鸾栖镇")),
        (Division, world.twin),
        (Post, world.users["twin_worker"].posts.get()),
    ):
        for what in ("change", "history"):
            answer = browser.get(f"/admin/stations/{model._meta.model_name}/{twin.pk}/{what}/")
            assert answer.status_code == 302 and answer["Location"] == "/admin/", (model, what)
    assert browser.get("/admin/stations/station/?parent__name__startswith=x").status_code in (302, 400)
    found = browser.get(
        "/admin/autocomplete/?app_label=stations&model_name=station&field_name=parent&term=社会"
    ).json()["results"]
    assert found and not re.search("葛店|华容|鸾栖|鸑鷟", str(found))


@pytest.mark.parametrize("typed", ["thz", "taihe", "太和", "420702100000"])
def test_the_list_is_searched_as_the_tree_is(world, typed):
    page = text_of(world.browser("official").get("/admin/stations/station/", {"q": typed}))
    assert "太和镇社会工作服务站" in page and "东沟镇社会工作服务站" not in page


def test_the_tree_list_is_indented_by_class(world):
    page = text_of(world.browser("city_official").get("/admin/stations/station/"))
    levels = [(int(n), name[:3]) for n, name in re.findall(r'<span class="level-(\d)">([^<]+)', page)]
    assert levels[:4] == [(1, "鄂州市"), (2, "梁子湖"), (3, "太和镇"), (4, "谢埠村")]


def test_no_form_of_the_admin_writes_a_station(world):
    browser, station = world.browser("official"), world.station("太和镇")
    before = Station.objects.filter(pk=station.pk).values().get()
    for url in ("add/", f"{station.pk}/change/"):
        answer = browser.post(
            f"/admin/stations/station/{url}", {"name": "x", "tier": 1, "parent": "", "status": "closed"}
        )
        assert answer.status_code == 302 and answer["Location"].startswith("/stations/")
    assert Station.objects.filter(pk=station.pk).values().get() == before
    assert "parent" not in FORM_FIELDS and "status" not in FORM_FIELDS


def test_ticked_stations_get_a_mode_under_one_event(world):
    ids = [world.station("太和镇").pk, world.station("东沟镇").pk, world.station("葛店镇").pk]
    body = {"action": "mode_joint", "_selected_action": ids}
    world.browser("official").post("/admin/stations/station/", body)
    changed = Station.objects.filter(operation_mode="joint").values_list("pk", flat=True)
    assert set(changed) == set(ids[:2])  # the third is out of reach, whatever was posted
    assert Event.objects.get(verb="station.mode_given").changes.count() == 2


# ── who owes a station ──


def declare(world, who="official", **more):
    body = {"division": "420702450000", "owes": "yes", "since": str(today()), "document": "鄂民发〔2022〕1号"} | more
    return world.browser(who).post("/admin/stations/coverageunit/add/", body)


def test_a_unit_is_declared_from_a_day_by_a_paper(world):
    assert declare(world).status_code == 302
    unit = CoverageUnit.objects.get(division__code="420702450000")
    assert (unit.span.lower, unit.span.upper, unit.document) == (today(), None, "鄂民发〔2022〕1号")
    assert declare(world, owes="no").status_code == 302
    assert not CoverageUnit.objects.owing_on(today()).filter(division__code="420702450000").exists()


def test_a_unit_of_another_place_is_not_declared(world):
    before = CoverageUnit.objects.count()
    for code in ("420703101000", "421199100000", "420700000000", "nowhere", ""):
        assert declare(world, division=code).status_code == 200
    assert CoverageUnit.objects.count() == before


def test_a_span_is_never_edited(world):
    unit = CoverageUnit.objects.get(division=world.home)
    url = f"/admin/stations/coverageunit/{unit.pk}/change/"
    assert 'name="span' not in text_of(world.browser("official").get(url))
    assert world.browser("official").post(url, {"document": "x", "span_0": "2000-01-01"}).status_code == 403


def test_the_list_ends_units_from_today(world):
    unit = CoverageUnit.objects.get(division__name="东沟镇")
    other = CoverageUnit.objects.get(division__name="葛店镇")
    body = {"action": "owe_no_more", "_selected_action": [unit.pk, other.pk]}
    world.browser("official").post("/admin/stations/coverageunit/", body)
    assert not CoverageUnit.objects.owing_on(today()).filter(pk=unit.pk).exists()
    assert CoverageUnit.objects.owing_on(today()).filter(pk=other.pk).exists()


# ── agencies ──


def test_an_agency_is_made_in_ones_own_place(world):
    browser = world.browser("official")
    body = {"name": "新光社会工作服务中心", "credit_code": "", "division": "420702000000"}
    assert browser.post("/admin/stations/agency/add/", body).status_code == 302
    made = Agency.objects.get(name="新光社会工作服务中心")
    assert made.division == world.home
    assert "新光" in text_of(browser.get(f"/admin/stations/agency/{made.pk}/history/"))
    for code in ("421199000000", "420703000000", ""):
        assert browser.post("/admin/stations/agency/add/", body | {"division": code, "name": "别处"}).status_code == 200
    assert not Agency.objects.filter(name="别处").exists()


def import_list(browser, file):
    """Upload, and confirm where a preview is offered. Returns the last page."""
    answer = browser.post("/admin/stations/agency/import/", {"import_file": file, "format": "0", "resource": "0"})
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text_of(answer)))
    if "import_file_name" not in fields:
        return answer
    return browser.post("/admin/stations/agency/process_import/", fields, follow=True)


HEAD = ("名称", "统一社会信用代码", "登记地代码")


def test_a_list_of_agencies_is_previewed_then_written_under_one_event(world):
    file = book(
        HEAD,
        ("甲社工中心", None, "420702000000"),
        ("乙社工中心", None, "420702000000"),
        ("益民社会工作服务中心", None, "420702000000"),
    )
    browser = world.browser("official")
    page = text_of(
        browser.post("/admin/stations/agency/import/", {"import_file": file, "format": "0", "resource": "0"})
    )
    assert "甲社工中心" in page
    assert not Agency.objects.filter(name="甲社工中心").exists()
    file.seek(0)
    page = text_of(import_list(browser, file))
    assert "新增 2 个" in page and "没变 1 个" in page
    assert Event.objects.filter(verb="agencies.imported").latest("pk").changes.count() == 2


def test_one_wrong_row_keeps_all_out(world):
    rows = (HEAD, ("甲社工中心", None, "420702000000"), ("乙社工中心", None, "421199000000"))
    page = text_of(import_list(world.browser("official"), book(*rows)))
    assert "421199000000" in page
    assert not Agency.objects.filter(name="甲社工中心").exists()


def test_a_list_names_no_agency_of_another_place(world):
    twin = Agency.objects.get(name__startswith="凤鸣")
    import_list(
        world.browser("official"), book(HEAD, (twin.name, None, "421199000000"), ("凤鸣社会工作服务中心", None, ""))
    )
    twin.refresh_from_db()
    assert twin.division == world.twin
    assert Agency.objects.filter(name__startswith="凤鸣").count() == 1


def test_an_upload_is_confirmed_by_its_sender_alone(world):
    official = world.browser("official")
    answer = official.post(
        "/admin/stations/agency/import/",
        {"import_file": book(HEAD, ("甲社工中心", None, "420702000000")), "format": "0", "resource": "0"},
    )
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text_of(answer)))
    assert world.browser("city_official").post("/admin/stations/agency/process_import/", fields).status_code == 404
    for name in ("/etc/passwd", "../../etc/passwd", "0" * 32):
        wrong = fields | {"import_file_name": name}
        assert official.post("/admin/stations/agency/process_import/", wrong).status_code == 404
    assert not Agency.objects.filter(name="甲社工中心").exists()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"<html><table></table></html>", b"\xd0\xcf\x11\xe0" * 200]
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(world, content):
    file = SimpleUploadedFile("x.xlsx", content)
    answer = import_list(world.browser("official"), file)
    assert answer.status_code == 200
    assert "errorlist" in text_of(answer)
    assert "Traceback" not in text_of(answer)


# ── files out ──


def export(browser, url, kind):
    page = text_of(browser.get(url))
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="(\w+)"', page), "on")
    answer = browser.post(url, boxes | {"format": {"xlsx": "0", "csv": "1"}[kind], "resource": "0"})
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return answer.content


def test_an_export_runs_no_formula_and_keeps_numbers(world):
    browser = world.browser("official")
    browser.post(f"/stations/{world.station('太和镇').code}/edit/", {
        "version": "999999999", "name": "=1+1", "address": "@SUM(A1)", "phone": "", "manager_name": "-2+3", "reported_full_time": "2",
    })  # fmt: skip
    sheet = load_workbook(io.BytesIO(export(browser, "/admin/stations/station/export/", "xlsx"))).active
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    assert rows[0][:3] == ["区划代码", "站点名称", "层级"]
    mine = next(r for r in rows if r[0] == "420702100000")
    assert mine[1] == "'=1+1" and mine[8] == "'@SUM(A1)" and mine[9] == "'-2+3" and mine[12] == 2
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    csv_text = export(browser, "/admin/stations/station/export/", "csv").decode("utf-8-sig")
    assert ",=1" not in csv_text and "'=1+1" in csv_text


def test_exports_hold_what_is_in_reach_and_what_the_list_shows(world):
    browser = world.browser("official")
    for url in LISTS:
        assert not re.search(
            "葛店|鸑鷟|凤鸣|SIBLING|TWIN", export(browser, f"{url}export/", "csv").decode("utf-8-sig")
        ), url
    planned = export(browser, "/admin/stations/station/export/?status__exact=planned", "csv").decode("utf-8-sig")
    assert "梁子镇" in planned and "东沟镇" not in planned


def test_ticked_rows_out_of_reach_are_not_exported(world):
    ids = [world.station("太和镇").pk, world.station("葛店镇").pk]
    browser = world.browser("official")
    page = text_of(browser.post("/admin/stations/station/", {"action": "export_admin_action", "_selected_action": ids}))
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="(\w+)"', page), "on")
    answer = browser.post(
        "/admin/stations/station/export/", boxes | {"format": "1", "resource": "0", "export_items": ids}
    )
    body = answer.content.decode("utf-8-sig")
    assert "太和镇" in body and "葛店镇" not in body and "东沟镇社会工作服务站,乡镇" not in body
