"""Which station a row means, and what it may change (contract §4)."""

import datetime as dt

import pytest

from accounts.changes import change
from exchange.models import Import
from periods import today
from stations import actions, tree
from stations.models import Division, DivisionChange, DivisionLineage, Station
from tests.exchange.conftest import codes, picture

HEAD = ("区划代码", "站点名称", "层级")
TAIHE, DONGGOU, XIEBU = "420702100000", "420702101000", "420702100201"
TOWN, ROOM = "乡镇（街道）站", "村（社区）室"


def wrong(run):
    assert run.state == Import.WRONG and run.event_id is None
    return codes(run.errors)


def test_another_spelling_of_the_suffix_is_no_change_of_name(desk):
    for name in ("太和镇社工站", "太和镇社会工作站", "太和镇社会工作服务站", "太 和 镇社工站"):
        assert desk.take(HEAD, (TAIHE, name, TOWN)).unchanged == 1


def test_a_new_name_means_the_divisions_one_station(desk):
    run = desk.take(HEAD, (TAIHE, "太和镇新站", "站"))
    assert (run.created, run.updated) == (0, 1)
    assert desk.world.fresh("太和镇").name == "太和镇新站"


def test_two_stations_and_a_name_that_is_neither_are_asked_for(desk):
    world = desk.world
    actions.create_station(world.user("superuser"), name="太和镇第二社工站", tier=3, division=world.divisions["太和镇"])
    assert wrong(desk.take(HEAD, (TAIHE, "别的社工站", TOWN))) == [(2, "站点名称", "ambiguous_station")]
    assert desk.take(HEAD, (TAIHE, "太和镇第二社工站", TOWN)).unchanged == 1


def test_a_stations_own_code_means_it(desk):
    code = desk.world.station("太和镇").code
    assert desk.take(("站点编号", "负责人"), (code, "赵强")).updated == 1
    assert desk.take(("区划代码", "负责人"), (code, "钱敏")).updated == 1
    assert desk.world.fresh("太和镇").manager_name == "钱敏"


def test_a_blank_or_absent_cell_changes_nothing_and_a_missing_row_deletes_nothing(desk):
    before = picture()
    run = desk.take((*HEAD, "负责人", "联系电话"), (TAIHE, "太和镇社工站", TOWN, "", "13900000001"))
    after = picture()
    code = desk.world.station("太和镇").code
    assert run.updated == 1 and before.keys() == after.keys()
    assert {name for name in before[code] if before[code][name] != after[code][name]} == {"phone"}
    assert all(before[other] == after[other] for other in before if other != code)


STATUSES = {
    "筹建": "planned", "拟建": "planned", "在建": "building", "挂牌": "building", "建成": "operating", "已建": "operating", "运营": "operating",
    "正常": "operating", "暂停": "suspended", "撤销": "closed", "撤并": "closed",
}  # fmt: skip


@pytest.mark.parametrize("word", STATUSES)
def test_every_word_for_a_status_is_understood(desk, word):
    began = "" if word in ("筹建", "拟建") else "2022-01-05"
    desk.take((*HEAD, "成立日期", "状态"), ("420702100202", "马龙村社工室", ROOM, began, word))
    made = Station.objects.get(division__code="420702100202")
    assert made.status == STATUSES[word]
    assert not tree.faults()


def test_not_built_makes_no_station_and_contradicts_one(desk):
    before = Station.objects.count()
    run = desk.take((*HEAD, "状态"), ("420702100202", "马龙村社工室", ROOM, "未建"))
    assert (run.state, Station.objects.count(), run.unchanged) == (Import.COMMITTED, before, 1)
    assert wrong(desk.take((*HEAD, "状态"), (TAIHE, "太和镇社工站", TOWN, "未建"))) == [(2, "状态", "inconsistent")]


def test_without_a_status_a_new_station_operates_from_its_day_and_is_planned_without_one(desk):
    desk.take(
        (*HEAD, "成立日期"),
        ("420702100202", "马龙村社工室", ROOM, "2022-01-05"),
        ("420702101201", "茅圻村社工室", ROOM, ""),
    )
    operating, planned = (Station.objects.get(division__code=code) for code in ("420702100202", "420702101201"))
    assert (operating.status, str(operating.operating_since)) == ("operating", "2022-01-05")
    assert (planned.status, planned.operating_since) == ("planned", None)


