"""What offices type, and what is meant: every form of the dossier, and refusals that say what would be right."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.normalising import (
    Approximate,
    CellFault,
    area,
    choice,
    clean_text,
    integer,
    limited,
    money,
    read_credit_code,
    read_date,
    read_division_code,
    read_id_number,
    read_name,
    read_phone,
    read_text,
    yes_or_no,
)

AUGUST_9 = dt.date(2022, 8, 9)


def fault(read, value):
    with pytest.raises(CellFault) as caught:
        read(value)
    return caught.value.code, str(caught.value.message)


@pytest.mark.parametrize(
    "cell",
    [
        "2022-08-09", "2022/8/9", "2022.8.9", "2022．8．9", "2022年8月9日", "２０２２年８月９日", "20220809", 20220809.0, 44782.0, "44782",
        "2022-08-09 00:00:00", "2022-08-09T00:00:00", ["2022-08-09 00:00:00"], "二〇二二年八月九日", " 2022年 8月 9日 ", "2022年8月9号",
    ],
)  # fmt: skip
def test_a_day_in_every_form_is_that_day(cell):
    assert read_date(cell) == AUGUST_9


@pytest.mark.parametrize("cell", ["2022.8", 2022.8, "2022年8月", "2022-08", "202208", 202208.0])
def test_a_month_is_its_first_day(cell):
    assert read_date(cell) == dt.date(2022, 8, 1)


def test_october_written_out_is_october_and_its_lost_zero_is_asked_for():
    assert read_date("2022.10") == dt.date(2022, 10, 1)
    for cell in (2022.1, "2022.1"):
        code, sentence = fault(read_date, cell)
        assert code == "ambiguous_date" and "2022-10" in sentence


def test_a_serial_of_1904_is_four_years_later():
    assert read_date(43_320.0, True) == AUGUST_9


@pytest.mark.parametrize("cell", ["至今", "长期", "—", "无", "暂无"])
def test_words_for_no_day_are_none(cell):
    assert read_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "code", "sentence"),
    [
        ("2022-02-30", "bad_date", "2022年2月没有30日"), ("2022-13-01", "bad_date", "没有13月"), (2022.0, "bad_date", "只写了年份"),
        (60.0, "bad_date", "不是日期"), (-1.0, "bad_date", "不是日期"), (2958466.0, "bad_date", "不是日期"), ("某日", "bad_date", "不是日期"),
        ("2022.7-2022.12", "ambiguous_date", "一段时间"), ("22.8.9", "ambiguous_date", "四位"), ("9/8/2022", "ambiguous_date", "四位"),
        (float("inf"), "bad_date", "不是日期"), ("1200-01-01", "bad_date", "年份"),
    ],
)  # fmt: skip
def test_a_day_that_is_none_says_why(cell, code, sentence):
    assert fault(read_date, cell)[0] == code
    assert sentence in fault(read_date, cell)[1]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (13900000001.0, "13900000001"), ("139 0000 0001", "13900000001"), ("139-0000-0001", "13900000001"),
        ("１３９００００００01", "13900000001"), ("+86 13900000001", "13900000001"), ("13900000001.0", "13900000001"),
        ("0711-3350000", "0711-3350000"), ("(0711)3350000", "07113350000"), (7113350000.0, "07113350000"),
        ("李敏13900000001", "13900000001"), ("13900000001/0711-3350000", "13900000001、0711-3350000"),
        ("13900000001、13900000002", "13900000001、13900000002"), ("暂无", None), ("400-820-8820", "4008208820"),
    ],
)  # fmt: skip
def test_a_phone_is_recovered(cell, phone):
    assert read_phone(cell) == phone


def test_a_phone_that_is_none_says_how_many_digits_it_has():
    assert fault(read_phone, "1390000") == ("bad_phone", "手机号应是11位，这里7位。")
    assert "科学计数" in fault(read_phone, "1.39E+10")[1]
    assert fault(read_phone, "甲")[0] == fault(read_phone, True)[0] == fault(read_phone, float("nan"))[0] == "bad_phone"


def test_counts_with_their_words():
    assert [integer(cell) for cell in (2.0, "2人", "４", "1,825", "约30", "30余人", "30+", "0")] == [
        2,
        2,
        4,
        1825,
        30,
        30,
        30,
        0,
    ]
    assert isinstance(integer("约30"), Approximate) and not isinstance(integer("30"), Approximate)
    assert integer("—") is integer("无") is None
    assert (
        fault(integer, "若干")[0]
        == fault(integer, -1.0)[0]
        == fault(integer, 2.5)[0]
        == fault(integer, 1e300)[0]
        == "bad_number"
    )
    assert "不能小于 0" in fault(area, -5.0)[1]


def test_areas_and_money():
    assert area(172.0) == area("172平方米") == area("１72㎡") == Decimal("172.00")
    assert money("万元")(3.0) == money()("3万元") == money()("30000元") == 3_000_000


def test_names_lose_their_padding_and_nothing_else():
    assert (
        read_name("吴\u3000刚") == "吴刚"
        and read_name("沼 山 镇") == "沼山镇"
        and read_name(" 古楼街道\u3000") == "古楼街道"
    )
    assert (
        read_name("阿不都•热合曼") == "阿不都·热合曼"
        and read_name("𠮷㛃䶮") == "𠮷㛃䶮"
        and read_name("John  Smith") == "John Smith"
    )


def test_what_cannot_be_seen_is_taken_out():
    assert clean_text("王\u200b德\u202e福\x00_x0000_") == "王德福"
    assert clean_text("甲\r\n乙") == "甲\n乙"


def test_codes_are_padded_and_numbers_kept_whole():
    for cell in ("420702", "420702000000", 420702000000.0, 420702.0, "４２０７０２"):
        assert read_division_code(cell) == "420702000000"
    assert read_division_code("420702100") == "420702100000"
    assert read_division_code("420702100000-1") == "420702100000-1"
    assert fault(read_division_code, "4.20702E+11")[0] == fault(read_division_code, "甲")[0] == "unknown_division"


def test_id_numbers_are_checked_and_never_mended():
    for number in ("420799194503121012", "420799195202290028", "42079919500101019x", " 420799 19450312 1012"):
        assert read_id_number(number).endswith(("012", "028", "19X"))
    assert (
        fault(read_id_number, 4.20799194503121e17)[0]
        == fault(read_id_number, "420799194503121000")[0]
        == "truncated_id"
    )
    assert "最后一位" in fault(read_id_number, "420799194503121013")[1]
    assert "出生日期" in fault(read_id_number, "420799195102290012")[1]
    assert "17位" in fault(read_id_number, "42079919450312101")[1]


def test_credit_codes_are_checked():
    assert read_credit_code("52420799MJX0000050") == "52420799MJX0000050"
    for code in ("52420799MJX000001L", "52420799MJX00000OK", "52420799"):
        assert fault(read_credit_code, code)[0] == "bad_credit_code"


def test_yes_no_and_words_out_of_a_list():
    assert [yes_or_no(cell) for cell in ("√", "有", "Y", 1.0, "×", "无", "否", 0.0)] == [True] * 4 + [False] * 4
    colour = choice({"红": "red", "大红": "red", "绿": "green"}, ["红", "绿"])
    assert colour(" 大红 ") == "red" and colour("暂无") is None
    assert fault(colour, "紫") == ("bad_choice", "没有“紫”这个选项，可以写：红、绿。")


def test_a_text_that_the_record_cannot_hold_is_refused():
    assert limited(read_text, 3)("甲乙丙") == "甲乙丙"
    assert "最多放 3 个" in fault(limited(read_text, 3), "甲乙丙丁")[1]


ANYTHING = st.one_of(
    st.text(max_size=40), st.floats(), st.booleans(), st.integers(-(10**18), 10**18), st.text(max_size=20).map(lambda text: [text])
)  # fmt: skip


@given(ANYTHING)
def test_no_cell_at_all_breaks_a_reader(cell):
    for read in (
        read_date,
        read_phone,
        integer,
        area,
        money(),
        read_division_code,
        read_id_number,
        read_credit_code,
        yes_or_no,
        read_name,
    ):
        try:
            read(cell)
        except CellFault as found:
            assert str(found.message)
