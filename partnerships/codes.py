"""The words of the room: sides, states, kinds of support, groups, fields of cooperation, outcomes, what a programme is measured by."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SENDER, RECEIVER = "sender", "receiver"
SIDES = [(SENDER, _("援派方")), (RECEIVER, _("受援方"))]
OTHER = {SENDER: RECEIVER, RECEIVER: SENDER}

ENTERED, CONFIRMED, RETURNED = "entered", "confirmed", "returned"
STATES = [(ENTERED, _("待对方确认")), (CONFIRMED, _("已确认")), (RETURNED, _("已退回"))]

ONSITE, ONLINE = "onsite", "online"
WAYS = [(ONSITE, _("现场")), (ONLINE, _("线上"))]

SUPERVISION, TRAINING, TUTORING, TRACKING = "supervision", "training", "tutoring", "tracking"
KINDS = [
    (SUPERVISION, _("个别督导")), (TRAINING, _("集体培训")), (TUTORING, _("线上辅导")), (TRACKING, _("服务跟踪")),
]  # fmt: skip
GROUPS = [
    ("elders", _("老年人")), ("children", _("困境儿童和留守儿童")), ("women", _("妇女")), ("disabled", _("残疾人")),
    ("assisted", _("社会救助对象")),
]  # fmt: skip
FIELDS = [
    ("learning", _("互学互鉴")), ("policy", _("政策研究")), ("talent", _("人才共育")), ("teachers", _("师资交流")),
    ("practice", _("实践锻炼")), ("trust", _("行业互信")),
]  # fmt: skip

STATION, AGENCY, CERTIFICATE, APPRENTICESHIP = "station", "agency", "certificate", "apprenticeship"
OUTCOMES = [
    (STATION, _("建成社工站")), (AGENCY, _("培育社工机构")), (CERTIFICATE, _("取得职业资格证书")),
    (APPRENTICESHIP, _("督导培养并考核合格")),
]  # fmt: skip
OF_PERSONS = (CERTIFICATE, APPRENTICESHIP)

EQUAL, AT_LEAST, MORE_THAN = "=", ">=", ">"
COMPARATORS = [(EQUAL, "="), (AT_LEAST, "≥"), (MORE_THAN, ">")]
WHOLE_DAY = 480  # minutes of one workday (dossier §7.4: online work counts as its equivalent of a team's day)

SENDING_AGENCIES = "sending_agencies"
# code → name, unit. Units are never added to one another: persons, person-times, batches, workdays (dossier §0, trap 5).
METRICS = {
    SENDING_AGENCIES: (_("派出机构"), _("家")),
    "pairing_batches": (_("派驻批次"), pgettext_lazy("unit", "批次")),
    "pairing_person_trips": (_("派出人次"), _("人次")),
    "pairing_persons": (_("派出人数"), _("人")),
    "pairing_workdays": (_("服务工作日（按队）"), _("工作日")),
    "pairing_person_workdays": (_("服务工作日（按人）"), _("人·工作日")),
    "pairing_stations_built": (_("建成乡镇社工站"), _("个")),
    "pairing_agencies_cultivated": (_("培育社工机构"), _("家")),
    "pairing_professionals": (_("培养专业人才"), _("名")),
    "pairing_trained_person_times": (_("培训"), _("人次")),
}
METRIC_CHOICES = [(code, name) for code, (name, _unit) in METRICS.items()]


def met(op, target, actual):
    """Does `actual` reach a target? "=" names a number to be reached: more than it is no failure. None stays None."""
    if actual is None:
        return None
    return actual > target if op == MORE_THAN else actual >= target


def in_words(op, value, unit):
    """A number with its comparator as people say it: 不少于 30 名, 超过 1100 工作日, 5 个."""
    form = {AT_LEAST: _("不少于 %(value)s %(unit)s"), MORE_THAN: _("超过 %(value)s %(unit)s")}.get(
        op, _("%(value)s %(unit)s")
    )
    return form % {"value": value, "unit": unit}
