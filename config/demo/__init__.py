"""The demo: 鄂州's four tiers as reported in August 2022, with invented people. Data beside it, loading here."""

import csv
import datetime as dt
import json
import os
import secrets
from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.codes import end_sessions
from accounts.errors import DomainError
from accounts.keys import SCOPES, create_key
from accounts.models import ApiKey, Event, User
from casework.models import DeadlineRule
from config.demo import casework, partnerships, workforce
from stations import planting, releases, tree
from stations.models import Agency, Division, Post, Station
from stations.models.stations import LEVEL_OF_TIER, TIER_NAMES
from workforce.models import HourRequirement

FOLDER = Path(__file__).parent
ACCOUNTS_FILE, PARTNERS_FILE = "demo-accounts.json", "demo-partners.json"
LIST_FROM, PLANNED_FROM, POSTS_FROM = dt.date(2020, 1, 1), dt.date(2021, 11, 1), dt.date(2022, 1, 1)
ROOMS = ("metrics", "casework", "partnerships", "workforce", "exchange", "stations")
# The country's own rules are no demo: migrations wrote them, and nothing would bring them back.
CAME_WITH_THE_TABLES = {DeadlineRule: Q(division=None), HourRequirement: Q(pk__isnull=False)}
CITY, TOWN, HUB = "420700000000", "420702100000-1", "420702000000-1"
AGENCY = ("阳光社会工作服务中心", "52420799MJX000001K")
# role, user name, display name, code of the place
ACCOUNTS = [
    ("official", "minzheng", "陈思远", CITY), ("manager", "zhanzhang", "胡平", TOWN), ("supervisor", "dudao", "周静", HUB),
    ("worker", "shegong", "李梅", TOWN), ("inspector", "jiancha", "徐岚", CITY), ("viewer", "zhidu", "马宁", CITY),
    ("agency", "jigou", "吴越", "agency"), ("superuser", "guanliyuan", "系统管理员", CITY),
]  # fmt: skip


def load(reset=False):
    """Load the demo in one transaction and write its accounts into VAR_DIR. Raises DomainError `real_data`, `loaded`.

    `demo-accounts.json` holds one for each role, `demo-partners.json` those of both sides of the pairing programme.
    """
    with transaction.atomic():
        _check_empty(reset)
        with change(None, "demo.loaded"):
            _divisions()
            agency = Agency.objects.create(
                name=AGENCY[0], credit_code=AGENCY[1], division=Division.objects.get(code=CITY, level=2)
            )
            _stations(agency)
            accounts = [_account(agency, *row) for row in ACCOUNTS]
            workforce.load()
            casework.load()
            paired = partnerships.places()
            partnerships.load(paired)
            partners = [_account(paired.get(row[3]), *row) for row in partnerships.ACCOUNTS]
        _write(accounts, ACCOUNTS_FILE)
        _write(partners, PARTNERS_FILE)


def _check_empty(reset):
    names = [name for _role, name, _display, _place in (*ACCOUNTS, *partnerships.ACCOUNTS)]
    if not (Station.objects.exists() or User.objects.exists()):
        return
    demo = Event.objects.filter(verb="demo.loaded").exists()
    if not demo or User.objects.exclude(username__in=names).filter(is_service=False).exists():
        raise DomainError(_("这里有真实数据，不装演示"), code="real_data")
    if not reset:
        raise DomainError(_("演示已经装好；要重装请用 demo --reset"), code="loaded")
    _remove()


def _remove():
    """Every row of the rooms, highest room first; references are checked when the transaction ends. Accounts stay, signed out."""
    with change(None, "demo.removed"):
        for room in ROOMS:
            for model in reversed(list(apps.get_app_config(room).get_models())):
                rows = model._base_manager.all()
                rows.exclude(CAME_WITH_THE_TABLES.get(model, Q(pk=None)))._raw_delete(DEFAULT_DB_ALIAS)
        ApiKey.objects.all().delete()
    for user in User.objects.all():
        end_sessions(user)


def _divisions():
    with open(FOLDER / "divisions.csv", encoding="utf-8", newline="") as lines:
        rows, _complaints = releases.read(lines)
    releases.take_over(None, rows, LIST_FROM, "2023 年统计用区划代码")
    with open(FOLDER / "coverage.csv", encoding="utf-8", newline="") as lines:
        releases.set_coverage(None, lines)
    with open(FOLDER / "tiles.csv", encoding="utf-8", newline="") as lines:  # where each lies on the map, roughly
        places = {row["code"]: row for row in csv.DictReader(lines)}
    tiles = list(Division.objects.filter(code__in=places, level=4))
    for tile in tiles:
        tile.tile_row, tile.tile_column = int(places[tile.code]["row"]), int(places[tile.code]["column"])
    Division.objects.bulk_update(tiles, ["tile_row", "tile_column"])


def _stations(agency):
    tiers = {str(label): tier for tier, label in TIER_NAMES.items()}
    modes = {"政府购买服务": "purchased", "直接运营": "direct"}
    divisions = {(d.code, d.level): d for d in Division.objects.all()}
    stations, since = [], {}
    with open(FOLDER / "stations.csv", encoding="utf-8", newline="") as lines:
        for i, row in enumerate(csv.DictReader(lines)):
            tier, staff = tiers[row["层级"]], int(row["专职社工数"])
            on = dt.date.fromisoformat(row["成立日期"]) if row["成立日期"] else None
            operating = row["状态"] == "运营"
            stations.append(Station(
                name=row["站点名称"], tier=tier, division=divisions[row["区划代码"], LEVEL_OF_TIER[tier]],
                status="operating" if operating else "planned", established_on=on, operation_mode=modes[row["运营方式"]],
                operator=agency if row["运营方式"] == "政府购买服务" else None, address=row["地址"],
                manager_name=row["负责人"], phone=row["联系电话"], floor_area=Decimal(row["场地面积（㎡）"]),
                reported_full_time=staff, reported_certified=int(row["持证社工数"]),
                site_ready=operating, staff_ready=staff >= 2, funds_ready=operating,
            ))  # fmt: skip
            since[i] = on if operating else PLANNED_FROM
    tree.lock(*{s.division.lock_id for s in stations})
    planting.plant(stations, since, reason="演示")


def _account(agency, role, name, display, code):
    """One account with its post and key; a random password. Returns its entry of the file."""
    password = secrets.token_urlsafe(12)
    user, _made = User.objects.get_or_create(username=name, defaults={"display_name": display})
    user.is_staff = user.is_superuser = role == "superuser"
    user.set_password(password)
    user.save()
    if role != "superuser":
        place = {"agency": agency} if role == "agency" else (
            {"station": Station.objects.get(code=code)} if "-" in code else {"division": Division.objects.highest(code)}
        )  # fmt: skip
        Post.objects.create(user=user, role=role, span=DateRange(POSTS_FROM, None), **place)
    _key, secret = create_key(None, user, _("演示"), SCOPES)
    return {
        "username": name, "password": password, "role": role,
        "station": str(agency.pk) if role == "agency" else code, "api_key": secret,
    }  # fmt: skip


def _write(accounts, name):
    """Mode 600 from the first byte, in place by rename."""
    path = Path(settings.VAR_DIR) / name
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(accounts, out, ensure_ascii=False, indent=1)
    draft.rename(path)
