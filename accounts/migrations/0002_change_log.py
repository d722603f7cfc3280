"""The change log's functions, its append-only guard, and the recording of accounts themselves."""

from django.db import migrations

from accounts.changes import GUARD, INSTALL, track

TABLES = ("accounts_event", "accounts_change", "accounts_seal")
UNDO = "".join(f"DROP TRIGGER append_only ON {t}; DROP TRIGGER no_truncate ON {t};" for t in TABLES)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            INSTALL,
            "DROP FUNCTION shegong_record(); DROP FUNCTION shegong_append_only(); DROP FUNCTION shegong_hide(jsonb, text[]);",
        ),
        migrations.RunSQL("".join(GUARD.format(table=t) for t in TABLES), UNDO),
        track("accounts_user", quiet=["last_login"], hidden=["password"]),
        track("accounts_user_groups"),
        track("accounts_user_user_permissions"),
        track("accounts_onetimecode", hidden=["digest"]),
        track("accounts_apikey", quiet=["last_used_at"], hidden=["digest"]),
    ]
