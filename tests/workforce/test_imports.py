"""The workbooks of staff and trainings: both shapes of a ledger, who is meant, all or nothing, again without change, and back."""

import pytest

from exchange import actions as exchange
from exchange.models import Import
from tests.workforce.staff import ELSEWHERE, ID_NUMBERS, NEXT_DOOR
from workforce.models import Assignment, Attendance, Certificate, Registration, Training, Worker


@pytest.fixture
def load(staff, tmp_path):
    """`load("staff", text)` imports a CSV as the official of the home district and returns the import."""

    def imported(kind, text, who="official", within="420702000000", write=True):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, "utf-8-sig")
        user = staff.world.user(who)
        mode = Import.COMMIT if write else Import.PREVIEW
        run = exchange.request_import(user, kind=kind, file=file, name=file.name, mode=mode, within=within, start=False)
        return exchange.write(run, user) if write else exchange.check(run, user)

    return imported


def counts(run):
    assert run.state in (Import.COMMITTED, Import.PREVIEWED), (run.state, run.errors, run.message)
    return run.created, run.updated, run.unchanged


def codes(run):
    assert run.state == Import.WRONG, (run.state, run.created, run.updated)
    return [(e["row"], e["code"]) for e in run.errors]


STAFF = f"""姓名,性别,身份证号,联系电话,学历,职业资格,证书编号,取证时间,登记有效期至,所属社工站,岗位,专/兼职,入职时间
李敏,女,{ID_NUMBERS[0]},13812345678,本科,中级,ZS1,2020-06-01,2027-05-31,太和镇社工站,站长,专职,2021-03-01
王　芳,女,,13912345678,大专,无,,,,太和镇社会工作站,社工,专职,2021.3.15
"""


def test_a_staff_roster_is_written_and_the_same_again_changes_nothing(load):
    assert counts(load("staff", STAFF)) == (2, 0, 0)
    one = Worker.objects.get(name="李敏")
    assert (one.id_number.clear, one.phone.clear) == (ID_NUMBERS[0], "13812345678")
    assert (one.certificates.get().grade, one.certificates.get().number) == (2, "ZS1")
    assert str(one.registrations.get().last_day) == "2027-05-31"
    job = Worker.objects.get(name="王芳").assignments.get()
    assert (job.station.division.name, job.duty, job.full_time, str(job.span.lower)) == (
        "太和镇",
        "social_worker",
        True,
        "2021-03-15",
    )
    assert counts(load("staff", STAFF)) == (0, 0, 2)
    assert (Worker.objects.count(), Assignment.objects.count(), Certificate.objects.count()) == (2, 2, 1)


def test_a_blank_cell_keeps_what_stands_and_a_filled_one_shows_as_a_change(load):
    load("staff", STAFF)
    later = (
        "姓名,身份证号,学历,职业资格,所属社工站,离职时间\n李敏," + ID_NUMBERS[0] + ",硕士,,太和镇社工站,2024-06-30\n"
    )
    run = load("staff", later, write=False)
    assert counts(run) == (0, 1, 0)
    (row,) = run.import_rows.all()
    assert row.triples() == [("education", "本科", "硕士"), ("ends_on", None, "2024-06-30")]
    load("staff", later)
    one = Worker.objects.get(name="李敏")
    assert one.education == "硕士" and one.phone.clear == "13812345678" and one.certificates.get().grade == 2
    assert str(one.assignments.get().span.upper) == "2024-07-01"


def test_the_differences_that_are_kept_show_no_number_of_a_person(load):
    for write in (False, True, True):
        run = load("staff", STAFF, write=write)
        kept = str([row.changes for row in run.import_rows.all()])
        assert "138****5678" in kept and ID_NUMBERS[0] not in kept and "13812345678" not in kept
    changed = load("staff", STAFF.replace("13812345678", "13812340000"), write=False)
    assert ("phone", "138****5678", "138****0000") in changed.import_rows.get(label="李敏").triples()
    ledger = load(
        "training",
        f"培训名称,举办站点,开始日期,学时,姓名,身份证号\n好,太和镇社工站,2022-08-01,6,李敏,{ID_NUMBERS[0]}\n",
        write=False,
    )
    assert ID_NUMBERS[0] not in str([row.changes for row in ledger.import_rows.all()])


