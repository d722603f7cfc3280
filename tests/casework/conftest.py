"""The small world with people who do casework in it."""

import pytest

from tests.casework.caseload import Caseload


@pytest.fixture
def load(world):
    return Caseload(world)
