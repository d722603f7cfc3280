"""Which station and which person a row means, read in a few queries for the whole file. Reading only."""

from collections import defaultdict

from django.utils.translation import gettext as _

import exchange.arrays  # noqa: F401  (the lookup one_of)
from accounts.protection import blind_indexes
from stations.models import Station
from stations.names import plain_name
from workforce import access
from workforce.models import Assignment, Worker


class Unclear(Exception):
    """A cell that names nothing, or several: a fault of the cell of `column`."""

    def __init__(self, column, code, message, value=None):
        super().__init__(code)
        self.column, self.code, self.message, self.value = column, code, message, value


class Stations:
    """The stations that a file may speak of: those where `user` writes, inside the place of the import."""

    def __init__(self, user, place):
        rows = Station.objects.filter(access.stations_of(user, access.WRITERS)).exclude(status="closed")
        self.place = place
        rows = (rows.within(place) if place is not None else rows).select_related("division").order_by("tier", "code")
        self.by_code, self.by_name = {}, defaultdict(list)
        for station in rows:
            self.by_code[station.code] = station
            self.by_name[plain_name(station.name)].append(station)
        self.first = next(iter(self.by_code.values()), None)

    def of(self, code, name, column, default=None):
        """The station of a code, else of a name; `default` where neither stands. Raises Unclear."""
        if code:
            if station := self.by_code.get(code):
                return station
            raise Unclear(
                "station_code",
                "out_of_scope",
                _("没有编号为 %(code)s 的站点，或不在这次导入的范围里。") % {"code": code},
                code,
            )
        if not name:
            if default is not None:
                return default
            raise Unclear(column, "missing_required", _("要写明是哪个社工站。"))
        found = self.named(name)
        if len(found) == 1:
            return found[0]
        if not found:
            raise Unclear(column, "out_of_scope", _("范围里没有叫“%(name)s”的站点。") % {"name": name}, name)
        shown = "、".join(f"{s.name}（{s.code}）" for s in found[:6])
        message = _("“%(name)s”有 %(count)d 个：%(found)s。请填站点编号。")
        raise Unclear(column, "ambiguous_station", message % {"name": name, "count": len(found), "found": shown}, name)

    def named(self, name):
        """The stations whose name is this one, whatever its suffix is called."""
        return self.by_name.get(plain_name(name), [])

    @property
    def place_station(self):
        """The station that the import was asked for, where it was one."""
        return self.place if isinstance(self.place, Station) else None

    @property
    def host(self):
        """Where a training without a station was held: the place's own station, else the highest in it."""
        return self.place_station or (self.first if self.place is not None else None)


class People:
    """The persons that a file may speak of: by ID number and phone from their blind indexes, by name among those in reach."""

    def __init__(self, user, numbers, phones, names):
        self.by_number, self.by_phone = defaultdict(list), defaultdict(list)
        self.by_name = defaultdict(list)
        wanted = {index: number for number in numbers for index in blind_indexes("worker.id_number", number)}
        called = {index: phone for phone in phones for index in blind_indexes("worker.phone", phone)}
        for worker in Worker.objects.filter(id_number_index__one_of=list(wanted)) if wanted else ():
            self.by_number[wanted[worker.id_number_index]].append(worker)
        for worker in Worker.objects.filter(phone_index__one_of=list(called)) if called else ():
            self.by_phone[called[worker.phone_index]].append(worker)
        found = Worker.objects.visible_to(user).filter(name__one_of=list(names)) if names else ()
        self.reach = {worker.pk: worker for worker in found}
        for worker in self.reach.values():
            self.by_name[worker.name].append(worker)
        seen = {w.pk for w in (*self.all_of(self.by_number), *self.all_of(self.by_phone))} - self.reach.keys()
        self.reach |= {w.pk: w for w in Worker.objects.visible_to(user).filter(pk__in=seen)} if seen else {}
        self.jobs = defaultdict(list)
        for job in Assignment.objects.filter(worker__in=self.reach).select_related("station").order_by("-span", "pk"):
            self.jobs[job.worker_id].append(job)

    @staticmethod
    def all_of(table):
        return [worker for workers in table.values() for worker in workers]

    def at(self, name, station, day):
        """People of this name with a job at `station` on `day` (None: not ended)."""
        return [
            w
            for w in self.by_name.get(name, ())
            if any(j.station_id == station.pk and _holds(j, day) for j in self.jobs[w.pk])
        ]


def _holds(job, day):
    if day is None:
        return job.span.upper is None
    return job.span.lower <= day and (job.span.upper is None or day < job.span.upper)
