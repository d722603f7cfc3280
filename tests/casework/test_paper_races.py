"""Papers written on pages by several at once: one is made, nobody's text is lost. Real threads on the real database."""

import pytest

from casework.models import Record
from tests.casework.caseload import Caseload, ago
from tests.casework.test_races import at_once
from tests.factories import World


@pytest.fixture
def load(transactional_db):
    return Caseload(World())


def test_a_form_sent_many_times_at_once_makes_one_paper(load):
    case = load.to("intervention")
    browsers = [load.world.browser("worker") for _n in range(4)]
    sent = {
        "client_ref": "2f1c1f9e-7d5a-4a1e-9a51-4a3d0c2b7e11", "way": "phone", "happened_on": ago(1), "minutes": "15", "facts": "通了电话",
        "do": "sign",
    }  # fmt: skip
    answers = at_once(*[lambda b=b: b.post(f"/cases/{case.number}/log/", sent).status_code for b in browsers])
    assert answers == [302] * 4
    assert Record.objects.filter(kind="contacts", case=case).count() == 1


def test_of_two_first_versions_at_once_the_other_is_shown_both_texts(load):
    case = load.to("planning")
    browsers = [load.world.browser("worker") for _n in range(2)]
    texts = ["每日两餐", "出门散步"]

    def write(n):
        sent = {"planned_on": ago(56), "goals.0.text": texts[n], "base": "", "do": "sign"}
        return browsers[n].post(f"/cases/{case.number}/plan/?step=1", sent)

    answers = at_once(*[lambda n=n: write(n) for n in range(2)])
    assert sorted(a.status_code for a in answers) == [302, 409]
    lost = next(n for n, a in enumerate(answers) if a.status_code == 409)
    assert all(text in answers[lost].content.decode() for text in texts)
    assert Record.objects.filter(kind="plans", case=case).count() == 1
