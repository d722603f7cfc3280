"""The JSON of this room: what its lists look like, and the body of a roll-up."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stations.api.serializers import PlaceRef

STATES = ("draft", "submitted", "returned", "approved", "locked")


class Names(serializers.Serializer):
    zh = serializers.CharField()
    en = serializers.CharField()


class IndicatorRow(serializers.Serializer):
    code = serializers.CharField(label=_("编码"))
    name = serializers.CharField(label=_("名称"))
    names = Names(label=_("各语言名称"))
    unit = serializers.CharField(label=_("单位"))
    kind = serializers.ChoiceField(["additive", "semi-additive", "ratio", "distinct"], label=_("类别"))
    hangs_on = serializers.ChoiceField(["division", "station"], label=_("挂在"))
    numerator = serializers.CharField(label=_("分子"))
    denominator = serializers.CharField(label=_("分母"), allow_null=True)
    better = serializers.ChoiceField(["up", "down"], label=_("哪头好"))
    source = serializers.CharField(label=_("依据"))
    version = serializers.IntegerField(label=_("版本"))


class Target(serializers.Serializer):
    op = serializers.CharField()
    value = serializers.FloatField()


class CellRow(serializers.Serializer):
    """One cell: a place with everything below it."""

    indicator = serializers.CharField(label=_("指标"))
    version = serializers.IntegerField(label=_("版本"))
    place = PlaceRef(label=_("地方"))
    tier = serializers.CharField(label=_("层级"))
    period = serializers.CharField(label=_("期间"))
    numerator = serializers.FloatField(label=_("分子"))
    denominator = serializers.FloatField(label=_("分母"), allow_null=True)
    value = serializers.CharField(label=_("数值"), allow_null=True)
    target = Target(label=_("目标"), allow_null=True)
    status = serializers.ChoiceField(["met", "near", "missed"], label=_("达标"), allow_null=True)
    suppressed = serializers.BooleanField(label=_("不公开"))
    as_of = serializers.DateField(label=_("截至"))
    computed_at = serializers.DateTimeField(label=_("算于"))
    state = serializers.ChoiceField(STATES, label=_("状态"))


class ExplainRow(serializers.Serializer):
    """One row that a cell counts."""

    kind = serializers.CharField(label=_("类别"))
    id = serializers.CharField(label=_("编号"))
    on = serializers.DateField(label=_("日期"), allow_null=True)
    station = serializers.CharField(label=_("站点编号"), allow_null=True)
    label = serializers.CharField(label=_("名称"))
    amount = serializers.FloatField(label=_("数量"))


class RollupInput(serializers.Serializer):
    period = serializers.CharField(max_length=7)
    within = serializers.CharField(max_length=24, required=False)


class RollupAnswer(serializers.Serializer):
    id = serializers.CharField()
    period = serializers.CharField()
    state = serializers.ChoiceField(["queued", "running", "done", "failed"])
    progress = serializers.FloatField(allow_null=True)
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)
    changed = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
