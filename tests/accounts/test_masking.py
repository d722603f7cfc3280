"""What whoever may not read personal data sees of it: enough to recognise, never enough to know."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.masking import mask_address, mask_id, mask_name, mask_narrative, mask_phone, present
from accounts.protection import Protected, ProtectedJSON

P = Protected
CLIENT = {
    "id": "c1",
    "name": P("王德福"),
    "sex": "male",
    "age": 77,
    "id_number": P("42079919500101019X"),
    "phone": P("13812345678"),
    "birth_date": P("1945-03-12"),
    "address": P("湖北省鄂州市梁子湖区太和镇谢埠村三组12号"),
    "guardian": ProtectedJSON({"name": "李金丝", "relation": "妻", "phone": "13912345678"}),
    "emergency_contact": None,
    "note": P("独居，三餐不定"),
    "nothing": P(""),
}
SECRETS = ("德福", "9195001010", "8123456", "03-12", "三组", "金丝", "91234", "独居")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王五", "王*"), ("张三丰", "张**"), ("欧阳修德", "欧***"), ("买买提·艾合买提", "买*******"), (" 王芳 ", "王*"),
        ("𠮷田", "𠮷*"), ("葛\U000e0100城", "葛\U000e0100*"), ("", ""), (None, None), (P("王德福"), "王**"),
    ],
)  # fmt: skip
def test_of_a_name_the_first_character(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("42079919500101019X", "420***********019X"), (P("42079919500101101X"), "420***********101X"),
        ("420799450312101", "420********2101"), ("E12345678", "E******78"), ("AB12", "****"), ("", ""), (None, None),
    ],
)  # fmt: skip
def test_of_an_id_number_the_first_three_and_last_four(number, masked):
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"), ("0711-3350012", "0711-*****12"), ("07113350012", "0711*****12"),
        ("010-62345678转801", "010-******78转***"), ("01062345678", "010******78"), ("400-820-8820", "***-***-**20"),
        ("13812345678、0711-3350012", "138****5678、0711-*****12"), ("110", "***"), ("张三 13812345678", "** *********78"),
        (None, None), (P("13812345678"), "138****5678"),
    ],
)  # fmt: skip
def test_of_a_phone_its_beginning_and_end(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("湖北省鄂州市梁子湖区太和镇谢埠村三组12号", "湖北省鄂州市梁子湖区太和镇谢埠村***"),
        ("鄂州市鄂城区凤凰街道莲花社区文星大道8号", "鄂州市鄂城区凤凰街道莲花社区***"),
        ("湖北省鄂州市鄂城区泽林镇 大山村 3组", "湖北省鄂州市鄂城区泽林镇大山村***"),
        ("谢埠村5组", "谢埠村***"),
        ("太和镇莲花小区3栋2单元", "太和镇***"),  # a compound is no district
        ("翠竹新村3栋101", "***"),  # nor a village
        ("北京市朝阳区建国路88号", "北京市朝阳区***"),
        ("长江路12号", "***"),
        ("福利院302室", "***"),
        ("鄂州市鄂城区滨湖南路1号", "鄂州市鄂城区***"),
        (
            "内蒙古自治区锡林郭勒盟东乌珠穆沁旗乌里雅斯太镇巴彦嘎查3号",
            "内蒙古自治区锡林郭勒盟东乌珠穆沁旗乌里雅斯太镇巴彦嘎查***",
        ),
        ("湖南省湘西土家族苗族自治州花垣县双龙镇十八洞村", "湖南省湘西土家族苗族自治州花垣县双龙镇十八洞村"),
        ("", ""),
        (None, None),
    ],
)
def test_an_address_reaches_no_further_than_the_village(address, masked):
    assert mask_address(address) == masked
    assert mask_address(address and P(address)) == masked


@given(st.text(max_size=40))
def test_no_text_breaks_a_mask_and_no_digit_of_an_address_survives(text):
    assert mask_name(text) is not None and mask_id(text) is not None and mask_phone(text) is not None
    assert len(mask_id(text)) == len(text.strip()) or not text
    assert not any(c.isdecimal() and c.isascii() for c in mask_address(text))


@given(st.text("0123456789", min_size=7, max_size=13))
def test_a_phone_keeps_at_least_four_digits_to_itself(digits):
    assert mask_phone(digits).count("*") >= 4


def test_a_narrative_is_filled_or_not():
    assert [mask_narrative(v) for v in (P("独居"), ProtectedJSON([{"a": 1}]), ["x"], P(""), None, ProtectedJSON([]))][
        :3
    ] == ["***"] * 3
    assert not mask_narrative(P("")) and not mask_narrative(None) and not mask_narrative(ProtectedJSON([]))


@pytest.mark.parametrize(
    ("depth", "key"),
    [("full", True), ("summary", False), ("summary", True), ("none", False), (None, False), ("FULL", False)],
)
def test_a_key_at_any_depth_and_everybody_below_full_see_all_masked(depth, key):
    shown = present(CLIENT, depth, key)
    assert {k: shown[k] for k in ("name", "id_number", "phone", "birth_date", "address", "note", "nothing")} == {
        "name": "王**", "id_number": "420***********019X", "phone": "138****5678", "birth_date": None, "address": None,
        "note": "***", "nothing": "",
    }  # fmt: skip
    assert shown["guardian"] == {"name": "李**", "relation": "妻", "phone": "139****5678"}
    assert (shown["id"], shown["sex"], shown["age"], shown["emergency_contact"]) == ("c1", "male", 77, None)
    assert not any(secret in json.dumps(shown, ensure_ascii=False) for secret in SECRETS)


def test_in_a_session_at_depth_full_all_is_clear_but_id_number_and_phone():
    shown = present(CLIENT, "full", False)
    assert (shown["name"], shown["birth_date"], shown["note"]) == ("王德福", "1945-03-12", "独居，三餐不定")
    assert shown["address"].endswith("三组12号")
    assert (shown["id_number"], shown["phone"]) == ("420***********019X", "138****5678")
    assert shown["guardian"] == {"name": "李金丝", "relation": "妻", "phone": "139****5678"}


def test_members_of_a_list_keep_their_shape_and_codes():
    words = {"needs": {"text": "narrative"}, "client": {"name": "name"}}
    record = {
        "needs": ProtectedJSON([{"rank": 1, "domain": "care", "text": "助餐"}, {"rank": 2, "text": ""}]),
        "client": {"name": P("王德福"), "id": "c1"},
    }
    assert present(record, "full", True, words) == {
        "needs": [{"rank": 1, "domain": "care", "text": "***"}, {"rank": 2, "text": ""}],
        "client": {"name": "王**", "id": "c1"},
    }
    assert present(record, "full", False, words)["needs"][0]["text"] == "助餐"


def test_a_protected_value_that_no_word_names_is_narrative():
    assert present({"x": P("独居")}, "summary", False, {}) == {"x": "***"}
    assert present({"x": ["a"], "needs": "助餐"}, "summary", False, {"needs": {"text": "narrative"}}) == {
        "x": ["a"],
        "needs": "***",
    }


def test_plain_values_of_a_request_are_masked_by_their_word():
    sent = {"name": "王德福", "birth_date": dt.date(1945, 3, 12), "facts": "独居", "minutes": 40}
    assert present(sent, "full", True, {"name": "name", "birth_date": "birth_date", "facts": "narrative"}) == {
        "name": "王**", "birth_date": None, "facts": "***", "minutes": 40,
    }  # fmt: skip
