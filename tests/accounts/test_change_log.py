"""What the change log records of a table, whatever its columns are called."""

import pytest
from django.db import connection, transaction

from accounts.changes import TRACK, change
from accounts.models import Change

# every alias and variable of the recording function, and words of SQL
NAMES = (
    "n",
    "o",
    "d",
    "m",
    "ev",
    "quiet",
    "hidden",
    "one",
    "moved",
    "statement",
    "was",
    "is_now",
    "new_rows",
    "tg_op",
    "order",
)


@pytest.fixture
def oddly_named(db):
    with connection.cursor() as cursor:
        columns = ", ".join(f"\"{name}\" text DEFAULT 'a'" for name in NAMES)
        cursor.execute(f"CREATE TABLE oddly_named (id bigint PRIMARY KEY, {columns}, clock text, secret text)")
        cursor.execute(TRACK.format(table="oddly_named", quiet="clock", hidden=", 'secret'"))
        yield cursor


def logged():
    return list(Change.objects.filter(table="oddly_named").order_by("pk").values_list("row_id", "before", "after"))


def test_a_table_is_recorded_whatever_its_columns_are_called(oddly_named):
    with change(None, "test.written"):
        oddly_named.execute("INSERT INTO oddly_named (id) VALUES (1), (2)")
        for name in NAMES:
            oddly_named.execute(f"UPDATE oddly_named SET \"{name}\" = 'b' WHERE id = 1")
        oddly_named.execute("DELETE FROM oddly_named WHERE id = 2")
    lines = logged()
    whole = dict.fromkeys(NAMES, "a") | {"id": 2, "secret": None}
    assert [after for _id, before, after in lines if before is None] == [whole | {"id": 1}, whole]
    assert [(b, a) for _id, b, a in lines if b and a] == [({name: "a"}, {name: "b"}) for name in NAMES]
    assert lines[-1] == (2, whole, None)


def test_without_an_event_such_a_table_refuses_all_but_its_quiet_columns(oddly_named):
    with change(None, "test.written"):
        oddly_named.execute("INSERT INTO oddly_named (id) VALUES (1)")
    oddly_named.execute("UPDATE oddly_named SET clock = 'later'")
    for statement in (
        "UPDATE oddly_named SET n = 'b'",
        "DELETE FROM oddly_named",
        "INSERT INTO oddly_named (id) VALUES (3)",
    ):
        with pytest.raises(Exception, match="no change event is open"), transaction.atomic():
            oddly_named.execute(statement)
    assert len(logged()) == 1
