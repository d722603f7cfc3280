"""The demo: loaded once, again only when asked to, never beside real data."""

import json
import stat

import pytest

from accounts.changes import change
from accounts.errors import DomainError
from accounts.models import User
from config.demo import ACCOUNTS, load
from stations.models import Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_it_writes_an_account_of_every_role_for_its_owner_alone(var):
    load()
    file = var / "demo-accounts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = json.loads(file.read_text())
    assert [r["role"] for r in rows] == [role for role, *_rest in ACCOUNTS]
    assert len({r["password"] for r in rows}) == len({r["api_key"] for r in rows}) == len(rows)


def test_a_second_load_is_refused_and_a_reset_makes_the_same_stations_anew(var):
    load()
    codes = set(Station.objects.values_list("code", flat=True))
    with pytest.raises(DomainError) as refused:
        load()
    assert refused.value.code == "loaded"
    load(reset=True)
    assert set(Station.objects.values_list("code", flat=True)) == codes
    assert len(codes) == 68


def test_it_stays_away_from_a_site_that_somebody_uses(var):
    with change(None, "test"):
        User.objects.create_user("zhangsan", display_name="张三")
    with pytest.raises(DomainError) as refused:
        load(reset=True)
    assert refused.value.code == "real_data"
