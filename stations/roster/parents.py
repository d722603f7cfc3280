"""The parent that a row names: a station of a higher tier in the same city, by code or name, standing already or made by the same file."""

from collections import defaultdict
from typing import NamedTuple

from django.utils.translation import gettext as _

from exchange.plans import CREATED, UNCHANGED, UPDATED
from stations.models import Station
from stations.models.divisions import nearest
from stations.models.stations import CLOSED
from stations.names import plain_name
from stations.roster.words import AT


class Known(NamedTuple):
    """A station that may be a parent. `id` is None for one that the file itself makes; `entry` is then its entry."""

    id: int | None
    code: str
    name: str
    tier: int
    division_id: int
    lock_id: int
    entry: object = None


class Parents:
    """Remembers the rows that name a parent, and answers them when all rows are known."""

    def __init__(self, rows):
        self.names = {row.values[AT["parent"]] for row in rows} - {None}  # a file that names none costs nothing
        self.plain = {plain_name(name) for name in self.names}
        self.waiting, self.made = [], defaultdict(list)

    def note(self, entry, division, station):
        """Remember a row that names a parent, and a new station that may be one."""
        if not self.names:
            return
        if entry.row.values[AT["parent"]] is not None:
            self.waiting.append(
                (entry, division, entry.row.values[AT["parent"]], station.parent_id if station else None)
            )
        if entry.outcome == CREATED and (plain := plain_name(entry.label)) in self.plain:
            known = Known(None, "", entry.label, entry.target.tier, division.id, division.lock_id, entry)
            self.made[plain].append(known)

    def resolve(self, work):
        """Put the parents into the entries, or note what is wrong with the names."""
        if not self.waiting:
            return
        standing = self._standing()
        names = {known.id: known.name for found in standing.values() for known in found}
        for entry, division, said, now in self.waiting:
            parent = self._one(work, entry, division, said, standing)
            if parent is None or (entry.key is not None and parent.id == now):
                continue
            entry.target = entry.target._replace(parent=parent)
            if entry.key is not None:
                entry.changes = (*entry.changes, "parent", names.get(now, ""), parent.name)
                entry.outcome = UPDATED if entry.outcome == UNCHANGED else entry.outcome

    def _standing(self):
        """{plain name or code: [Known]} of what stands in the cities of the waiting rows."""
        locks = {division.lock_id for _entry, division, _said, _now in self.waiting}
        rows = (
            Station.objects.exclude(status=CLOSED)
            .annotate(lock=nearest("division__"))
            .filter(lock__in=locks, tier__lt=4)
        )
        found = defaultdict(list)
        for values in rows.values_list("id", "code", "name", "tier", "division_id", "lock"):
            known = Known(*values)
            found[plain_name(known.name)].append(known)
            found[known.code].append(known)
        return found

    def _one(self, work, entry, division, said, standing):
        plain, tier = plain_name(said), entry.target.tier
        here = [
            k
            for k in (*standing.get(said, ()), *standing.get(plain, ()), *self.made.get(plain, ()))
            if k.lock_id == division.lock_id
        ]
        here = list(dict.fromkeys(here))
        if not here:
            work.fault(
                entry.row,
                "parent",
                "unknown_parent",
                _("找不到叫“%(name)s”的上级站点。留空就按区划归属。") % {"name": said},
                said,
            )
            return None
        higher = [k for k in here if k.tier < tier]
        if not higher:
            work.fault(
                entry.row,
                "parent",
                "tier_mismatch",
                _("“%(name)s”的层级不比本站高，不能做上级。") % {"name": said},
                said,
            )
            return None
        above = {division.township_id, division.district_id, division.city_id}
        nearer = [k for k in higher if k.division_id in above] or higher
        if len(nearer) > 1:
            shown = "、".join(f"{k.name}（{k.code}）" if k.code else k.name for k in nearer[:6])
            message = _("“%(name)s”有 %(count)d 个：%(found)s。请填站点编号。") % {
                "name": said,
                "count": len(nearer),
                "found": shown,
            }
            work.fault(entry.row, "parent", "ambiguous_parent", message, said)
            return None
        return nearer[0]
