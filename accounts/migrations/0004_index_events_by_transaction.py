"""What came after a transaction is found without reading the whole log."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_calendar_days_tracked"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["transaction_id"], name="event_transaction"),
        ),
    ]
