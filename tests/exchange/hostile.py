"""What strangers, bad connections and odd writers make of a workbook, each with the verdict it must get.

`accept`: exactly so many rows are read; a code: the file is refused with it. `make()` builds the bytes anew.
"""

import dataclasses
import struct
from collections.abc import Callable

from tests.exchange import workbooks as w

MEGABYTE = b"\0" * (1 << 20)
SHEET = w.sheet(w.rows(w.HEAD, *w.GOOD))
NESTED = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@dataclasses.dataclass
class Case:
    name: str
    verdict: str | int
    make: Callable[[], bytes]


def _halves(body, tail=""):
    whole = w.sheet("\x00", after=tail).split("\x00")
    yield whole[0].encode()
    yield from body
    yield whole[1].encode()


def _streamed(body, tail=""):
    members = w.parts("")
    members["xl/worksheets/sheet1.xml"] = _halves(body, tail)
    return w.pack(members)


def _many_rows(count):
    for first in range(1, count + 1, 10_000):
        yield "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(first, first + 10_000)).encode()


def _wide_rows():
    columns = [w.letters(n) for n in range(1, 16_385)]
    for row in range(1, 6):
        yield (f'<row r="{row}">' + "".join(f'<c r="{c}{row}"><v>1</v></c>' for c in columns) + "</row>").encode()


def _with(body, **more):
    return w.pack(w.parts(w.sheet(w.rows(w.HEAD, *w.GOOD) + body, **more)))


def _text(raw):
    """A sheet whose one cell is the first shared string; the strings' part is given raw."""
    members = w.parts(w.sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'))
    return w.pack(members | {"xl/sharedStrings.xml": raw})


def _moved_strings():
    """The shared strings under a name of the writer's own."""
    body = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2, 3))
    members = w.parts(w.sheet(body), shared=w.strings("姓名", "王德福", "李秀英"))
    members["xl/texts.xml"] = members.pop("xl/sharedStrings.xml")
    return w.pack({name: text.replace("sharedStrings.xml", "texts.xml") for name, text in members.items()})


def _prefixed():
    """The same content under a namespace prefix, as one writer does."""
    text = SHEET.replace("<worksheet xmlns=", "<x:worksheet xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
        text = (
            text.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>").replace(f"</{tag}>", f"</x:{tag}>")
        )
    return text


DOC = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}
ODS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<office/>"}
MACRO = {"xl/vbaProject.bin": w.compound({"VBA": b"Sub AutoOpen()"})}
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"

