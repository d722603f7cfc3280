"""Taking over a new code list: reading its rows, what is wrong in them, and one set-based write with its lineage."""

import csv
import datetime as dt
import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Max
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError
from stations import tree
from stations.models import CoverageUnit, Division, DivisionChange, StationParent
from stations.models.divisions import CITY, DISTRICT, LEVEL_OF, TOWNSHIP, VILLAGE, nearest
from stations.pinyin import key_of
from stations.planting import copy_rows, count_anew, possible_parents

HEADER = ("code", "name", "level", "parent_code")
LABELS = re.compile(r"直辖县级行政区划$|^市辖区$|^县$")
# County-level functional zones that statistics list as counties (dossier §4.2): a list of words, not a rule of digits.
ZONES = re.compile(
    r"(开发区|高新区|高新技术|园区|管理区|新区管委会|示范区|保税区|旅游区|度假区|实验区|工业区|产业区|试验区|管委会|生态城|合作区)"
)


@dataclass
class Row:
    """One row of a list: its line in the file, 12-digit code, name, level 1–5, 12-digit code of the parent or ""."""

    line: int
    code: str
    name: str
    level: int
    parent: str


def read(lines):
    """Rows and complaints of a CSV with the columns code,name,level,parent_code: ([Row], [(line, sentence)])."""
    reader = csv.reader(lines)
    every = _whole(reader)
    header = [h.strip().lstrip("\ufeff") for h in next(every, [])]
    if tuple(header[:4]) != HEADER:
        raise DomainError(_("第 1 行应是 code,name,level,parent_code"), code="no_header")
    rows, complaints, seen = [], [], {}
    for cells in every:
        if not any(c.strip() for c in cells):
            continue
        try:
            row = _row(reader.line_num, cells)
            if first := seen.get((row.code, row.level)):
                raise ValueError(_("和第 %(line)s 行重复") % {"line": first})
        except ValueError as e:
            complaints.append((reader.line_num, str(e)))
            continue
        seen[row.code, row.level] = row.line
        rows.append(row)
    return rows, complaints


def _whole(reader):
    """The reader's rows; a quote that is never closed swallows what follows and is said as damage."""
    try:
        yield from reader
    except csv.Error as e:
        raise DomainError(
            _("第 %(line)s 行起读不下去：引号没有配对？") % {"line": reader.line_num}, code="damaged"
        ) from e


def _row(line, cells):
    if len(cells) < 4:
        raise ValueError(_("应有 4 列，这里 %(n)s 列") % {"n": len(cells)})
    code, name, level, parent = (unicodedata.normalize("NFC", c).strip() for c in cells[:4])
    if level not in LEVEL_OF:
        raise ValueError(
            _("级别“%(level)s”不认识，应是 province、city、district、township 或 village") % {"level": level[:20]}
        )
    if not name or len(name) > 80 or "\0" in name:
        raise ValueError(_("名称是空的或太长"))
    return Row(line, _twelve(code), name, LEVEL_OF[level], _twelve(parent) if parent else "")


def _twelve(code):
    if not (code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 9, 12)):
        raise ValueError(_("代码“%(code)s”应是 6、9 或 12 位数字") % {"code": code[:20]})
    return code.ljust(12, "0")


def take_over(user, rows, as_of, document=""):
    """Upsert a list that counts from `as_of`. Returns ({"created", "updated", "unchanged"}, complaints [(line, sentence)]).

    A parent is the next higher level that has the parent's code, in the file or already there; a row whose parent is
    nowhere is a complaint, one that names none keeps what it has. New divisions get the coverage units that the contract
    gives them. A second run changes nothing.
    """
    with change(user, "divisions.released", None, as_of=str(as_of), document=document):
        have = {(d.code, d.level): d for d in _standing(rows)}
        known = dict(have)
        new, changed, complaints = [], [], []
        for row in sorted(rows, key=lambda r: r.level):
            parent = _parent(row, known)
            if parent is None and row.level > 1 and row.parent:
                complaints.append((row.line, _("上级 %(code)s 不在表里") % {"code": row.parent}))
                continue
            old = have.get((row.code, row.level))
            if old is None:
                known[row.code, row.level] = fresh = _fresh(row, parent, as_of)
                new.append(fresh)
            elif old.name != row.name or (parent is not None and old.parent_id != parent.pk):
                changed.append((old, row, parent))
        _insert(new)
        _update(changed, as_of, document)
        _insert_units(new, as_of, document)
    counts = {"created": len(new), "updated": len(changed)}
    counts["unchanged"] = len(rows) - len(complaints) - sum(counts.values())
    return counts, complaints


