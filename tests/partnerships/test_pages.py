"""The pages: targets with what is missing, who with whom, entering and confirming; each side its own, nobody else any."""

import io

import pytest

from partnerships import actions
from partnerships.models import Batch, Outcome, Pairing, Session
from tests.factories import BACKEND


@pytest.fixture
def browse(pairs):
    from django.test import Client

    def browser(who):
        client = Client(raise_request_exception=True)
        client.force_login(pairs.user(who) if who in pairs.people else pairs.world.user(who), backend=BACKEND)
        return client

    return browser


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_both_provinces_see_targets_with_what_is_missing(pairs, browse):
    one = pairs.confirmed()
    for n in range(3):
        pairs.outcome(one, "certificate", name=f"学员{n}", unit="原州社工中心")
    for who in ("south", "north"):
        page = text_of(browse(who).get("/programmes/round-2/"))
        for said in (
            "目标 不少于 30 名",
            "还差 27 名",
            "还差 5 个",
            "海岸社工中心",
            "湖畔社工中心",
            "待录入",
            "西海县",
            "某基金会",
        ):
            assert said in page, said
    rows = text_of(browse("north").get("/programmes/round-2/pairing_professionals/"))
    assert "学员1" in rows and "<b>3</b>" in rows
    assert "学员1" not in text_of(browse("far").get("/programmes/round-2/pairing_professionals/"))
    assert "还差 27 名" in text_of(browse("reader").get("/programmes/round-2/"))
    assert browse("reader").get("/programmes/round-2/pairing_professionals/").status_code == 403


def test_one_open_programme_stands_for_all(pairs, browse):
    assert browse("north").get("/programmes/")["Location"] == "/programmes/round-2/"
    assert "没有结对计划" in text_of(browse("twin_official").get("/programmes/"))
    assert browse("twin_official").get("/programmes/round-2/").status_code == 404
    assert browse("worker").get("/programmes/").status_code == 403


def test_an_agency_logs_its_dispatch_and_its_partner_confirms_it(pairs, browse):
    one = pairs.confirmed()
    agency = browse("sender")
    assert "海岸社工中心 → 原州县" in text_of(agency.get("/batches/new/"))
    data = {"pairing": one.pk, "departs_on": "2023-03-06", "returns_on": "2023-03-10", "place": "三营乡",
            "members": "林海\n陈江，2023-03-07 至 2023-03-08"}  # fmt: skip
    made = agency.post("/batches/new/", data)
    assert made.status_code == 302, made.content.decode()
    batch = Batch.objects.get()
    assert made["Location"] == f"/batches/{batch.public_id}/" and batch.members.count() == 2
    assert "您来确认" not in text_of(agency.get(made["Location"]))
    partner = browse("receiver")
    assert "派驻批次：1 条待确认" in text_of(partner.get("/"))
    assert "您来确认" in text_of(partner.get(made["Location"]))
    partner.post(f"{made['Location']}confirm/")
    batch.refresh_from_db()
    assert batch.is_confirmed and batch.decided_by == pairs.user("receiver")


def test_what_is_refused_comes_back_with_what_was_typed(pairs, browse):
    one = pairs.confirmed()
    pairs.batch(one, "林海")
    data = {"pairing": one.pk, "departs_on": "2023-03-08", "returns_on": "2023-03-10", "members": "林海"}
    answer = browse("sender").post("/batches/new/", data)
    page = answer.content.decode()
    assert answer.status_code in (200, 422) and "同一天只能在一个批次" in page and "2023-03-08" in page
    answer = browse("sender").post("/batches/new/", data | {"members": "林海，上午"})
    assert "看不懂" in answer.content.decode()


def test_a_batch_is_given_back_with_a_reason_and_mended(pairs, browse):
    one = pairs.confirmed()
    batch = pairs.batch(one, "林海", sure=False)
    url = f"/batches/{batch.public_id}/"
    browse("receiver").post(f"{url}return/", {"reason": "少一人"})
    assert "少一人" in text_of(browse("sender").get(url)) and "被退回" in text_of(browse("sender").get("/"))
    form = text_of(browse("sender").get(f"{url}edit/"))
    assert "林海" in form
    version = form.split('name="version" value="')[1].split('"')[0]
    data = {"departs_on": "2023-03-06", "returns_on": "2023-03-10", "members": "林海\n陈江", "version": version}
    assert browse("sender").post(f"{url}edit/", data).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "entered" and batch.members.count() == 2
    assert browse("sender").post(f"{url}edit/", data).status_code == 409


