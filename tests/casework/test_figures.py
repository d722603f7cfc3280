"""The room's figures (contract §6, dossier §7.5): what counts where, whole and write by write."""

import pytest

from casework import actions
from metrics import explain
from metrics.declared import indicators
from periods import Period, today
from tests.casework.caseload import Caseload, ago
from tests.metrics.conftest import figures  # noqa: F401 - the fixture

MONTH = Period.month_of(today())
YEAR = Period.of("year", today())
CODES = (
    "cases_opened",
    "cases_open",
    "cases_closed",
    "intakes_declined",
    "contacts",
    "contact_hours",
    "crisis_cases",
    "referrals",
)


@pytest.fixture
def load(figures):  # noqa: F811
    return Caseload(figures.world)


def read(figures, place, *codes, period=YEAR):  # noqa: F811
    return {code: indicators()[code].part(figures.cell(code, place, period)[0]) for code in codes or CODES}


def agree(figures):  # noqa: F811
    """The cells as the writes moved them are those of a whole run."""
    figures.refresh()
    moved = figures.everything()
    assert moved == figures.anew()


def days_this_year(n):
    """A number of days ago that is still this year, at most `n`."""
    return min(n, (today() - today().replace(month=1, day=1)).days)


def a_year(load):
    """One closed with its goals reached, one open, one declined, one made twice, one referred."""
    done, open_one = load.to("closed"), load.to("intervention")
    load.contact(open_one, days=1, minutes=20)
    declined, double = load.case(), load.to("assessment")
    load.intake(declined, decision="decline", decision_reason="外地")
    load.close(double, "12"), load.advance(double, "closed")
    referred = load.case()
    load.intake(referred, decision="refer", decision_reason="精神科")
    return done, open_one


@pytest.mark.skipif(days_this_year(70) < 70, reason="the year is too young for cases of this year")
def test_accepted_cases_count_from_opening_a_double_nowhere_a_declined_one_by_itself(load, figures):  # noqa: F811
    a_year(load)
    figures.roll(YEAR)
    want = dict(zip(CODES, (2, 1, 1, 1, 2, 1, 0, 1), strict=True))
    for place in (load.world.station("太和镇"), load.world.home, load.world.city):
        assert read(figures, place) == want, place
    assert read(figures, load.world.twin)["cases_opened"] == 0
    assert figures.cell("case_closure_rate", load.world.home, YEAR) == (1, 2)
    assert figures.cell("goal_attainment_rate", load.world.home, YEAR) == (1, 1)
    assert figures.cell("filing_complete_rate", load.world.home, YEAR) == (0, 1)


def test_every_figure_has_its_rows(load, figures):  # noqa: F811
    a_year(load)
    figures.roll(MONTH)
    mine = [i for i in indicators().values() if str(i.numerator.kind).startswith(("case", "client"))]
    assert len(mine) >= 13
    for indicator in mine:
        for part, (rows, total) in explain.parts_of(indicator, load.world.home, MONTH).items():
            found = list(explain.rows_behind(indicator, part, load.world.home, MONTH))
            assert (len(found), sum(r.explained_amount for r in found)) == (rows, total), (indicator.code, part)


def test_overdue_counts_on_the_day_after_and_not_once_done(load, figures):  # noqa: F811
    case = load.case()
    load.intake(case)
    figures.roll(MONTH)
    assert read(figures, load.world.home, "cases_overdue", period=MONTH) == {"cases_overdue": 1}


def test_each_write_moves_the_cells_to_what_a_whole_run_says(load, figures):  # noqa: F811
    figures.roll(MONTH)
    done, open_one = a_year(load)
    agree(figures)
    actions.reopen_case(load.user(), done, {"on": ago(0), "reason": "再次断餐"})
    load.write(done, "filing", {"filed_on": ago(0)})
    agree(figures)
    there = load.world.station("葛店镇")
    actions.transfer_case(load.user(), open_one, {"action": "offer", "to_station": there.code, "reason": "迁居"})
    taken = {"action": "accept", "worker": load.workers["sibling_worker"].public_id}
    actions.transfer_case(load.user("sibling_manager"), open_one, taken)
    agree(figures)
