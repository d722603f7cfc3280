"""The JSON of this room: shapes that lists are read by, and bodies that are checked (contract §3)."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from partnerships.codes import COMPARATORS, FIELDS, GROUPS, KINDS, METRICS, OUTCOMES, SIDES, STATES, WAYS
from partnerships.models.sessions import MOST_MINUTES
from stations.api.serializers import DivisionRef
from workforce.api.fields import Day, PublicId, Strict

MANY = 100_000
CODE = serializers.RegexField


class Nested(serializers.ListField):
    """A list inside a row: one column, already in its shape."""

    child = serializers.DictField()

    def convert(self, value):
        return value


def _words(pairs):
    return [word for word, _label in pairs]


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────
class ProgrammeRow(serializers.Serializer):
    slug = serializers.CharField(label=_("网址里的名字"))
    name = serializers.CharField(label=_("名称"))
    round = serializers.IntegerField(label=_("轮次"))
    sending = DivisionRef(label=_("援派省"))
    receiving = DivisionRef(label=_("受援省区"))
    starts_on = serializers.DateField(label=_("开始"))
    ends_on = serializers.DateField(label=_("结束"))
    funder = serializers.CharField(label=_("资助方"))
    rows_kept = serializers.BooleanField(label=_("逐批记录"))
    documents = Nested(source="papers", label=_("文件"))
    agencies = Nested(source="sent", label=_("援派机构"))
    counties = Nested(source="helped", label=_("县（区）"))
    targets = Nested(source="aims", label=_("目标"))
    declared = Nested(source="published", label=_("公布的数"))
    updated_at = serializers.DateTimeField(label=_("更新于"))


class AgencyRow(serializers.Serializer):
    id = PublicId("", source="pk", label=_("编号"))
    name = serializers.CharField(label=_("名称"))
    credit_code = serializers.CharField(label=_("统一社会信用代码"), allow_null=True)
    division = DivisionRef(label=_("登记地"), allow_null=True)


class AgencyRef(serializers.Serializer):
    id = PublicId("", source="pk")
    name = serializers.CharField()
    credit_code = serializers.CharField(allow_null=True)


class EntryRow(serializers.Serializer):
    """What every entry tells of its confirmation."""

    state = serializers.ChoiceField(_words(STATES), label=_("状态"))
    side = serializers.ChoiceField(_words(SIDES), label=_("录入方"))
    decided_at = serializers.DateTimeField(label=_("确认时间"), allow_null=True)
    returned_reason = serializers.CharField(label=_("退回原因"))
    updated_at = serializers.DateTimeField(label=_("更新于"))


class PairingRow(EntryRow):
    id = PublicId("p", source="pk", label=_("编号"))
    programme = serializers.CharField(source="programme.slug", label=_("计划"))
    sender = AgencyRef(label=_("援派机构"))
    county = DivisionRef(label=_("受援县（区）"))
    key_county = serializers.BooleanField(label=_("国家乡村振兴重点帮扶县"))
    receiver = AgencyRef(label=_("受援机构"), allow_null=True)
    starts_on = serializers.DateField(source="span__startswith", label=_("开始"))
    ends_on = serializers.DateField(source="last", label=_("结束"))
    agreement_no = serializers.CharField(label=_("协议编号"))
    signed_on = serializers.DateField(label=_("协议签订日期"), allow_null=True)
    batches = serializers.IntegerField(source="sent_batches", label=_("已确认批次"), read_only=True)
    declared = Nested(source="reported", label=_("上报的数"))
    note = serializers.CharField(label=_("备注"))


class OfPairing(EntryRow):
    pairing = PublicId("p", source="pairing_id", label=_("结对"))
    programme = serializers.CharField(source="pairing.programme.slug", label=_("计划"))


class BatchRow(OfPairing):
    id = PublicId("b", source="pk", label=_("编号"))
    number = serializers.IntegerField(label=_("第几批"))
    departs_on = serializers.DateField(label=_("出发"))
    returns_on = serializers.DateField(label=_("返回"))
    place = serializers.CharField(label=_("服务地点"))
    task = serializers.CharField(label=_("任务"))
    members = Nested(source="team", label=_("成员"))
    person_trips = serializers.IntegerField(source="trips", label=_("人次"), read_only=True)
    workdays = serializers.IntegerField(source="team_days", label=_("工作日（按队）"), read_only=True)
    person_workdays = serializers.IntegerField(source="person_days", label=_("工作日（按人）"), read_only=True)


class SessionRow(OfPairing):
    id = PublicId("s", source="pk", label=_("编号"))
    batch = PublicId("b", source="batch_id", label=_("批次"), allow_null=True)
    kind = serializers.ChoiceField(_words(KINDS), label=_("方式"))
    title = serializers.CharField(label=_("内容"))
    on = serializers.DateField(label=_("日期"))
    minutes = serializers.IntegerField(label=_("时长（分钟）"))
    way = serializers.ChoiceField(_words(WAYS), label=_("现场或线上"))
    place = serializers.CharField(label=_("地点"))
    person_times = serializers.IntegerField(label=_("参加人次"))
    tutors = Nested(source="given_by", label=_("授课督导人员"))
    groups = Nested(source="for_groups", label=_("受益群体"))


class ActivityRow(EntryRow):
    id = PublicId("k", source="pk", label=_("编号"))
    programme = serializers.CharField(source="programme.slug", label=_("计划"))
    pairing = PublicId("p", source="pairing_id", label=_("结对"), allow_null=True)
    field = serializers.ChoiceField(_words(FIELDS), label=_("合作方面"))
    title = serializers.CharField(label=_("内容"))
    on = serializers.DateField(label=_("日期"))
    way = serializers.ChoiceField(_words(WAYS), label=_("现场或线上"))
    place = serializers.CharField(label=_("地点"))
    person_times = serializers.IntegerField(label=_("参加人次"))
    result = serializers.CharField(label=_("成果"))


class OutcomeRow(OfPairing):
    id = PublicId("o", source="pk", label=_("编号"))
    kind = serializers.ChoiceField(_words(OUTCOMES), label=_("成果"))
    on = serializers.DateField(label=_("日期"))
    station = serializers.CharField(source="station.code", label=_("站点编号"), allow_null=True)
    agency = AgencyRef(label=_("机构"), allow_null=True)
    name = serializers.CharField(source="trainee.name", label=_("姓名"), allow_null=True)
    unit = serializers.CharField(source="trainee.unit", label=_("单位"), allow_null=True)
    evidence = serializers.CharField(label=_("凭据"))


class ProgressLine(serializers.Serializer):
    """One target: `actual` is null where nothing is known, `ratio` the true one."""

    metric = serializers.ChoiceField(list(METRICS))
    name = serializers.CharField()
    unit = serializers.CharField()
    op = serializers.ChoiceField(_words(COMPARATORS), allow_null=True)
    target = serializers.IntegerField(allow_null=True)
    actual = serializers.FloatField(allow_null=True)
    met = serializers.BooleanField(allow_null=True)
    ratio = serializers.CharField(allow_null=True)
    missing = serializers.FloatField(allow_null=True)
    declared = serializers.DictField(allow_null=True)


# ── Bodies ───────────────────────────────────────────────────────────────────────────────────────
def _text(most, **more):
    return serializers.CharField(max_length=most, required=False, allow_blank=True, **more)


def _number(most=MANY, **more):
    return serializers.IntegerField(min_value=0, max_value=most, **more)


def _division(**more):
    return CODE(r"^\d{12}$", error_messages={"invalid": _("区划代码应是 12 位数字")}, **more)


class Nothing(Strict):
    """A body that says nothing more."""


class Reason(Strict):
    reason = serializers.CharField(max_length=200)


class DocumentInput(Strict):
    title = serializers.CharField(max_length=160)
    number = _text(60)
    issued_on = Day(required=False, allow_null=True)


class CountyInput(Strict):
    code = _division()
    key = serializers.BooleanField(required=False, default=False)


class TargetInput(Strict):
    metric = serializers.ChoiceField(list(METRICS))
    op = serializers.ChoiceField(_words(COMPARATORS))
    value = serializers.IntegerField(min_value=1, max_value=10**9)


class DeclaredInput(TargetInput):
    value = _number(10**9)
    source = serializers.CharField(max_length=200)


def _many(child, most=200):
    return serializers.ListField(child=child, required=False, max_length=most)


class ProgrammePatch(Strict):
    name = serializers.CharField(max_length=80, required=False)
    round = serializers.IntegerField(min_value=1, max_value=99, required=False)
    starts_on = Day(required=False)
    ends_on = Day(required=False)
    funder = _text(80)
    rows_kept = serializers.BooleanField(required=False)
    documents = _many(DocumentInput())
    agencies = _many(serializers.CharField(max_length=24))
    counties = _many(CountyInput())
    targets = _many(TargetInput())
    declared = _many(DeclaredInput())


class ProgrammeInput(ProgrammePatch):
    slug = CODE(r"^[a-z0-9][a-z0-9-]{0,39}$", error_messages={"invalid": _("只用小写字母、数字和连字符")})
    name = serializers.CharField(max_length=80)
    sending = _division()
    receiving = _division()
    starts_on = Day()
    ends_on = Day()


class AgencyInput(Strict):
    name = serializers.CharField(max_length=120)
    credit_code = serializers.CharField(max_length=24, required=False, allow_null=True, allow_blank=True)
    division = _division()


class PairingPatch(Strict):
    sender = serializers.CharField(max_length=24, required=False)
    county = _division(required=False)
    receiver = serializers.CharField(max_length=24, required=False, allow_null=True)
    starts_on = Day(required=False)
    ends_on = Day(required=False)
    agreement_no = _text(60)
    signed_on = Day(required=False, allow_null=True)
    note = _text(200)


class PairingInput(PairingPatch):
    programme = serializers.CharField(max_length=40)
    sender = serializers.CharField(max_length=24)
    county = _division()


class PersonInput(Strict):
    name = serializers.CharField(max_length=40)
    mark = _text(20)


class MemberInput(PersonInput):
    to = Day(required=False)
    days = serializers.ListField(child=Day(), required=False, max_length=366)

    def get_fields(self):
        return super().get_fields() | {"from": Day(required=False)}


class BatchPatch(Strict):
    departs_on = Day(required=False)
    returns_on = Day(required=False)
    place = _text(80)
    task = _text(200)
    members = serializers.ListField(child=MemberInput(), required=False, max_length=200)


class BatchInput(BatchPatch):
    pairing = serializers.CharField(max_length=24)
    number = serializers.IntegerField(min_value=1, max_value=9999, required=False)
    departs_on = Day()
    returns_on = Day()
    members = serializers.ListField(child=MemberInput(), max_length=200)


class GroupInput(Strict):
    group = serializers.ChoiceField(_words(GROUPS))
    person_times = _number()


class SessionPatch(Strict):
    batch = serializers.CharField(max_length=24, required=False, allow_null=True)
    kind = serializers.ChoiceField(_words(KINDS), required=False)
    title = serializers.CharField(max_length=120, required=False)
    on = Day(required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES, required=False)
    way = serializers.ChoiceField(_words(WAYS), required=False)
    place = _text(80)
    person_times = _number(required=False)
    tutors = serializers.ListField(child=PersonInput(), required=False, max_length=200)
    groups = serializers.ListField(child=GroupInput(), required=False, max_length=len(GROUPS))


class SessionInput(SessionPatch):
    pairing = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(_words(KINDS))
    title = serializers.CharField(max_length=120)
    on = Day()
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)
    way = serializers.ChoiceField(_words(WAYS))


class ActivityPatch(Strict):
    pairing = serializers.CharField(max_length=24, required=False, allow_null=True)
    title = serializers.CharField(max_length=120, required=False)
    on = Day(required=False)
    way = serializers.ChoiceField(_words(WAYS), required=False)
    place = _text(80)
    person_times = _number(required=False)
    result = _text(200)

    def get_fields(self):
        return super().get_fields() | {"field": serializers.ChoiceField(_words(FIELDS), required=False)}


class ActivityInput(ActivityPatch):
    programme = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=120)
    on = Day()
    way = serializers.ChoiceField(_words(WAYS))

    def get_fields(self):
        return super().get_fields() | {"field": serializers.ChoiceField(_words(FIELDS))}


class OutcomePatch(Strict):
    on = Day(required=False)
    evidence = serializers.CharField(max_length=200, required=False)


class OutcomeInput(Strict):
    pairing = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(_words(OUTCOMES))
    on = Day()
    evidence = serializers.CharField(max_length=200)
    station = serializers.CharField(max_length=24, required=False, allow_null=True)
    agency = serializers.CharField(max_length=24, required=False, allow_null=True)
    name = _text(40)
    unit = _text(80)
