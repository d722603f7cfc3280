"""Break-glass as a recorded table, and the head of a household."""

import datetime
import functools

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.protection
import casework.codes
from accounts.changes import track


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_papers_stay_where_they_are"),
        ("stations", "0002_tree_and_change_log"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BreakGlass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=functools.partial(casework.codes.new_id, *("b",)),
                        editable=False,
                        max_length=16,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                ("reason", accounts.protection.ProtectedField(max_length=500, verbose_name="事由")),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="打开于")),
                ("until", models.DateTimeField(verbose_name="到")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束于")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="看过于")),
            ],
            options={
                "verbose_name": "应急查看",
                "verbose_name_plural": "应急查看",
                "ordering": ["-opened_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="householdmember",
            name="is_head",
            field=models.BooleanField(default=False, verbose_name="户主"),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("is_head", True)),
                expressions=[("household", "="), ("span", "&&")],
                name="one_head_a_day",
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="case",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="casework.case",
                verbose_name="个案",
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="seen_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="站里谁看过",
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="station",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="stations.station",
                verbose_name="站点",
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="谁",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("user",), name="one_break_glass_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("opened_at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"), "+", models.Value(datetime.timedelta(seconds=3600))
                        ),
                    ),
                ),
                name="break_glass_of_an_hour",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None),
                    models.Q(("ended_at__gte", models.F("opened_at")), ("ended_at__lte", models.F("until"))),
                    _connector="OR",
                ),
                name="break_glass_ended_in_time",
            ),
        ),
        track("casework_breakglass"),
    ]
