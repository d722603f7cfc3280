"""The pages of cases: what each reader sees of one, why a gate is shut and where the key is, tabs, lists, papers."""

import pytest

NAME = "王德福"
DEPTHS = {  # who: what they get of a case at 太和镇
    "worker": "full", "supervisor": "full", "manager": "full", "official": "summary", "superuser": "summary", "city_official": "summary",
    "inspector": None, "viewer": None, "agency": None, "expired": None, "twin_worker": None, "sibling_manager": None,
    "twin_supervisor": None, "sibling_official": None,
}  # fmt: skip


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("who", DEPTHS)
def test_how_much_of_a_case_each_role_sees_on_its_page(load, who):
    case = load.case()
    answer = load.world.browser(who).get(f"/cases/{case.number}/")
    if DEPTHS[who] is None:
        assert answer.status_code == 404
        return
    assert answer.status_code == 200
    assert case.number in text_of(answer)
    assert (NAME in text_of(answer)) == (DEPTHS[who] == "full")
