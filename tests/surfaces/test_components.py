"""Components: what they print is safe, named, and free of inline script and style."""

import re

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.utils import translation

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=", re.I)
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def draw(source, **context):
    with translation.override("zh-hans"):
        return engines["django"].from_string("{% load surfaces %}" + source).render(context)


class StationForm(forms.Form):
    name = forms.CharField(label="站点名称")
    phone = forms.CharField(label="联系电话", required=False, help_text="手机 11 位")
    opened = forms.DateField(label="成立日期", required=False)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(settings.BASE_DIR / "templates")))
def test_every_template_parses_and_holds_nothing_inline(path):
    text = path.read_text()
    engines["django"].from_string(text)
    assert not INLINE.search(re.sub(r"\{#.*?#\}", "", text))
    assert not re.search(r"""(?:href|src|action)=["'](?:https?:)?//""", text)
    assert "|safe" not in text


def test_a_badge_has_a_shape_and_a_word():
    drawn = draw('{% badge "warn" "筹建" icon="planned" %}')
    assert "#i-planned" in drawn
    assert "筹建" in drawn


def test_a_hostile_name_is_escaped_everywhere_it_is_drawn():
    name = '<img src=x onerror="alert(1)">'
    point = {"label": name, "rate": 1, "numerator": 1, "denominator": 1}
    trend = {"title": name, "kind": "rate", "points": [point]}
    tile = {
        "name": name,
        "short": name,
        "url": "/",
        "row": 0,
        "col": 0,
        "state": "covered",
        "state_label": name,
        "sub": name,
    }
    drawn = draw(
        '{% badge "ok" name %}{% trend_chart trend %}{% tiles tile name name %}{% ranking rows %}{{ name|marked:"img" }}',
        name=name,
        trend=trend,
        tile=[tile],
        rows=[{"name": name, "numerator": 1, "denominator": 2}],
    )
    assert "<img" not in drawn
    assert "<<mark>" not in drawn


def test_a_wrong_field_says_so_beside_it_and_in_the_summary():
    form = StationForm({"name": "", "phone": "1390000"})
    form.add_error("phone", "手机号应是 11 位，这里 7 位")
    drawn = draw("{% error_summary form %}{% field form.phone %}", form=form)
    assert 'href="#id_phone"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_phone-hint id_phone-error"' in drawn
    assert 'id="id_phone-error"' in drawn
    assert drawn.count("这里 7 位") == 2


def test_what_must_be_there_is_said_by_name():
    drawn = draw("{% error_summary form %}{% field form.name %}", form=StationForm({"name": ""}))
    assert drawn.count("站点名称必须填") == 2


def test_a_day_that_does_not_exist_is_named_and_stays_as_typed():
    drawn = draw("{% field form.opened %}", form=StationForm({"name": "a", "opened": "2022-02-30"}))
    assert "2022年2月没有30日" in drawn
    assert 'type="text"' in drawn
    assert 'value="2022-02-30"' in drawn


def test_what_was_typed_stays_after_an_error():
    form = StationForm({"name": "", "phone": "1390000"})
    assert 'value="1390000"' in draw("{% field form.phone %}", form=form)


def test_a_field_that_may_stay_empty_says_so():
    form = StationForm()
    assert "可不填" in draw("{% field form.phone %}", form=form)
    assert "可不填" not in draw("{% field form.name %}", form=form)


def test_a_day_is_asked_with_the_browsers_own_calendar():
    assert 'type="date"' in draw("{% field form.opened %}", form=StationForm())


def test_every_chart_has_a_title_a_description_and_a_table():
    points = [{"label": f"{m}月", "numerator": n, "denominator": 27} for m, n in [(6, 22), (7, 25)]]
    drawn = draw("{% trend_chart trend %}", trend={"title": "覆盖率", "kind": "rate", "points": points, "target": 1})
    assert 'role="img"' in drawn
    assert "<title" in drawn
    assert "<desc" in drawn
    assert "92.59%" in drawn
    assert "<table" in drawn


def test_a_trend_without_any_known_value_says_so():
    drawn = draw(
        "{% trend_chart trend %}", trend={"title": "x", "kind": "rate", "points": [{"label": "7月", "rate": None}]}
    )
    assert "<svg" not in drawn


def test_a_search_marks_what_it_found():
    assert draw('{{ "葛店镇站"|marked:"葛店" }}') == "<mark>葛店</mark>镇站"


def test_an_undo_address_travels_with_its_message():
    class Message:
        extra_tags = "undo:/imports/7/undo/"

    assert draw("{{ message|undo_url }}", message=Message()) == "/imports/7/undo/"


def test_devices_are_named_in_two_words():
    agent = "Mozilla/5.0 (Linux; Android 12) AppleWebKit Chrome/120 MicroMessenger/8"
    assert draw("{{ agent|device }}", agent=agent) == "微信 · Android"
