"""Everything that writes the tree: the lock, dated parents, numbering. All of the tree's SQL.

Dated parent rows are the truth, the MPTT columns today's picture of them, numbered city by city in memory.
Cost: numbering a city of 2,000 stations and writing what changed is one read and one UPDATE (`make bench`, row "move").
"""

from collections import defaultdict
from contextlib import contextmanager

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.errors import DomainError
from periods import today
from stations.models import Station, StationParent
from stations.models.divisions import nearest

LOCK = 7301  # first half of the advisory lock's key, the second is the city division's id
OPENED = ("operating", "suspended")

GUARD = """
CREATE SEQUENCE stations_tree_id;
CREATE FUNCTION stations_refuse_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: tree and status are written by tree.py and actions.py alone', TG_NAME USING ERRCODE = 'SG003';
END $$;
CREATE TRIGGER guard_tree BEFORE UPDATE OF parent_id, lft, rght, tree_id, depth ON stations_station FOR EACH ROW
    WHEN ((OLD.parent_id, OLD.lft, OLD.rght, OLD.tree_id) IS DISTINCT FROM (NEW.parent_id, NEW.lft, NEW.rght, NEW.tree_id)
          AND current_setting('shegong.tree', true) IS DISTINCT FROM 'open')
    EXECUTE FUNCTION stations_refuse_tree();
CREATE TRIGGER guard_tree_insert BEFORE INSERT ON stations_station FOR EACH STATEMENT
    WHEN (current_setting('shegong.tree', true) IS DISTINCT FROM 'open')
    EXECUTE FUNCTION stations_refuse_tree();
CREATE TRIGGER guard_status BEFORE UPDATE OF status, operating_since ON stations_station FOR EACH ROW
    WHEN ((OLD.status, OLD.operating_since) IS DISTINCT FROM (NEW.status, NEW.operating_since)
          AND coalesce(current_setting('shegong.event', true), '') = '')
    EXECUTE FUNCTION stations_refuse_tree();
"""
UNGUARD = """
DROP TRIGGER guard_status ON stations_station;
DROP TRIGGER guard_tree ON stations_station; DROP TRIGGER guard_tree_insert ON stations_station;
DROP FUNCTION stations_refuse_tree(); DROP SEQUENCE stations_tree_id;
"""


def lock(*lock_ids):
    """Hold the trees of these city divisions until the transaction ends; taken in ascending order, before anything is read."""
    with connection.cursor() as cursor:
        for lock_id in sorted(set(lock_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, lock_id])


