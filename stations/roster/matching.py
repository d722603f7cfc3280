"""Which station each row of a roster means, and what it would change there (contract §4). Reads in batches; writes nothing."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from exchange.plans import CREATED, UNCHANGED, UPDATED, Entry, Plan
from periods import today
from stations import access, tree
from stations.models import Station
from stations.models.stations import BUILDING, CLOSED, LEVEL_OF_TIER, OPERATING, PLANNED
from stations.names import plain_name, same_name
from stations.roster.differences import changes_of
from stations.roster.divisions import TIER_OF_LEVEL, Divisions, Unclear, mismatch
from stations.roster.parents import Parents
from stations.roster.seen import stations_at
from stations.roster.words import AT, NOT_BUILT, TIERS

BATCH = 4_000


class Target(NamedTuple):
    """What the writer needs: the station's status before (None for a new one), where it stands, its parent, the status and its day."""

    before: str | None
    division: object
    tier: int
    status: str
    since: object
    parent: object = None


def plan(reading, context):
    """The Plan of a Reading. With `context.writing` the trees of all rows' cities are locked first, and no count of absent rows is made."""
    work = Matching(reading, context)
    if context.writing:
        work.lock()
    for at in range(0, len(reading.rows), BATCH):
        work.take(reading.rows[at : at + BATCH])
        if context.progress and not context.writing:
            context.progress(min(at + BATCH, len(reading.rows)), len(reading.rows))
    work.parents.resolve(work)
    if not context.writing and context.place is not None:
        work.count_absent()
    return work.plan


class Reach:
    """Where a user may import: everywhere, in the divisions of his posts, or in the subtrees of his stations."""

    def __init__(self, user):
        roles = access.VERBS["station"]["import"]
        posts = [] if user.is_superuser else [p for p in access.places(user) if p.role in roles]
        self.whole = frozenset(p.division_id for p in posts if p.division_id)
        self.tops = [p.station for p in posts if p.station_id]
        self.divisions = None if user.is_superuser else self.whole | {top.division_id for top in self.tops}

    def holds(self, division, station):
        """May the user import this station; with None, may he make a new one at `division`?"""
        if self.divisions is None or division.lies_in(self.whole):
            return True
        return any(_below(station, top) for top in self.tops)


def _below(station, top):
    return (
        station is not None and station.tree_id == top.tree_id and top.lft <= station.lft and station.rght <= top.rght
    )


def _division_ids(places):
    if places is None:
        return None
    return frozenset(place.division_id if isinstance(place, Station) else place.pk for place in places)


