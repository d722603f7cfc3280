"""The site's search in this room: clients as far as one has them in full and never by an address, cases by number in reach."""

import pytest

from tests.casework.caseload import Caseload
from tests.workforce.staff import Staff


def hits(answer):
    return [hit["label"] for group in answer.context["groups"] for hit in group["hits"]]


def search(world, who, text):
    """What a person finds who types `text` and presses Enter; the address never holds it."""
    browser = world.browser(who)
    answer = browser.post("/search/", {"q": text})
    assert answer.status_code == 302
    assert "%E7" not in answer["Location"] and text not in answer["Location"]
    return browser.get(answer["Location"])


@pytest.fixture
def case(load):
    return load.case()


@pytest.mark.parametrize("text", ["王德福", "wangdefu", "wdf", "WDF", " 王德福 "])
def test_clients_are_found_by_name_pinyin_and_initials(world, case, text):
    for who in ("worker", "supervisor", "manager"):
        assert "王德福" in hits(search(world, who, text)), who


def test_clients_are_not_found_by_a_piece_of_a_name_nor_by_an_address(world, case):
    assert "王德福" not in hits(search(world, "worker", "王德"))
    assert hits(world.browser("worker").get("/search/", {"q": "王德福"})) == []


@pytest.mark.parametrize(
    "who", ["official", "viewer", "inspector", "superuser", "sibling_worker", "twin_supervisor", "agency"]
)
def test_who_has_no_client_in_full_learns_nothing(world, case, who):
    answer = search(world, who, "王德福")
    assert hits(answer) == [] and answer.context["total"] == 0


def test_a_colleague_of_the_station_is_not_told_a_name(world, case, load):
    other = Caseload.user(load, "worker")
    case.client.__class__.objects.filter(pk=case.client_id)  # filed by the worker himself: his in full
    assert other.can("see", case.client)
    assert hits(search(world, "sibling_manager", "王德福")) == []


@pytest.mark.parametrize("who", ["worker", "supervisor", "manager", "official", "superuser"])
def test_cases_are_found_by_the_beginning_of_their_number_as_far_as_one_knows_of_them(world, case, who):
    for text in (case.number, case.number[:14], case.number[:9]):
        assert case.number in hits(world.browser(who).get("/search/", {"q": text}))


@pytest.mark.parametrize("who", ["viewer", "inspector", "sibling_worker", "twin_official", "agency"])
def test_a_number_out_of_reach_is_not_told(world, case, who):
    answer = world.browser(who).get("/search/", {"q": case.number})
    assert case.number not in hits(answer)


@pytest.mark.parametrize("sealed", ["x", "v1.aaaa.bbbb", "%", "' OR 1=1"])
def test_a_sealed_text_that_is_none_finds_nothing_and_does_not_fail(world, case, sealed):
    answer = world.browser("worker").get("/search/", {"s": sealed})
    assert answer.status_code == 200 and hits(answer) == []


def test_no_link_of_the_answer_repeats_a_name(world, load, case):
    Staff(world).worker("王德福")  # a worker of the same name is found beside the client
    answer = search(world, "manager", "王德福")
    assert [str(group["title"]) for group in answer.context["groups"]] == ["人员", "服务对象"]
    assert [group["all"] for group in answer.context["groups"]] == ["/workers/", "/clients/"]
    assert search(world, "manager", "太和").context["groups"][0]["all"].startswith("/stations/?")


def test_an_address_handed_on_tells_nobody_else_what_was_typed(world, case):
    address = world.browser("worker").post("/search/", {"q": "王德福"})["Location"]
    page = world.browser("supervisor").get(address)
    assert page.status_code == 200 and "王德福" not in page.content.decode()
