"""The hours that a registration asks for, and the recording of every table of the room."""

import datetime as dt

from django.db import migrations
from psycopg.types.range import DateRange

from accounts.changes import track

DOCUMENT = "民发〔2009〕123号《社会工作者继续教育办法》"
SINCE = dt.date(2009, 1, 1)
HOURS = {1: 72, 2: 90, 3: 90}  # assistant, social worker, senior: in each registration of three years

# An attendance copies its training's last day, state and minutes; the database keeps the copies when the training changes.
KEEP = """
ALTER TABLE workforce_attendance ADD CONSTRAINT attendance_follows_its_training
    FOREIGN KEY (training_id, "on", decided, most) REFERENCES workforce_training (id, ends_on, decided, minutes)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
"""
UNKEEP = "ALTER TABLE workforce_attendance DROP CONSTRAINT attendance_follows_its_training"


def seed(apps, schema_editor):
    """Before the triggers stand: what comes with the installation is nobody's change."""
    rule = apps.get_model("workforce", "HourRequirement")
    rule.objects.bulk_create(
        rule(grade=grade, minutes=hours * 60, span=DateRange(SINCE, None), document=DOCUMENT)
        for grade, hours in HOURS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("workforce", "0001_tables"), ("accounts", "0002_change_log")]

    operations = [
        migrations.RunSQL(KEEP, UNKEEP),
        migrations.RunPython(seed, migrations.RunPython.noop),
        track("workforce_worker", quiet=["updated_at", "pinyin", "initials"]),
        track("workforce_assignment", quiet=["updated_at"]),
        track("workforce_certificate"),
        track("workforce_registration"),
        track("workforce_hourrequirement"),
        track("workforce_training", quiet=["updated_at"]),
        track("workforce_attendance", quiet=["updated_at"]),
    ]