def test_a_planned_station_that_opens_counts_from_its_day(desk):
    desk.take((*HEAD, "状态", "成立日期"), ("420702102000", "梁子镇社工站", TOWN, "运营", "2022-03-01"))
    station = desk.world.fresh("梁子镇")
    assert (station.status, str(station.operating_since)) == ("operating", "2022-03-01")


def test_without_a_code_the_place_is_found_by_name_with_the_county_as_context(desk):
    head = ("县（市、区）", "乡镇（街道）", "社工站名称", "负责人")
    run = desk.take(head, ("梁子湖区", "太 和 镇", "太和镇社工站", "赵强"), within="420700000000")
    assert run.updated == 1
    assert wrong(desk.take(head, ("梁子湖区", "无此镇", "无此镇社工站", "赵强"), within="420700000000")) == [
        (2, "乡镇（街道）", "unknown_division")
    ]


@pytest.fixture
def two_towns(desk):
    """A second 太和镇, in the other district."""
    like = desk.world.divisions["华容镇"]
    with change(None, "test"):
        twin = Division.objects.create(
            code="420703199000", name="太和镇", level=4, parent=like.parent, province=like.province, city=like.city, district=like.district,
            valid_from=like.valid_from,
        )  # fmt: skip
        twin.township = twin
        twin.save()
    return desk


def test_one_name_in_two_counties_is_told_apart_by_the_county_or_asked_for(two_towns):
    head = ("县（市、区）", "乡镇（街道）", "社工站名称", "负责人")
    assert two_towns.take(head, ("梁子湖区", "太和镇", "太和镇社工站", "赵强"), within="420700000000").updated == 1
    run = two_towns.take(head, ("", "太和镇", "太和镇社工站", "赵强"), within="420700000000")
    assert wrong(run) == [(2, "乡镇（街道）", "ambiguous_division")]
    assert (
        "梁子湖区太和镇、420702100000" in run.errors[0]["message"]
        and "华容区太和镇、420703199000" in run.errors[0]["message"]
    )
    assert two_towns.take(head, ("", "太和镇", "太和镇社工站", "钱敏"), within="420702000000").updated == 1


def test_what_lies_outside_is_refused(desk):
    assert wrong(desk.take(HEAD, (TAIHE, "太和镇社工站", TOWN), within="420703000000")) == [
        (2, "区划代码", "out_of_scope")
    ]
    user = desk.world.user("official")
    assert wrong(desk.take(HEAD, ("420703100000", "华容镇社工站", TOWN), user=user)) == [
        (2, "区划代码", "out_of_scope")
    ]


def test_a_manager_previews_his_own_subtree_only(desk):
    user = desk.world.user("manager")
    head = ("区划代码", "站点名称", "负责人")
    run = desk.take(
        head, (TAIHE, "太和镇社工站", "赵强"), (XIEBU, "谢埠村社工室", "钱敏"), user=user, mode=Import.PREVIEW
    )
    assert (run.state, run.updated) == (Import.PREVIEWED, 2)
    run = desk.take(
        head, (DONGGOU, "东沟镇社工站", "赵强"), ("420702100202", "马龙村社工室", "甲"), user=user, mode=Import.PREVIEW
    )
    assert wrong(run) == [(2, "区划代码", "out_of_scope"), (3, "区划代码", "out_of_scope")]


def test_a_row_that_comes_twice_is_the_later_ones_fault(desk):
    run = desk.take(
        HEAD, (TAIHE, "太和镇社工站", TOWN), (DONGGOU, "东沟镇社工站", TOWN), (TAIHE, "太和镇社会工作站", TOWN)
    )
    assert wrong(run) == [(4, "区划代码", "duplicate_in_file")]


def test_a_tier_that_does_not_stand_there(desk):
    assert wrong(desk.take(HEAD, (TAIHE, "太和镇社工站", ROOM))) == [(2, "层级", "tier_mismatch")]


def test_counts_that_contradict_what_stands(desk):
    assert wrong(desk.take((*HEAD, "持证社工数"), (TAIHE, "太和镇社工站", TOWN, "9"))) == [
        (2, "持证社工数", "inconsistent")
    ]


def test_a_new_station_needs_its_name(desk):
    assert wrong(desk.take(HEAD, ("420702100202", "", ROOM))) == [(2, "站点名称", "missing_required")]


