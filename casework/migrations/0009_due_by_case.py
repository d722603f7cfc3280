"""What is due first in each case of a list is found by the case: along the days alone every due item of the site was read."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("casework", "0006_break_glass_and_heads")]

    operations = [
        migrations.AddIndex(
            model_name="dueitem",
            index=models.Index(fields=["case", "due_on"], name="due_of_case", condition=Q(done_on__isnull=True)),
        ),
    ]