class Matching:
    """Takes rows in batches and makes their entries. Knows the place, what was met before, and the user's reach."""

    def __init__(self, reading, context):
        self.reading, self.context, self.plan = reading, context, Plan()
        self.today = today()
        self.met, self.new = {}, {}  # station id → row; (division, tier, plain name) → row
        self.tiers = set()
        self.inside = _division_ids([context.place] if context.place is not None else None)
        self.reach = Reach(context.user)
        self.subtree = context.place if isinstance(context.place, Station) else None
        self.divisions = Divisions(reading.rows, self.inside or self.reach.divisions)
        self.parents = Parents(reading.rows)

    def lock(self):
        """Hold every tree that the file touches, before its stations are read."""
        locks = set()
        for row in self.reading.rows:
            try:
                locks.add(self.divisions.of(row)[0].lock_id)
            except Unclear:
                continue
        tree.lock(*locks)

    def fault(self, row, column, code, message, value=None):
        self.plan.faults.append(self.reading.fault_at(row, column, code, message, value))

    def take(self, rows):
        """Make the entries of a batch: its stations are one query."""
        placed = [(row, division) for row in rows if (division := self._placed(row)) is not None]
        stations = stations_at(list({division.id for _row, division in placed}))
        for row, division in placed:
            self._entry(row, division, stations[division.id])

    def _placed(self, row):
        """The division of a row inside the place and the user's reach, else None with its fault noted."""
        try:
            division, warning = self.divisions.of(row)
        except Unclear as unclear:
            if unclear.code:
                value = row.values[AT[unclear.column]]
                self.fault(row, unclear.column, unclear.code, unclear.message, value)
            return None
        column = (
            "division_code"
            if row.values[AT["division_code"]]
            else "township"
            if row.values[AT["township"]]
            else "division_code"
        )
        if warning:
            self.plan.warnings.append(
                self.reading.fault_at(row, column, "abolished_division", warning, row.values[AT[column]])
            )
        for ids in (self.inside, self.reach.divisions):
            if ids is not None and not division.lies_in(ids):
                message = _("%(name)s（%(code)s）不在这次导入的范围里。") % {
                    "name": division.name,
                    "code": division.code,
                }
                self.fault(row, column, "out_of_scope", message, row.values[AT[column]])
                return None
        return division

    def _entry(self, row, division, stations):
        tier = row.values[AT["tier"]]
        if "tier" in row.bad:
            return
        if tier is not None and LEVEL_OF_TIER[tier] != division.level:
            self.fault(row, "tier", "tier_mismatch", mismatch(division, tier), TIERS[tier - 1])
            return
        tier = tier or TIER_OF_LEVEL.get(division.level)
        if tier is None:
            self.fault(row, "division_code", "tier_mismatch", _("省一级不设站。"), division.code)
            return
        station, clear = self._meant(row, tier, stations)
        if not clear or not self._first(row, division, tier, station):
            return
        if not self.reach.holds(division, station) or (
            self.subtree and station is not None and not _below(station, self.subtree)
        ):
            sentence = _("这个站点不在您的站点之下。") if station else _("库里没有这个站点；新增站点由民政干部导入。")
            self.fault(row, "division_code", "out_of_scope", sentence, division.code)
            return
        self._outcome(row, division, tier, station)

    def _meant(self, row, tier, stations):
        """(the station that the row means or None for a new one, whether that is clear): by code, by name, or as the only one."""
        code, name = row.values[AT["station_code"]], row.values[AT["name"]]
        code = code or (row.values[AT["division_code"]] if "-" in (row.values[AT["division_code"]] or "") else None)
        if code and "-" in code:
            found = [s for s in stations if s.code == code]
            if not found:
                self.fault(
                    row, "station_code", "unknown_division", _("没有编号为 %(code)s 的站点。") % {"code": code}, code
                )
            return (found[0], True) if found else (None, False)
        stations = [s for s in stations if s.tier == tier]
        if name is not None:
            found = [s for s in stations if s.name == name] or [s for s in stations if same_name(s.name, name)]
            open_ones = [s for s in found if s.status != CLOSED]
            if len(open_ones or found) == 1:
                return (open_ones or found)[0], True
            stations = open_ones or stations
        still = [s for s in stations if s.status != CLOSED]
        if len(still) > 1:
            shown = "、".join(f"{s.name}（{s.code}）" for s in still[:6])
            message = _("这里有 %(count)d 个这一层级的站点：%(found)s。站点名称要和其中一个一样，或填站点编号。")
            self.fault(row, "name", "ambiguous_station", message % {"count": len(still), "found": shown}, name)
            return None, False
        return (still[0] if still else None), True

    def _first(self, row, division, tier, station):
        """False, with a fault, where an earlier row means the same station."""
        name = row.values[AT["name"]]
        book, key = (self.met, station.id) if station else (self.new, (division.id, tier, plain_name(name or "")))
        earlier = book.setdefault(key, row)
        if earlier is row:
            return True
        where = _("第 %(row)d 行") % {"row": earlier.number}
        if earlier.sheet != row.sheet:
            where = _("工作表“%(sheet)s”%(row)s") % {"sheet": earlier.sheet, "row": where}
        column = (
            "division_code" if row.values[AT["division_code"]] else "township" if row.values[AT["township"]] else "name"
        )
        message = _("和%(where)s是同一个站点，请删去其中一行。") % {"where": where}
        self.fault(row, column, "duplicate_in_file", message, row.values[AT[column]])
        return False

    def _outcome(self, row, division, tier, station):
        """Check what the row says against what stands, and note the entry."""
        status, since = self._status(row, station)
        if status == NOT_BUILT:
            self._not_built(row, station)
            return
        if station is None and row.values[AT["name"]] is None:
            if "name" not in row.bad:
                self.fault(row, "name", "missing_required", _("站点名称必须填。"))
            return
        self._consistent(row, station, status)
        target = Target(station.status if station else None, division, tier, status, since)
        if station is None:
            entry = Entry(row, CREATED, None, row.values[AT["name"]], (), target)
        else:
            changes = changes_of(row, station, status)
            entry = Entry(row, UPDATED if changes else UNCHANGED, station.id, station.name, changes, target)
        self.tiers.add(tier)
        self.plan.entries.append(entry)
        self.parents.note(entry, division, station)
        if station is not None:
            row.values = ()  # compared: only what changes is still needed

    def _status(self, row, station):
        """(status after the import, day it counts from). Without a word an existing station keeps its own."""
        said, founded = row.values[AT["status"]], row.values[AT["established_on"]]
        if said is None or said == NOT_BUILT:
            if said == NOT_BUILT or station is not None:
                return said or station.status, None
            said = OPERATING if founded and founded <= self.today else PLANNED
        founded = founded or (station.established_on if station else None)
        early = station is None or station.status in (PLANNED, BUILDING)
        begins = (
            founded if early and founded and founded <= self.today and said in (OPERATING, BUILDING) else self.today
        )
        return said, begins

    def _not_built(self, row, station):
        if station is not None and station.status not in (CLOSED, PLANNED):
            message = _("表里写“未建”，库里“%(name)s”却已设站。要撤销请写“撤销”。") % {"name": station.name}
            self.fault(row, "status", "inconsistent", message, "未建")
            return
        self.plan.entries.append(
            Entry(row, UNCHANGED, station.id if station else None, row.values[AT["name"]] or "", (), None)
        )

    def _consistent(self, row, station, status):
        """Rules between cells, also where the other half stands in the records already."""
        full, certified = row.values[AT["reported_full_time"]], row.values[AT["reported_certified"]]
        if station is not None and (full is None) != (certified is None):
            full = station.reported_full_time if full is None else full
            certified = station.reported_certified if certified is None else certified
        if full is not None and certified is not None and certified > full and "reported_full_time" not in row.bad:
            column = "reported_certified" if row.values[AT["reported_certified"]] is not None else "reported_full_time"
            message = _("持证 %(certified)d 人多于专职 %(full)d 人。") % {"certified": certified, "full": full}
            self.fault(row, column, "inconsistent", message, row.values[AT[column]])
        founded = row.values[AT["established_on"]]
        if founded is not None and founded > self.today and status not in (PLANNED, BUILDING):
            message = _("成立日期 %(day)s 还没有到，状态却不是筹建。") % {"day": founded}
            self.fault(row, "established_on", "inconsistent", message, str(founded))

    def count_absent(self):
        """How many stations of the place's rows the file does not name."""
        standing = (
            Station.objects.within(self.context.place)
            .visible_to(self.context.user)
            .open()
            .filter(tier__in=self.tiers)
            .count()
        )
        self.plan.absent = max(0, standing - len(self.met))
