"""Every model obeys the house: it is scoped and has its battery, or it says why it needs none. A new model fails here first."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.querysets import ScopedQuerySet
from tests.contracts.table import LETTERS
from tests.factories import role_of

# Models that no surface lists by themselves, each with the reason.
NO_ROWS_OF_THEIR_OWN = {
    "accounts.user": "people are reached through their posts", "accounts.onetimecode": "never shown", "accounts.apikey": "of its account",
    "accounts.seal": "the log's own", "accounts.event": "the system administrator's list", "accounts.change": "read through its event",
    "jobs.storedfile": "read through what it belongs to", "jobs.heartbeat": "a clock", "surfaces.clientref": "one account's own", "surfaces.draft": "one account's own",
    "exchange.importrow": "read through its import",
    "stations.divisionchange": "read through its division", "stations.divisionlineage": "read through its change",
    "stations.stationstatus": "read through its station", "stations.stationparent": "read through its station",
    "stations.stationnumber": "a counter", "metrics.logmark": "a mark",
}  # fmt: skip
HERE = ("accounts", "jobs", "surfaces", "exchange", "stations", "metrics")


def own_models():
    rooms = [c for c in apps.get_app_configs() if Path(c.path).parent == settings.BASE_DIR and c.label in HERE]
    return [m for room in rooms for m in room.get_models()]


def is_scoped(model):
    return isinstance(model._default_manager.all(), ScopedQuerySet)


SCOPED = [m for m in own_models() if is_scoped(m)]


def test_every_model_is_scoped_or_says_why_not():
    loose = {m._meta.label_lower for m in own_models() if not is_scoped(m)}
    assert not loose - NO_ROWS_OF_THEIR_OWN.keys(), "give it a ScopedQuerySet, or a reason"
    assert not NO_ROWS_OF_THEIR_OWN.keys() - {m._meta.label_lower for m in own_models()}, "gone: take it off the list"
    assert not NO_ROWS_OF_THEIR_OWN.keys() & {m._meta.label_lower for m in SCOPED}, (
        "scoped after all: take it off the list"
    )


@pytest.mark.parametrize("model", SCOPED, ids=lambda m: m._meta.label_lower)
def test_nobody_sees_a_row_of_the_other_county(world, model):
    """By every role: what one sees never names the twin county, and the superuser sees all there is."""
    assert model.objects.visible_to(world.user("superuser")).count() == model.objects.count()
    for who in world.users:
        user = world.user(who)
        rows = model.objects.visible_to(user)
        if who == "expired" or role_of(who) not in LETTERS:
            assert not rows.exclude(pk__in=_own(user, model)).exists(), who
        words = " ".join(str(row) for row in rows)
        foreign = ("太和", "东沟", "益民") if who.startswith("twin_") else ("鸑鷟", "鸾栖", "凤鸣")
        assert who == "superuser" or not [w for w in foreign if w in words], who


def _own(user, model):
    """One's own posts are seen whatever became of them."""
    return user.posts.values("pk") if model._meta.label_lower == "stations.post" else ()


@pytest.mark.parametrize("model", SCOPED, ids=lambda m: m._meta.label_lower)
def test_a_verb_that_nobody_mapped_is_refused_to_all(world, model):
    from importlib.util import find_spec

    if find_spec(f"{model._meta.app_label}.access") is None:
        pytest.skip("no verbs in this room")
    for who in ("official", "superuser", "expired", "agency"):
        assert not world.user(who).can("paint", model), who


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label_lower)
def test_every_model_has_words_for_people(model):
    assert str(model._meta.verbose_name) and not str(model._meta.verbose_name).isascii() or not _is_shown(model)


def _is_shown(model):
    from django.contrib import admin

    return admin.site.is_registered(model)
