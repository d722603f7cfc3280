"""Members' days follow their team's day; and the recording of every table of the room."""

from django.db import migrations

from accounts.changes import track

# A member's day copies the date and the pairing of the team's day; the database keeps the copies.
KEEP = """
ALTER TABLE partnerships_memberday ADD CONSTRAINT member_day_follows_its_day
    FOREIGN KEY (day_id, "on", pairing_id) REFERENCES partnerships_serviceday (id, "on", pairing_id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
"""
UNKEEP = "ALTER TABLE partnerships_memberday DROP CONSTRAINT member_day_follows_its_day"
CLOCKED = ("programme", "pairing", "batch", "session", "activity", "outcome")
PLAIN = (
    "document", "party", "target", "declared", "envoy", "member", "serviceday", "memberday", "sessiongroup", "tutor", "trainee",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0001_tables"), ("accounts", "0002_change_log")]

    operations = [
        migrations.RunSQL(KEEP, UNKEEP),
        *(track(f"partnerships_{name}", quiet=["updated_at"]) for name in CLOCKED),
        *(track(f"partnerships_{name}") for name in PLAIN),
    ]
