"""How many queries a page may ask: the numbers stand in query_budgets.json, so that a change of them is seen."""

import json
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

BUDGETS = json.loads((Path(__file__).parent / "query_budgets.json").read_text())
MOST_BYTES = 60_000


def within_budget(browser, name, path):
    """GET `path` as a person who has been here before; hold its queries and its weight. Returns the answer."""
    browser.get("/account/")  # a device is noted on the first page of a session
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert len(asked) <= BUDGETS[name], "\n".join(q["sql"][:160] for q in asked)
    assert len(answer.content) <= MOST_BYTES
    return answer
