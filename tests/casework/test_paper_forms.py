"""Forms drawn from the table of kinds: what is typed on a page becomes the very values that the API takes, every field of every kind."""

import datetime as dt

import pytest
from django import forms
from django.http import QueryDict

from casework.ability import Ability
from casework.bodies import CLIENT
from casework.fields import Choice, Clock, Day, Each, Flag, Many, Moment, Part, Texts, Whole, read
from casework.forms import form_for, other_rows
from casework.records import KINDS
from casework.scales.gbt42195 import ITEMS

GOALS = [("gaaa", "一 出门"), ("gbbb", "二 服药")]
CHOICES = {"contacts": {"goals": GOALS}, "evaluations": {"goal_scores": GOALS}}


def sample(field, n=0):
    """A value of a declared field as the API takes it."""
    if isinstance(field, Ability):
        return {
            "scores": {i["code"]: i["max"] for i in ITEMS}, "coma": False, "diagnoses": ["F01", "I10"], "risk_events_30d": 1,
            "assessors": ["甲", "乙"],
        }  # fmt: skip
    if isinstance(field, Each):
        return [{f.name: sample(f, n) for f in field.fields} for n in range(2)]
    if isinstance(field, Part):
        return {f.name: sample(f) for f in field.fields}
    if isinstance(field, Texts):
        return [GOALS[0][0]] if field.name == "goals" else ["张三", "李四"]
    if isinstance(field, Many):
        return list(field.codes)[:2]
    if isinstance(field, Choice):
        return list(field.codes)[min(n, len(field.codes) - 1)]
    if isinstance(field, Flag):
        return n == 0
    if isinstance(field, Whole):
        return max(field.least, 1) + n
    if isinstance(field, Moment):
        return "2022-08-09T10:05:00+08:00"
    if isinstance(field, Day):
        return "2022-08-09"
    if isinstance(field, Clock):
        return "09:30"
    return (
        GOALS[n][0]
        if field.name == "goal"
        else f"{field.name}\n二行{n}"
        if field.most > 120
        else f"{field.name}{n}"[: field.most]
    )


def posted(form):
    """What a browser sends of a form as it is drawn."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        bound = form[name]
        value = bound.value()
        if isinstance(bound.field.widget, forms.CheckboxSelectMultiple):
            data.setlist(name, [str(v) for v in value or []])
        elif value is not None:
            data[name] = str(value).replace("\n", "\r\n")
    return data


@pytest.mark.parametrize("name", KINDS)
def test_every_field_of_every_kind_goes_through_its_form_unchanged(name):
    body = {f.name: sample(f) for f in KINDS[name].fields}
    wanted = read(KINDS[name].fields, body)
    drawn = form_for(name, initial=wanted, choices=CHOICES.get(name))
    sent = form_for(name, data=posted(drawn), choices=CHOICES.get(name))
    assert sent.is_valid(), sent.errors
    assert sent.values == wanted


def test_a_table_of_fields_is_a_form_too():
    body = {f.name: sample(f) for f in CLIENT}
    sent = form_for(CLIENT, data=posted(form_for(CLIENT, initial=body)))
    assert sent.is_valid(), sent.errors
    assert sent.values == read(CLIENT, body)


def test_an_empty_form_misses_what_is_required_and_a_draft_nothing():
    form = form_for("plans", data=QueryDict())
    assert not form.is_valid()
    assert {"planned_on", "goals.0.text"} <= set(form.errors)
    assert form_for("plans", data=QueryDict(), draft=True).is_valid()


def test_a_fault_in_a_row_stands_beside_its_own_row_though_an_empty_one_lies_before():
    data = QueryDict(mutable=True)
    data.update({"planned_on": "2022-08-09", "goals.rows": "3", "goals.1.text": "出门", "goals.1.due_on": "2022-02-30"})
    form = form_for("plans", data=data)
    assert not form.is_valid()
    assert list(form.errors) == ["goals.1.due_on"]


def test_rows_are_added_and_taken_away_and_keep_what_was_typed():
    data = QueryDict("goals.rows=2&goals.0.text=a&goals.1.text=b&add=goals")
    more = form_for("plans", data=other_rows(data)).as_typed()
    assert [more[f"goals.{n}.text"].value() for n in range(3)] == ["a", "b", None]
    data = QueryDict("goals.rows=2&goals.0.text=a&goals.1.text=b&drop=goals.0")
    less = form_for("plans", data=other_rows(data)).as_typed()
    assert less["goals.0.text"].value() == "b" and "goals.1.text" not in less.fields


def test_a_need_without_a_rank_takes_its_place_in_the_list():
    data = QueryDict("needs.0.domain=care&needs.0.text=a&needs.2.domain=health&assessed_on=2022-08-09")
    form = form_for("assessments", data=data)
    assert form.is_valid(), form.errors
    assert [need["rank"] for need in form.values["needs"]] == [1, 2]


@pytest.mark.parametrize("typed", ["2022-8-9", "2022年8月9日", "２０２２-08-09", "2022/08/09"])
def test_days_are_read_as_people_write_them(typed):
    form = form_for("resume", data=QueryDict(f"on={typed}"))
    assert form.is_valid() and form.values["on"] == dt.date(2022, 8, 9).isoformat()


@pytest.mark.parametrize(
    "typed",
    ["way=forged", "minutes=ten", "minutes=0", "minutes=99999999999999999999", "happened_on=2022-02-30", "starts_at=25:00",
     "goals=gzzz&goals=" + "x" * 50, "facts=a%00b", "facts=" + "a" * 6000, "minutes=%EF%BC%91%EF%BC%90x"],
)  # fmt: skip
def test_what_is_forged_or_wrong_is_said_beside_the_field(typed):
    data = QueryDict("happened_on=2022-08-09&minutes=30&way=phone&facts=x", mutable=True)
    for name, values in QueryDict(typed).lists():
        data.setlist(name, values)
    form = form_for("contacts", data=data, choices=CHOICES["contacts"])
    assert not form.is_valid()
    assert set(form.errors) == {typed.partition("=")[0]}


def test_the_level_is_shown_before_it_is_kept():
    scores = "&".join(f"ability.scores.{i['code']}={i['max']}" for i in ITEMS)
    node = next(
        n
        for n in form_for("assessments", data=QueryDict(scores + "&ability.diagnoses=F01")).nodes
        if n.key == "ability"
    )
    assert node.result["total"] == 90 and node.result["reasons"]
    node = next(
        n for n in form_for("assessments", data=QueryDict("ability.scores.B.1.1=4")).nodes if n.key == "ability"
    )
    assert node.result == {"left": 25}
