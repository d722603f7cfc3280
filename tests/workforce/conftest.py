"""The small world with people who work in it."""

import pytest

from tests.workforce.staff import Staff


@pytest.fixture
def staff(world):
    return Staff(world)
