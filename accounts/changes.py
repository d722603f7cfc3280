"""The one change log: opening an event, the trigger that records and refuses, sealing and verifying. All its SQL.

Cost, measured beside COPY alone on 41,352 rows of 13 columns: see `make bench`, row "change log".
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, migrations, transaction
from django.db.models.expressions import RawSQL

from accounts.models import Event

VIA = ContextVar("via", default="command")  # web, key, job, command: set at the edges

# A recorded table may name its columns as it likes: what could be one of them is read as our variable (first line of the
# body), and a whole row is written `n.*`, which is never a column `n`.
RECORD = """
CREATE OR REPLACE FUNCTION shegong_record() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    ev bigint := nullif(current_setting('shegong.event', true), '')::bigint;
    quiet text[] := string_to_array(TG_ARGV[0], ',');
    hidden text[] := string_to_array(TG_ARGV[1], ',');
    one CONSTANT text := 'CASE WHEN n.%1$I IS DISTINCT FROM o.%1$I THEN jsonb_build_object(%1$L, %2$s.%1$I) ELSE ''{}'' END';
    moved text[];
    statement text;
    was text;
    is_now text;
    -- Quiet columns are today's picture of dated truth (or a clock): a change of them alone is no change.
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF current_setting('shegong.picture', true) = TG_TABLE_NAME THEN RETURN NULL; END IF;
        IF ev IS NULL THEN
            IF NOT EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o USING (id)
                           WHERE to_jsonb(n.*) - quiet IS DISTINCT FROM to_jsonb(o.*) - quiet) THEN RETURN NULL; END IF;
        ELSE
            -- Which columns changed in any row is asked first: taking every row apart as jsonb costs five times as much.
            SELECT 'SELECT array_remove(ARRAY[' || string_agg(
                format('CASE WHEN bool_or(n.%1$I IS DISTINCT FROM o.%1$I) THEN %1$L END', attname), ', ')
                || ']::text[], NULL) FROM new_rows n JOIN old_rows o USING (id)' INTO statement
            FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (quiet);
            EXECUTE statement INTO moved;
            IF coalesce(cardinality(moved), 0) = 0 THEN RETURN NULL; END IF;
            SELECT string_agg(format(one, c, 'o'), ' || ' ORDER BY i), string_agg(format(one, c, 'n'), ' || ' ORDER BY i)
            INTO was, is_now FROM unnest(moved) WITH ORDINALITY AS m (c, i);
            EXECUTE format('INSERT INTO accounts_change (event_id, "table", row_id, before, after)
                SELECT $1, $2, d.id, shegong_hide(d.before, $3), shegong_hide(d.after, $3)
                FROM (SELECT n.id, %s AS before, %s AS after FROM new_rows n JOIN old_rows o USING (id)) d
                WHERE d.after <> ''{}''', was, is_now) USING ev, TG_TABLE_NAME, hidden;
            RETURN NULL;
        END IF;
    END IF;
    IF ev IS NULL THEN
        RAISE EXCEPTION 'no change event is open: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'SG001';
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_change (event_id, "table", row_id, before, after)
        SELECT ev, TG_TABLE_NAME, n.id, NULL, shegong_hide(to_jsonb(n.*) - quiet, hidden) FROM new_rows n;
    ELSE
        INSERT INTO accounts_change (event_id, "table", row_id, before, after)
        SELECT ev, TG_TABLE_NAME, o.id, shegong_hide(to_jsonb(o.*) - quiet, hidden), NULL FROM old_rows o;
    END IF;
    RETURN NULL;
END $$;
"""
INSTALL = (
    RECORD
    + """
-- Secrets stand in the log as a digest: it shows that they changed, not what they are.
CREATE FUNCTION shegong_hide(row_data jsonb, hidden text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE name text;
BEGIN
    IF hidden IS NULL THEN RETURN row_data; END IF;
    FOREACH name IN ARRAY hidden LOOP
        IF row_data ? name AND row_data->name <> 'null' THEN
            row_data := jsonb_set(row_data, ARRAY[name],
                to_jsonb('digest:' || left(encode(sha256(convert_to(row_data->>name, 'UTF8')), 'hex'), 16)));
        END IF;
    END LOOP;
    RETURN row_data;
END $$;

CREATE FUNCTION shegong_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'accounts_event' THEN
        IF OLD.seal_id IS NULL AND to_jsonb(OLD) - 'seal_id' = to_jsonb(NEW) - 'seal_id' THEN RETURN NEW; END IF;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'emptying % would leave no trace: refused', TG_TABLE_NAME USING ERRCODE = 'SG002';
    END IF;
    RAISE EXCEPTION 'the change log is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'SG002';
END $$;
"""
)
GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION shegong_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION shegong_append_only();
"""
TRACK = """
CREATE TRIGGER record_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shegong_record('{quiet}'{hidden});
CREATE TRIGGER record_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shegong_record('{quiet}'{hidden});
CREATE TRIGGER record_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shegong_record('{quiet}'{hidden});
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION shegong_append_only();
"""
UNTRACK = "".join(
    f"DROP TRIGGER {name} ON {{table}};" for name in ("record_insert", "record_update", "record_delete", "no_truncate")
)


def track(table, quiet=(), hidden=()):
    """A migration operation: record every write to `table`, and refuse writes while no event is open.

    `quiet` columns are not recorded (today's picture, clocks); `hidden` ones stand there as a digest.
    """
    words = {"table": table, "quiet": ",".join(quiet), "hidden": f", '{','.join(hidden)}'" if hidden else ""}
    return migrations.RunSQL(TRACK.format(**words), UNTRACK.format(table=table))


@contextmanager
def change(user, verb, obj=None, *, reason="", **detail):
    """Open one event; everything written inside hangs on it, in one transaction.

    `user` is a User or None (the system itself), `verb` a word like "station.opened", `obj` the row it concerns.
    Yields the Event. An event inside another one takes over until it ends.
    """
    with transaction.atomic():
        event = Event.objects.create(**_words(user, verb, obj, reason, detail), transaction_id=_transaction_id())
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('shegong.event', true)")
            outer = cursor.fetchone()[0] or ""
            cursor.execute("SELECT set_config('shegong.event', %s, true)", [str(event.pk)])
            yield event
            cursor.execute("SELECT set_config('shegong.event', %s, true)", [outer])


def trace(user, verb, obj=None, **detail):
    """An event on which nothing hangs, a look at something, in one statement."""
    now = RawSQL("pg_current_xact_id()::text::bigint", [])
    Event.objects.create(**_words(user, verb, obj, "", detail), transaction_id=now)


def _words(user, verb, obj, reason, detail):
    return {
        "user": user if getattr(user, "pk", None) else None, "via": VIA.get(), "verb": verb,
        "kind": obj._meta.label_lower if obj is not None else "", "object_id": str(obj.pk or "") if obj is not None else "",
        "label": str(obj)[:160] if obj is not None else "", "reason": reason or "", "detail": detail,
    }  # fmt: skip


def _transaction_id():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


# A link hashes its events in the order of their ids, an event its own columns and its changes in the order of theirs.
# Arrays keep the columns apart: nothing can be moved from one into the next unseen. jsonb prints one text for one value.
LINES = """
lines AS (
    SELECT e.seal_id, e.id, encode(sha256(convert_to(
        jsonb_build_array(e.id, extract(epoch FROM e.at), e.user_id, e.via, e.verb, e.kind, e.object_id, e.label, e.reason,
                          e.detail, e.transaction_id)::text
        || coalesce((SELECT string_agg(encode(sha256(convert_to(
               jsonb_build_array(c.id, c."table", c.row_id, c.before, c.after)::text, 'UTF8')), 'hex'), '' ORDER BY c.id)
           FROM accounts_change c WHERE c.event_id = e.id), ''), 'UTF8')), 'hex') AS line
    FROM sealed e
)
"""
DIGEST = "encode(sha256(convert_to({previous} || coalesce(string_agg(line, '' ORDER BY x.id), ''), 'UTF8')), 'hex')"
NEW_LINK = f"""
WITH sealed AS (SELECT * FROM accounts_event WHERE id = ANY(%s)), {LINES}
SELECT count(*), {DIGEST.format(previous="%s")} FROM lines x
"""  # noqa: S608 — put together from constants alone, as the next ones
LINKS = f"""
WITH links AS (SELECT * FROM accounts_seal WHERE id > %s ORDER BY id LIMIT 500),
     sealed AS (SELECT e.* FROM accounts_event e JOIN links ON links.id = e.seal_id), {LINES}
SELECT l.id, l.previous, l.hash, l.events = count(x.id) AND l.hash = {DIGEST.format(previous="l.previous")}
FROM links l LEFT JOIN lines x ON x.seal_id = l.id GROUP BY l.id, l.previous, l.hash, l.events ORDER BY l.id
"""  # noqa: S608
# Only events whose transaction is over for everybody, so that no lower id can still appear among them later. What we can
# see of a transaction that this server has not begun yet was restored from another one: that is over as well.
SETTLED = (
    "seal_id IS NULL AND (transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    " OR transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
)
FIRST = "0" * 64


def seal_events():
    """Seal every settled event that has no seal yet; one writer at a time. Returns how many were sealed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('shegong.seal'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(f"SELECT id FROM accounts_event WHERE {SETTLED} ORDER BY id LIMIT 5000")  # noqa: S608
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return 0
        cursor.execute("SELECT hash FROM accounts_seal ORDER BY id DESC LIMIT 1")
        previous = (cursor.fetchone() or (FIRST,))[0]
        cursor.execute(NEW_LINK, [ids, previous])
        count, digest = cursor.fetchone()
        cursor.execute(
            "INSERT INTO accounts_seal (at, events, previous, hash) VALUES (now(), %s, %s, %s) RETURNING id",
            [count, previous, digest],
        )
        cursor.execute("UPDATE accounts_event SET seal_id = %s WHERE id = ANY(%s)", [cursor.fetchone()[0], ids])
        return count


def verify_seals():
    """Walk the chain, 500 links a statement. Returns (links, unsealed events, id of the first broken link or None, the last hash).

    Whoever keeps the last hash elsewhere notices a chain whose end was cut off and written anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE seal_id IS NULL), max(seal_id) FROM accounts_event")
        tail, newest = cursor.fetchone()
        count, last, head = 0, 0, FIRST
        while True:
            cursor.execute(LINKS, [last])
            links = cursor.fetchall()
            for last, previous, digest, whole in links:
                count += 1
                if previous != head or not whole:
                    return count, tail, last, digest
                head = digest
            if not links:
                break
        broken = newest if newest and newest > last else None  # events name a link that is gone
        return count, tail, broken, head
