"""What was typed into a form and not sent yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.protection


class Migration(migrations.Migration):
    dependencies = [
        ("surfaces", "0002_client_ref_once_an_endpoint"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=200)),
                ("typed", accounts.protection.ProtectedJSONField()),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "address"), name="one_draft_a_form")],
            },
        ),
    ]
