"""What the API of imports takes and lists."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from exchange.models import Import


class ImportInput(serializers.Serializer):
    """A workbook to import."""

    kind = serializers.CharField(max_length=20)
    file = serializers.FileField(allow_empty_file=True)
    mode = serializers.ChoiceField(choices=Import.MODES, default=Import.PREVIEW)
    within = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    sheet = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class Fault(serializers.Serializer):
    """What is wrong with one cell; sheet, row and column are null where it concerns the file."""

    sheet = serializers.CharField(allow_null=True)
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    value = serializers.CharField(allow_null=True)


class ImportResult(serializers.Serializer):
    """One import with its counts and faults."""

    id = serializers.CharField()
    kind = serializers.CharField()
    mode = serializers.CharField()
    within = serializers.CharField(allow_null=True)
    file = serializers.CharField()
    state = serializers.ChoiceField(choices=Import.STATES)
    progress = serializers.FloatField()
    message = serializers.CharField()
    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    error_count = serializers.IntegerField()
    errors = Fault(many=True)
    warnings = Fault(many=True)
    earlier = serializers.CharField(allow_null=True)
    changes_url = serializers.CharField()
    created_at = serializers.DateTimeField()


class ImportListRow(serializers.Serializer):
    """One import among others."""

    id = serializers.CharField(source="pk", label=_("编号"))
    kind = serializers.CharField(label=_("种类"))
    file = serializers.CharField(source="file.name", label=_("文件"))
    within = serializers.CharField(label=_("范围"))
    mode = serializers.CharField(label=_("方式"))
    state = serializers.CharField(label=_("状态"))
    rows = serializers.IntegerField(label=_("行数"))
    created = serializers.IntegerField(label=_("新增"))
    updated = serializers.IntegerField(label=_("修改"))
    unchanged = serializers.IntegerField(label=_("没变"))
    error_count = serializers.IntegerField(label=_("要改"))
    created_at = serializers.DateTimeField(label=_("时间"))
    updated_at = serializers.DateTimeField(label=_("更新于"))
