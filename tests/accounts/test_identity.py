"""ID numbers and phones: the annex's vectors, what is refused and what is only a warning. Invented people have county suffix 99."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from accounts.errors import DomainError
from accounts.identity import age_on, check_document, check_id_number, check_phone, widen

ON = dt.date(2026, 11, 24)
VALID = [
    ("420799194503121012", "male", "1945-03-12"),
    ("420799195202290028", "female", "1952-02-29"),
    ("420799201506010038", "male", "2015-06-01"),
    ("640399193801010040", "female", "1938-01-01"),
    ("350299196007151232", "male", "1960-07-15"),
    ("42079919500101019X", "male", "1950-01-01"),
    ("11010519491231002X", "female", "1949-12-31"),
]


def numbered(first17):
    return first17 + ric.calc_check_digit(first17 + "0")


def refusal(value, **more):
    with pytest.raises(DomainError) as told:
        check_id_number(value, **{"on": ON, **more})
    assert told.value.field == "id_number"
    assert not value or value not in str(told.value.message)
    return told.value.code


@pytest.mark.parametrize(("number", "sex", "born"), VALID)
def test_a_valid_number_tells_sex_and_birth_date(number, sex, born):
    found = check_id_number(number, on=ON)
    assert (found.number, found.sex, found.birth_date, found.region) == (
        number,
        sex,
        dt.date.fromisoformat(born),
        number[:6],
    )


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("420799194503121013", "bad_id_number"),  # check digit
        ("42079919450312101", "bad_id_number"),  # 17 characters
        ("420799195102290012", "bad_id_number"),  # 29 February 1951, its check digit right
        ("420799194503121000", "truncated_id"),  # as a number cell leaves it
        ("4.20799194503121E+17", "truncated_id"),
        ("420799194503121012.0", "truncated_id"),
        ("42079919450312101O", "bad_id_number"),  # the letter O
        ("X20799194503121012", "bad_id_number"),
        ("", "bad_id_number"),
        (numbered("42079918500101101"), "bad_id_number"),  # older than anybody
        (numbered("42079920270101101"), "bad_id_number"),  # not born yet
        (numbered("42079919451301101"), "bad_id_number"),  # month 13
    ],
)
def test_a_number_that_cannot_be_one_is_refused(number, code):
    assert refusal(number) == code


def test_ending_in_three_zeros_with_its_check_digit_right_is_a_number_all_the_same():
    found = [
        n
        for n in (
            numbered(f"4207991945{month:02d}{day:02d}{i}00") for month in range(1, 13) for day in (1, 9) for i in "135"
        )
        if n[-3:] == "000"
    ]
    assert check_id_number(found[0], on=ON).number == found[0]


@pytest.mark.parametrize(
    "spelling",
    ["42079919500101019x", " 420799 19500101 019X ", "４２０７９９１９５００１０１０１９Ｘ", "'42079919500101019X"],
)
def test_width_case_and_spaces_do_not_count(spelling):
    assert check_id_number(spelling, on=ON).number == "42079919500101019X"


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        ("11010519491231002X", []),
        ("420799194503121012", ["unknown_region"]),  # suffix 99 is given to nobody
        (numbered("11010319491231002"), ["abolished_division"]),  # 崇文区 ended in 2010: the number stays good
        (numbered("11010320150601003"), ["unknown_region"]),  # ended before the birth
        (numbered("81000019800101001"), []),  # a residence permit
    ],
)
def test_an_abolished_or_unlisted_region_is_only_a_warning(number, codes):
    assert [w["code"] for w in check_id_number(number, on=ON).warnings] == codes


def test_stated_sex_and_birth_date_that_differ_are_warnings():
    stated = {"sex": "female", "birth_date": dt.date(1945, 3, 13)}
    codes = [w["code"] for w in check_id_number("420799194503121012", on=ON, **stated).warnings]
    assert codes == ["unknown_region", "inconsistent", "inconsistent"]
    same = {"sex": "male", "birth_date": dt.date(1945, 3, 12)}
    assert len(check_id_number("420799194503121012", on=ON, **same).warnings) == 1
    assert len(check_id_number("420799194503121012", on=ON, sex="unknown").warnings) == 1


def test_a_checked_number_does_not_show_itself():
    assert "4207" not in repr(check_id_number("420799194503121012", on=ON))


def test_an_old_number_of_15_digits_is_an_alias_to_search_by():
    assert widen("420799450312101") == "420799194503121012"
    with pytest.raises(DomainError):
        widen("42079945031210")


@given(st.dates(dt.date(1907, 1, 1), ON), st.integers(0, 999))
def test_every_number_with_date_and_check_digit_right_passes_and_one_digit_off_does_not(born, order):
    number = numbered(f"420799{born:%Y%m%d}{order:03d}")
    assert check_id_number(number, on=ON).birth_date == born
    for at in range(14, 17):
        wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert refusal(wrong) in ("bad_id_number", "truncated_id")


@given(st.text(max_size=25))
def test_any_text_gives_a_number_or_a_sentence(text):
    try:
        assert len(check_id_number(text, on=ON).number) == 18
    except DomainError as e:
        assert e.code in ("bad_id_number", "truncated_id") and e.message


@pytest.mark.parametrize(
    ("kind", "number", "kept"),
    [
        ("passport", "e 12345678", "E12345678"),
        ("hk_macao", "H12345678", "H12345678"),
        ("taiwan", "12345678", "12345678"),
        ("foreigner", "CHN330012345678", "CHN330012345678"),
        ("military", "军字第1234567号", "军字第1234567号"),
        ("resident_id", "42079919500101019x", "42079919500101019X"),
    ],
)
def test_other_documents_are_checked_by_their_shape(kind, number, kept):
    assert check_document(kind, number)[0] == kept


@pytest.mark.parametrize(
    ("kind", "number"), [("passport", "!!"), ("taiwan", "1"), ("none", "1"), ("resident_id", "1"), ("x", "E1234567")]
)
def test_a_number_that_does_not_fit_its_document_is_refused(kind, number):
    with pytest.raises(DomainError) as told:
        check_document(kind, number)
    assert told.value.code == "bad_id_number"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"), ("138 1234 5678", "13812345678"), ("+86-138-1234-5678", "13812345678"),
        ("８６13812345678", "13812345678"), ("0711-3350000", "0711-3350000"), ("(010)62345678", "01062345678"),
        ("010-62345678转801", "010-62345678转801"), ("400-820-8820", "400-820-8820"), ("008613812345678", "13812345678"),
    ],
)  # fmt: skip
def test_a_phone_is_kept_in_one_spelling(written, kept):
    assert check_phone(written) == kept


@pytest.mark.parametrize(
    "written", ["12812345678", "1381234567", "138123456789", "3350000", "", "张三", "1.38E+10", None]
)
def test_what_is_no_phone_is_refused_without_repeating_it(written):
    with pytest.raises(DomainError) as told:
        check_phone(written, "guardian.phone")
    assert (told.value.code, told.value.field) == ("bad_phone", "guardian.phone")


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1962-08-01", "2022-07-31", 59),
        ("1962-08-01", "2022-08-01", 60),
        ("1952-02-29", "2022-02-28", 69),
        ("1952-02-29", "2022-03-01", 70),
    ],
)
def test_full_years_are_counted_on_the_birthday(born, day, age):
    assert age_on(dt.date.fromisoformat(born), dt.date.fromisoformat(day)) == age