def _standing(rows):
    """The divisions that these rows may mean or name; all there are, where the list is long."""
    divisions = Division.objects.filter(valid_until=None).select_related("parent")
    codes = {code for row in rows for code in (row.code, row.parent) if code}
    return divisions.filter(code__in=codes) if len(codes) <= 10_000 else divisions


def _parent(row, known):
    """The division of the parent's code at the nearest level above the row's own."""
    levels = range(row.level - 1, 0, -1)
    return (
        next((known[row.parent, level] for level in levels if (row.parent, level) in known), None)
        if row.parent
        else None
    )


def _fresh(row, parent, as_of):
    pinyin, initials = key_of(row.name)
    d = Division(code=row.code, name=row.name, level=row.level, valid_from=as_of, pinyin=pinyin, initials=initials)
    d.above = parent  # type: ignore[attr-defined]
    return d


def _insert(new):
    """Ids first, so that parents and ancestors are known in memory; then one COPY."""
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('stations_division', 'id')) FROM generate_series(1, %s)", [len(new)]
        )
        ids = [row[0] for row in cursor.fetchall()]
    for division, pk in zip(new, ids, strict=True):
        division.pk = pk
        _place(division, division.above)
    _pack_tiles(new)
    fields = list(Division._meta.concrete_fields)
    copy_rows(Division, [f.column for f in fields], (tuple(getattr(d, f.attname) for f in fields) for d in new))


def _place(division, parent):
    """Set parent and the stored ancestors, itself included at its own level."""
    division.parent_id = parent.pk if parent else None
    for level, name in ((1, "province_id"), (2, "city_id"), (3, "district_id"), (4, "township_id")):
        own = division.pk if division.level == level else None
        setattr(division, name, own or (getattr(parent, name) if parent and level < division.level else None))


def _update(changed, as_of, document):
    """Renames and new parents, each with its row of lineage; ancestors and stations of everything below follow."""
    going = [(old, parent) for old, _row, parent in changed if parent is not None and old.parent_id != parent.pk]
    locks = {d.lock_id for pair in going for d in pair}  # the trees that stations stand in before and after
    tree.lock(*locks)
    more = {"effective_on": as_of, "document": document}
    notes = []
    for old, row, _parent in changed:
        if old.name != row.name:
            notes.append(DivisionChange(kind="rename", division=old, before=old.name, after=row.name, **more))
            old.name = row.name
            old.pinyin, old.initials = key_of(row.name)
    for old, parent in going:
        notes.append(
            DivisionChange(kind="regroup", division=old, before=str(old.parent or ""), after=str(parent), **more)
        )
        _place(old, parent)
    DivisionChange.objects.bulk_create(notes)
    fields = ["name", "pinyin", "initials", "parent", "province", "city", "district", "township"]
    Division.objects.bulk_update([old for old, *_rest in changed], fields, batch_size=2000)
    if going:
        _renew_ancestors()
        _rehome(locks, as_of)


def _rehome(locks, as_of):
    """Stations whose division went to another city stand under a parent there from `as_of` on."""
    torn = (
        StationParent.objects.filter(span__upper_inf=True)
        .annotate(own=nearest("station__division__"), above=nearest("parent__division__"))
        .exclude(own=F("above"))
        .select_related("station__division")
    )
    stations = [row.station for row in torn]
    parents = tree.default_parents(stations, possible_parents(sorted(locks)))
    tree.set_parents(list(parents.items()), as_of, by_default=True, reason=_("区划改属"), postpone=True)
    tree.renumber(*locks)


def _renew_ancestors():
    """Stored ancestors of every division from its parent's, level by level: four statements."""
    names = ["province_id", "city_id", "district_id", "township_id"]
    with connection.cursor() as cursor:
        for level in range(2, 6):
            columns = names[: level - 1]
            cursor.execute(
                f"UPDATE stations_division d SET {', '.join(f'{c} = p.{c}' for c in columns)} FROM stations_division p "  # noqa: S608 — column names from a constant
                f"WHERE p.id = d.parent_id AND d.level = %s AND ({', '.join(f'd.{c}' for c in columns)}, 1) "
                f"IS DISTINCT FROM ({', '.join(f'p.{c}' for c in columns)}, 1)",
                [level],
            )


