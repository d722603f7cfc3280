"""A workbook by its parts: refuses what is none, or carries macros; lists its sheets. Every part is looked at, also those no parser reads."""

import posixpath
import re
from dataclasses import dataclass, field

from exchange import limits
from exchange.vetting import markup
from exchange.vetting.package import Package
from exchange.vetting.refused import Refused
from exchange.vetting.sheet import SheetFacts, scan_sheet

SHARED_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
DECLARED = re.compile(rb'\b(?:count|uniqueCount)\s*=\s*["\']\s*([0-9]+)')
TRUE = ("1", "true")


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
    sheets, date1904 = _structure(package, book, looked_at)
    vetted = Vetted("xlsx", date1904=date1904)
    strings = _shared_strings(package, book, vetted, looked_at)
    for name, hidden, part in sheets:
        facts = SheetFacts(name=name, hidden=hidden)
        scan_sheet(package, part, facts, strings)
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


def _structure(package, book, looked_at):
    """([(name, hidden, part)], date1904) of the worksheets in their order; sheets of charts are left out."""
    links = "xl/_rels/workbook.xml.rels"
    if links not in package:
        raise Refused("no_workbook")
    looked_at |= {links, book}
    targets = {}
    for _, link in markup.elements(package, links, {"Relationship"}):
        target = link.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        kind = link.get("Type", "").rsplit("/", 1)[-1]
        if kind == "vbaProject":
            raise Refused("macros")
        targets[link.get("Id")] = (kind, path)
    sheets, names, date1904 = [], set(), False
    for tag, sheet in markup.elements(package, book, {"sheet", "workbookPr"}):
        if tag == "workbookPr":
            date1904 = sheet.get("date1904", "").lower() in TRUE
            continue
        kind, part = targets.get(sheet.get("id"), ("", ""))
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


def _shared_strings(package, book, vetted, looked_at):
    """How many shared strings there are; 0 without the part."""
    part = "xl/sharedStrings.xml"
    if part not in package:
        part = next((name for name in package.members if name.lower() == part.lower()), None)
        if part is None:
            return 0
    looked_at.add(part)
    count, first, tail = 0, True, b""
    for segment in markup.checked_segments(package, part):
        if first and (tail + segment).strip():
            root = (tail + segment)[:4096]
            opening = root[root.find(b"sst") :].split(b">")[0] if b"sst" in root else b""
            if any(int(n[:12]) > limits.SHARED_STRINGS_DECLARED for n in DECLARED.findall(opening)):
                vetted.trusted = False
            first = False
        count += len(SHARED_STRING.findall(segment))
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
