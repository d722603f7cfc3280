"""The JSON of this room: shapes that lists are read by, and bodies that are checked."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stations.models.divisions import LEVELS
from stations.models.stations import OPERATION_MODES, TIERS


class Word(serializers.ChoiceField):
    """A number in the database, a word outside."""

    def __init__(self, pairs, **more):
        self.words, self.numbers = dict(pairs), {word: number for number, word in pairs}
        super().__init__(choices=list(self.numbers), **more)

    def convert(self, value):
        return self.words.get(value)

    def to_internal_value(self, data):
        return self.numbers[super().to_internal_value(data)]

    def to_representation(self, value):
        return self.words.get(value)


class DivisionRef(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class DivisionRow(serializers.Serializer):
    code = serializers.CharField(label=_("区划代码"))
    name = serializers.CharField(label=_("名称"))
    level = Word(LEVELS, label=_("级别"))
    parent = serializers.CharField(source="parent.code", label=_("上级代码"), allow_null=True)  # type: ignore[assignment]
    valid_from = serializers.DateField(label=_("自"))
    valid_until = serializers.DateField(label=_("至（不含）"), allow_null=True)


class StationRow(serializers.Serializer):
    """A station as the contract lists it; `status`, `parent`, `operating_since` are those of `as_of` where one is asked for."""

    code = serializers.CharField(label=_("站点编号"))
    name = serializers.CharField(label=_("站点名称"))
    tier = Word(TIERS, label=_("层级"))
    status = serializers.CharField(source="status_then", label=_("状态"))
    division = DivisionRef(label=_("区划"))
    parent = serializers.CharField(source="parent_then", label=_("上级站点"), allow_null=True)  # type: ignore[assignment]
    established_on = serializers.DateField(label=_("成立日期"), allow_null=True)
    operating_since = serializers.DateField(source="since_then", label=_("运营自"), allow_null=True)
    operation_mode = serializers.CharField(label=_("运营方式"))
    operator = serializers.CharField(source="operator.name", label=_("承接机构"), allow_null=True)
    address = serializers.CharField(label=_("地址"))
    longitude = serializers.FloatField(label=_("经度"), allow_null=True)
    latitude = serializers.FloatField(label=_("纬度"), allow_null=True)
    manager_name = serializers.CharField(label=_("负责人"))
    phone = serializers.CharField(label=_("联系电话"))
    floor_area = serializers.FloatField(label=_("场地面积（㎡）"), allow_null=True)
    reported_full_time = serializers.IntegerField(label=_("专职社工数"), allow_null=True)
    reported_certified = serializers.IntegerField(label=_("持证社工数"), allow_null=True)
    updated_at = serializers.DateTimeField(label=_("更新于"))


class StationFields(serializers.Serializer):
    """What a person may write of a station."""

    established_on = serializers.DateField(required=False, allow_null=True)
    operation_mode = serializers.ChoiceField([m for m, _label in OPERATION_MODES], required=False, allow_blank=True)
    operator = serializers.CharField(max_length=120, required=False, allow_null=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    longitude = serializers.DecimalField(9, 6, required=False, allow_null=True, min_value=-180, max_value=180)
    latitude = serializers.DecimalField(8, 6, required=False, allow_null=True, min_value=-90, max_value=90)
    manager_name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    phone = serializers.RegexField(
        r"^(\+?[\d\- ]{5,20}([转、/]\d{1,12})*)?$", max_length=40, required=False, allow_blank=True,
        error_messages={"invalid": _("电话应是 11 位手机号或带区号的座机")},
    )  # fmt: skip
    floor_area = serializers.DecimalField(9, 2, required=False, allow_null=True, min_value=0)
    reported_full_time = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=100000)
    reported_certified = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=100000)


class StationPatch(StationFields):
    name = serializers.CharField(max_length=120, required=False)


class StationInput(StationFields):
    name = serializers.CharField(max_length=120)
    tier = Word(TIERS)
    division = serializers.RegexField(r"^\d{12}$", error_messages={"invalid": _("区划代码应是 12 位数字")})
    parent = serializers.CharField(max_length=24, required=False, allow_null=True)  # type: ignore[assignment]


class Dated(serializers.Serializer):
    """The body of a dated action."""

    on = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class MoveInput(Dated):
    parent = serializers.CharField(max_length=24)  # type: ignore[assignment]


class MergeInput(Dated):
    into = serializers.CharField(max_length=24)


class PlaceRef(serializers.Serializer):
    kind = serializers.ChoiceField(["division", "station", "agency"])
    code = serializers.CharField()
    name = serializers.CharField()


class PostRow(serializers.Serializer):
    role = serializers.CharField()
    place = PlaceRef()


class Me(serializers.Serializer):
    username = serializers.CharField()
    display_name = serializers.CharField()
    posts = PostRow(many=True)
    worker = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())


class CoverageAnswer(serializers.Serializer):
    within = serializers.CharField()
    level = serializers.CharField()
    as_of = serializers.DateField()
    eligible = serializers.IntegerField()
    covered = serializers.IntegerField()
    rate = serializers.CharField(allow_null=True)
    percent = serializers.FloatField(allow_null=True)
    uncovered = DivisionRef(many=True)
    reason = serializers.CharField(required=False)
