"""Workbooks for the tests, sound and hostile, built part by part: what an upload may hold, and what a stranger may try."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = ("姓名", "身份证号", "电话", "站点")
# Invented people; the county suffix 99 is nobody's.
GOOD = (
    ("王德福", "420799194503121012", "13900000001", "太和镇社工站"),
    ("李秀英", "420799195202290028", "13900000002", "太和镇社工站"),
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def letters(column):
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell(row, column, value, kind=None, formula=None):
    """One cell; text inline, numbers as they are, None an empty formatted cell."""
    at = f'r="{letters(column)}{row}"'
    if value is None and formula is None:
        return f'<c {at} s="0"/>'
    inner = f"<f>{escape(formula)}</f>" if formula else ""
    if isinstance(value, str) and kind is None:
        return f'<c {at} t="inlineStr">{inner}<is><t xml:space="preserve">{escape(value)}</t></is></c>'
    type_ = f' t="{kind}"' if kind else ""
    return f"<c {at}{type_}>{inner}" + (f"<v>{escape(str(value))}</v>" if value is not None else "") + "</c>"


def rows(*lines, start=1):
    """Row elements of `lines` of values, from row `start` on."""
    return "".join(
        f'<row r="{number}">' + "".join(cell(number, at, value) for at, value in enumerate(line, 1)) + "</row>"
        for number, line in enumerate(lines, start)
    )


def sheet(body, *, dimension=None, after="", doctype=""):
    told = f'<dimension ref="{dimension}"/>' if dimension else ""
    return f'{XML}{doctype}<worksheet xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{told}<sheetData>{body}</sheetData>{after}</worksheet>'


def strings(*texts, count=None, raw=None, doctype=""):
    told = f' count="{count}" uniqueCount="{count}"' if count else ""
    inner = raw if raw is not None else "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return f'{XML}{doctype}<sst xmlns="{MAIN}"{told}>{inner}</sst>'


def parts(
    sheets,
    *,
    shared=None,
    before_sheets="",
    states=(),
    doctype="",
    types=f"{SHEET_TYPE}.sheet.main+xml",
    names=None,
    links="",
):
    """The members of a workbook: {name: text}. `sheets` is one sheet's XML or a list of them."""
    sheets = [sheets] if isinstance(sheets, str) else sheets
    names = names or ["名册", *(f"表{n}" for n in range(2, 2 + len(sheets)))]
    listed = "".join(
        f'<sheet name="{escape(names[n])}" sheetId="{n + 1}" r:id="rId{n + 1}"'
        + (f' state="{states[n]}"' if n < len(states) and states[n] else "")
        + "/>"
        for n in range(len(sheets))
    )
    related = "".join(
        f'<Relationship Id="rId{n + 1}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n + 1}.xml"/>'
        for n in range(len(sheets))
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n + 1}.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>'
        for n in range(len(sheets))
    )
    found = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}"/>{overrides}'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHEET_TYPE}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}{doctype}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{before_sheets}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId99" Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/>{links}</Relationships>',
    }  # fmt: skip
    found |= {f"xl/worksheets/sheet{n + 1}.xml": text for n, text in enumerate(sheets)}
    found["xl/sharedStrings.xml"] = shared or strings()
    return found


def pack(members, more=(), level=6):
    """A zip of `members` {name: text, bytes or an iterable of bytes}, then of `more` [(name, content)], names twice included."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in [*members.items(), *more]:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(content, (str, bytes)):
                archive.writestr(info, content)
            else:
                with archive.open(info, "w", force_zip64=True) as member:
                    for block in content:
                        member.write(block)
    return out.getvalue()


def book(*lines, **more):
    """A workbook of one sheet with these rows of values."""
    after = more.pop("after", "")
    return pack(parts(sheet(rows(*lines), after=after), **more))


def compound(streams):
    """An OLE compound file with `streams` {name: bytes}, as old Excel and encrypted workbooks are."""
    size, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    body, table, starts = b"", [], {}
    for name, content in streams.items():
        content = content.ljust(max(4096, -(-len(content) // size) * size), b"\0")
        starts[name] = (len(table), len(content))
        sectors = len(content) // size
        table += [len(table) + n + 1 for n in range(sectors - 1)] + [end]
        body += content

    def entry(name, kind, start, length, child=free, right=free):
        text = name.encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        return head + struct.pack("<III", free, right, child) + b"\0" * 36 + struct.pack("<IQ", start, length)

    listed = [entry("Root Entry", 5, end, 0, child=1)]
    listed += [
        entry(name, 2, *starts[name], right=n + 2 if n + 1 < len(starts) else free) for n, name in enumerate(starts)
    ]
    folder = b"".join(listed).ljust(2 * size, b"\0")
    at = len(table)
    table += [at + 1, end]
    table.append(0xFFFFFFFD)
    body += folder + struct.pack(f"<{len(table)}I", *table).ljust(size, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, at, 0, 4096, end, 0, end, 0)
    return head + struct.pack("<109I", at + 2, *[free] * 108) + body


def with_smaller_size(data, name, size):
    """`data` with a directory that understates the size of one member."""
    raw = bytearray(data)
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", raw, at + 28)[0]
        if bytes(raw[at + 46 : at + 46 + length]) == name.encode():
            struct.pack_into("<I", raw, at + 24, size)
        at = raw.find(b"PK\x01\x02", at + 4)
    return bytes(raw)


def flipped(data, name):
    """`data` with one bit turned inside the packed bytes of a member."""
    raw = bytearray(data)
    info = zipfile.ZipFile(io.BytesIO(data)).getinfo(name)
    raw[info.header_offset + 30 + len(info.filename.encode()) + info.compress_size // 2] ^= 0x55
    return bytes(raw)


def csv_of(*lines, encoding="utf-8", newline="\r\n"):
    return newline.join(",".join(line) for line in lines).encode(encoding)
