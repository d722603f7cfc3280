"""The demo: loaded once, again only when asked to, never beside real data."""

import datetime as dt
import json
import stat

import pytest

from accounts.changes import change
from accounts.errors import DomainError
from accounts.models import User
from casework import worklists
from casework.codes import STAGES
from casework.models import Case, DeadlineRule, Record
from config.demo import ACCOUNTS, TOWN, load, partnerships
from partnerships.models import Programme
from partnerships.progress import progress
from periods import today
from stations.models import Station
from workforce.models import HourRequirement, Training

pytestmark = pytest.mark.django_db


@pytest.fixture
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_it_writes_one_account_of_every_role_for_its_owner_alone_and_both_sides_of_the_programme_apart(var):
    load()
    rows = []
    for name, written in (("demo-accounts.json", ACCOUNTS), ("demo-partners.json", partnerships.ACCOUNTS)):
        file = var / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found = json.loads(file.read_text())
        assert [r["role"] for r in found] == [role for role, *_rest in written]
        rows += found
    roles = [role for role, *_rest in ACCOUNTS]
    assert len(set(roles)) == len(roles)
    assert len({r["password"] for r in rows}) == len({r["api_key"] for r in rows}) == len(rows)


def test_a_second_load_is_refused_and_a_reset_makes_the_same_stations_anew(var):
    load()
    codes = set(Station.objects.values_list("code", flat=True))
    rules, hours = DeadlineRule.objects.count(), HourRequirement.objects.count()
    with pytest.raises(DomainError) as refused:
        load()
    assert refused.value.code == "loaded"
    load(reset=True)
    assert set(Station.objects.values_list("code", flat=True)) == codes
    assert len(codes) == 68
    assert (DeadlineRule.objects.count(), HourRequirement.objects.count()) == (rules, hours) > (0, 0)


def test_its_cases_stand_at_every_stage_and_in_every_situation(var):
    load()
    cases, records = Case.objects.all(), Record.objects.all()
    assert set(cases.values_list("stage", flat=True)) == set(STAGES)
    worker, supervisor, manager = (User.objects.get(username=name) for name in ("shegong", "dudao", "zhanzhang"))
    own = cases.filter(worker__user=worker)
    for situation in (
        {"stage": "intake"}, {"suspended_on__isnull": False}, {"crisis": True}, {"risk_level": "red", "stage": "assessment"},
        {"transfer_to__isnull": False}, {"closed_on__isnull": False, "filed_on": None}, {"filed_on__isnull": False},
        {"previous__isnull": False}, {"closure_code": "07"}, {"decision": "decline"},
    ):  # fmt: skip
        assert own.filter(**situation).exists(), situation
    assert cases.filter(transfer_to__code=TOWN).exists() and records.filter(kind="transfer", code="accept").exists()
    assert records.filter(draft=True).exists()
    assert (
        Training.objects.filter(starts_on__gt=today() - dt.timedelta(days=365)).dates("starts_on", "month").count()
        >= 11
    )
    assert worklists.counts_of(worker)["today"] and worklists.counts_of(worker)["overdue"]
    assert {w.record.partition("/")[0] for w in worklists.queue(supervisor)} == {"plans", "closure", "assessments"}
    assert worklists.counts_of(manager)["overdue"] and worklists.offered(manager).exists()


def test_its_pairing_programme_shows_what_was_published_and_invents_no_pair(var):
    load()
    first, second = Programme.objects.order_by("starts_on")
    assert [(t.metric, t.op, t.value) for t in second.targets.all()] == [
        ("pairing_stations_built", "=", 5), ("pairing_agencies_cultivated", "=", 5),
        ("pairing_professionals", ">=", 30), ("pairing_trained_person_times", ">=", 1000),
    ]  # fmt: skip
    assert {d.metric: (d.op, d.value) for d in first.declared.all()}["pairing_workdays"] == (">", 1100)
    assert not first.pairings.exists() and all(
        "演示" in p.sender.name and "虚构" in p.note for p in second.pairings.all()
    )
    assert [line["actual"] for line in progress(second)] == [0, 0, 14, 764]


def test_it_stays_away_from_a_site_that_somebody_uses(var):
    with change(None, "test"):
        User.objects.create_user("zhangsan", display_name="张三")
    with pytest.raises(DomainError) as refused:
        load(reset=True)
    assert refused.value.code == "real_data"