def owes_station(division, parent):
    """Whether a new division owes a station until an official says otherwise (contract §1 `load_divisions`)."""
    if division.level == TOWNSHIP:
        return division.code[6] in "0123"
    if division.level == DISTRICT:
        return (
            not ZONES.search(division.name)
            and not (parent and parent.code == division.code)
            and not LABELS.search(division.name)
        )
    if division.level == CITY:
        return not LABELS.search(division.name)
    return division.level == VILLAGE


def _insert_units(new, as_of, document):
    copy_rows(
        CoverageUnit, ["division_id", "span", "document"],
        ((d.pk, f"[{as_of.isoformat()},)", document) for d in new if owes_station(d, d.above)),
    )  # fmt: skip
    count_anew(len(new), Division, CoverageUnit)


def _pack_tiles(new):
    """Place new townships on the tile map: packed by code order into rows below those of their district."""
    towns = defaultdict(list)
    for division in new:
        if division.level == TOWNSHIP:
            towns[division.district_id or division.city_id].append(division)
    drawn = Division.objects.filter(level=TOWNSHIP, district__in=towns).order_by().values_list("district")
    below = {district: row + 1 for district, row in drawn.annotate(Max("tile_row")) if row is not None}
    for district, units in towns.items():
        width = math.ceil(math.sqrt(len(units)))
        for n, unit in enumerate(sorted(units, key=lambda d: d.code)):
            unit.tile_row, unit.tile_column = below.get(district, 0) + n // width, n % width


def set_coverage(user, lines):
    """Say which divisions owe a station from when: CSV `code,owes_station,from,document`. Returns how many units changed.

    Raises DomainError naming every wrong line; nothing is written then.
    """
    reader = csv.DictReader(lines)
    wanted, errors = [], []
    for row in _whole(reader):
        cells = {(k or "").strip().lstrip("\ufeff"): v or "" for k, v in row.items() if isinstance(v, str | None)}
        try:
            wanted.append(_wish(cells))
        except ValueError as e:
            said = _("第 %(n)s 行：%(why)s") % {"n": reader.line_num, "why": e}
            errors.append({"field": f"{reader.line_num}", "code": "invalid", "message": said})
    if errors or not wanted:
        raise DomainError.many(errors or [{"field": None, "code": "empty", "message": _("文件里没有一行")}])
    with change(user, "coverage.set"):
        return sum(declare_unit(division, owes, day, document) for division, owes, day, document in wanted)


def _wish(cells):
    code, owes = _twelve(cells.get("code", "").strip()), cells.get("owes_station", "").strip().lower()
    if owes not in ("yes", "no", "是", "否", "true", "false", "1", "0"):
        raise ValueError(_("owes_station 应是 yes 或 no"))
    try:
        day = dt.date.fromisoformat(cells.get("from", "").strip())
    except ValueError as e:
        raise ValueError(_("from 应是日期，如 2022-01-01")) from e
    division = Division.objects.filter(valid_until=None).highest(code)
    if division is None:
        raise ValueError(_("没有 %(code)s 这个区划") % {"code": code})
    return division, owes in ("yes", "是", "true", "1"), day, cells.get("document", "").strip()[:200]


def declare_unit(division, owes, day, document=""):
    """From `day` on `division` owes a station or not. Needs an event open. Returns whether anything changed."""
    units = list(CoverageUnit.objects.filter(division=division).order_by("span"))
    later = [u for u in units if u.span.lower > day]
    current = next((u for u in units if u.span.lower <= day and (u.span.upper is None or u.span.upper > day)), None)
    if current is not None and owes:
        changed = bool(later) or current.span.upper is not None or (document and document != current.document)
        CoverageUnit.objects.filter(pk__in=[u.pk for u in later]).delete()
        if changed:
            current.span, current.document = DateRange(current.span.lower, None), document or current.document
            current.save()
        return changed
    CoverageUnit.objects.filter(pk__in=[u.pk for u in later]).delete()
    if owes:
        CoverageUnit.objects.create(division=division, span=DateRange(day, None), document=document)
        return True
    if current is not None:
        if current.span.lower == day:
            current.delete()
        else:
            current.span = DateRange(current.span.lower, day)
            current.save(update_fields=["span"])
    return current is not None or bool(later)