def test_pairing_support_outcome_and_activity_are_entered_on_pages(pairs, browse):
    south = browse("south")
    data = {
        "programme": pairs.programme.pk,
        "sender": pairs.sender.pk,
        "county": pairs.red.pk,
        "receiver": pairs.receiver.credit_code,
    }
    assert south.post("/pairings/new/", data).status_code == 302
    one = Pairing.objects.get()
    assert one.receiver == pairs.receiver
    assert "一家机构只对一个县（区）" in south.post("/pairings/new/", data).content.decode()
    data = {"pairing": one.pk, "kind": "training", "title": "起步", "on": "2023-03-06", "minutes": 120, "way": "onsite",
            "person_times": 30, "tutors": "林海", "group_elders": 12}  # fmt: skip
    assert browse("sender").post("/support/new/", data).status_code == 302
    session = Session.objects.get()
    assert session.groups.get().person_times == 12 and str(session.tutors.get()) == "林海"
    assert "林海" in text_of(browse("receiver").get(f"/support/{session.public_id}/"))
    data = {
        "pairing": one.pk,
        "kind": "agency",
        "on": "2023-03-06",
        "evidence": "验收 1",
        "agency": pairs.receiver.credit_code,
    }
    assert browse("receiver").post("/outcomes/new/", data).status_code == 302
    assert Outcome.objects.get().agency == pairs.receiver
    data = {
        "programme": pairs.programme.pk,
        "field": "policy",
        "title": "研讨",
        "on": "2023-03-06",
        "way": "online",
        "person_times": 8,
    }
    assert south.post("/cooperation/new/", data).status_code == 302
    assert "研讨" in text_of(browse("sender").get("/cooperation/"))
    page = text_of(south.get(f"/pairings/{one.public_id}/"))
    assert "起步" in page and "原州社工中心" in page


@pytest.mark.parametrize("path", ["pairings", "batches", "support", "outcomes", "cooperation"])
def test_lists_are_of_those_in_reach(pairs, browse, path, django_assert_max_num_queries):
    one = pairs.confirmed()
    for n in range(3):
        pairs.batch(one, f"林{n}", on=pairs.programme.starts_on.replace(year=2023, month=3 + n, day=6))
        pairs.session(one)
    south = browse("south")
    text_of(south.get(f"/{path}/"))
    with django_assert_max_num_queries(12):
        text_of(south.get(f"/{path}/?state=confirmed"))
    assert "林" not in text_of(browse("other").get(f"/{path}/")).split("<main", 1)[1]
    for who in ("reader", "worker", "viewer"):
        assert browse(who).get(f"/{path}/").status_code == 403
    assert browse("far").get(f"/{path}/new/").status_code == 200


def test_a_confirmation_is_the_other_sides(pairs, browse):
    one = pairs.pairing("south")
    assert browse("south").post(f"/pairings/{one.public_id}/confirm/").status_code == 403
    assert browse("twin_official").post(f"/pairings/{one.public_id}/confirm/").status_code == 404
    assert browse("north").get(f"/pairings/{one.public_id}/confirm/").status_code == 405
    browse("north").post(f"/pairings/{one.public_id}/confirm/")
    one.refresh_from_db()
    assert one.is_confirmed


def test_the_report_goes_out_as_a_workbook(pairs, browse):
    pairs.confirmed()
    answer = browse("north").get("/programmes/round-2/pairings.xlsx")
    assert answer.content[:2] == b"PK" and "attachment" in answer["Content-Disposition"]
    assert browse("reader").get("/programmes/round-2/pairings.xlsx").status_code == 403


def test_a_declared_round_shows_its_numbers_and_their_source(pairs, browse):
    actions.update_programme(
        pairs.root, pairs.programme, rows_kept=False, targets=[],
        declared=[{"metric": "pairing_workdays", "op": ">", "value": 1100, "source": "公开报道"}],
    )  # fmt: skip
    page = text_of(browse("north").get("/programmes/round-2/"))
    assert "超过 1100 工作日" in page and "公开报道" in page and "谁对谁" not in page


def test_the_programme_page_takes_few_queries(pairs, browse, django_assert_max_num_queries):
    one = pairs.confirmed()
    for n in range(4):
        pairs.outcome(one, "certificate", name=f"学员{n}", unit="原州社工中心")
    north = browse("north")
    north.get("/programmes/round-2/")
    with django_assert_max_num_queries(36):
        north.get("/programmes/round-2/")


def test_the_half_year_report_is_a_pdf_and_a_workbook(pairs, browse):
    from openpyxl import load_workbook
    from pypdf import PdfReader

    one = pairs.confirmed()
    pairs.batch(one, "林海", "陈江")
    north, url = browse("north"), "/programmes/round-2/report/2023-H1"
    pdf = north.get(f"{url}.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert pdf["Content-Type"] == "application/pdf" and "南北牵手第二轮半年报" in text and "海岸社工中心" in text
    book = load_workbook(io.BytesIO(north.get(f"{url}.xlsx").content))
    assert [cell.value for cell in book["各结对本期"][5]][:6] == ["海岸社工中心 → 原州县", 1, 2, 2, 5, 10]
    later = load_workbook(io.BytesIO(north.get("/programmes/round-2/report/2023-H2.xlsx").content))
    assert [cell.value for cell in later["各结对本期"][5]][1:3] == [0, 0]
    assert "海岸" not in str(
        list(load_workbook(io.BytesIO(browse("far").get(f"{url}.xlsx").content))["各结对本期"].values)
    )
    assert (
        browse("reader").get(f"{url}.pdf").status_code == 403
        and browse("other").get("/programmes/x/report/2023-H1.pdf").status_code == 404
    )
    assert north.get("/programmes/round-2/report/2019-H1.pdf").status_code == 404
    assert north.get("/programmes/round-2/report/x.pdf").status_code == 404


def test_agencies_are_listed_with_their_codes(pairs, browse):
    pairs.pairing()
    page = text_of(browse("north").get("/agencies/?q=社工中心"))
    assert pairs.sender.credit_code in page and "原州<mark>" in page
    assert "湖畔" not in text_of(browse("twin_official").get("/agencies/"))
    assert browse("reader").get("/agencies/").status_code == 403
