"""Sentences to translate are found without GNU gettext, as Django looks them up."""

import pytest

from config import translations


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("保存")', ("保存", None, None)),
        ('gettext_lazy("一" "二")', ("一二", None, None)),
        ('ngettext("%(n)s 行", "%(n)s 行们", n)', ("%(n)s 行", "%(n)s 行们", None)),
        ('pgettext("按钮", "开")', ("开", None, "按钮")),
        ("_(name)", None),
    ],
)
def test_calls_in_python_are_found(tmp_path, source, found):
    (tmp_path / "a.py").write_text(source)
    assert [tuple(m[1:]) for m in translations.in_python(tmp_path / "a.py")] == ([found] if found else [])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "登录" %}', ("登录", None, None)),
        ('{% include "a.html" with title=_("站点") %}', ("站点", None, None)),
        ("{% blocktranslate %}您好，{{ name }}{% endblocktranslate %}", ("您好，%(name)s", None, None)),
        (
            "{% blocktranslate count n=rows %}一行{% plural %}{{ n }} 行{% endblocktranslate %}",
            ("一行", "%(n)s 行", None),
        ),
        ('{% translate "开" context "按钮" %}', ("开", None, "按钮")),
        ("{% blocktranslate trimmed %}\n 甲\n 乙\n{% endblocktranslate %}", ("甲 乙", None, None)),
    ],
)
def test_tags_in_templates_are_found(tmp_path, source, found):
    (tmp_path / "a.html").write_text(f"<p>\n{source}\n</p>")
    assert [tuple(m[1:]) for m in translations.in_template(tmp_path / "a.html")] == [found]


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A repository of one file and no English yet."""
    (tmp_path / "a.py").write_text('_("还有 %(n)s 件")')
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUE", tmp_path / "locale/en/LC_MESSAGES/django.po")
    return translations.CATALOGUE


def test_a_sentence_without_english_is_a_fault_until_it_has_one(catalogue):
    assert "还有" in next(translations.faults())
    assert translations.update() == 1
    text = catalogue.read_text()
    catalogue.write_text(
        text.replace('msgstr ""\n', 'msgstr "%(n)s left"\n').replace('msgstr "%(n)s left"', 'msgstr ""', 1)
    )
    assert not list(translations.faults())
    assert translations.update() == 0 and "left" in catalogue.read_text()


def test_a_translation_that_loses_a_placeholder_is_a_fault(catalogue):
    translations.update()
    text = catalogue.read_text()
    catalogue.write_text(
        text.replace('msgstr ""\n', 'msgstr "some left"\n').replace('msgstr "some left"', 'msgstr ""', 1)
    )
    assert "%(n)s" in next(translations.faults())


def test_the_catalogue_is_one_that_is_compiled(tmp_path):
    """A catalogue marked fuzzy is passed over in silence, and English with it."""
    assert not translations.translated().fuzzy and not translations.wanted().fuzzy
