"""The small world with two provinces that are paired: 湖北 sends, 宁夏 (invented) is helped."""

import pytest

from tests.partnerships.pairs import Pairs


@pytest.fixture
def pairs(world):
    return Pairs(world)
