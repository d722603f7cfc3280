"""The JSON of this room: shapes that lists are read by, and bodies that are checked (case-api §4)."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stations.api.serializers import Word
from workforce.api.fields import Day, Hours, MaskedId, MaskedPhone, PublicId, Strict
from workforce.models.certificates import GRADE_WORDS
from workforce.models.trainings import MODES, MOST_MINUTES, STATES
from workforce.models.workers import DUTIES, SEXES

_words = [word for word, _label in SEXES]


class AssignmentRow(serializers.Serializer):
    id = PublicId("j", source="pk", label=_("编号"))
    station = serializers.CharField(source="station.code", label=_("站点编号"))
    duty = serializers.ChoiceField([d for d, _label in DUTIES], label=_("岗位"))
    full_time = serializers.BooleanField(label=_("专职"))
    starts_on = serializers.DateField(source="span__startswith", label=_("到岗日期"))
    ends_on = serializers.DateField(source="last", label=_("末日"), allow_null=True)


class Job(serializers.Serializer):
    """An assignment inside a worker's row."""

    id = serializers.CharField()
    station = serializers.CharField()
    duty = serializers.ChoiceField([d for d, _label in DUTIES])
    full_time = serializers.BooleanField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class Jobs(serializers.ListField):
    """All jobs of a row: one column, already in their shape."""

    child = Job()

    def convert(self, value):
        return value


class WorkerRow(serializers.Serializer):
    id = PublicId("w", source="pk", label=_("编号"))
    name = serializers.CharField(label=_("姓名"))
    sex = serializers.ChoiceField(_words, label=_("性别"))
    id_number = MaskedId(label=_("身份证号"), allow_null=True)
    phone = MaskedPhone(label=_("手机"), allow_null=True)
    education = serializers.CharField(label=_("学历"))
    qualification = Word(GRADE_WORDS, source="grade_now", label=_("职业资格"))
    certificate_no = serializers.CharField(source="certificate_number", label=_("证书管理号"))
    certified_on = serializers.DateField(source="certificate_on", label=_("取证日期"), allow_null=True)
    registered_until = serializers.DateField(source="registered_last", label=_("登记有效期至"), allow_null=True)
    assignments = Jobs(source="jobs", label=_("岗位"))
    updated_at = serializers.DateTimeField(label=_("更新于"))


class TrainingRow(serializers.Serializer):
    id = PublicId("t", source="pk", label=_("编号"))
    station = serializers.CharField(source="station.code", label=_("站点编号"))
    title = serializers.CharField(label=_("培训名称"))
    mode = serializers.ChoiceField([m for m, _label in MODES], label=_("方式"))
    category = serializers.CharField(label=_("类别"))
    organiser = serializers.CharField(label=_("主办"))
    lecturer = serializers.CharField(label=_("讲师"))
    place = serializers.CharField(label=_("地点"))
    starts_on = serializers.DateField(label=_("开始"))
    ends_on = serializers.DateField(label=_("结束"))
    minutes = serializers.IntegerField(label=_("时长（分钟）"))
    credit_hours = Hours(source="minutes", label=_("学时"), read_only=True)
    ce_eligible = serializers.BooleanField(label=_("计入继续教育"))
    declared_head_count = serializers.IntegerField(label=_("申报人数"), allow_null=True)
    state = serializers.ChoiceField([s for s, _label in STATES], source="state_now", label=_("状态"))
    person_times = serializers.IntegerField(label=_("人次"), read_only=True)
    updated_at = serializers.DateTimeField(label=_("更新于"))


class AttendanceRow(serializers.Serializer):
    id = PublicId("a", source="pk", label=_("编号"))
    worker = PublicId("w", source="worker_id", label=_("人员"), allow_null=True)
    name = serializers.CharField(source="who", label=_("姓名"))
    unit = serializers.CharField(label=_("单位"))
    station = serializers.CharField(source="station.code", label=_("计入站点"))
    attended = serializers.BooleanField(label=_("到课"))
    minutes = serializers.IntegerField(label=_("分钟"))
    credit_hours = Hours(source="minutes", label=_("学时"), read_only=True)
    certificate_no = serializers.CharField(label=_("证书编号"))


def _text(most, **more):
    return serializers.CharField(max_length=most, required=False, allow_blank=True, **more)


def _code(**more):
    return serializers.CharField(max_length=24, **more)


class AssignmentPatch(Strict):
    duty = serializers.ChoiceField([d for d, _label in DUTIES], required=False)
    full_time = serializers.BooleanField(required=False)
    starts_on = Day(required=False)
    ends_on = Day(required=False, allow_null=True)


class AssignmentInput(AssignmentPatch):
    station = _code()


class WorkerPatch(Strict):
    name = serializers.CharField(max_length=40, required=False)
    sex = serializers.ChoiceField(_words, required=False)
    id_number = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)
    education = _text(20)
    qualification = Word(GRADE_WORDS, required=False)
    certificate_no = _text(40, allow_null=True)
    certified_on = Day(required=False, allow_null=True)
    registered_until = Day(required=False, allow_null=True)


class WorkerInput(WorkerPatch):
    name = serializers.CharField(max_length=40)
    assignments = serializers.ListField(child=AssignmentInput(), min_length=1, max_length=20)


class TrainingPatch(Strict):
    title = serializers.CharField(max_length=120, required=False)
    station = _code(required=False)
    mode = serializers.ChoiceField([m for m, _label in MODES], required=False)
    category = _text(40)
    organiser = _text(120)
    lecturer = _text(80)
    place = _text(120)
    starts_on = Day(required=False)
    ends_on = Day(required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES, required=False)
    ce_eligible = serializers.BooleanField(required=False)
    declared_head_count = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False, allow_null=True)
    state = serializers.ChoiceField([s for s, _label in STATES], required=False)


class TrainingInput(TrainingPatch):
    title = serializers.CharField(max_length=120)
    station = _code()
    starts_on = Day()
    ends_on = Day()
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)


class AttendancePatch(Strict):
    attended = serializers.BooleanField(required=False)
    minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES, required=False)
    certificate_no = _text(40)


class AttendanceInput(AttendancePatch):
    worker = serializers.CharField(max_length=24, required=False, allow_null=True)
    name = _text(40)
    unit = _text(80)