def test_a_person_is_found_by_number_else_by_name_and_phone_else_by_name_at_the_station(load, staff):
    by_number = staff.worker("李敏", id_number=ID_NUMBERS[0])
    by_phone = staff.worker("王芳", phone="13912345678", at="东沟镇")
    by_name = staff.worker("张强")
    text = f"""姓名,身份证号,联系电话,学历,所属社工站,专/兼职
李  敏,{ID_NUMBERS[0].lower()},,本科,太和镇社工站,
王芳,,139-1234-5678,本科,东沟镇社工站,
张强,{ID_NUMBERS[1]},,本科,太和镇社工站,
"""
    assert counts(load("staff", text)) == (0, 3, 0)
    for worker in (by_number, by_phone, by_name):
        worker.refresh_from_db()
        assert worker.education == "本科"
    assert by_name.id_number.clear == ID_NUMBERS[1]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("李敏,420799195202290029,太和镇社工站", "bad_id_number"),
        ("李敏,420799194503121000,太和镇社工站", "truncated_id"),
        ("李敏,,没有的社工站", "out_of_scope"),
        ("李敏,,葛店镇社工站", "out_of_scope"),
        (",,太和镇社工站", "missing_required"),
        ("李敏,,", "missing_required"),
    ],
)
def test_one_wrong_cell_writes_nothing(load, row, code):
    run = load("staff", f"姓名,身份证号,所属社工站\n王芳,,太和镇社工站\n{row}\n")
    assert codes(run) == [(3, code)] and not Worker.objects.exists()


def test_somebody_on_file_out_of_reach_is_not_named_and_not_changed(load, staff):
    far = staff.worker("TWIN-person", at=ELSEWHERE, id_number=ID_NUMBERS[2])
    run = load("staff", f"姓名,身份证号,所属社工站\n李敏,{ID_NUMBERS[2]},太和镇社工站\n")
    assert (
        codes(run) == [(2, "out_of_scope")] and "TWIN" not in str(run.errors) and ID_NUMBERS[2] not in str(run.errors)
    )
    far.refresh_from_db()
    assert far.name == "TWIN-person"


def test_nobody_becomes_full_time_at_two_places_by_a_roster(load, staff):
    staff.worker("李敏", phone="13812345678", at="东沟镇")
    text = "姓名,联系电话,所属社工站,专/兼职\n李敏,13812345678,太和镇社工站,专职\n"
    assert codes(load("staff", text)) == [(2, "inconsistent")]
    assert counts(load("staff", text.replace("专职\n", "兼职\n"))) == (0, 1, 0)
    assert Assignment.objects.count() == 2


def test_an_imported_roster_is_taken_back_whole(load, staff):
    old = staff.worker("张强", phone="13712345678", education="大专")
    before = list(Worker.objects.values()), list(Assignment.objects.values_list("worker", "station", "span"))
    run = load("staff", STAFF + "张强,男,,13712345678,本科,助社,ZS3,2020-01-01,,太和镇社工站,行政,兼职,2021-03-01\n")
    assert counts(run) == (2, 1, 0)
    exchange.take_back(run, staff.world.user("official"))
    rows = [{**w, "updated_at": old.updated_at} for w in Worker.objects.values()]
    assert rows == before[0] and list(Assignment.objects.values_list("worker", "station", "span")) == before[1]
    assert not Certificate.objects.exists() and not Registration.objects.exists()


def test_a_roster_somebody_built_upon_is_not_taken_back(load, staff):
    from accounts.errors import Conflict

    run = load("staff", STAFF)
    staff.came(staff.training(), Worker.objects.get(name="李敏"))
    with pytest.raises(Conflict) as refused:
        exchange.take_back(run, staff.world.user("official"))
    assert refused.value.code == "changed_since" and "李敏" in str(refused.value.message)


LEDGER = """培训名称,主办单位,举办站点,开始日期,结束日期,学时,参训人数,姓名,单位,到课情况,获得学时
个案管理,区民政局,太和镇社工站,2022-08-01,2022-08-03,18,2,李敏,太和镇社工站,到,
个案管理,区民政局,太和镇社工站,2022-08-01,2022-08-03,18,2,赵村长,谢埠村,到,
防走失,区民政局,太和镇社工站,2022-08-09,,6,2,李敏,太和镇社工站,√,
防走失,区民政局,太和镇社工站,2022-08-09,,6,2,钱会计,谢埠村,到,3
"""


def test_a_ledger_by_persons_makes_trainings_and_attendances_and_again_changes_nothing(load, staff):
    worker = staff.worker("李敏")
    assert counts(load("training", LEDGER)) == (4, 0, 0)
    assert list(Training.objects.order_by("starts_on").values_list("title", "minutes", "declared_head_count")) == [
        ("个案管理", 1080, 2), ("防走失", 360, 2),
    ]  # fmt: skip
    came = Attendance.objects.counted()
    assert came.count() == 4 and came.filter(worker=worker).count() == 2
    assert sum(came.values_list("minutes", flat=True)) == 45 * 60  # dossier §7.3
    assert counts(load("training", LEDGER)) == (0, 0, 4)
    assert (Training.objects.count(), Attendance.objects.count()) == (2, 4)


