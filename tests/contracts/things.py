"""One of everything at three places: what the addresses of `table.py` name. A room that adds an address adds its thing here."""

import datetime as dt
from pathlib import Path
from tempfile import mkdtemp

from django.utils import timezone

from accounts.changes import change
from accounts.models import Event
from exchange import actions as imports
from jobs.models import Heartbeat, Job
from metrics.actions import roll_up
from periods import Period, today
from stations.actions import update_station
from stations.models import Agency, CoverageUnit, Division, Post
from stations.people import create_service_key
from tests.contracts.casework_lines import a_case
from tests.contracts.partnerships_lines import a_pairing
from tests.factories import World
from workforce.models import Worker

PLACES = ("", "sibling_", "twin_")
TOWNS = {"": "太和镇", "sibling_": "葛店镇", "twin_": "鸾栖镇"}
PEOPLE = {"": "益民明", "sibling_": "华容镇芳", "twin_": "凤鸣强"}
HEAD = "区划代码,站点名称,层级,状态,地址,负责人\n"


class Things:
    """`at(place, name)` is the value of an address's parameter: of the thing of that name at the place."""

    def __init__(self):
        self.world = World()
        self.found = {place: {} for place in PLACES}
        for place in PLACES:
            self.found[place] |= self._stations(place)
            self.found[place] |= self._people(place)
            self.found[place] |= self._import(place)
            self.found[place] |= self._workforce(place)
            self.found[place] |= a_case(self.world, place, TOWNS[place])
            self.found[place] |= a_pairing(self.world, place)
        self._figures()
        self._signs_of_life()

    def at(self, place, name):
        return self.found[place][name]

    def _stations(self, place):
        station, official = self.world.station(TOWNS[place]), self.world.users[place + "official"]
        update_station(official, self.world.fresh(TOWNS[place]), note=f"改过{place}")
        division = station.division.district
        agency = Agency.objects.filter(division=division).first()
        if agency is None:
            with change(None, "test"):
                agency = Agency.objects.create(name="华容镇社工中心", division=division)
        return {
            "station": station.code, "station_pk": station.pk, "division": division.code, "division_pk": division.pk,
            "unit": CoverageUnit.objects.get(division=station.division).pk, "agency": agency.pk,
            "step": Event.objects.filter(kind="stations.station", object_id=str(station.pk)).latest("pk").pk,
            "event": Event.objects.filter(user=official).latest("pk").pk,
            "indicator": "station_coverage", "kind": "stations", "anything": "x", "app": "stations", "tab": "cases",
        }  # fmt: skip

    def _people(self, place):
        worker = self.world.users[place + "worker"]
        division = Division.objects.get(pk=self.found[place]["division_pk"])
        key, _secret = create_service_key(
            None, name=f"{PEOPLE[place]}大屏", place=division, role="viewer", scopes=["stations:read"]
        )
        with change(None, "test.named"):
            worker.display_name = PEOPLE[place]
            worker.save()
        return {"person": worker.pk, "post": Post.objects.get(user=worker).pk, "key": key.pk}

    def _import(self, place):
        """A checked file with a wrong row and a changed one, as the office of the place sent it, and a job of the same official."""
        official, town = self.world.users[place + "official"], self.world.station(TOWNS[place])
        mark = {"": "HOME", "sibling_": "SIBLING", "twin_": "TWIN"}[place]
        path = Path(mkdtemp(prefix="shegong-things-")) / f"{mark}-person.csv"
        path.write_text(
            f"{HEAD}{town.division.code},{town.name},乡镇（街道）,运营,{mark}-address 2号,{mark}-person\n999999999999,{mark}-person站,乡镇（街道）,运营,,\n",
            "utf-8-sig",
        )
        run = imports.request_import(
            official, kind="stations", file=path, name=path.name, within=self.found[place]["division"], start=False
        )
        imports.check(run, official)
        job = Job.objects.create(
            kind="exchange.check", user=official, input={"run": run.pk, "by": official.pk}, message=f"{mark}-person"
        )
        return {"import": run.pk, "job": job.pk}

    def _workforce(self, place):
        from tests.workforce.staff import Staff

        staff = Staff(self.world)
        worker = staff.worker(
            PEOPLE[place], at=TOWNS[place], phone="13800001111", qualification=1, certified_on=dt.date(2021, 6, 1),
            registered_until=today(),
        )  # fmt: skip
        training = staff.training(f"{TOWNS[place]}培训", at=TOWNS[place])
        came = staff.came(training, worker)[0]
        job = Worker.objects.get(pk=worker.pk).assignments.get()
        return {
            "worker": worker.public_id, "worker_pk": worker.pk, "worker_job": job.public_id, "worker_job_pk": job.pk,
            "training": training.public_id, "training_pk": training.pk, "attendance": came.public_id,
            "certificate": worker.certificates.get().pk, "registration": worker.registrations.get().pk,
        }  # fmt: skip

    def _signs_of_life(self):
        """As if a worker and beat were there: what `/readyz` asks."""
        Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})

    def _figures(self):
        month = Period.month_of(today())
        for period in (month.previous(), month, Period.of("quarter", today())):
            roll_up(period)
        for place in PLACES:
            official = self.world.users[place + "official"]
            asked = Job.objects.create(kind="metrics.rollup", user=official, input={"period": month.code, "within": ""})
            self.found[place]["rollup"] = asked.pk
