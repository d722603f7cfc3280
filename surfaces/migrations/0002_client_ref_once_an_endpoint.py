"""A reference is one account's and one endpoint's: the same one elsewhere is another."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surfaces", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveConstraint(model_name="clientref", name="client_ref_once"),
        migrations.AddConstraint(
            model_name="clientref",
            constraint=models.UniqueConstraint(fields=("user", "ref", "action"), name="client_ref_once"),
        ),
    ]
