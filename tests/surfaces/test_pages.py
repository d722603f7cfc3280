"""What every page shares: its pager takes whatever an address says."""

import pytest


@pytest.mark.parametrize("page", ["x", "²", "", "-1", "0", "9" * 400, "1e1"])
def test_a_page_number_that_is_none_is_a_page_all_the_same(world, page):
    browser = world.browser("worker")
    for address in ("/todo/", "/clients/", "/inbox/"):
        assert browser.get(address, {"page": page}).status_code == 200, address
