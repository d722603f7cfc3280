"""Rows of the room's lists, straight from `values_list()`: no personal data stands in one, and what a reader may not know is null."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from casework.access import NARROW
from casework.models import ClientCategory, DueItem
from casework.shapes import HIDDEN, suspension
from periods import today
from surfaces.rows import moment


class StationRef(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class WorkerRef(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class Suspension(serializers.Serializer):
    on = serializers.DateField()
    reason = serializers.CharField()
    review_on = serializers.DateField()


class CaseRow(serializers.Serializer):
    number = serializers.CharField(label=_("个案编号"))
    episode = serializers.IntegerField(label=_("第几次"), allow_null=True)
    station = StationRef(label=_("站点"))
    worker = WorkerRef(label=_("承办社工"), allow_null=True)
    stage = serializers.CharField(label=_("阶段"))
    stage_since = serializers.DateField(label=_("进入本阶段"))
    opened_on = serializers.DateField(label=_("开案日期"))
    closed_on = serializers.DateField(label=_("结案日期"), allow_null=True)
    filed_on = serializers.DateField(label=_("归档日期"), allow_null=True)
    risk_level = serializers.CharField(label=_("风险等级"), allow_null=True)
    crisis = serializers.BooleanField(label=_("危机"), allow_null=True)
    suspended = Suspension(label=_("中止"), allow_null=True)
    overdue = serializers.BooleanField(label=_("逾期"), allow_null=True)
    updated_at = serializers.DateTimeField(label=_("更新于"))


CASE_COLUMNS = (
    "seen_as", "number", "episode", "station__code", "station__name", "worker_id", "worker__name", "stage", "stage_since", "opened_on",
    "closed_on", "filed_on", "risk_level", "crisis", "suspended_on", "suspended_reason", "suspended_review_on", "is_overdue", "updated_at",
)  # fmt: skip


def with_overdue(cases):
    """Adds `is_overdue`: something open in the case is past. Asked of the rows shown alone, where EXISTS may read the whole table."""
    return cases.annotate(is_overdue=Coalesce(Subquery(late_items().values(is_late=Value(True))[:1]), False))


def late_items():
    """What is past in a case (OuterRef)."""
    past = Q(due_on__lt=today()) | Q(due_at__lt=timezone.now())
    return DueItem.objects.filter(past, case=OuterRef("pk"), done_on=None)


def case_row(values):
    """A row from the values of CASE_COLUMNS."""
    v = dict(zip(CASE_COLUMNS, values, strict=True))
    row = {
        "number": v["number"], "episode": v["episode"], "station": {"code": v["station__code"], "name": v["station__name"]},
        "worker": {"id": f"w{v['worker_id']}", "name": v["worker__name"]}, "stage": v["stage"],
        "stage_since": v["stage_since"].isoformat(), "opened_on": v["opened_on"].isoformat(),
        "closed_on": v["closed_on"] and v["closed_on"].isoformat(), "filed_on": v["filed_on"] and v["filed_on"].isoformat(),
        "risk_level": v["risk_level"] or None, "crisis": v["crisis"],
        "suspended": suspension(v["suspended_on"], v["suspended_reason"], v["suspended_review_on"]),
        "overdue": v["is_overdue"], "updated_at": moment(v["updated_at"]),
    }  # fmt: skip
    return {n: None if n in HIDDEN else x for n, x in row.items()} if v["seen_as"] == NARROW else row


class ClientRow(serializers.Serializer):
    id = serializers.CharField(label=_("编号"))
    station = StationRef(label=_("建档站点"))
    sex = serializers.CharField(label=_("性别"))
    categories = serializers.ListField(child=serializers.CharField(), label=_("身份类别"))
    open_cases = serializers.IntegerField(label=_("在办个案"))
    filed_on = serializers.DateField(label=_("建档日期"))
    updated_at = serializers.DateTimeField(label=_("更新于"))


CLIENT_COLUMNS = (
    "public_id",
    "station__code",
    "station__name",
    "sex",
    "groups",
    "open_cases",
    "filed_on",
    "updated_at",
    "seen_as",
)


def with_groups(clients):
    """Adds `groups` (today's categories) and `open_cases`."""
    rows = ClientCategory.objects.filter(client=OuterRef("pk"), span__contains=today()).order_by("category")
    return clients.annotate(
        groups=ArraySubquery(rows.values("category")), open_cases=Count("cases", filter=Q(cases__closed_on=None))
    )


def client_row(values):
    """One client in a list as the API shows it: nothing that names a person; categories only at full depth."""
    v = dict(zip(CLIENT_COLUMNS, values, strict=True))
    full = v["seen_as"] == "full"
    return {
        "id": v["public_id"], "station": {"code": v["station__code"], "name": v["station__name"]}, "sex": v["sex"],
        "categories": v["groups"] if full else [], "open_cases": v["open_cases"], "filed_on": v["filed_on"].isoformat(),
        "updated_at": moment(v["updated_at"]),
    }  # fmt: skip


class RecordRow(serializers.Serializer):
    """What every paper has; its own fields stand beside (see the request's schema of each kind)."""

    id = serializers.CharField(label=_("编号"))
    record = serializers.CharField(label=_("名称"))
    version = serializers.IntegerField(label=_("第几版"))
    draft = serializers.BooleanField(label=_("草稿"))
    signed_by = WorkerRef(label=_("签名人"), allow_null=True)
    signed_at = serializers.DateTimeField(label=_("签于"), allow_null=True)


class TimelineRow(serializers.Serializer):
    at = serializers.DateTimeField()
    on = serializers.DateField(allow_null=True)
    kind = serializers.CharField()
    record = serializers.CharField(allow_null=True)
    by = WorkerRef(allow_null=True)
    title = serializers.CharField()
    draft = serializers.BooleanField()
