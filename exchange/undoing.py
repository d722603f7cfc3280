"""Taking back what one event wrote, from the change log: which rows were changed since, and putting the columns back set-based. All of its SQL."""

from django.db import connection

# Rows of the event that another event touched later, except imports that were themselves taken back and their undoing.
SINCE = """
SELECT DISTINCT c."table", c.row_id
FROM accounts_change c
JOIN (SELECT DISTINCT "table", row_id FROM accounts_change WHERE event_id = %s) mine USING ("table", row_id)
WHERE c.event_id > %s AND c.event_id <> ALL(%s)
"""
TABLES = 'SELECT DISTINCT "table" FROM accounts_change WHERE event_id = %s'
INSERTED = """
SELECT row_id FROM accounts_change WHERE event_id = %s AND "table" = %s
GROUP BY row_id HAVING (array_agg(before IS NULL ORDER BY id))[1]
"""
# The oldest value of every column that the event changed: one JSON object a row.
BEFORE = """
SELECT row_id, jsonb_object_agg(key, value) AS before FROM (
    SELECT DISTINCT ON (c.row_id, e.key) c.row_id, e.key, e.value
    FROM accounts_change c CROSS JOIN LATERAL jsonb_each(c.before) e
    WHERE c.event_id = %s AND c."table" = %s AND c.before IS NOT NULL AND c.row_id <> ALL(%s)
    ORDER BY c.row_id, e.key, c.id
) oldest GROUP BY row_id
"""

BACK = "FROM undo_before b CROSS JOIN LATERAL jsonb_populate_record(NULL::{name}, b.before) r WHERE t.id = b.row_id"


def changed_since(event_id, ignored=()):
    """{(table, row id)} that were changed after the event."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [event_id, event_id, list(ignored)])
        return set(cursor.fetchall())


def inserted(event_id, table):
    """Ids of the rows that the event made."""
    with connection.cursor() as cursor:
        cursor.execute(INSERTED, [event_id, table])
        return [row[0] for row in cursor.fetchall()]


def tables(event_id):
    """The tables that the event wrote to."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [event_id])
        return {row[0] for row in cursor.fetchall()}


def delete(table, ids):
    """Delete the rows that an event had made."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)} WHERE id = ANY(%s)", [list(ids)])  # noqa: S608


def restore(event_id, table, *, clock=None):
    """Give the rows of `table` back the values from before the event, those deleted since included. Returns their ids.

    `clock` names a column that is set to now, so that programs asking for changes hear of it.
    """
    new = inserted(event_id, table)
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        quoted = [connection.ops.quote_name(column) for column in columns]
        cursor.execute("DROP TABLE IF EXISTS undo_before")
        cursor.execute(f"CREATE TEMP TABLE undo_before ON COMMIT DROP AS {BEFORE}", [event_id, table, new])
        sets = [
            f"{q} = CASE WHEN b.before ? '{c}' THEN r.{q} ELSE t.{q} END"
            for c, q in zip(columns, quoted, strict=True)
            if c not in ("id", clock)
        ]
        if clock:
            sets.append(f"{connection.ops.quote_name(clock)} = clock_timestamp()")
        apply = f"UPDATE {name} t SET {', '.join(sets)} {BACK.format(name=name)}"  # noqa: S608
        cursor.execute(apply)
        gone = f"FROM undo_before b WHERE NOT EXISTS (SELECT 1 FROM {name} t WHERE t.id = b.row_id)"  # noqa: S608
        cursor.execute(f"SELECT EXISTS (SELECT 1 {gone})")
        if cursor.fetchone()[0]:
            cursor.execute(f"INSERT INTO {name} SELECT (jsonb_populate_record(NULL::{name}, b.before)).* {gone}")
        cursor.execute("SELECT row_id FROM undo_before")
        return [row[0] for row in cursor.fetchall()]
