"""What the change log says was touched, and what a new day alone changes: SQL over the log and the dated rows."""
# ruff: noqa: S608 - statements are put together from names that rooms declare, never from input

from django.db import connection

SETTLED_BELOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
UNREAD = "SELECT EXISTS (SELECT FROM accounts_event e WHERE e.transaction_id >= %(since)s)"
LOGGED = """
WITH log AS (
    SELECT c.row_id, c.before, c.after, (e.at AT TIME ZONE 'Asia/Shanghai')::date AS on_day
    FROM accounts_event e JOIN accounts_change c ON c.event_id = e.id
    WHERE e.transaction_id >= %(since)s AND e.transaction_id < %(until)s AND c."table" = %(table)s
        AND (NOT %(narrow)s OR c.before IS NULL OR c.after IS NULL OR c.after ?| %(columns)s::text[])
), whole AS (
    SELECT l.*, coalesce(l.after, '{{}}') || coalesce(CASE WHEN l.after IS NULL THEN l.before END, '{{}}') AS known,
        to_jsonb(t) AS live, CASE WHEN t.id IS NULL AND l.before IS NOT NULL AND l.after IS NOT NULL THEN (
            SELECT g.before FROM accounts_change g WHERE g."table" = %(table)s AND g.row_id = l.row_id AND g.after IS NULL LIMIT 1
        ) END AS deleted
    FROM log l LEFT JOIN {table} t ON t.id = l.row_id
)
SELECT place, min(coalesce(day, '1900-01-01')), bool_or(after IS NULL), bool_or(before IS NOT NULL AND after IS NOT NULL)
FROM whole w CROSS JOIN LATERAL (SELECT {day} AS day) t CROSS JOIN LATERAL ({places}) p (place)
WHERE place IS NOT NULL GROUP BY place
"""
SPAN_DAY = """
CASE WHEN before IS NULL OR after IS NULL THEN lower((known->>'{c}')::daterange)
     WHEN NOT before ? '{c}' THEN lower((coalesce(live, deleted)->>'{c}')::daterange)
     WHEN lower((before->>'{c}')::daterange) IS DISTINCT FROM lower((after->>'{c}')::daterange)
         THEN least(lower((before->>'{c}')::daterange), lower((after->>'{c}')::daterange))
     ELSE least(coalesce(upper((before->>'{c}')::daterange), '9999-12-31'), coalesce(upper((after->>'{c}')::daterange), '9999-12-31')) END
"""
DATED = "SELECT DISTINCT {place} FROM {table} WHERE {place} IS NOT NULL AND ({due})"


def settled_below():
    """The lowest transaction id that may still be running: every event below it is committed for everybody, or gone."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED_BELOW)
        return cursor.fetchone()[0]


def unread(since):
    """Is there an event that the figures do not know yet?"""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, {"since": since})
        return cursor.fetchone()[0]


def logged(touch, column, since, until):
    """Places (ids in `column`) that settled changes of one table touched: [(id, earliest day, row gone, row changed)]."""
    statement = LOGGED.format(table=touch.table, day=f"least({_day(touch)})", places=_places(touch, column))
    params = {
        "since": since,
        "until": until,
        "table": touch.table,
        "narrow": bool(touch.columns),
        "columns": list(touch.columns),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _day(touch):
    """From which day on a changed row matters: where it is not dated from the day of the change, gone rows from the beginning."""
    if touch.span:
        return ", ".join(SPAN_DAY.format(c=c) for c in touch.days)
    dates = (f"(before->>'{c}')::date, (after->>'{c}')::date, (live->>'{c}')::date" for c in touch.days)
    return ", ".join(dates) or "CASE WHEN after IS NULL THEN '1900-01-01' ELSE on_day END"


def _both(column):
    """The value of a column before and after a change; where it did not change, as it stands or stood last."""
    if column == "id":
        return ["row_id"]
    return [f"({side}->>'{column}')::bigint" for side in ("before", "after", "coalesce(live, deleted)")]


def _places(touch, column):
    """The places that one changed row touches, as a relation."""
    if touch.through:
        table, theirs, *own = touch.through
        return f"SELECT DISTINCT x.{column} FROM {table} x WHERE x.{theirs} IN ({', '.join(_both(own[0] if own else theirs))})"
    values = _both(column)
    if column == "division_id" and touch.station == "id":  # the place's own division, of a row that is gone as well
        values += ["(known->>'division_id')::bigint"]
    return f"SELECT DISTINCT v.place FROM (VALUES {', '.join(f'({v})' for v in values)}) v (place)"


def due_between(touch, column, after, until):
    """Places whose rows begin or cease to count in (after, until]: what a new day alone changes."""
    if not touch.days:
        return []
    table, place = f"{touch.table} t", f"t.{column}"
    if touch.through:
        other, theirs, *own = touch.through
        table, place = f"{table} JOIN {other} x ON x.{theirs} = t.{own[0] if own else theirs}", f"x.{column}"
    shapes = ("lower(t.{})", "upper(t.{})") if touch.span else ("t.{}",)
    bounds = [f"({shape.format(c)} + {touch.lag})" for c in touch.days for shape in shapes]
    due = " OR ".join(f"{b} > %(after)s AND {b} <= %(until)s" for b in bounds)
    with connection.cursor() as cursor:
        cursor.execute(DATED.format(place=place, table=table, due=due), {"after": after, "until": until})
        return [row[0] for row in cursor.fetchall()]
