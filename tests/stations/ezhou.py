"""A small city for tests of pages: three districts, its stations, one account a role, and a twin city nobody may see."""

import datetime as dt
from types import SimpleNamespace

import pytest
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.models import User
from stations import planting, tree
from stations.models import Agency, Division, Post, Station
from stations.releases import Row, take_over

BEGAN = dt.date(2020, 1, 1)
SINCE = dt.date(2021, 3, 1)
CODES = [
    ("420000000000", "湖北省", 1, ""),
    ("420700000000", "鄂州市", 2, "420000000000"),
    ("420702000000", "梁子湖区", 3, "420700000000"),
    ("420703000000", "华容区", 3, "420700000000"),
    ("420702100000", "太和镇", 4, "420702000000"),
    ("420702101000", "东沟镇", 4, "420702000000"),
    ("420702102000", "梁子镇", 4, "420702000000"),
    ("420703100000", "华容镇", 4, "420703000000"),
    ("420703101000", "葛店镇", 4, "420703000000"),
    ("420702100201", "谢埠村", 5, "420702100000"),
    ("420800000000", "孪生市", 2, "420000000000"),
    ("420802000000", "孪生区", 3, "420800000000"),
    ("420802100000", "孪生镇", 4, "420802000000"),
]
CANARY = "孪生"


def build():
    """Load the codes, plant the stations, make the accounts. Returns them by short names."""
    rows = [Row(i, code, name, level, parent) for i, (code, name, level, parent) in enumerate(CODES, 2)]
    _counts, complaints = take_over(None, rows, BEGAN, "测试代码表")
    assert not complaints
    at = {(d.code, d.level): d for d in Division.objects.select_related("city", "district")}
    by_name = {d.name: d for d in at.values()}
    stations = [
        station("鄂州市社会工作服务指导中心", 1, by_name["鄂州市"]),
        station("梁子湖区社会工作服务总站", 2, by_name["梁子湖区"]),
        station("华容区社会工作服务总站", 2, by_name["华容区"]),
        station("太和镇社会工作服务站", 3, by_name["太和镇"], manager_name="李梅", phone="0711-2345678"),
        station("东沟镇社会工作服务站", 3, by_name["东沟镇"], reported_full_time=1),
        station("梁子镇社会工作服务站", 3, by_name["梁子镇"], status="planned"),
        station("华容镇社会工作服务站", 3, by_name["华容镇"]),
        station("谢埠村社会工作服务室", 4, by_name["谢埠村"]),
        station("孪生市社会工作服务指导中心", 1, by_name["孪生市"]),
        station("孪生镇社会工作服务站", 3, by_name["孪生镇"]),
    ]
    with change(None, "test.built"):
        tree.lock(*{s.division.lock_id for s in stations})
        planting.plant(stations, dict.fromkeys(range(len(stations)), SINCE))
        agency = Agency.objects.create(name="鄂州益民社工服务中心", division=by_name["鄂州市"])
        Agency.objects.create(name="孪生社工服务中心", division=by_name["孪生市"])
        named = {s.name[:2]: s for s in Station.objects.select_related("division").exclude(name__startswith=CANARY)}
        users = accounts(by_name["鄂州市"], named["太和"], agency)
    return SimpleNamespace(
        divisions=by_name, stations=named, agency=agency, users=users,
        twin=Station.objects.get(name="孪生镇社会工作服务站"), city=by_name["鄂州市"],
    )  # fmt: skip


def station(name, tier, division, status="operating", **fields):
    return Station(name=name, tier=tier, division=division, status=status, **fields)


def accounts(city, own, agency):
    where = {
        "official": {"division": city}, "viewer": {"division": city}, "inspector": {"division": city},
        "manager": {"station": own}, "supervisor": {"station": own}, "worker": {"station": own},
        "agency": {"agency": agency},
    }  # fmt: skip
    users = {}
    for role, place in where.items():
        users[role] = User.objects.create(username=role, display_name=f"{role}甲")
        Post.objects.create(user=users[role], role=role, span=DateRange(BEGAN, None), **place)
    users["superuser"] = User.objects.create(username="root", display_name="管理员", is_superuser=True)
    return users


@pytest.fixture
def ezhou(db):
    return build()


@pytest.fixture
def as_role(ezhou, client):
    """`as_role("official")` is a browser signed in as that account."""

    def sign_in(role):
        client.force_login(ezhou.users[role], backend="accounts.backends.NameOrMobile")
        return client

    return sign_in
