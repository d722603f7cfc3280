"""A small world for every room's tests: one city with two districts, a twin county elsewhere, and people of every role.

`world` builds it in the test's own transaction. The people work in 梁子湖区; what stands in the sibling district and in the
twin county carries marks (`SIBLING`, `TWIN`) that must never reach them.
"""

import datetime as dt

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.keys import SCOPES, create_key
from accounts.models import User
from periods import today
from stations import planting, tree
from stations.models import Agency, Division, Post, Station
from stations.releases import Row, take_over

LIST_FROM, SINCE = dt.date(2020, 1, 1), dt.date(2021, 3, 1)
PROVINCE, CITY, HOME_CODE, SIBLING_CODE, TWIN_CODE = (
    "420000000000", "420700000000", "420702000000", "420703000000", "421199000000",
)  # fmt: skip
DIVISIONS = [
    (PROVINCE, "湖北省", 1, ""),
    (CITY, "鄂州市", 2, PROVINCE),
    (HOME_CODE, "梁子湖区", 3, CITY),
    ("420702100000", "太和镇", 4, HOME_CODE),
    ("420702100201", "谢埠村", 5, "420702100000"),
    ("420702100202", "马龙村", 5, "420702100000"),
    ("420702101000", "东沟镇", 4, HOME_CODE),
    ("420702101201", "茅圻村", 5, "420702101000"),
    ("420702102000", "梁子镇", 4, HOME_CODE),
    ("420702450000", "红莲湖旅游度假区", 4, HOME_CODE),
    (SIBLING_CODE, "华容区", 3, CITY),
    ("420703100000", "华容镇", 4, SIBLING_CODE),
    ("420703101000", "葛店镇", 4, SIBLING_CODE),
    ("420703101201", "白浒村", 5, "420703101000"),
    ("420703102000", "蒲团乡", 4, SIBLING_CODE),
    ("421100000000", "鸑鷟市", 2, PROVINCE),
    (TWIN_CODE, "鸑鷟县", 3, "421100000000"),
    ("421199100000", "鸾栖镇", 4, TWIN_CODE),
    ("421199100201", "鹓鶵村", 5, "421199100000"),
]
# name, tier, division, status
STATIONS = [
    ("鄂州市社会工作服务指导中心", 1, "鄂州市", "operating"),
    ("梁子湖区社会工作服务总站", 2, "梁子湖区", "operating"),
    ("太和镇社会工作服务站", 3, "太和镇", "operating"),
    ("谢埠村社会工作服务室", 4, "谢埠村", "operating"),
    ("东沟镇社会工作服务站", 3, "东沟镇", "operating"),
    ("梁子镇社会工作服务站", 3, "梁子镇", "planned"),
    ("华容区社会工作服务总站", 2, "华容区", "operating"),
    ("华容镇社会工作服务站", 3, "华容镇", "suspended"),
    ("葛店镇社会工作服务站", 3, "葛店镇", "operating"),
    ("白浒村社会工作服务室", 4, "白浒村", "operating"),
    ("蒲团乡社会工作服务站", 3, "蒲团乡", "operating"),
    ("鸑鷟市社会工作服务指导中心", 1, "鸑鷟市", "operating"),
    ("鸑鷟县社会工作服务总站", 2, "鸑鷟县", "operating"),
    ("鸾栖镇社会工作服务站", 3, "鸾栖镇", "operating"),
    ("鹓鶵村社会工作服务室", 4, "鹓鶵村", "planned"),
]
MARKED = {HOME_CODE: "HOME", SIBLING_CODE: "SIBLING", TWIN_CODE: "TWIN"}
# What names each part of the world and nothing else in it.
HOME = ("太和镇", "东沟镇", "谢埠村", "益民", "HOME-address", "HOME-person")
SIBLING = ("华容镇", "葛店镇", "白浒村", "蒲团乡", "SIBLING-address", "SIBLING-person")
TWIN = ("鸑鷟", "鸾栖", "鹓鶵", "凤鸣", "TWIN-address", "TWIN-person", "yuezhuo")
BACKEND = "accounts.backends.NameOrMobile"
UNUSABLE = make_password(None)


