"""What an import changed can be put back, byte for byte; where somebody went on from there, it says with whom to speak."""

import pytest

from accounts.errors import Conflict
from accounts.models import Change
from exchange.models import Import
from stations import actions, tree
from stations.models import Station
from tests.exchange.conftest import picture

HEAD = ("区划代码", "站点名称", "层级", "状态", "成立日期", "上级站点", "负责人", "承接机构")
LINES = (
    ("420702100000", "太和镇新名", "站", "", "2022-02-02", "", "赵强", "新风社会工作服务中心"),
    ("420702101000", "东沟镇社工站", "站", "撤销", "", "", "", ""),
    ("420702102000", "梁子镇社工站", "站", "运营", "2021-01-01", "鄂州市社会工作服务指导中心", "", ""),
    ("420702100201", "谢埠村社工室", "室", "暂停", "", "", "", ""),
    ("420702100202", "马龙村社工室", "室", "挂牌", "2022-01-05", "梁子镇社工站", "", ""),
    ("420702450000", "红莲湖社工站", "站", "", "2022-05-05", "", "", ""),
)  # fmt: skip


def test_undo_puts_back_names_statuses_parents_and_new_stations(desk):
    before = picture()
    run = desk.take(HEAD, *LINES)
    assert (run.created, run.updated) == (2, 4) and not tree.faults()
    after = picture()
    assert len(after) == len(before) + 2 and all(
        before[code] != after[code] for code in before if code[:9] in ("420702101", "420702102")
    )
    done = desk.undo(run)
    assert picture() == before
    assert done.state == Import.UNDONE and not tree.faults()


def test_undo_is_itself_an_event_that_programs_hear_of(desk):
    run = desk.undo(desk.take(HEAD, *LINES))
    gone = Change.objects.filter(event=run.undo_event_id, table="stations_station", after__isnull=True)
    assert gone.count() == 2


def test_undo_refuses_by_name_where_a_station_was_changed_since(desk):
    run = desk.take(HEAD, *LINES)
    station = desk.world.fresh("太和镇")
    actions.update_station(desk.world.user("superuser"), station, phone="13900000009")
    now = picture()
    with pytest.raises(Conflict) as caught:
        desk.undo(run)
    assert (
        caught.value.code == "changed_since"
        and "太和镇" in str(caught.value.message)
        and station.code in str(caught.value.message)
    )
    assert picture() == now and Import.objects.get(pk=run.pk).state == Import.COMMITTED


def test_undo_refuses_where_somebody_opened_or_built_upon_a_new_station(desk):
    run = desk.take(HEAD, *LINES)
    made = Station.objects.get(name="红莲湖社工站")
    actions.suspend_station(desk.world.user("superuser"), made)
    with pytest.raises(Conflict) as caught:
        desk.undo(run)
    assert "红莲湖社工站" in str(caught.value.message)


def test_a_later_import_that_was_taken_back_stands_in_nobodys_way(desk):
    before = picture()
    first = desk.take(HEAD, *LINES)
    second = desk.take(HEAD[:1] + HEAD[6:7], ("420702100000", "钱敏"))
    with pytest.raises(Conflict):
        desk.undo(first)
    desk.undo(second)
    desk.undo(Import.objects.get(pk=first.pk))
    assert picture() == before


def test_an_import_is_undone_once(desk):
    run = desk.undo(desk.take(HEAD, *LINES))
    with pytest.raises(Conflict) as caught:
        desk.undo(run)
    assert caught.value.code == "not_pending"


def test_nothing_is_written_where_one_row_is_wrong(desk):
    before, events = picture(), Change.objects.count()
    run = desk.take(HEAD, *LINES, ("999999", "无此镇社工站", "站", "", "", "", "", ""))
    assert run.state == Import.WRONG and picture() == before and Change.objects.count() == events


def test_what_changed_since_the_preview_is_shown_again_before_it_is_written(desk):
    from exchange import actions as imports

    run = desk.take(HEAD, *LINES, mode=Import.PREVIEW)
    actions.update_station(desk.world.user("superuser"), desk.world.fresh("太和镇"), manager_name="孙丽")
    now = picture()
    again = imports.write(run, desk.world.user("superuser"))
    assert again.state == Import.PREVIEWED and "再看一遍" in again.message and picture() == now
    assert imports.write(again, desk.world.user("superuser")).state == Import.COMMITTED
