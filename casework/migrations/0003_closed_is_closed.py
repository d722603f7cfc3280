"""What the database itself refuses, whatever the door: a closed case and its papers, and any signed paper, do not change.

Let through are a key rotation that touches protected columns and indexes alone, and taking the demo away.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION casework_verb() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT verb FROM accounts_event WHERE id = nullif(current_setting('shegong.event', true), '')::bigint
$$;

CREATE FUNCTION casework_guard_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stage <> 'closed' THEN RETURN coalesce(NEW, OLD); END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{filed_on,filing_complete,updated_at}'::text[]
                          = to_jsonb(OLD) - '{filed_on,filing_complete,updated_at}'::text[] THEN RETURN NEW; END IF;
    IF TG_OP = 'DELETE' AND casework_verb() = 'demo.removed' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'case % is closed: % refused', OLD.number, TG_OP USING ERRCODE = 'SG010';
END $$;

CREATE FUNCTION casework_guard_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after_closing text[] := '{follow-ups,filing,corrections}';
    is_closed boolean;
BEGIN
    SELECT stage = 'closed' INTO is_closed FROM casework_case WHERE id = coalesce(NEW.case_id, OLD.case_id) FOR SHARE;
    IF TG_OP = 'INSERT' THEN
        IF is_closed AND NOT NEW.kind = ANY(after_closing) THEN
            RAISE EXCEPTION 'the case is closed: a record of kind % refused', NEW.kind USING ERRCODE = 'SG010';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND casework_verb() = 'keys.rotated'
       AND to_jsonb(NEW) - 'narrative' = to_jsonb(OLD) - 'narrative' THEN RETURN NEW; END IF;
    IF TG_OP = 'DELETE' AND casework_verb() = 'demo.removed' THEN RETURN OLD; END IF;
    IF is_closed AND NOT OLD.kind = ANY(after_closing) THEN
        RAISE EXCEPTION 'the case is closed: % of a record refused', TG_OP USING ERRCODE = 'SG010';
    END IF;
    IF NOT OLD.draft THEN
        RAISE EXCEPTION 'a signed record does not change: % refused', TG_OP USING ERRCODE = 'SG011';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE FUNCTION casework_guard_goal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND casework_verb() = 'keys.rotated'
       AND to_jsonb(NEW) - '{text,withdrawal_reason}'::text[] = to_jsonb(OLD) - '{text,withdrawal_reason}'::text[] THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND casework_verb() = 'demo.removed' THEN RETURN OLD; END IF;
    IF EXISTS (SELECT 1 FROM casework_record r JOIN casework_case c ON c.id = r.case_id
               WHERE r.id = coalesce(NEW.plan_id, OLD.plan_id) AND c.stage = 'closed') THEN
        RAISE EXCEPTION 'the case is closed: % of a goal refused', TG_OP USING ERRCODE = 'SG010';
    END IF;
    IF TG_OP = 'UPDATE' AND NOT (SELECT draft FROM casework_record WHERE id = OLD.plan_id)
       AND to_jsonb(NEW) - '{withdrawal,withdrawal_reason,withdrawal_asked_by_id}'::text[]
        <> to_jsonb(OLD) - '{withdrawal,withdrawal_reason,withdrawal_asked_by_id}'::text[] THEN
        RAISE EXCEPTION 'a goal of a signed plan does not change: refused' USING ERRCODE = 'SG011';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER closed_is_closed BEFORE UPDATE OR DELETE ON casework_case
    FOR EACH ROW EXECUTE FUNCTION casework_guard_case();
CREATE TRIGGER closed_is_closed BEFORE INSERT OR UPDATE OR DELETE ON casework_record
    FOR EACH ROW EXECUTE FUNCTION casework_guard_record();
CREATE TRIGGER closed_is_closed BEFORE INSERT OR UPDATE OR DELETE ON casework_goal
    FOR EACH ROW EXECUTE FUNCTION casework_guard_goal();
"""
UNGUARD = (
    "".join(
        f"DROP TRIGGER closed_is_closed ON casework_{table}; DROP FUNCTION casework_guard_{table}();"
        for table in ("case", "record", "goal")
    )
    + "DROP FUNCTION casework_verb();"
)


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_deadlines_and_change_log")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
