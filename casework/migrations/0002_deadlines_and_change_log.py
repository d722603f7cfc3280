"""The deadlines a site starts with, and the recording of every table of the room."""

import datetime as dt

from django.db import migrations
from psycopg.types.range import DateRange

from accounts.changes import track

SINCE = dt.date(2020, 1, 1)
# code, name, from, to, amount, unit, severity, waiting for: usual in the field, no national numbers exist (dossier §1.4)
RULES = [
    ("intake", "首次接触并登记", "opened", "intake", 3, "workdays", "normal", "worker"),
    ("assessment", "接案到预估", "intake", "assessment", 10, "workdays", "normal", "worker"),
    ("plan", "预估到计划", "assessment", "plan", 7, "workdays", "normal", "worker"),
    ("plan_approval", "审计划", "plan", "plan_approved", 7, "days", "normal", "supervisor"),
    ("contact", "在案没有服务", "service", "contact", 30, "days", "normal", "worker"),
    ("contact_long", "在案久未服务", "service", "contact", 60, "days", "high", "worker"),
    ("contact_record", "补完服务记录", "contact_draft", "contact_signed", 3, "workdays", "normal", "worker"),
    ("closure", "评估到结案报告", "evaluation", "closure", 7, "workdays", "normal", "worker"),
    ("closure_approval", "审结案", "closure", "closure_approved", 7, "days", "normal", "supervisor"),
    ("crisis_24h", "危机24小时跟进", "crisis", "crisis_follow_up", 24, "hours", "high", "worker"),
    ("crisis_72h", "危机72小时跟进", "crisis", "crisis_follow_up", 72, "hours", "high", "worker"),
    ("filing", "结案后归档", "closed", "filing", 30, "days", "normal", "worker"),
]


def seed(apps, schema_editor):
    """Before the triggers stand: what comes with the installation is nobody's change."""
    rule = apps.get_model("casework", "DeadlineRule")
    names = ("code", "name", "from_event", "to_event", "amount", "unit", "severity", "waiting_for")
    rule.objects.bulk_create(rule(**dict(zip(names, row, strict=True)), span=DateRange(SINCE, None)) for row in RULES)


INDEXES = ["name_index", "name_pinyin_index", "name_initials_index", "id_number_index", "phone_index"]


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_tables"), ("accounts", "0002_change_log")]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        track("casework_client", quiet=["updated_at", "name_pinyin", "name_initials", *INDEXES]),
        track("casework_clientcategory"),
        track("casework_household", quiet=["updated_at"]),
        track("casework_householdmember"),
        track("casework_case", quiet=["updated_at"]),
        track("casework_record", quiet=["updated_at"]),
        track("casework_goal"),
        track("casework_deadlinerule"),
        track("casework_dueitem"),
    ]
