"""Which division a row of a roster speaks of: by its code, or by name inside the place with the county's cell as context."""

from collections import defaultdict
from typing import NamedTuple

from django.utils.translation import gettext as _

import exchange.arrays  # noqa: F401  (the lookup one_of)
from exchange.normalising import key_of
from periods import today
from stations.models import Division, DivisionLineage
from stations.models.stations import LEVEL_OF_TIER, TIER_NAMES
from stations.names import plain_name
from stations.roster.words import AT

LEVEL_COLUMNS = {5: "village", 4: "township", 3: "county"}
HINTS = 500  # rows with unknown codes for which a hint is looked up
TIER_OF_LEVEL = {level: tier for tier, level in LEVEL_OF_TIER.items()}


class Place(NamedTuple):
    """A division, as much as a roster needs of it."""

    id: int
    code: str
    name: str
    level: int
    province_id: int | None
    city_id: int | None
    district_id: int | None
    township_id: int | None
    valid_from: object
    valid_until: object

    @property
    def lock_id(self):
        return self.city_id or self.district_id or self.province_id or self.id

    def lies_in(self, ids):
        return not ids.isdisjoint((self.id, self.province_id, self.city_id, self.district_id, self.township_id))


class Unclear(Exception):
    """The row names no division, none that is known, or several: a fault of the cell of `column`."""

    def __init__(self, column, code, message):
        super().__init__(code)
        self.column, self.code, self.message = column, code, message


class Divisions:
    """The divisions that some rows speak of, read in a few queries. `names_in` limits names to these division ids (None: anywhere)."""

    def __init__(self, rows, names_in=None):
        self.by_code, self.by_name, self.by_id = {}, defaultdict(list), {}
        codes, names = set(), set()
        for row in rows:
            code = row.values[AT["division_code"]] or row.values[AT["station_code"]]
            if code:
                codes.add(code.split("-")[0])
            else:
                names.update(self.names_of(row))
        self.today = today()
        self._read_codes(codes)
        names |= self._hints(rows)
        if names:
            self._read_names(names, names_in)

    def _hints(self, rows):
        """The names of rows whose code nobody knows: they may tell which code was meant."""
        position, name = AT["division_code"], AT["name"]
        lost = [row for row in rows if row.values[position] and row.values[position].split("-")[0] not in self.by_code]
        return {base_of(row.values[name]) for row in lost[:HINTS] if row.values[name]}

    def _hint(self, row):
        """The sentence that names the code which the row's name speaks of, where only one does."""
        name = row.values[AT["name"]]
        found = self.by_name.get(key_of(base_of(name)), ()) if name else ()
        if len(found) != 1:
            return ""
        return _("%(name)s的代码是 %(code)s。") % {"name": found[0].name, "code": found[0].code}

    @staticmethod
    def names_of(row):
        """The names in a row that may be a division's, with what the station's own name begins with."""
        found = [row.values[AT[column]] for column in LEVEL_COLUMNS.values()]
        if name := row.values[AT["name"]]:
            found.append(base_of(name))
        return [name for name in found if name]

    def _take(self, queryset):
        return [Place(*values) for values in queryset.values_list(*Place._fields)]

    def _read_codes(self, codes):
        for place in self._take(Division.objects.filter(code__one_of=sorted(codes))) if codes else ():
            known = self.by_code.setdefault(place.code, place)
            if known is not place:  # the code stands at several levels, or came back
                self.by_code[place.code] = [*(known if known.__class__ is list else [known]), place]

    def _read_names(self, names, names_in):
        found = Division.objects.on(today()).filter(name__one_of=sorted(names), level__gte=2)
        for place in self._take(found):
            self.by_id[place.id] = place
            if names_in is None or place.lies_in(names_in):
                self.by_name[key_of(place.name)].append(place)

    def of(self, row):
        """(Place, warning or None) of a row. Raises Unclear."""
        code = row.values[AT["division_code"]] or row.values[AT["station_code"]]
        if code:
            return self._by_code(code.split("-")[0], row)
        if "division_code" in row.bad:
            raise Unclear(None, None, None)
        return self._by_name(row), None

    def _by_code(self, code, row):
        found = self.by_code.get(code)
        if not found:
            raise Unclear(
                "division_code",
                "unknown_division",
                _("区划代码 %(code)s 不在代码表里。") % {"code": code} + self._hint(row),
            )
        day, found = self.today, found if found.__class__ is list else [found]
        now = [p for p in found if p.valid_from <= day and (p.valid_until is None or p.valid_until > day)]
        if len(now) == 1:
            return now[0], None
        if not now:
            return self._successor(max(found, key=lambda p: p.valid_from))
        fitting = [p for p in now if p.level == LEVEL_OF_TIER.get(row.values[AT["tier"]])]
        return (fitting or sorted(now, key=lambda p: p.level))[0], None

    def _successor(self, place):
        """What an abolished division became: one place with a warning, else the row is unclear."""
        into = list(
            DivisionLineage.objects.filter(old_id=place.id).values_list(*(f"new__{name}" for name in Place._fields))
        )
        if not into:
            message = _("%(name)s（%(code)s）已撤销，代码表里没有后继。") % {"name": place.name, "code": place.code}
            raise Unclear("division_code", "unknown_division", message)
        if len(into) > 1:
            raise Unclear(
                "division_code",
                "ambiguous_division",
                several(place.name, [Place(*values) for values in into], self.by_id),
            )
        new = Place(*into[0])
        self.by_id[new.id] = new
        warning = _("%(old)s 已撤销，按后继 %(new)s（%(code)s）读。") % {
            "old": place.name,
            "new": new.name,
            "code": new.code,
        }
        return new, warning

    def _by_name(self, row):
        tier = row.values[AT["tier"]]
        level, column, name = self._spoken_of(row, tier)
        if name is None:
            raise Unclear("division_code", "missing_required", _("区划代码、县和乡镇的名称，至少要有一样。"))
        found = [p for p in self.by_name.get(key_of(name), ()) if level is None or p.level == level]
        if len(found) > 1:
            found = self._narrowed(row, found, column) or found
        if not found:
            message = _("范围里没有叫“%(name)s”的%(level)s。") % {"name": name, "level": self._level_word(level)}
            raise Unclear(column, "unknown_division", message)
        if len(found) > 1:
            raise Unclear(column, "ambiguous_division", several(name, found, self.by_id))
        return found[0]

    def _spoken_of(self, row, tier):
        """(level, column, name): the lowest division that the row names, or that its station's name begins with."""
        wanted = LEVEL_OF_TIER.get(tier)
        for level, column in LEVEL_COLUMNS.items():
            name = row.values[AT[column]]
            if name and (wanted is None or wanted == level):
                return level, column, name
        name = row.values[AT["name"]]
        return (wanted, "name", base_of(name)) if name else (None, None, None)

    def _narrowed(self, row, found, column):
        """Those that lie in what the row says above: the county of a township, the township of a village."""
        for above in ("township", "county"):
            name = row.values[AT[above]]
            if name and above != column:
                ids = {p.id for p in self.by_name.get(key_of(name), ())}
                closer = [p for p in found if p.lies_in(ids - {p.id})]
                found = closer or found
        return found

    @staticmethod
    def _level_word(level):
        return {2: _("市"), 3: _("县（市、区）"), 4: _("乡镇（街道）"), 5: _("村（社区）")}.get(level, _("单位"))


