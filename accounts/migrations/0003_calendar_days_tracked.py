"""The workday calendar under the change log: `periods` lies below it and cannot ask for that itself."""

from django.db import migrations

from accounts.changes import track


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_change_log"), ("periods", "0001_calendar_days")]

    operations = [track("periods_calendarday")]