def test_a_parent_by_name_standing_or_made_by_the_same_file(desk):
    head = (*HEAD, "上级站点")
    desk.take(head, ("420702100202", "马龙村社工室", ROOM, "东沟镇社会工作站"))
    assert Station.objects.get(division__code="420702100202").parent == desk.world.fresh("东沟镇")
    desk.take(
        (*head, "成立日期"), ("420702450000", "红莲湖社工站", TOWN, "", "2022-01-05"), ("420702101201", "茅圻村社工室", ROOM, "红莲湖社工站", "")
    )  # fmt: skip
    assert Station.objects.get(division__code="420702101201").parent.name == "红莲湖社工站"
    assert not tree.faults()


def test_parents_that_cannot_be(desk):
    head = (*HEAD, "上级站点")
    assert wrong(desk.take(head, (XIEBU, "谢埠村社工室", ROOM, "并不存在的总站"))) == [
        (2, "上级站点", "unknown_parent")
    ]
    assert wrong(desk.take(head, (TAIHE, "太和镇社工站", TOWN, "东沟镇社工站"))) == [(2, "上级站点", "tier_mismatch")]
    user, towns = desk.world.user("superuser"), desk.world.divisions
    for place in ("东沟镇", "华容镇"):
        actions.create_station(user, name="同名社工站", tier=3, division=towns[place])
    assert wrong(desk.take(head, (XIEBU, "谢埠村社工室", ROOM, "同名社工站"))) == [(2, "上级站点", "ambiguous_parent")]


def test_a_moved_station_is_moved_from_today_on(desk):
    head = (*HEAD, "上级站点")
    run = desk.take(head, (XIEBU, "谢埠村社工室", ROOM, "东沟镇社工站"))
    room = desk.world.fresh("谢埠村")
    assert run.updated == 1 and room.parent == desk.world.fresh("东沟镇")
    assert room.parent_rows.order_by("span").last().span.lower == today()
    assert desk.take(head, (XIEBU, "谢埠村社工室", ROOM, "东沟镇社工站")).unchanged == 1


def test_what_opens_above_adopts_what_stood_below(desk):
    world = desk.world
    desk.take((*HEAD, "成立日期"), ("420703101201", "白浒村社工室", ROOM, ""))
    desk.take((*HEAD, "状态"), ("420703101000", "葛店镇社工站", TOWN, "撤销"))
    assert world.fresh("白浒村").parent == world.fresh("华容区")
    desk.take((*HEAD, "成立日期"), ("420703101000", "葛店镇新社工站", TOWN, "2022-05-01"))
    assert world.fresh("白浒村").parent.name == "葛店镇新社工站"
    assert not tree.faults()


@pytest.fixture
def abolished(desk):
    """红莲湖 went into 东沟镇."""
    old, new = desk.world.divisions["红莲湖旅游度假区"], desk.world.divisions["东沟镇"]
    with change(None, "test"):
        Division.objects.filter(pk=old.pk).update(valid_until=dt.date(2022, 1, 1))
        told = DivisionChange.objects.create(kind="merge", division=old, effective_on=dt.date(2022, 1, 1))
        DivisionLineage.objects.create(change=told, old=old, new=new)
    return desk


def test_an_abolished_code_is_read_as_its_successor_with_a_warning(abolished):
    run = abolished.take(HEAD, ("420702450000", "东沟镇社工站", TOWN))
    assert (run.state, run.unchanged) == (Import.COMMITTED, 1)
    assert codes(run.warnings) == [(2, "区划代码", "abolished_division")]


def test_an_agency_is_found_by_name_or_made_and_goes_with_the_undo(desk):
    head = (*HEAD, "承接机构")
    run = desk.take(
        head,
        (TAIHE, "太和镇社工站", TOWN, "新风社会工作服务中心"),
        (DONGGOU, "东沟镇社工站", TOWN, "益民社会工作服务中心"),
    )
    assert desk.world.fresh("太和镇").operator.name == "新风社会工作服务中心"
    assert desk.world.fresh("东沟镇").operator == desk.world.agencies["益民社会工作服务中心"]
    desk.undo(run)
    assert desk.world.fresh("太和镇").operator == desk.world.agencies["益民社会工作服务中心"]
    assert not type(desk.world.agencies["益民社会工作服务中心"]).objects.filter(name="新风社会工作服务中心").exists()
