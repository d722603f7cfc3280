"""The typesetter: no text is markup, none stops it, none is swallowed; it runs apart, within limits, and keeps to the archive's standard."""

import io
import os
import unicodedata

import pytest
from pypdf import PdfReader

from surfaces import pdf
from surfaces.pdf import NotPrinted, TooLong, typeset

PLAIN = """
#let d = json(bytes(sys.inputs.data))
#set document(title: "t")
#set text(lang: d.lang, font: json(bytes(sys.inputs.fonts)))
#for line in d.lines [#line #parbreak()]
#for pair in d.unprintable [#pair.join("=") #parbreak()]
"""
MARKUP = [
    '#panic("no")', "= no heading", "$ x^2 $", "*not strong*", "`raw`", "\\u{1F600}", "#image(\"/etc/passwd\")", "<label>", "@ref",
    "// remark", "/* remark", '"; #let x = 1', "]]}}", "{{ 7*7 }}", "%s%n", "../../etc/passwd",
]  # fmt: skip


@pytest.fixture
def template(tmp_path):
    def made(text=PLAIN):
        path = tmp_path / "t.typ"
        path.write_text(text)
        return path

    return made


def text_of(made):
    """The words of a PDF as they are copied out of it, without spaces and line breaks."""
    found = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    return "".join(c for c in unicodedata.normalize("NFKC", found) if not c.isspace() and c != "\u200b")


def told(lines, template):
    return text_of(typeset(template(), {"lines": lines}))


def test_markup_is_printed_as_it_was_written(template):
    found = told(MARKUP, template)
    for line in MARKUP:
        assert line.replace(" ", "") in found


def test_rare_characters_of_names_are_printed(template):
    assert "䶮㛃𫖯𬱖𠅤龘" in told(["䶮㛃𫖯𬱖𠅤龘"], template)


@pytest.mark.parametrize(
    "text", ["😀", "བོད", "\x01", "\x1b[31m", "\ufeff", "\ue000", "\uffff", "\u202eabc", "\ud800", "\x9f"]
)
def test_what_has_no_glyph_is_printed_as_its_code_and_told_at_the_end(template, text):
    found, code = told([f"前{text}后"], template), f"U+{ord(text[0]):04X}"
    assert found.count(code) == 2  # where it stood, and in the list
    assert "前" in found and "后" in found
    assert text[0] not in found


def test_a_right_to_left_name_is_printed(template):
    assert told(["نور"], template)


def test_boxes_that_the_chinese_font_lacks_come_from_another(template):
    assert "☐☑" in told(["☐☑"], template)


def test_every_line_end_and_tab_is_one(template):
    assert told(["a\r\nb\rc\u2028d\x0be\tf\x85g"], template) == "abcdefg"


def test_fifty_thousand_letters_without_a_space_stay_on_the_pages(template):
    made = typeset(template(), {"lines": ["长" * 50_000, "A" * 50_000]})
    found = text_of(made)
    assert found.count("长") == 50_000 and found.count("A") == 50_000
    assert len(PdfReader(io.BytesIO(made)).pages) > 20


def test_it_keeps_to_the_archives_and_the_readers_standard(template):
    reader = PdfReader(io.BytesIO(typeset(template(), {"lines": ["中"]})))
    said = reader.metadata.get("/Title"), reader.xmp_metadata.stream.get_data().decode()
    assert said[0] == "t"
    assert "<pdfaid:part>2</pdfaid:part>" in said[1] and "<pdfaid:conformance>A</pdfaid:conformance>" in said[1]
    assert "<pdfuaid:part>1</pdfuaid:part>" in said[1]


def test_a_template_that_never_ends_is_ended(template):
    endless = '#set document(title: "t")\n#let f(n) = { let i = 0; while i < 9000000 { i += 1 }; f2(n) }\n'
    endless += "#{ for a in range(100000) { for b in range(100000) { let c = a * b } } }"
    with pytest.raises(TooLong):
        typeset(template(endless), {}, seconds=2)


def test_a_template_that_eats_memory_is_ended(template):
    hungry = '#set document(title: "t")\n#let s = "0123456789" * 100\n#let l = ()\n#for a in range(3000000) { l.push(s + str(a)) }\n'
    with pytest.raises(TooLong):
        typeset(template(hungry), {}, megabytes=400, seconds=30)


def test_what_is_wrong_with_a_template_says_nothing_of_the_text(template, caplog):
    with pytest.raises(NotPrinted):
        typeset(template("#set document(title: 1)"), {"lines": ["王德福金丝雀"]})
    assert "金丝雀" not in caplog.text


def test_it_runs_apart_and_is_told_nothing_of_the_site(template, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s" * 50)
    seen = {}

    def run(args, **more):
        seen.update(more, args=args)
        return type("Done", (), {"returncode": 0, "stdout": b"%PDF-", "stderr": b""})

    monkeypatch.setattr(pdf.subprocess, "run", run)
    typeset(template(), {"lines": ["王德福"]})
    assert seen["env"] == {} and os.getpid() and "-I" in seen["args"]
    assert "王德福" not in " ".join(seen["args"])  # nobody reads it in the list of processes
