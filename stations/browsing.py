"""The tree as one user sees it, today or on a day, branch by branch: what the pages draw. Reading only; writing is tree.py's."""

import re
from collections import defaultdict

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stations.access import stations_of
from stations.models import Station, StationParent
from stations.models.divisions import nearest

MOST = 60  # stations drawn below one parent; the rest is in the roster
SHORT = re.compile(r"(社会工作服务|社会工作|社工服务|社工)(?=(指导中心|总站|站|室)$)")


def short_name(name):
    """太和镇社会工作服务站 → 太和镇站: enough inside the tree."""
    return SHORT.sub("", name)


class Picture:
    """The stations `user` sees, with `status_then` and `parent_then` (an id) of `day`; None is today."""

    def __init__(self, user, day=None):
        self.user, self.day = user, day

    def stations(self):
        seen = Station.objects.visible_to(self.user)
        if self.day is None:
            return seen.annotate(status_then=F("status"), parent_then=F("parent_id"))
        parents = StationParent.objects.filter(station=OuterRef("pk"), span__contains=self.day)
        return (
            seen.status_on(self.day)
            .exclude(status_then=None)
            .annotate(parent_then=Subquery(parents.values("parent_id")[:1]))
        )

    def standing(self):
        """Those that were not closed."""
        return self.stations().exclude(status_then="closed")

    def tops(self):
        """Stations without a parent in reach."""
        rows = self.standing()
        if self.user.is_superuser:
            return rows.filter(parent_then=None)
        if self.day is None:
            return rows.filter(Q(parent=None) | ~stations_of(self.user, prefix="parent__"))
        above = Station.objects.visible_to(self.user).filter(pk=OuterRef("parent_then"))
        return rows.filter(~Exists(above))

    def below(self, ids):
        return self.standing().filter(parent_then__in=ids)

    def counts(self, ids):
        """{parent id: (operating, all)} of the stations directly below `ids`."""
        if not ids:
            return {}
        rows = self.below(ids).order_by().values("parent_then")
        rows = rows.annotate(every=Count("pk"), running=Count("pk", filter=Q(status_then="operating")))
        return {row["parent_then"]: (row["running"], row["every"]) for row in rows}

    def path(self, station):
        """The stations from the top in reach down to `station`, itself included."""
        if self.day is None:
            line = self.stations().filter(tree_id=station.tree_id, lft__lte=station.lft, rght__gte=station.rght)
            return list(self._drawn(line).order_by("lft"))
        rows = StationParent.objects.annotate(lock=nearest("station__division__")).filter(
            Q(station__tier__lt=4) | Q(station=station), lock=station.division.lock_id, span__contains=self.day
        )
        parent_of = dict(rows.values_list("station_id", "parent_id"))
        line = [station.pk]
        while line[0] in parent_of:
            line.insert(0, parent_of[line[0]])
        found = {s.pk: s for s in self._drawn(self.stations().filter(pk__in=line))}
        return [found[pk] for pk in line if pk in found]

    def nodes(self, *, path=(), here=None, alone=False):
        """The tree's nodes as templates/stations/_branch.html draws them: the tops, and what lies below those of `path`.

        `alone` draws the tree of the path alone; a single top is open anyway. Three queries, two for a tree alone.
        """
        roots = list(path[:1]) if alone else list(self._drawn(self.tops())[: MOST + 1])
        opened = {*(s.pk for s in path), *([roots[0].pk] if len(roots) == 1 else [])}
        children = defaultdict(list)
        for station in self._drawn(self.below(opened))[: 10 * MOST] if opened else ():
            children[station.parent_then].append(station)
        drawn = [s for some in ([roots], children.values()) for rows in some for s in rows[:MOST]]
        counts = self.counts([s.pk for s in drawn if s.tier < 4])

        def level(rows, parent=None):
            nodes = [
                self._node(s, counts, opened, here, level(children[s.pk], s) if s.pk in opened else [])
                for s in rows[:MOST]
            ]
            if len(rows) > MOST:
                nodes[-1]["more"] = self._more(parent, counts)
            return nodes

        return level(roots)

    def branch(self, station):
        """The nodes directly below one station: what a turner fetches."""
        rows = list(self._drawn(self.below([station.pk]))[: MOST + 1])
        counts = self.counts([s.pk for s in rows[:MOST] if s.tier < 4])
        nodes = [self._node(s, counts, set(), None, []) for s in rows[:MOST]]
        if len(rows) > MOST:
            nodes[-1]["more"] = self._more(station, {})
        return nodes

    @staticmethod
    def _drawn(queryset):
        return queryset.order_by("code").only("code", "name", "tier", "reported_full_time", "initials")

    def _node(self, station, counts, opened, here, children):
        running, every = counts.get(station.pk, (0, 0))
        tail, day = "", f"&as_of={self.day}" if self.day else ""
        if station.tier < 3 and every:
            tail = f"{running}/{every}"
        elif station.tier > 2 and station.reported_full_time is not None:
            n = station.reported_full_time
            tail = ngettext("%(n)s 人", "%(n)s 人", n) % {"n": n}
        return {
            "code": station.code,
            "name": short_name(station.name),
            "title": station.name,
            "initials": station.initials,
            "url": f"/stations/{station.code}/",
            "status": station.status_then,
            "tail": tail,
            "has_children": bool(every),
            "open": station.pk in opened and bool(children),
            "children": children,
            "branch_url": f"/stations/?branch={station.code}{day}",
            "open_url": f"/stations/?open={station.code}{day}",
            "here": station.pk == here,
            "more": None,
        }

    @staticmethod
    def _more(parent, counts):
        url = f"/stations/?within={parent.code}#roster" if parent else "/stations/#roster"
        rest = counts.get(parent.pk, (0, 0))[1] - MOST if parent else 0
        return {"url": url, "label": _("还有 %(n)s 个") % {"n": rest} if rest > 0 else _("其余在名册里")}
