"""People and trainings in the small world of tests/factories.py: made in one line, by the actions that the site uses."""

import datetime as dt

from periods import today
from workforce import actions
from workforce.models import Worker

SINCE = dt.date(2021, 3, 1)
HERE, NEXT_DOOR, ELSEWHERE = "太和镇", "葛店镇", "鸾栖镇"  # home district, its sibling, the twin county
ID_NUMBERS = ("420799195202290028", "420799194503121012", "42079919500101019X")


def ago(days):
    return today() - dt.timedelta(days=days)


class Staff:
    """Makes workers and trainings in a World as the superuser would."""

    def __init__(self, world):
        self.world, self.by = world, world.users["superuser"]

    def station(self, name=HERE):
        return self.world.station(name)

    def worker(self, name="李敏", at=HERE, **more):
        job = {name: more.pop(name) for name in ("duty", "full_time", "starts_on", "ends_on") if name in more}
        job = {"starts_on": SINCE} | job | {"station": self.station(at)}
        return actions.create_worker(self.by, name=name, assignments=[job], **more)

    def training(self, title="老年人照护", at=HERE, days_ago=9, minutes=360, **more):
        day = {"starts_on": ago(days_ago), "ends_on": ago(days_ago)} | more
        return actions.create_training(self.by, station=self.station(at), title=title, minutes=minutes, **day)

    def came(self, training, *people, **more):
        rows = [
            {**({"worker": p} if isinstance(p, Worker) else dict(zip(("name", "unit"), p, strict=True))), **more}
            for p in people
        ]
        return actions.record_attendances(self.by, training, rows)
