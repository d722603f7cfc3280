"""A workbook by its parts: refuses what is none, or carries macros; lists its sheets. Every part is looked at, also those no parser reads."""

import posixpath
import re
from dataclasses import dataclass, field

from exchange import limits
from exchange.vetting import markup
from exchange.vetting.package import Package
from exchange.vetting.refused import Refused
from exchange.vetting.sheet import SheetFacts, scan_sheet
from exchange.vetting.styles import struck_styles

SHARED_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
DECLARED = re.compile(rb'\b(?:count|uniqueCount)\s*=\s*["\']\s*([0-9]+)')
TRUE = ("1", "true")
STRINGS = "xl/sharedStrings.xml"


@dataclass
class Vetted:
    """What is known of a file before it is parsed. `trusted` is False where a fast parser would believe a lie."""

    kind: str
    sheets: list[SheetFacts] = field(default_factory=list)
    date1904: bool = False
    trusted: bool = True


def vet_workbook(data):
    """Look at every part of the .xlsx file `data`. Returns Vetted; raises Refused."""
    package = Package(data)
    book = _main_part(package)
    looked_at = {"[Content_Types].xml"}
    markup_of_types = package.read("[Content_Types].xml") if "[Content_Types].xml" in package else b""
    _refuse_macros(package, markup_of_types)
    links = _links(package, looked_at)
    sheets, date1904 = _sheets(package, book, links, looked_at)
    vetted = Vetted("xlsx", date1904=date1904)
    strings = _shared_strings(package, links, vetted, looked_at)
    struck = struck_styles(package, looked_at)
    for name, hidden, part in sheets:
        facts = SheetFacts(name=name, hidden=hidden)
        scan_sheet(package, part, facts, strings, struck)
        vetted.sheets.append(facts)
        looked_at.add(part)
    _the_rest(package, looked_at)
    if sum(facts.content_rows for facts in vetted.sheets if not facts.hidden) > limits.ROWS + limits.HEADER_ROWS:
        raise Refused("rows")
    return vetted


def _main_part(package):
    if "mimetype" in package or "content.xml" in package:
        raise Refused("open_document")
    if "xl/workbook.bin" in package:
        raise Refused("binary_workbook")
    if any(name.startswith("word/") for name in package.members):
        raise Refused("word")
    if "xl/workbook.xml" not in package:
        raise Refused("no_workbook")
    return "xl/workbook.xml"


def _refuse_macros(package, types):
    names = [name.lower() for name in package.members]
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("macros")
    if b"macroenabled" in types.lower():
        raise Refused("macros")


def _links(package, looked_at):
    """{id: (kind, part)} of what the workbook refers to."""
    name = "xl/_rels/workbook.xml.rels"
    if name not in package:
        raise Refused("no_workbook")
    looked_at.add(name)
    found = {}
    for _tag, link in markup.elements(package, name, {"Relationship"}):
        target, kind = link.get("Target", ""), link.get("Type", "").rsplit("/", 1)[-1]
        if kind == "vbaProject":
            raise Refused("macros")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        found[link.get("Id")] = (kind, part)
    return found


def _sheets(package, book, links, looked_at):
    """([(name, hidden, part)], date1904) of the worksheets in their order; sheets of charts are left out."""
    looked_at.add(book)
    sheets, names, date1904 = [], set(), False
    for tag, sheet in markup.elements(package, book, {"sheet", "workbookPr"}):
        if tag == "workbookPr":
            date1904 = sheet.get("date1904", "").lower() in TRUE
            continue
        kind, part = links.get(sheet.get("id"), ("", ""))
        if kind != "worksheet":
            continue
        name = sheet.get("name", "")
        if part not in package or name in names or part in (p for _, _, p in sheets):
            raise Refused("no_sheet_part")
        names.add(name)
        sheets.append((name, sheet.get("state") in ("hidden", "veryHidden"), part))
    if not sheets:
        raise Refused("no_sheets")
    return sheets, date1904


def _shared_strings(package, links, vetted, looked_at):
    """How many shared strings there are; 0 without the part. Distrusts a part in another place, and a count that lies."""
    part = next((part for kind, part in links.values() if kind == "sharedStrings"), STRINGS)
    if part not in package:
        part = next((name for name in package.members if name.lower() == STRINGS.lower()), None)
        if part is None:
            return 0
    looked_at.add(part)
    vetted.trusted = vetted.trusted and part == STRINGS
    count, root = 0, b""
    for segment in markup.checked_segments(package, part):
        if b"sst" not in root and len(root) < 4096:
            root += segment[:4096]
        count += len(SHARED_STRING.findall(segment))
    opening = root[root.find(b"sst") :].split(b">")[0] if b"sst" in root else b""
    if any(int(number[:12]) > limits.SHARED_STRINGS_DECLARED for number in DECLARED.findall(opening)):
        vetted.trusted = False
    return count


def _the_rest(package, looked_at):
    """Inflate and check what no parser of ours opens: it may harm whoever scans or unpacks the file later."""
    for name in package.members:
        if name in looked_at or name.endswith("/"):
            continue
        if name.lower().endswith((".xml", ".rels")):
            markup.check(package, name)
        else:
            for block in package.chunks(name):
                if name.lower().endswith(".vml") and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
                    raise Refused("dtd")