CASES = [
    Case("an ordinary roster", 2, lambda: w.book(w.HEAD, *w.GOOD)),
    Case("its dimension says everything", 2, lambda: w.pack(w.parts(w.sheet(w.rows(w.HEAD, *w.GOOD), dimension="A1:XFD1048576")))),
    Case("its dimension says one cell", 2, lambda: w.pack(w.parts(w.sheet(w.rows(w.HEAD, *w.GOOD), dimension="A1")))),
    Case("a blank formatted cell in the last corner", 2, lambda: _with('<row r="1048576"><c r="XFD1048576" s="0"/></row>')),
    Case("100,000 blank formatted rows below", 2, lambda: _with(
        "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(4, 100_004)))),
    Case("a namespace prefix before every tag", 2, lambda: w.pack(w.parts(_prefixed()))),
    Case("attributes in another order", 2, lambda: w.pack(w.parts(SHEET.replace('<c r="A1" t="inlineStr">', '<c t="inlineStr" r="A1">')))),
    Case("a comment between rows", 2, lambda: w.pack(w.parts(SHEET.replace("</row>", "</row><!-- <c r='ZZ9'> -->", 1)))),
    Case("strings that claim to be four thousand million", 2, lambda: w.pack(w.parts(
        w.sheet("".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2, 3))),
        shared=w.strings("姓名", "王德福", "李秀英", count=4_000_000_000)))),
    Case("strings in another place", 2, lambda: _moved_strings()),
    Case("a real cell in the last corner", "bomb", lambda: _with('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    Case("a real cell far to the right", "bomb", lambda: _with('<row r="6000"><c r="XFD6000"><v>1</v></c></row>')),
    Case("a real cell far below", "bomb", lambda: _with('<row r="900000"><c r="A900000"><v>1</v></c></row>')),
    Case("300,000 rows", "too_large", lambda: _streamed(_many_rows(300_000))),
    Case("16,384 columns", "too_large", lambda: _streamed(_wide_rows())),
    Case("a sheet of 300 MB", "bomb", lambda: _streamed(b"<row/>" * 170_000 for _ in range(300))),
    Case("one string of 300 MB", "bomb", lambda: _text(b"A" * (1 << 20) for _ in range(300))),
    Case("300 MB in a picture", "bomb", lambda: w.pack(w.parts(SHEET) | {"xl/media/image1.png": (MEGABYTE for _ in range(300))})),
    Case("600 MB in three parts", "bomb", lambda: w.pack(
        w.parts(SHEET) | {f"xl/media/{n}.png": (MEGABYTE for _ in range(200)) for n in range(3)})),
    Case("5,000 members", "bomb", lambda: w.pack(w.parts(SHEET) | {f"xl/{n}.xml": "<a/>" for n in range(5_000)}, level=1)),
    Case("a size that lies", "damaged", lambda: w.with_smaller_size(
        _streamed(b"<row/>" * 100_000 for _ in range(10)), "xl/worksheets/sheet1.xml", 4_096)),
    Case("a member twice", "damaged", lambda: w.pack(w.parts(SHEET), [("xl/worksheets/sheet1.xml", w.sheet(""))])),
    Case("a member twice by case", "damaged", lambda: w.pack(w.parts(SHEET), [("XL/Worksheets/Sheet1.xml", w.sheet(""))])),
    Case("a member outside", "damaged", lambda: w.pack(w.parts(SHEET) | {"../../evil.txt": "x"})),
    Case("an absolute member", "damaged", lambda: w.pack(w.parts(SHEET) | {"/etc/x": "x"})),
    Case("entities in the strings", "damaged", lambda: _text(w.strings(doctype=NESTED, raw="<si><t>&b;</t></si>"))),
    Case("entities in the sheet", "damaged", lambda: w.pack(w.parts(
        w.sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>', doctype=NESTED)))),
    Case("an external entity", "damaged", lambda: _text(
        w.strings(doctype='<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>', raw="<si><t>&a;</t></si>"))),
    Case("an external DTD in the workbook", "damaged", lambda: w.pack(
        w.parts(SHEET, doctype='<!DOCTYPE workbook SYSTEM "http://127.0.0.1:9/x.dtd">'))),
    Case("a DTD in a part nobody reads", "damaged", lambda: w.pack(w.parts(SHEET) | {"docProps/app.xml": "<!DOCTYPE a><a/>"})),
    Case("300,000 elements inside one another", "damaged", lambda: w.pack(w.parts(
        w.sheet(w.rows(w.HEAD, *w.GOOD), after="<e>" * 300_000 + "</e>" * 300_000)))),
    Case("a string that does not exist", "damaged", lambda: w.pack(w.parts(
        w.sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'), shared=w.strings("姓名")))),
    Case("a cell that does not exist", "damaged", lambda: _with('<row r="4"><c r="ZZZZZZ99999999999"><v>1</v></c></row>')),
    Case("a blank cell that does not exist", "damaged", lambda: _with('<row r="4"><c r="ZZZZZZ99999999999"/></row>')),
    Case("a sheet in UTF-16", "damaged", lambda: w.pack(
        w.parts(SHEET) | {"xl/worksheets/sheet1.xml": SHEET.replace("UTF-8", "UTF-16").encode("utf-16")})),
    Case("a sheet cut off", "damaged", lambda: w.pack(w.parts(SHEET[:-40]))),
    Case("a file cut off", "damaged", lambda: w.book(w.HEAD, *w.GOOD)[:-300]),
    Case("a flipped bit", "damaged", lambda: w.flipped(w.book(w.HEAD, *w.GOOD * 40), "xl/worksheets/sheet1.xml")),
    Case("nothing at all", "empty", lambda: b""),
    Case("only zero bytes", "empty", lambda: b"\0" * 4_096),
    Case("no sheet", "empty", lambda: w.pack(w.parts([]))),
    Case("a header and nothing below", "empty", lambda: w.book(w.HEAD)),
    Case("a blank sheet", "empty", lambda: w.book(())),
    Case("a password", "encrypted", lambda: w.compound({"EncryptionInfo": struct.pack("<HHI", 4, 4, 64), "EncryptedPackage": b"\1" * 9_000})),
    Case("an old .xls", "unsupported", lambda: w.compound({"Workbook": b"\x09\x08\x10\0\0\x06\x05\0" * 600})),
    Case("a web page", "unsupported", lambda: '<html><meta charset="gb2312"><table><tr><td>姓名</td></tr></table>'.encode("gbk")),
    Case("XML of 2003", "unsupported", lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
    Case("a PDF", "unsupported", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"),
    Case("a text document", "unsupported", lambda: w.pack(DOC)),
    Case("an open document", "unsupported", lambda: w.pack(ODS)),
    Case("a zip of something", "unsupported", lambda: w.pack({"a.txt": "x"})),
    Case("macros", "macros", lambda: w.pack(w.parts(SHEET, types=MACRO_TYPE) | MACRO)),
    Case("macros under a plain name", "macros", lambda: w.pack(w.parts(SHEET) | MACRO)),
    Case("macros of an old kind", "macros", lambda: w.pack(w.parts(SHEET) | {"xl/macrosheets/sheet1.xml": w.sheet("")})),
    Case("ten million characters in a cell", "too_large", lambda: w.book(("姓名",), ("长" * 10_000_000,))),
    Case("40,000 characters in a cell", "too_large", lambda: w.book(("姓名",), ("长" * 40_000,))),
    Case("32,767 characters in a cell", 1, lambda: w.book(("姓名",), ("长" * 32_767,))),
    Case("two columns of one name", "duplicate_header", lambda: w.book(
        ("姓名", "身份证号", "身份证号", "备注"), ("王德福", "420799194503121012", "9", "甲"))),
    Case("no header", "no_header", lambda: w.book(("甲", "乙"), ("丙", "丁"))),
    Case("CSV in UTF-8 with BOM", 2, lambda: b"\xef\xbb\xbf" + w.csv_of(w.HEAD, *w.GOOD)),
    Case("CSV as Chinese Excel writes it", 2, lambda: w.csv_of(w.HEAD, *w.GOOD, encoding="gbk")),
    Case("CSV with rare characters", 1, lambda: w.csv_of(w.HEAD, ("䶮𠮷", "420799194503121012", "13900000001", "站"), encoding="gb18030")),
    Case("CSV with tabs", 2, lambda: "\n".join("\t".join(line) for line in (w.HEAD, *w.GOOD)).encode()),
    Case("CSV in GBK that says it is UTF-8", "damaged", lambda: b"\xef\xbb\xbf" + w.csv_of(w.HEAD, *w.GOOD, encoding="gbk")),
    Case("CSV in UTF-16", "unsupported", lambda: b"\xff\xfe" + w.csv_of(w.HEAD, *w.GOOD, encoding="utf-16-le")),
    Case("CSV with NUL", "damaged", lambda: w.csv_of(w.HEAD, ("王\0德福", "1", "2", "3"))),
    Case("CSV with an open quote", "damaged", lambda: ('姓名,电话\n"王德福,1\n' + "李秀英,2\n" * 50).encode()),
    Case("CSV with a quote that closes late", "damaged", lambda: ('姓名,电话\n"王德福,1\n' + "李秀英,2\n" * 50 + '张三",3\n').encode()),
    Case("CSV whose columns slide", "damaged", lambda: "姓名,电话\n王德福,13900000001\n李,秀英,13900000002\n".encode()),
    Case("CSV of one endless field", "too_large", lambda: '姓名\n"'.encode() + b"A" * 21_000_000),
    Case("noise", "damaged", lambda: bytes(range(1, 256)) * 40),
]  # fmt: skip