def test_a_ledger_by_sessions_makes_trainings_alone_with_their_declared_heads(load):
    text = (
        "培训名称,培训类别,开始日期,培训天数,学时,参训人数,人次,是否继续教育\n个案管理,专题,2022-08-01,3,18,30,60,是\n"
    )
    assert counts(load("training", text)) == (1, 0, 0)
    training = Training.objects.get()
    assert (training.minutes, training.declared_head_count, training.ce_eligible, str(training.ends_on)) == (
        1080,
        30,
        True,
        "2022-08-03",
    )
    assert training.station.tier == 2 and not Attendance.objects.exists()
    assert counts(load("training", text)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("防走失,太和镇社工站,2022-08-09,,6,2,1,李敏,谢埠村,", "inconsistent"),
        ("防走失,太和镇社工站,2022-08-09,,6,,,李敏,谢埠村,7", "inconsistent"),
        ("防走失,太和镇社工站,2022-08-09,2022-08-01,6,,,李敏,谢埠村,", "inconsistent"),
        ("防走失,太和镇社工站,2022-08-09,,25,,,李敏,谢埠村,", "inconsistent"),
        ("防走失,太和镇社工站,2022-08-09,,,,,李敏,谢埠村,", "missing_required"),
        ("防走失,太和镇社工站,2022-08-09,,6,,,李敏,,", "missing_required"),
        ("防走失,太和镇社工站,2022-02-30,,6,,,李敏,谢埠村,", "bad_date"),
        ("防走失,葛店镇社工站,2022-08-09,,6,,,李敏,谢埠村,", "out_of_scope"),
        ("防走失,太和镇社工站,2099-08-09,,6,,,李敏,谢埠村,", "inconsistent"),
    ],
)
def test_a_wrong_row_of_a_ledger_writes_nothing(load, row, code):
    run = load(
        "training",
        f"培训名称,举办站点,开始日期,结束日期,学时,参训人数,人次,姓名,单位,获得学时\n好,太和镇社工站,2022-08-01,,6,,,甲,乙,\n{row}\n",
    )
    assert codes(run) == [(3, code)] and not Training.objects.exists() and not Attendance.objects.exists()


def test_one_person_twice_in_one_training_is_a_fault(load):
    text = "培训名称,举办站点,开始日期,学时,姓名,单位\n防走失,太和镇社工站,2022-08-09,6,甲,乙\n防走失,太和镇社工站,2022-08-09,6,甲,乙\n"
    assert codes(load("training", text)) == [(3, "duplicate_in_file")]


def test_a_head_count_that_differs_from_the_list_is_a_warning(load):
    run = load(
        "training", "培训名称,举办站点,开始日期,学时,参训人数,姓名,单位\n防走失,太和镇社工站,2022-08-09,6,30,甲,乙\n"
    )
    assert counts(run) == (1, 0, 0) and [w["code"] for w in run.warnings] == ["total_mismatch"]


def test_a_ledger_is_taken_back_and_the_length_of_an_older_training_with_it(load, staff):
    worker = staff.worker("李敏")
    load("training", LEDGER)
    before = list(Attendance.objects.order_by("pk").values_list("pk", "minutes", "most"))
    longer = (
        LEDGER.replace("2022-08-09,,6", "2022-08-09,,8")
        + "心理,区民政局,太和镇社工站,2022-09-01,,3,,李敏,太和镇社工站,到,\n"
    )
    run = load("training", longer)
    assert counts(run)[0] == 1 and run.updated >= 1
    assert Attendance.objects.get(worker=worker, training__title="防走失").minutes == 480
    exchange.take_back(run, staff.world.user("official"))
    assert list(Attendance.objects.order_by("pk").values_list("pk", "minutes", "most")) == before
    assert set(Training.objects.values_list("title", "minutes")) == {("个案管理", 1080), ("防走失", 360)}


def test_a_manager_checks_and_an_official_writes(load, staff):
    from accounts.errors import Forbidden

    own = staff.station().code
    assert counts(load("staff", STAFF, who="manager", within=own, write=False)) == (2, 0, 0)
    with pytest.raises(Forbidden):
        load("staff", STAFF, who="manager", within=own)
    with pytest.raises(Forbidden):
        load("training", LEDGER, who="worker", within=own, write=False)
    assert not Worker.objects.exists() and staff.station(NEXT_DOOR)
