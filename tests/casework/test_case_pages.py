"""The pages of cases: what each reader sees of one, why a gate is shut and where the key is, tabs, lists, papers."""

import pytest

from tests.casework.caseload import STAGES

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


TABS = ("", "goals/", "assessments/", "plans/", "supervision/", "file/")


@pytest.fixture
def page(load):
    """What `who` gets at an address below a case."""

    def read(case, path="", who="worker", status=200):
        answer = load.world.browser(who).get(f"/cases/{case.number}/{path}")
        assert answer.status_code == status
        return text_of(answer)

    return read


@pytest.mark.parametrize("stage", STAGES)
def test_every_tab_answers_at_every_stage(load, page, stage):
    case = load.to(stage)
    for path in TABS:
        assert case.number in page(case, path)
    for record in case.records.all():
        page(case, f"papers/{record.record}/")


# ── the list ──


def test_the_list_names_clients_only_to_those_who_have_the_case_in_full(load):
    case = load.case()
    for who, depth in DEPTHS.items():
        answer = load.world.browser(who).get("/cases/")
        if answer.status_code == 403:
            assert depth is None
            continue
        assert (case.number in text_of(answer)) == (depth is not None)
        assert (NAME in text_of(answer)) == (depth == "full")
