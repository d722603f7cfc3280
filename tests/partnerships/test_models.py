"""Every model of the room is scoped, and nobody sees another place's rows by it."""

import pytest
from django.apps import apps

from accounts.querysets import ScopedQuerySet
from tests.contracts import table
from tests.contracts.partnerships_lines import a_pairing

MODELS = list(apps.get_app_config("partnerships").get_models())
FIGURES = {"programme", "document", "party", "target", "declared"}  # what a viewer sees as well


@pytest.fixture
def world(world):
    for place in ("", "sibling_", "twin_"):
        a_pairing(world, place)
    return world


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.model_name)
def test_rows_are_of_ones_own_programme(world, model):
    assert isinstance(model._default_manager.all(), ScopedQuerySet)
    assert model.objects.visible_to(world.user("superuser")).count() == model.objects.count()
    for who in ("official", "agency", "viewer", "twin_official", "twin_agency", "sibling_official"):
        rows = model.objects.visible_to(world.user(who))
        words = " ".join(str(row) for row in rows)
        own = "TWIN" if who.startswith("twin") else "SIBLING" if who.startswith("sibling") else "HOME"
        assert not [mark for mark in {"HOME", "SIBLING", "TWIN"} - {own} if mark in words], (who, words)
        if who == "viewer" and model._meta.model_name not in FIGURES:
            assert not rows.exists()
    for who in set(table.LETTERS) - {"official", "agency", "viewer", "superuser"}:
        assert not model.objects.visible_to(world.user(who)).exists(), who


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.model_name)
def test_a_verb_that_nobody_mapped_is_refused_to_all(world, model):
    for who in ("official", "superuser", "expired", "agency"):
        assert not world.user(who).can("paint", model), who