@contextmanager
def opened():
    """Let this block write the tree's columns; the change log records the dated rows instead of the picture."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('shegong.tree', 'open', true), set_config('shegong.picture', 'stations_station', true)"
        )
        yield cursor
        cursor.execute("SELECT set_config('shegong.tree', '', true), set_config('shegong.picture', '', true)")


def number(nodes):
    """Number a forest. `nodes` yields (id, parent id or None) in sibling order. Returns {id: (root id, lft, rght, depth)}.

    A parent that is not among the nodes makes its child a root. Raises ValueError for a cycle.
    """
    nodes = list(nodes)
    known = {pk for pk, _parent in nodes}
    children = defaultdict(list)
    for pk, parent in nodes:
        children[parent if parent in known else None].append(pk)
    out = {}
    for root in children[None]:
        counter, stack = 1, [(root, 0, iter(children[root]))]
        left = {root: 1}
        while stack:
            pk, depth, rest = stack[-1]
            child = next(rest, None)
            counter += 1
            if child is None:
                out[pk] = (root, left[pk], counter, depth)
                stack.pop()
            else:
                left[child] = counter
                stack.append((child, depth + 1, iter(children[child])))
    if len(out) != len(nodes):
        raise ValueError("cycle among " + ", ".join(map(str, sorted(known - out.keys())[:5])))
    return out


PICTURE = """
SELECT s.id, p.parent_id, s.parent_id, s.tree_id, s.lft, s.rght, s.depth
FROM stations_station s
JOIN stations_division d ON d.id = s.division_id
LEFT JOIN stations_stationparent p ON p.station_id = s.id AND p.span @> %s::date
WHERE coalesce(d.city_id, d.district_id, d.province_id, d.id) = ANY(%s)
ORDER BY s.code COLLATE "C"
"""  # the order in which Python sorts them, whatever the database's language


def differences(lock_ids, day=None):
    """Rows of the picture that differ from the dated parents: [(id, parent, tree_id or None for a new one, lft, rght, depth)]."""
    with connection.cursor() as cursor:
        cursor.execute(PICTURE, [day or today(), list(lock_ids)])
        rows = cursor.fetchall()
    numbers = number((pk, parent) for pk, parent, *_rest in rows)
    trees = _tree_ids(rows, numbers)
    out = []
    for pk, parent, *have in rows:
        root, lft, rght, depth = numbers[pk]
        want = [parent, trees[root], lft, rght, depth]
        if want != have:
            out.append((pk, *want))
    return out


def _tree_ids(rows, numbers):
    """{root: its tree_id}: a root keeps its own unless another root claims it; None where a new one is needed."""
    taken, trees = set(), {}
    for pk, _parent, _old, tree_id, *_rest in rows:
        if numbers[pk][0] == pk:
            trees[pk] = tree_id if tree_id not in taken and tree_id > 0 else None
            taken.add(tree_id)
    return trees


def renumber(*lock_ids):
    """Make the picture of these cities agree with their dated parents. Hold the lock first. Returns how many rows changed."""
    rows = differences(lock_ids)
    if not rows:
        return 0
    fresh = iter(next_trees(len({r[0] for r in rows if r[2] is None and r[1] is None})))
    new_tree = {r[0]: next(fresh) for r in rows if r[2] is None and r[1] is None}
    if new_tree:  # those below a new root learn its number
        rows = _with_new_trees(lock_ids, rows, new_tree)
    write(rows)
    return len(rows)


def write(rows):
    """Write rows of the picture: [(id, parent, tree_id, lft, rght, depth)], one UPDATE."""
    if not rows:
        return
    with opened() as cursor:
        cursor.execute(
            "UPDATE stations_station s SET parent_id = v.parent, tree_id = v.tree, lft = v.lft, rght = v.rght, depth = v.depth "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[]) "
            "AS v(id, parent, tree, lft, rght, depth) WHERE s.id = v.id",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _with_new_trees(lock_ids, rows, new_tree):
    with connection.cursor() as cursor:
        cursor.execute(PICTURE, [today(), list(lock_ids)])
        numbers = number((pk, parent) for pk, parent, *_rest in cursor.fetchall())
    return [(pk, parent, tree or new_tree[numbers[pk][0]], *rest) for pk, parent, tree, *rest in rows]


def next_trees(n):
    """`n` fresh tree ids from the sequence (mptt's own MAX + 1 collides when two roots are made at once)."""
    if not n:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('stations_tree_id') FROM generate_series(1, %s)", [n])
        return [row[0] for row in cursor.fetchall()]


def set_parent(station, parent, on, *, by_default=False, reason=""):
    """From `on` the parent of `station` is `parent` (None: it stands at the top). See `set_parents`."""
    set_parents([(station, parent)], on, by_default=by_default, reason=reason)


def set_parents(pairs, on, *, by_default=False, reason="", postpone=False):
    """From `on` each station of `pairs` [(station, parent or None)] stands under its parent. Writes dated rows only; renumber afterwards.

    Where a later change stands already: DomainError `date_order`, or with `postpone` from the day of that change.
    """
    history = defaultdict(list)
    for row in StationParent.objects.filter(station__in=[s.pk for s, _parent in pairs]).order_by("span"):
        history[row.station_id].append(row)
    plan = _Plan(by_default=by_default, reason=reason[:200])
    for station, parent in pairs:
        rows = history[station.pk]
        last = rows[-1].span.upper or rows[-1].span.lower if rows else None
        if last and on < last and not postpone:
            raise DomainError(
                _("上级在 %(day)s 已改过一次，这次不能早于那天") % {"day": last}, code="date_order", field="on"
            )
        plan.add(station.pk, rows, parent and parent.pk, max(on, last) if last else on)
    plan.write()


class _Plan:
    """The rows to delete, change and make for a list of new parents."""

    def __init__(self, **more):
        self.more, self.gone, self.changed, self.new = more, [], [], []

    def add(self, station_id, rows, parent_id, on):
        """`rows` are the station's history in order, none beginning after `on`."""
        current = rows[-1] if rows and rows[-1].span.upper is None else None
        ended = rows[:-1] if current else rows
        before = ended[-1] if ended else None
        if current and current.parent_id == parent_id:
            if current.by_default and not self.more["by_default"]:  # from now on because somebody said so
                current.by_default = False
                self.changed.append(current)
            return
        if current and current.span.lower == on:
            self.gone.append(current.pk)
        elif current:
            current.span = DateRange(current.span.lower, on)
            self.changed.append(current)
            before = current
        if parent_id is None:
            return
        if before and before.span.upper == on and before.parent_id == parent_id:
            before.span = DateRange(before.span.lower, None)
            before.by_default &= self.more["by_default"]
            self.changed.append(before)
        else:
            self.new.append(
                StationParent(station_id=station_id, parent_id=parent_id, span=DateRange(on, None), **self.more)
            )

    def write(self):
        """Deletions first: spans of one station must not overlap at any moment."""
        StationParent.objects.filter(pk__in=self.gone).delete()
        StationParent.objects.bulk_update(self.changed, ["span", "by_default"], batch_size=1000)
        StationParent.objects.bulk_create(self.new, batch_size=1000)


def default_parents(stations, others):
    """The parent the divisions give to each of `stations`: {station: station or None}.

    Both are lists of Stations with their divisions; candidates are those among both that are opened, of a higher tier,
    at the nearest division that contains the station's own; of several the one with the lowest code.
    """
    at = defaultdict(list)
    for candidate in sorted({*stations, *others}, key=lambda s: (len(s.code), s.code)):
        if candidate.status in OPENED:
            at[candidate.tier, candidate.division_id].append(candidate)
    out = {}
    for station in stations:
        d = station.division
        above = [(3, d.township_id), (2, d.district_id), (1, d.city_id)]
        out[station] = next((at[tier, pk][0] for tier, pk in above if tier < station.tier and at.get((tier, pk))), None)
    return out


def adopt(lock_id, on):
    """Give every station of a city whose parent came by default the one that the divisions give today. Returns those moved.

    A parent that somebody named stays, now and where it was named on a later day than `on`.
    """
    stations = list(
        Station.objects.select_related("division")
        .annotate(lock=nearest("division__"))
        .filter(lock=lock_id)
        .order_by("code")
    )
    last = {p.station_id: p for p in StationParent.objects.filter(station__in=stations).order_by("span")}
    pairs = []
    for station, parent in default_parents(stations, ()).items():
        row = last.get(station.pk)
        if station.status == "closed" or (row and not row.by_default):
            continue
        if (row.parent_id if row and row.span.upper is None else None) != (parent and parent.pk):
            pairs.append((station, parent))
    set_parents(pairs, on, by_default=True, reason=_("按区划归属"), postpone=True)
    return [station for station, _parent in pairs]


def faults(lock_ids=None):
    """Sentences about every row where the picture and the dated parents disagree or a rule of the tree is broken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT coalesce(d.city_id, d.district_id, d.province_id, d.id) FROM stations_station s "
                       "JOIN stations_division d ON d.id = s.division_id")  # fmt: skip
        every = sorted(row[0] for row in cursor.fetchall())
        lock_ids = every if lock_ids is None else lock_ids
        out = []
        for statement, sentence in BROKEN:
            cursor.execute(statement)
            out += [sentence % row for row in cursor.fetchall()]
    try:
        wrong = differences(lock_ids) if lock_ids else []
    except ValueError as e:
        return [*out, str(e)]
    codes = dict(Station.objects.filter(pk__in=[r[0] for r in wrong]).values_list("pk", "code"))
    return out + [f"{codes[r[0]]}: parent/lft/rght/tree_id/depth should be {list(r[1:])}" for r in wrong]


BROKEN = [
    (
        """SELECT c.code, p.code FROM stations_stationparent x JOIN stations_station c ON c.id = x.station_id
           JOIN stations_station p ON p.id = x.parent_id WHERE p.tier >= c.tier""",
        "%s: its parent %s is of no higher tier",
    ),
    (
        """SELECT c.code, p.code FROM stations_stationparent x
           JOIN stations_station c ON c.id = x.station_id JOIN stations_division cd ON cd.id = c.division_id
           JOIN stations_station p ON p.id = x.parent_id JOIN stations_division pd ON pd.id = p.division_id
           WHERE upper_inf(x.span) AND coalesce(cd.city_id, cd.district_id, cd.province_id, cd.id)
                                    <> coalesce(pd.city_id, pd.district_id, pd.province_id, pd.id)""",
        "%s: its parent %s stands in another city",
    ),
    (
        "SELECT min(code), tree_id FROM stations_station WHERE parent_id IS NULL GROUP BY tree_id HAVING count(*) > 1",
        "%s: more than one root in tree %s",
    ),
    (
        """SELECT s.code, s.status, x.status FROM stations_station s LEFT JOIN stations_stationstatus x
           ON x.station_id = s.id AND upper_inf(x.span) WHERE s.status IS DISTINCT FROM x.status""",
        "%s: status %s, its history says %s",
    ),
]

BELOW = """
WITH RECURSIVE below AS (
    SELECT station_id FROM stations_stationparent WHERE parent_id = %(id)s AND span @> %(day)s::date
    UNION SELECT p.station_id FROM stations_stationparent p JOIN below b ON p.parent_id = b.station_id WHERE p.span @> %(day)s::date
) SELECT station_id FROM below
"""
ABOVE = """
WITH RECURSIVE above AS (
    SELECT parent_id FROM stations_stationparent WHERE station_id = %(id)s AND span @> %(day)s::date
    UNION SELECT p.parent_id FROM stations_stationparent p JOIN above a ON p.station_id = a.parent_id WHERE p.span @> %(day)s::date
) SELECT parent_id FROM above
"""


def below_on(station, day):
    """Ids of the stations that stood below `station` on `day`, at any depth; itself not."""
    return _ids(BELOW, station, day)


def above_on(station, day):
    """Ids of the stations above `station` on `day`."""
    return _ids(ABOVE, station, day)


def _ids(statement, station, day):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"id": station.pk, "day": day})
        return [row[0] for row in cursor.fetchall()]
