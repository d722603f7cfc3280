"""A programme of two provinces in the small world of tests/factories.py: agencies, counties, people of both sides, entries in one line."""

import datetime as dt

from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.models import User
from partnerships import actions
from partnerships.codes import TRAINING
from stations.models import Agency, Division, Post
from stations.releases import Row, take_over
from tests.factories import DIVISIONS, LIST_FROM, UNUSABLE

NORTH, NORTH_CITY, RED, SEA = "640000000000", "640400000000", "640402000000", "640422000000"
THERE = [
    (NORTH, "朔方区", 1, ""), (NORTH_CITY, "原固市", 2, NORTH), (RED, "原州县", 3, NORTH_CITY), (SEA, "西海县", 3, NORTH_CITY),
    ("640402100000", "三营乡", 4, RED),
]  # fmt: skip
SOUTH = "420000000000"
FIRST, LAST = dt.date(2021, 1, 1), dt.date(2025, 12, 31)
MONDAY = dt.date(2023, 3, 6)  # a week without holidays
CODES = ("51420702MJX0000010", "51420703MJX0000020", "52640402MJX0000030")


def credit_code(stem):
    """A credit code with the right check digit."""
    from stdnum.cn import uscc

    return stem[:17] + uscc.calc_check_digit(stem[:17])


class Pairs:
    """`senders` and `receiver` agencies, `counties`, and people: south (province), north (province), city, sender, receiver, other."""

    def __init__(self, world):
        self.world = world
        rows = [Row(i, *row) for i, row in enumerate([*DIVISIONS, *THERE], 2)]
        _counts, complaints = take_over(None, rows, dt.date(2020, 1, 2), "代码表")
        assert not complaints
        place = {d.code: d for d in Division.objects.select_related("province", "city", "district")}
        self.place = place
        self.red, self.sea = place[RED], place[SEA]
        with change(None, "test.pairs"):
            self.sender = Agency.objects.create(
                name="海岸社工中心", credit_code=credit_code(CODES[0]), division=world.home
            )
            self.second = Agency.objects.create(
                name="湖畔社工中心", credit_code=credit_code(CODES[1]), division=world.sibling
            )
            self.receiver = Agency.objects.create(
                name="原州社工中心", credit_code=credit_code(CODES[2]), division=self.red
            )
            self.people = self._people(
                south={"division": place[SOUTH]}, north={"division": place[NORTH]}, city={"division": place[NORTH_CITY]},
                far={"division": self.sea}, sender={"agency": self.sender}, receiver={"agency": self.receiver},
                other={"agency": self.second}, reader={"division": place[NORTH]},
            )  # fmt: skip
        self.root = world.users["superuser"]
        self.programme = actions.create_programme(
            self.root, slug="round-2", name="南北牵手第二轮", round=2, sending=place[SOUTH], receiving=place[NORTH],
            starts_on=FIRST, ends_on=LAST, funder="某基金会", agencies=[self.sender, self.second],
            counties=[(self.red, True), (self.sea, True)],
            targets=[
                {"metric": "pairing_stations_built", "op": "=", "value": 5},
                {"metric": "pairing_professionals", "op": ">=", "value": 30},
            ],
        )  # fmt: skip

    def _people(self, **places):
        people = {}
        for who, place in places.items():
            role = "viewer" if who == "reader" else "agency" if "agency" in place else "official"
            people[who] = User.objects.create(username=f"p_{who}", display_name=who, password=UNUSABLE)
            Post.objects.create(user=people[who], role=role, span=DateRange(LIST_FROM, None), **place)
        return people

    def user(self, who):
        """The account as a new request reads it."""
        return User.objects.get(pk=self.people[who].pk)

    def pairing(self, who="south", **more):
        fields = {
            "programme": self.programme,
            "sender": self.sender,
            "county": self.red,
            "receiver": self.receiver,
        } | more
        return actions.create_pairing(self.user(who), **fields)

    def confirmed(self, who="north", **more):
        return actions.confirm(self.user(who), self.pairing(**more))

    def batch(self, pairing, *names, on=MONDAY, days=5, who="sender", sure=True, **more):
        """A batch of `days` days from `on`; confirmed unless told."""
        members = [name if isinstance(name, dict) else {"name": name} for name in names]
        last = on + dt.timedelta(days=days - 1)
        batch = actions.create_batch(
            self.user(who), pairing=pairing, departs_on=on, returns_on=last, members=members, **more
        )
        return actions.confirm(self.user("north"), batch) if sure else batch

    def session(self, pairing, kind=TRAINING, on=MONDAY, minutes=120, way="onsite", sure=True, who="sender", **more):
        fields = {"title": "社工站怎样起步", "person_times": 40} | more
        session = actions.create_session(
            self.user(who), pairing=pairing, kind=kind, on=on, minutes=minutes, way=way, **fields
        )
        return actions.confirm(self.user("north"), session) if sure else session

    def outcome(self, pairing, kind, sure=True, who="receiver", on=MONDAY, evidence="验收文件 2023-1", **more):
        outcome = actions.create_outcome(self.user(who), pairing=pairing, kind=kind, on=on, evidence=evidence, **more)
        return actions.confirm(self.user("south"), outcome) if sure else outcome
