"""The pairing report in and out: who is meant, comparators kept, all or nothing, again without change, and back."""

import datetime as dt

import pytest

from accounts.errors import Conflict
from exchange import actions as exchange
from exchange.models import Import
from partnerships import actions
from partnerships.models import Declared, Pairing, Party
from partnerships.workbook.export import report
from stations.models import Agency
from tests.partnerships.pairs import credit_code


@pytest.fixture
def load(pairs, tmp_path):
    """`load(text or bytes)` imports it as the official of the sending province and returns the import."""

    def imported(content, who="south", write=True):
        file = tmp_path / ("pairs.csv" if isinstance(content, str) else "pairs.xlsx")
        file.write_bytes(content.encode("utf-8-sig") if isinstance(content, str) else content)
        user = pairs.user(who)
        mode = Import.COMMIT if write else Import.PREVIEW
        run = exchange.request_import(user, kind="pairings", file=file, name=file.name, mode=mode, start=False)
        return exchange.write(run, user) if write else exchange.check(run, user)

    return imported


def counts(run):
    assert run.state in (Import.COMMITTED, Import.PREVIEWED), (run.state, run.errors, run.message)
    return run.created, run.updated, run.unchanged


def faults(run):
    assert run.state == Import.WRONG, (run.state, run.created, run.updated)
    return [(e["row"], e["column"], e["code"]) for e in run.errors]


HEAD = "期次,援派机构,信用代码,受援县（区）,受援机构,结对协议签订日期,派驻批次,派出人次,服务工作日,其中线上,备注\n"


def text(pairs):
    return (
        f"{HEAD}第二轮,海岸社工中心,{pairs.sender.credit_code},原州县,原州社工中心,2022.3.5,12,36,>220,20,\n"
        "十四五,湖畔社工中心,,西海,西海新苗社工中心,2022年3月8日,,,,,待补\n"
    )


def test_a_report_is_written_and_the_same_again_changes_nothing(load, pairs):
    assert counts(load(text(pairs))) == (2, 0, 0)
    one = Pairing.objects.get(county=pairs.red)
    assert (one.sender, one.receiver, one.signed_on, one.state, one.side) == (
        pairs.sender, pairs.receiver, dt.date(2022, 3, 5), "entered", "sender"
    )  # fmt: skip
    said = {d.metric: (d.op, d.value) for d in Declared.objects.filter(pairing=one)}
    assert said == {"pairing_batches": ("=", 12), "pairing_person_trips": ("=", 36), "pairing_workdays": (">", 220)}
    assert Agency.objects.get(name="西海新苗社工中心").division == pairs.sea, "taken in where it works"
    assert counts(load(text(pairs))) == (0, 0, 2)


def test_a_number_that_changes_leaves_the_confirmation_a_date_does_not(load, pairs):
    load(text(pairs))
    one = actions.confirm(pairs.user("north"), Pairing.objects.get(county=pairs.red))
    assert counts(load(text(pairs).replace(",12,36,", ",13,36,"))) == (0, 1, 1)
    one.refresh_from_db()
    assert one.is_confirmed and one.declared.get(metric="pairing_batches").value == 13
    run = load(text(pairs).replace("2022.3.5,12", "2022.3.6,13"), write=False)
    assert run.import_rows.get(outcome="updated").triples() == [("signed_on", "2022-03-05", "2022-03-06")]
    load(text(pairs).replace("2022.3.5,12", "2022.3.6,13"))
    one.refresh_from_db()
    assert one.state == "entered"


def test_what_cannot_be_meant_is_refused_in_its_cell(load, pairs):
    bad = credit_code("52640402MJX000009")[:17] + "0"
    rows = [
        "第九轮,海岸社工中心,,原州县,,,,,,,", "第二轮,海岸社工中心,,无此县,,,,,,,", "第二轮,,,原州县,,,,,,,",
        "第二轮,海岸社工中心,,原州县,,,不少于,,,,", "第二轮,湖畔社工中心,,西海县,,,,,10,20,", "第二轮,海岸社工中心,,西海县,,,,,,,",
        f"第二轮,新中心,{bad},西海县,,,,,,,",
    ]  # fmt: skip
    run = load(HEAD + "\n".join(rows) + "\n", write=False)
    found = faults(run)
    assert (2, "期次", "bad_choice") in found and (3, "受援县（区）", "unknown_division") in found
    assert (4, "援派机构", "missing_required") in found and (5, "派驻批次", "bad_number") in found
    assert (6, "其中线上", "inconsistent") in found and (8, "信用代码", "bad_credit_code") in found
    assert not Pairing.objects.exists()


def test_an_overlapping_pairing_is_refused(load, pairs):
    pairs.pairing()
    run = load(f"{HEAD}第二轮,海岸社工中心,,西海县,,,,,,,\n")
    assert faults(run)[0][2] == "inconsistent" and "原州县" in run.errors[0]["message"]


def test_only_officials_of_the_programme_import(load, pairs):
    with pytest.raises(Exception, match="职责"):
        load(text(pairs), who="sender")
    run = load(f"{HEAD}第二轮,海岸社工中心,,原州县,,,,,,,\n", who="far")
    assert faults(run)[0][2] == "out_of_scope"


def test_it_is_taken_back_unless_somebody_built_on_it(load, pairs):
    run = load(text(pairs))
    exchange.take_back(run, pairs.user("south"))
    assert not Pairing.objects.exists() and not Declared.objects.exists()
    assert not Agency.objects.filter(name="西海新苗社工中心").exists() and Party.objects.count() == 4
    run = load(text(pairs))
    actions.confirm(pairs.user("north"), Pairing.objects.get(county=pairs.red))
    with pytest.raises(Conflict, match="海岸社工中心"):
        exchange.take_back(run, pairs.user("south"))


def test_what_goes_out_comes_in_unchanged(load, pairs):
    load(text(pairs))
    two = Pairing.objects.get(county=pairs.sea)
    pairs.batch(two, "吴岛", who="other")
    assert counts(load(report(pairs.user("south"), pairs.programme))) == (0, 0, 2)
    assert report(pairs.user("far"), pairs.programme) != report(pairs.user("south"), pairs.programme)
