"""Families: who lives with whom since when, one head a day, nobody in two at once, and each shown as deep as the reader has him."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from accounts.changes import change
from accounts.errors import DomainError, Forbidden
from accounts.models import Change
from casework import actions
from casework.errors import Duplicate
from casework.models import Household, HouseholdMember
from periods import today
from tests.casework.caseload import ago


def day(days):
    return today() - dt.timedelta(days=days)


@pytest.fixture
def family(load):
    """A head and his wife, both filed by the worker."""
    head, wife = (
        load.client(name="欧阳锋"),
        load.client(name="程英", sex="female", id_number=None, id_absent_reason="遗失"),
    )
    household = actions.found_household(load.user(), head, since=day(100), note="欧阳家的旧宅")
    actions.move_in(load.user(), household, wife, relation="配偶", since=day(90))
    return household, head, wife


def row(client):
    return client.memberships.get(span__upper_inf=True)


def test_nobody_lives_in_two_families_at_once(load, family):
    _household, _head, wife = family
    other = actions.found_household(load.user(), load.client(name="何沅君"), since=day(80))
    with pytest.raises(Duplicate):
        actions.move_in(load.user(), other, wife, relation="亲戚", since=day(10))
    with pytest.raises(Duplicate):
        actions.found_household(load.user(), wife, since=day(10))


def test_who_moved_out_may_move_in_elsewhere_the_day_after(load, family):
    household, _head, wife = family
    actions.move_out(load.user(), household, row(wife), last=day(20))
    other = actions.found_household(load.user(), load.client(name="何沅君"), since=day(80))
    with pytest.raises(Duplicate):
        actions.move_in(load.user(), other, wife, relation="亲戚", since=day(20))
    actions.move_in(load.user(), other, wife, relation="亲戚", since=day(19))
    assert [m.household for m in wife.memberships.order_by("span")] == [household, other]


def test_the_head_goes_last_or_after_another_took_over(load, family):
    household, head, wife = family
    with pytest.raises(DomainError, match="先换户主"):
        actions.move_out(load.user(), household, row(head), last=day(1))
    actions.restate_household(load.user(), household, on=day(30), head=row(wife).pk, relations={row(head).pk: "配偶"})
    actions.move_out(load.user(), household, row(head), last=day(1))
    actions.move_out(load.user(), household, row(wife), last=day(0))


def test_another_head_leaves_the_earlier_days_as_they_were(load, family):
    household, head, wife = family
    actions.restate_household(load.user(), household, on=day(30), head=row(wife).pk, relations={row(head).pk: "配偶"})
    seen = [
        (m.client_id, m.is_head, m.relation, m.span.lower, m.span.upper)
        for m in household.members.order_by("span", "pk")
    ]
    assert seen == [
        (head.pk, True, "", day(100), day(30)), (wife.pk, False, "配偶", day(90), day(30)),
        (head.pk, False, "配偶", day(30), None), (wife.pk, True, "", day(30), None),
    ]  # fmt: skip


def test_restating_on_the_day_of_moving_in_leaves_one_row(load, family):
    household, head, wife = family
    actions.restate_household(load.user(), household, on=day(90), head=row(head).pk, relations={row(wife).pk: "妻子"})
    assert wife.memberships.get().relation == "妻子"


@pytest.mark.parametrize("days", [-1, 95])
def test_a_head_is_named_from_a_day_on_which_all_lived_there(load, family, days):
    household, head, wife = family
    with pytest.raises(DomainError):
        actions.restate_household(
            load.user(), household, on=day(days), head=row(wife).pk, relations={row(head).pk: "配偶"}
        )
    assert row(head).is_head


def test_a_head_must_live_there(load, family):
    household, _head, _wife = family
    stranger = actions.found_household(load.user(), load.client(name="何沅君"), since=day(80))
    with pytest.raises(DomainError):
        actions.restate_household(load.user(), household, on=day(1), head=stranger.members.get().pk, relations={})


def test_the_database_itself_refuses_two_heads_and_two_homes(load, family):
    household, _head, wife = family
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test.forged"):
        HouseholdMember.objects.filter(pk=row(wife).pk).update(is_head=True)
    with pytest.raises(IntegrityError), transaction.atomic(), change(None, "test.forged"):
        HouseholdMember.objects.create(household=household, client=wife, span=DateRange(day(5), None))


@pytest.mark.parametrize("who", ["sibling_worker", "twin_manager", "official", "superuser", "viewer"])
def test_others_change_nothing(load, family, who):
    household, head, wife = family
    user = load.user(who)
    with pytest.raises(Forbidden):
        actions.move_out(user, household, row(wife), last=day(1))
    with pytest.raises(Forbidden):
        actions.restate_household(user, household, on=day(1), head=row(wife).pk, relations={})
    with pytest.raises(Forbidden):
        actions.found_household(user, head, since=day(1))


def test_every_step_is_in_the_change_log_and_the_note_is_sealed(load, family):
    verbs = set(Change.objects.filter(table="casework_householdmember").values_list("event__verb", flat=True))
    assert verbs == {"household.founded", "household.moved_in"}
    kept = Change.objects.filter(table="casework_household", before__isnull=True).get().after
    assert "旧宅" not in str(kept) and kept["note"].startswith("v1.")


# ── pages ────────────────────────────────────────────────────────────────────────────────────────
def text(response):
    return response.content.decode()


def test_a_family_is_founded_and_filled_on_its_pages(world, load):
    head, wife = (
        load.client(name="欧阳锋"),
        load.client(name="程英", sex="female", id_number=None, id_absent_reason="遗失"),
    )
    browser = world.browser("worker")
    assert "建家庭档案" in text(browser.get(f"/clients/{head.public_id}/"))
    answer = browser.post(f"/clients/{head.public_id}/household/", {"since": ago(30), "note": ""})
    household = Household.objects.get()
    url = f"/households/{household.public_id}/"
    assert answer["Location"] == url
    assert browser.post(f"{url}in/", {"who": "程英", "relation": "配偶", "since": ago(20)}).status_code == 302
    page = text(browser.get(url))
    assert "欧阳锋" in page and "程英" in page and "配偶" in page
    assert "程英" in text(browser.get(f"/clients/{head.public_id}/"))
    out = f"{url}out/{row(wife).pk}/"
    assert out in page and browser.get(out).status_code == 200
    assert browser.post(out, {"last": ago(1)}).status_code == 302
    assert f"{ago(20)} – {ago(1)}" in text(browser.get(url))


def test_of_two_with_one_name_one_is_chosen(world, load, family):
    household, _head, _wife = family
    first, second = (load.client(name="李莫愁") for _n in range(2))
    browser, url = world.browser("worker"), f"/households/{household.public_id}/in/"
    sent = {"who": "李莫愁", "relation": "亲戚", "since": ago(5)}
    answer = browser.post(url, sent)
    assert answer.status_code == 422 and first.public_id in text(answer) and second.public_id in text(answer)
    assert browser.post(url, sent | {"chosen": second.public_id}).status_code == 302
    assert second.memberships.exists() and not first.memberships.exists()


def test_who_is_not_on_file_is_filed_first(world, family):
    household, _head, _wife = family
    answer = world.browser("worker").post(
        f"/households/{household.public_id}/in/", {"who": "无名", "relation": "子", "since": ago(5)}
    )
    assert answer.status_code == 422 and "先建档" in text(answer)


def test_the_head_is_changed_on_a_page(world, family):
    household, head, wife = family
    browser, url = world.browser("worker"), f"/households/{household.public_id}/head/"
    assert "程英与户主关系" in text(browser.get(url))
    sent = {"on": ago(3), "head": str(row(wife).pk), "note": ""}
    assert browser.post(url, sent).status_code == 422, "what the others are to her must be said"
    assert browser.post(url, sent | {f"relation_{row(head).pk}": "配偶"}).status_code == 302
    assert row(wife).is_head and row(head).relation == "配偶"


def test_a_member_whom_the_reader_has_not_in_full_stands_there_without_a_name(world, load, family):
    household, _head, wife = family
    load.case(client=wife, who="manager")  # the manager's own case: the worker has her no longer in full
    page = text(world.browser("worker").get(f"/households/{household.public_id}/"))
    assert "欧阳锋" in page and "程英" not in page and "程*" in page


@pytest.mark.parametrize("who", ["sibling_worker", "twin_manager", "twin_supervisor"])
def test_a_family_out_of_reach_is_not_there(world, family, who):
    household, _head, wife = family
    browser, url = world.browser(who), f"/households/{household.public_id}/"
    for address in (url, f"{url}in/", f"{url}head/", f"{url}out/{row(wife).pk}/"):
        assert browser.get(address).status_code == 404, address
        assert browser.post(address, {}).status_code in (404, 405), address
