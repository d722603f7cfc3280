"""GB/T 42195: every vector of the annex, every refusal, and that better never comes out worse."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import DomainError
from casework.scales.gbt42195 import GROUPS, ITEMS, LEVELS, MOST, assess, level_of, name_of, subtotals

MAXIMA = {item["code"]: item["max"] for item in ITEMS}
FULL = dict(MAXIMA)
VECTORS = json.loads((Path(__file__).parent / "gbt42195_vectors.json").read_text())
scores = st.fixed_dictionaries({code: st.integers(0, most) for code, most in MAXIMA.items()})
facts = st.fixed_dictionaries(
    {
        "coma": st.booleans(),
        "diagnoses": st.lists(st.sampled_from(["F00", "F20.1", "I10", "f99", "G20"]), max_size=3),
        "risk_events_30d": st.integers(0, 4),
        "cumulative": st.booleans(),
    }
)


def totalling(total):
    """Scores that sum up to `total`, points taken from the front."""
    left, out = MOST - total, {}
    for code, most in MAXIMA.items():
        out[code] = most - min(most, left)
        left -= min(most, left)
    assert sum(out.values()) == total
    return out


def refusals(given_scores=FULL, **more):
    with pytest.raises(DomainError) as told:
        assess(given_scores, **more)
    return {(e["field"], e["code"]) for e in told.value.errors}


def test_26_items_in_four_groups_make_90_points():
    assert [g["max"] for g in GROUPS] == [32, 15, 28, 15]
    assert len(ITEMS) == 26 and MOST == 90
    for group in GROUPS:
        items = [i for i in ITEMS if i["code"].startswith(group["code"] + ".")]
        assert [i["code"] for i in items] == [f"{group['code']}.{n}" for n in range(1, len(items) + 1)]
        assert sum(i["max"] for i in items) == group["max"]
    assert subtotals(FULL) == {g["code"]: g["max"] for g in GROUPS}


def test_the_levels_divide_0_to_90_without_gap():
    covered = sorted(itertools.chain(*(range(level["min"], level["max"] + 1) for level in LEVELS)))
    assert covered == list(range(91))
    assert (name_of(0), level_of(90), level_of(89)) == ("能力完好", 0, 1)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: "-".join(str(n) for n in v.values()))
def test_every_vector_of_the_annex(vector):
    told = {
        "coma": bool(vector["coma"]),
        "diagnoses": ["F01"] if vector["f00_f99"] else [],
        "risk_events_30d": vector["risk_events_30d"],
    }
    single = assess(totalling(vector["total"]), **told)
    cumulative = assess(totalling(vector["total"]), **told, cumulative=True)
    assert (single.total, single.preliminary_level) == (vector["total"], vector["prelim"])
    assert (single.level, cumulative.level) == (vector["final_single"], vector["final_cumulative"])


def test_two_events_are_counted_over_all_kinds_unless_a_place_says_otherwise():
    assert assess(FULL, risk_events_30d={"fall": 1, "lost": 1}).level == 1
    assert assess(FULL, risk_events_30d={"fall": 1, "lost": 1}, per_kind=True).level == 0
    assert assess(FULL, risk_events_30d={"fall": 2}, per_kind=True).level == 1
    assert assess(FULL, risk_events_30d={}).level == 0


def test_reasons_say_why_the_level_changed():
    told = assess(totalling(66), diagnoses=["F00", "I10", " f20.1 "], risk_events_30d=2).as_dict()
    assert [r["code"] for r in told["reasons"]] == ["diagnosis", "risk_events"]
    assert "F00、F20.1" in told["reasons"][0]["text"] and "I10" not in told["reasons"][0]["text"]
    assert [r["code"] for r in assess(FULL, coma=True, diagnoses=["F00"]).reasons] == ["coma"]
    assert assess(FULL, diagnoses=["I10", "G20"]).reasons == ()
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("code", [c for c, most in MAXIMA.items() if most < 4])
def test_a_score_beyond_its_item_s_own_maximum_is_refused(code):
    assert refusals({**FULL, code: MAXIMA[code] + 1}) == {(f"scores.{code}", "bad_number")}


@pytest.mark.parametrize("score", [-1, 5, 1.5, 2.0, "3", True, [1]])
def test_a_score_that_is_no_whole_number_in_range_is_refused(score):
    assert refusals({**FULL, "B.1.1": score}) == {("scores.B.1.1", "bad_number")}


def test_missing_and_unknown_items_are_named_all_at_once():
    given_scores = {**FULL, "B.1.2": None, "B.5.1": 0, "B.2.4": 4}
    del given_scores["B.4.5"]
    assert refusals(given_scores) == {
        ("scores.B.1.2", "missing_required"),
        ("scores.B.4.5", "missing_required"),
        ("scores.B.2.4", "bad_number"),
        ("scores.B.5.1", "unknown_field"),
    }
    assert len(refusals({})) == 26
    assert refusals([4] * 26) == {("scores", "inconsistent")}


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"coma": 1}, ("coma", "bad_choice")),
        ({"diagnoses": "F01"}, ("diagnoses", "inconsistent")),
        ({"diagnoses": None}, ("diagnoses", "inconsistent")),
        ({"diagnoses": ["痴呆"]}, ("diagnoses", "bad_choice")),
        ({"diagnoses": ["F1"]}, ("diagnoses", "bad_choice")),
        ({"diagnoses": [1]}, ("diagnoses", "bad_choice")),
        ({"risk_events_30d": -1}, ("risk_events_30d", "bad_number")),
        ({"risk_events_30d": True}, ("risk_events_30d", "bad_number")),
        ({"risk_events_30d": {"fall": "2"}}, ("risk_events_30d", "bad_number")),
    ],
)
def test_facts_that_cannot_be_meant_are_refused(told, refused):
    assert refusals(**told) == {refused}


@given(scores, facts, st.sampled_from(list(MAXIMA)))
def test_a_point_less_never_makes_a_better_level(points, told, code):
    if points[code] == 0:
        return
    better, worse = assess(points, **told), assess({**points, code: points[code] - 1}, **told)
    assert worse.total == better.total - 1
    assert worse.preliminary_level >= better.preliminary_level and worse.level >= better.level


@given(scores, facts)
def test_more_trouble_never_makes_a_better_level(points, told):
    first = assess(points, **told)
    assert 0 <= first.preliminary_level <= first.level <= 4
    assert first.level <= first.preliminary_level + (4 if told["coma"] else 2 if told["cumulative"] else 1)
    for more in (
        {"coma": True},
        {"diagnoses": [*told["diagnoses"], "F03"]},
        {"risk_events_30d": told["risk_events_30d"] + 1},
        {"cumulative": True},
    ):
        assert assess(points, **{**told, **more}).level >= first.level