def base_of(name):
    """What the name of a station begins with: 太和镇社工站 → 太和镇."""
    plain = plain_name(name)
    for suffix in ("社工站", "社会工作服务总站", "社工总站", "社会工作服务指导中心", "社会工作服务室", "社工室"):
        if plain.endswith(suffix) and len(plain) > len(suffix):
            return plain[: -len(suffix)]
    return plain


def several(name, found, by_id):
    """The sentence that lists the candidates of an ambiguous name with what they lie in and their codes."""
    above = {pk for p in found for pk in (p.district_id, p.city_id) if pk} - by_id.keys()
    by_id |= {p.id: p for p in (Place(*v) for v in Division.objects.filter(pk__in=above).values_list(*Place._fields))}
    shown = ["、".join(filter(None, (_inside(p, by_id), p.code))) for p in sorted(found, key=lambda p: p.code)[:8]]
    return _("“%(name)s”在范围里有 %(count)d 个：%(found)s。请填区划代码。") % {
        "name": name,
        "count": len(found),
        "found": "；".join(shown),
    }


def _inside(place, by_id):
    above = by_id.get(place.district_id if place.district_id != place.id else place.city_id)
    return f"{above.name}{place.name}" if above and above.id != place.id else place.name


def mismatch(place, tier):
    """The sentence of a tier that does not stand at a division's level."""
    level = {1: _("省"), 2: _("市"), 3: _("县（市、区）"), 4: _("乡镇（街道）"), 5: _("村（社区）")}[place.level]
    return _("%(code)s（%(name)s）是%(level)s，层级却写“%(tier)s”。") % {
        "code": place.code, "name": place.name, "level": level, "tier": TIER_NAMES[tier],
    }  # fmt: skip
