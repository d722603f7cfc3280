"""What is refused, each with a sentence; and who confirms whose entries."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import Conflict, DomainError, Forbidden
from partnerships import actions
from partnerships.models import Batch, Member, MemberDay, Outcome, Pairing, ServiceDay, Session
from stations.models import Post
from tests.partnerships.pairs import MONDAY


def refused(code, call, *args, error=DomainError, **more):
    with pytest.raises(error) as e, transaction.atomic():
        call(*args, **more)
    assert e.value.code == code and str(e.value.message)
    return str(e.value.message)


def test_an_agency_has_one_county_at_a_time(pairs):
    pairs.pairing()
    said = refused("overlapping_pairing", pairs.pairing, county=pairs.sea, receiver=None, error=Conflict)
    assert "海岸社工中心 → 原州县" in said
    refused("overlapping_pairing", pairs.pairing, sender=pairs.second, receiver=None, error=Conflict)
    refused("overlapping_pairing", pairs.pairing, sender=pairs.second, county=pairs.sea, error=Conflict)
    pairs.pairing(sender=pairs.second, county=pairs.sea, receiver=None)


def test_one_after_the_other_is_no_overlap(pairs):
    first = pairs.pairing(ends_on=dt.date(2022, 12, 31))
    pairs.pairing(county=pairs.sea, receiver=None, starts_on=dt.date(2023, 1, 1))
    refused(
        "overlapping_pairing",
        actions.update_pairing,
        pairs.user("south"),
        first,
        ends_on=dt.date(2023, 1, 1),
        error=Conflict,
    )


def test_the_database_refuses_what_slips_past_the_check(pairs):
    one = pairs.pairing()
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test"):
        Pairing.objects.create(
            programme=one.programme, sender=one.sender, county=pairs.sea, span=one.span, side="sender"
        )
    batch = pairs.batch(one, "林海", sure=False)
    other = pairs.pairing(sender=pairs.second, county=pairs.sea, receiver=None)
    with change(None, "test"):
        second = Batch.objects.create(pairing=other, number=1, departs_on=MONDAY, returns_on=MONDAY, side="sender")
    envoy = batch.members.get().envoy
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test"):
        Member.objects.create(
            batch=second, pairing=other, envoy=envoy, span=DateRange(MONDAY, MONDAY + dt.timedelta(1))
        )
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test"):
        day = ServiceDay.objects.create(pairing=other, batch=second, on=MONDAY)
        MemberDay.objects.create(day=day, pairing=other, envoy=envoy, on=MONDAY, onsite=True)


def test_a_batch_has_somebody_in_it(pairs):
    refused("missing_required", pairs.batch, pairs.pairing())
    assert not Batch.objects.exists()


def test_nobody_is_in_two_batches_on_one_day(pairs):
    one = pairs.pairing()
    pairs.batch(one, "林海", "陈江")
    said = refused("elsewhere", pairs.batch, one, "林海", on=MONDAY + dt.timedelta(days=4))
    assert "林海" in said and "2023-03-06" in said
    pairs.batch(one, "林海", on=MONDAY + dt.timedelta(days=7))


def test_a_workday_is_a_day_on_which_the_member_was_there(pairs):
    one = pairs.pairing()
    early = MONDAY - dt.timedelta(days=1)
    said = refused("elsewhere", pairs.batch, one, {"name": "林海", "days": [early]})
    assert "2023-03-05" in said
    refused(
        "elsewhere",
        pairs.batch,
        one,
        {"name": "林海", "from": MONDAY, "to": MONDAY, "days": [MONDAY + dt.timedelta(1)]},
    )


def test_who_is_on_site_for_another_pairing_gives_no_session_online(pairs):
    one = pairs.confirmed(ends_on=dt.date(2023, 3, 7))
    two = pairs.confirmed(starts_on=dt.date(2023, 3, 8), county=pairs.sea, receiver=None)
    pairs.batch(two, "林海", on=dt.date(2023, 3, 8))
    refused(
        "inconsistent", pairs.session, one, "tutoring", way="online", on=dt.date(2023, 3, 9), tutors=[{"name": "林海"}]
    )
    pairs.session(two, "tutoring", way="online", on=dt.date(2023, 3, 9), tutors=[{"name": "林海"}])
    assert ServiceDay.objects.filter(session__isnull=False).count() == 0, "the day on site is whole already"


def test_days_of_a_stay_are_its_workdays_unless_they_are_named(pairs):
    pairs.batch(pairs.pairing(), "林海", {"name": "陈江", "days": [MONDAY]}, days=7)
    assert ServiceDay.objects.count() == 5 and MemberDay.objects.count() == 6


@pytest.mark.parametrize("more", [{"days": 400}, {"on": dt.date(2020, 12, 30)}, {"on": dt.date(2099, 1, 5)}])
def test_a_batch_lies_within_its_pairing(pairs, more):
    refused("inconsistent", pairs.batch, pairs.pairing(), "林海", **more)


def test_the_other_side_confirms(pairs):
    one = pairs.pairing("south")
    refused("own_work", actions.confirm, pairs.user("south"), one, error=Forbidden)
    refused("forbidden", actions.confirm, pairs.user("other"), one, error=Forbidden)
    assert actions.confirm(pairs.user("north"), one).is_confirmed
    refused("not_pending", actions.confirm, pairs.user("city"), one, error=Conflict)
    batch = pairs.batch(one, "林海", sure=False)
    refused("own_work", actions.confirm, pairs.user("sender"), batch, error=Forbidden)
    refused("own_work", actions.confirm, pairs.user("south"), batch, error=Forbidden)
    assert actions.confirm(pairs.user("receiver"), batch).is_confirmed


def test_what_is_changed_is_to_be_confirmed_again(pairs):
    batch = pairs.batch(pairs.pairing(), "林海")
    batch = actions.update_batch(pairs.user("sender"), batch, place="三营乡")
    assert batch.state == "entered" and batch.members.count() == 1 and batch.days.count() == 5
    given = actions.give_back(pairs.user("receiver"), batch, "少一人")
    assert given.state == "returned" and given.returned_reason == "少一人"
    batch = actions.update_batch(pairs.user("sender"), batch, members=[{"name": "林海"}, {"name": "陈江"}])
    assert batch.members.count() == 2 and not batch.returned_reason
    refused("missing_required", actions.give_back, pairs.user("receiver"), batch, " ")


def test_only_the_two_sides_enter(pairs):
    one = pairs.pairing()
    for who in ("other", "far", "reader"):
        refused("forbidden", pairs.batch, one, "林海", who=who, sure=False, error=Forbidden)
    refused("forbidden", pairs.pairing, "sender", county=pairs.sea, error=Forbidden)


def test_an_outcome_has_its_evidence(pairs):
    one = pairs.pairing()
    refused("missing_required", pairs.outcome, one, "agency", agency=pairs.receiver, evidence=" ")
    refused("missing_required", pairs.outcome, one, "certificate", name="马兰")
    refused("inconsistent", pairs.outcome, one, "station", station=pairs.world.station("太和镇"))
    pairs.outcome(one, "agency", agency=pairs.receiver)
    refused("duplicate", pairs.outcome, one, "agency", agency=pairs.receiver, error=Conflict)
    pairs.outcome(one, "certificate", name="马兰", unit="原州社工中心")
    refused("duplicate", pairs.outcome, one, "certificate", name="马兰", unit="原州社工中心", error=Conflict)
    assert Outcome.objects.count() == 2


def test_a_session_fits_its_kind(pairs):
    one = pairs.pairing()
    batch = pairs.batch(one, "林海")
    refused("inconsistent", pairs.session, one, "tutoring", way="onsite")
    refused("inconsistent", pairs.session, one, "supervision", way="online", batch=batch)
    refused("inconsistent", pairs.session, one, on=MONDAY + dt.timedelta(days=30), batch=batch)
    refused("missing_required", pairs.session, one, person_times=0)
    refused("duplicate", pairs.session, one, groups=[{"group": "elders", "person_times": 1}] * 2)
    assert not Session.objects.exists()


def test_a_round_of_totals_takes_no_rows(pairs):
    actions.update_programme(pairs.root, pairs.programme, rows_kept=False)
    pairs.programme.refresh_from_db()
    refused("inconsistent", pairs.pairing)


def test_a_pairing_keeps_its_county_once_something_happened(pairs):
    one = pairs.pairing()
    actions.update_pairing(pairs.user("south"), one, county=pairs.sea)
    pairs.batch(one, "林海", who="sender", sure=False)
    refused("inconsistent", actions.update_pairing, pairs.user("south"), one, county=pairs.red)


def test_a_credit_code_is_checked(pairs):
    make = actions.create_agency
    refused(
        "bad_credit_code",
        make,
        pairs.user("north"),
        name="新中心",
        credit_code="52640402MJX0000039",
        division=pairs.red,
    )
    refused(
        "forbidden", make, pairs.user("south"), name="新中心", credit_code=None, division=pairs.red, error=Forbidden
    )
    refused(
        "duplicate",
        make,
        pairs.user("north"),
        name="又一家",
        credit_code=pairs.receiver.credit_code,
        division=pairs.red,
    )
    assert make(pairs.user("north"), name="新中心", credit_code="", division=pairs.red).credit_code is None


def test_a_role_held_elsewhere_lends_nothing_to_the_place_of_another(pairs):
    one = pairs.pairing()
    both = pairs.people["sender"]
    with change(None, "test"):
        Post.objects.create(
            user=both, role="official", span=DateRange(dt.date(2020, 1, 1), None), division=pairs.world.sibling
        )
    refused("forbidden", actions.update_pairing, pairs.user("sender"), one, note="改", error=Forbidden)
    refused("forbidden", pairs.pairing, who="sender", county=pairs.sea, receiver=None, error=Forbidden)
    assert not pairs.user("sender").can("change", one) and not pairs.user("sender").can("import", one)


def test_who_sees_one_pairing_is_not_told_of_another(pairs):
    other = actions.create_programme(
        pairs.root, slug="other", name="另一个计划", sending=pairs.programme.sending, receiving=pairs.programme.receiving,
        starts_on=pairs.programme.starts_on, ends_on=pairs.programme.ends_on,
    )  # fmt: skip
    here, there = pairs.pairing(), pairs.pairing(programme=other, county=pairs.sea, receiver=None)
    pairs.batch(there, "林海", place="某镇")
    online = {"kind": "tutoring", "way": "online", "tutors": [{"name": "林海"}], "sure": False}
    assert "西海县" in refused("elsewhere", pairs.batch, here, "林海", who="sender")
    assert "西海县" in refused("elsewhere", pairs.session, here, who="sender", **online)
    assert "西海县" not in refused("elsewhere", pairs.batch, here, "林海", who="receiver")
    assert "西海县" not in refused("elsewhere", pairs.session, here, who="receiver", **online)
