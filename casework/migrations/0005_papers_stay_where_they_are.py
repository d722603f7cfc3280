"""A paper stays in its case and of its kind, a goal in its plan: else a draft could carry something into a closed case, or out of it."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("casework.migrations.0003_closed_is_closed").GUARD
HEAD = "CREATE FUNCTION casework_guard_{}()"
RECORD_WAS = "    SELECT stage = 'closed' INTO is_closed FROM casework_case WHERE id = coalesce(NEW.case_id, OLD.case_id) FOR SHARE;\n"
RECORD_IS = """    IF TG_OP = 'UPDATE' AND (NEW.case_id, NEW.kind, NEW.public_id) IS DISTINCT FROM (OLD.case_id, OLD.kind, OLD.public_id) THEN
        RAISE EXCEPTION 'a signed paper or draft stays in its case and of its kind: % refused', TG_OP USING ERRCODE = 'SG011';
    END IF;
"""
GOAL_WAS = "    IF EXISTS (SELECT 1 FROM casework_record r JOIN casework_case c"
GOAL_IS = """    IF TG_OP = 'UPDATE' AND (NEW.plan_id, NEW.public_id) IS DISTINCT FROM (OLD.plan_id, OLD.public_id) THEN
        RAISE EXCEPTION 'a goal of a signed plan or draft stays in it: % refused', TG_OP USING ERRCODE = 'SG011';
    END IF;
"""


def function(name, *, before="", added=""):
    """The guard of a table as the earlier migration made it, with `added` in front of the line that begins with `before`."""
    start = BEFORE.index(HEAD.format(name))
    text = BEFORE[start : BEFORE.index("END $$;", start)] + "END $$;"
    assert before in text
    return text.replace(before, added + before, 1).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("casework", "0004_more_deadlines")]

    operations = [
        migrations.RunSQL(function("record", before=RECORD_WAS, added=RECORD_IS), function("record")),
        migrations.RunSQL(function("goal", before=GOAL_WAS, added=GOAL_IS), function("goal")),
    ]