class World:
    """Divisions, stations and agencies by name; people by role (`twin_` before it for the twin county's)."""

    def __init__(self):
        rows = [Row(i, *row) for i, row in enumerate(DIVISIONS, 2)]
        _counts, complaints = take_over(None, rows, LIST_FROM, "代码表")
        assert not complaints
        self.divisions = {
            d.name: d for d in Division.objects.select_related("province", "city", "district", "township")
        }
        self.city, self.home, self.sibling, self.twin = (
            self.divisions[name] for name in ("鄂州市", "梁子湖区", "华容区", "鸑鷟县")
        )  # fmt: skip
        with change(None, "world.made"):
            self.agencies = {
                a.name: a
                for a in Agency.objects.bulk_create(
                    [
                        Agency(name="益民社会工作服务中心", division=self.home),
                        Agency(name="凤鸣社会工作服务中心", division=self.twin),
                    ]
                )
            }
            self._plant()
            self.users = self._people()
        self._secrets = {}

    def _plant(self):
        made = []
        for name, tier, place, status in STATIONS:
            d = self.divisions[place]
            mark = MARKED.get(d.district and d.district.code, "CITY")
            agency = {"HOME": "益民", "TWIN": "凤鸣"}.get(mark)
            operator = next((a for n, a in self.agencies.items() if agency and n.startswith(agency)), None)
            made.append(Station(
                name=name, tier=tier, division=d, status=status, established_on=SINCE, address=f"{mark}-address",
                manager_name=f"{mark}-person", phone="0711-2345678", operator=operator, reported_full_time=2,
            ))  # fmt: skip
        tree.lock(*{s.division.lock_id for s in made})
        planting.plant(made, dict.fromkeys(range(len(made)), SINCE))
        self.stations = {s.name: s for s in made}

    def _people(self):
        places = {}
        for prefix, district, hub, town, agency in (
            ("", self.home, "梁子湖区", "太和镇", "益民"),
            ("sibling_", self.sibling, "华容区", "葛店镇", None),
            ("twin_", self.twin, "鸑鷟县", "鸾栖镇", "凤鸣"),
        ):
            for role in ("official", "viewer", "inspector"):
                places[prefix + role] = {"division": district}
            places[prefix + "supervisor"] = {"station": self.station(hub)}
            for role in ("manager", "worker"):
                places[prefix + role] = {"station": self.station(town)}
            if agency:
                found = next(a for n, a in self.agencies.items() if n.startswith(agency))
                places[prefix + "agency"] = {"agency": found}
        places["city_official"] = {"division": self.city}
        places["expired"] = {"division": self.home}
        people = {who: User(username=who, display_name=f"{who} 甲", password=UNUSABLE) for who in places}
        people["superuser"] = User(
            username="superuser", display_name="管理员", password=UNUSABLE, is_superuser=True, is_staff=True
        )
        for who, user in people.items():
            user.is_staff = user.is_staff or who.endswith("official") or who == "expired"
        User.objects.bulk_create(people.values())
        Post.objects.bulk_create(
            Post(user=people[who], role=role_of(who), span=DateRange(LIST_FROM, today() if who == "expired" else None), **place)
            for who, place in places.items()
        )  # fmt: skip
        return people

    def station(self, name):
        """The station whose name begins so (the first of them from the top)."""
        return next(s for n, s in self.stations.items() if n.startswith(name))

    def fresh(self, name):
        """The same, read again."""
        return Station.objects.select_related("division", "parent").get(pk=self.station(name).pk)

    def user(self, who):
        """The account as a new request reads it: nothing remembered on it."""
        return User.objects.get(pk=self.users[who].pk)

    def key(self, who, scopes=SCOPES):
        """A key that acts as `who`; made once."""
        name = (who, tuple(scopes))
        if name not in self._secrets:
            self._secrets[name] = create_key(None, self.users[who], "键", scopes)[1]
        return self._secrets[name]

    def browser(self, who):
        """A browser in which `who` is signed in; nobody for None."""
        client = Client(raise_request_exception=False)
        if who:
            client.force_login(self.users[who], backend=BACKEND)
        return client

    def program(self, who, scopes=SCOPES):
        """A program that shows the key of `who`."""
        return Client(headers={"Authorization": f"Bearer {self.key(who, scopes)}"}, raise_request_exception=False)


def role_of(who):
    return "official" if who == "expired" else who.rpartition("_")[2]


@pytest.fixture
def world(db):
    return World()
