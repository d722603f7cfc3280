"""The recording trigger for tables whose columns are called like its aliases and variables (`n`, `quiet`, `moved`, …).

Going back leaves the new text of the function: what it records is the same.
"""

from django.db import migrations

from accounts.changes import RECORD


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_index_events_by_transaction")]

    operations = [migrations.RunSQL(RECORD, migrations.RunSQL.noop)]
