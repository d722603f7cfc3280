"""The words of the two workbooks: their columns with aliases, and what the words for duty, grade, mode and presence mean (dossier §6.2)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.masking import mask_id, mask_phone
from exchange.kinds import Column, Row
from exchange.normalising import (
    choice,
    decimal,
    integer,
    limited,
    read_date,
    read_division_code,
    read_id_number,
    read_name,
    read_phone,
    read_text,
    yes_or_no,
)
from workforce.models.certificates import ASSISTANT, NONE, SENIOR, SOCIAL_WORKER
from workforce.models.trainings import MODES
from workforce.models.workers import DUTIES, SEXES

SEX_WORDS = {"female": ("女",), "male": ("男",), "unknown": ("未说明", "不详")}
GRADE_WORDS = {
    NONE: ("没有", "未持证", "否", "无证", "未取得"),
    ASSISTANT: ("助理社会工作师", "初级", "助社", "初级社工师", "社会工作者初级", "助理社工师"),
    SOCIAL_WORKER: ("社会工作师", "中级", "中社", "中级社工师", "社工师", "社会工作者中级"),
    SENIOR: ("高级社会工作师", "高级", "高社", "高级社工师"),
}
DUTY_WORDS = {
    "manager": ("站长", "负责人", "主任", "副站长"), "social_worker": ("社工", "社会工作者", "专职社工", "驻站社工", "一线社工"),
    "supervisor": ("督导", "督导员"), "clerical": ("行政", "内勤", "文员", "财务", "行政人员"),
}  # fmt: skip
TIME_WORDS = {True: ("专职", "全职", "专", "是", "√", "1"), False: ("兼职", "兼", "否", "×", "0")}
MODE_WORDS = {
    "onsite": ("线下", "现场", "面授", "集中"), "online": ("线上", "网络", "直播", "远程"), "mixed": ("线上线下", "线上+线下", "混合"),
}  # fmt: skip
CAME_WORDS = {
    True: ("到", "已到", "到课", "出勤", "签到", "已签到", "是", "√", "✓", "1", "全勤", "合格"),
    False: ("未到", "缺勤", "缺席", "请假", "旷课", "否", "×", "0"),
}


def _reader(words):
    """A reader of one of these words."""
    spelled = {spelling: value for value, spellings in words.items() for spelling in spellings}
    return choice(spelled, tuple(spellings[0] for spellings in words.values()))


ID_HINT: Any = _("18 位，这一列设为文本")
_hours = decimal(2, 10_000)

STAFF = (
    Column("name", "姓名", limited(read_name, 40), ("人员姓名", "社工姓名", "姓 名"), example="李敏"),
    Column("sex", "性别", _reader(SEX_WORDS), options=("女", "男"), width=8, example="女"),
    Column("id_number", "身份证号", read_id_number, ("身份证号码", "证件号", "证件号码", "居民身份证号"), width=22,
           hint=ID_HINT),
    Column("phone", "联系电话", limited(read_phone, 20), ("电话", "手机号", "手机", "手机号码", "联系方式"), width=16),
    Column("education", "学历", limited(read_text, 20), ("文化程度",), width=10, example="本科"),
    Column("qualification", "职业资格", _reader(GRADE_WORDS), ("资格证书", "持证情况", "职业水平等级", "证书等级", "社工证"),
           options=("没有", "助理社会工作师", "社会工作师", "高级社会工作师"), width=18, example="助理社会工作师"),
    Column("certificate_no", "证书管理号", limited(read_text, 40), ("证书编号", "证书号"), width=20),
    Column("certified_on", "取证时间", read_date, ("取证日期", "批准日期", "发证日期"), dated=True, width=12),
    Column("registered_until", "登记有效期至", read_date, ("登记有效期", "有效期至"), dated=True, width=14),
    Column("station", "所属社工站", limited(read_name, 120), ("工作单位", "站点", "站点名称", "社工站", "所在站点", "社工站名称"), width=28,
           example="太和镇社会工作服务站"),
    Column("duty", "岗位", _reader(DUTY_WORDS), ("职务", "岗位名称"), options=("站长", "社工", "督导", "行政"), width=10, example="社工"),
    Column("full_time", "是否专职", _reader(TIME_WORDS), ("专/兼职", "专兼职", "专职/兼职"), options=("专职", "兼职"), width=10, example="专职"),
    Column("starts_on", "入职时间", read_date, ("入职日期", "到岗时间", "到岗日期", "参加工作时间"), dated=True, width=12),
    Column("ends_on", "离职时间", read_date, ("离职日期", "离岗时间", "离岗日期"), dated=True, width=12),
    Column("note", "备注", limited(read_text, 200), ("说明",), width=20),
    Column("station_code", "站点编号", read_division_code, ("站点编码", "站点代码"), listed=False),
)  # fmt: skip
STAFF_IDENTIFYING = (
    ("name", "station"),
    ("name", "station_code"),
    ("name", "qualification"),
    ("name", "id_number"),
    ("name", "duty"),
)

TRAINING = (
    Column("title", "培训名称", limited(read_text, 120), ("班次", "课程", "主题", "培训主题", "培训班名称", "课程名称", "培训内容"), width=30,
           example="老年人照护需求评估"),
    Column("category", "培训类别", limited(read_text, 40), ("类别", "培训类型"), width=12, example="专题培训"),
    Column("station", "举办站点", limited(read_name, 120), ("社工站", "站点名称", "承办站点", "培训站点"), width=28),
    Column("organiser", "主办单位", limited(read_name, 120), ("组织单位", "主办"), width=24),
    Column("starts_on", "开始日期", read_date, ("培训时间", "开始时间", "培训日期", "日期"), dated=True, width=12, example="2022-08-09"),
    Column("ends_on", "结束日期", read_date, ("结束时间",), dated=True, width=12),
    Column("days", "培训天数", decimal(1, 400), ("天数",), width=10),
    Column("hours", "学时", _hours, ("课时", "总学时", "培训学时", "时长（小时）"), width=10, example="6"),
    Column("minutes", "时长（分钟）", integer, ("分钟", "时长"), width=12, listed=False),
    Column("mode", "方式", _reader(MODE_WORDS), ("培训方式", "培训形式", "线上线下"), options=("线下", "线上", "线上线下"), width=10),
    Column("place", "地点", limited(read_text, 120), ("培训地点",), width=18),
    Column("lecturer", "讲师", limited(read_name, 80), ("授课人", "授课老师", "主讲人", "师资"), width=12),
    Column("ce_eligible", "是否继续教育", yes_or_no, ("继续教育", "计入继续教育"), width=12),
    Column("declared_head_count", "参训人数", integer, ("人数", "参加人数", "培训人数"), width=10),
    Column("person_times", "人次", integer, ("参训人次", "培训人次"), width=10),
    Column("name", "姓名", limited(read_name, 40), ("参训人员", "学员姓名", "学员"), width=12, example="李敏"),
    Column("id_number", "身份证号", read_id_number, ("身份证号码", "证件号", "证件号码"), width=22, hint=ID_HINT),
    Column("unit", "单位", limited(read_name, 80), ("工作单位", "所在单位", "所属单位", "所属社工站"), width=26),
    Column("attended", "到课情况", _reader(CAME_WORDS), ("签到", "到课", "出勤情况", "是否到课"), width=10, example="到"),
    Column("credited", "获得学时", _hours, ("实得学时", "个人学时", "所获学时"), width=10),
    Column("certificate_no", "证书编号", limited(read_text, 40), ("学时证明编号", "证书号"), width=18),
    Column("station_code", "站点编号", read_division_code, ("站点编码", "站点代码", "举办站点编号"), listed=False),
)  # fmt: skip
TRAINING_IDENTIFYING = (("title", "starts_on"), ("title", "name"), ("title", "hours"), ("title", "minutes"))

AT = {column.field: position for position, column in enumerate(STAFF)}
OF = {column.field: position for position, column in enumerate(TRAINING)}
NUMBERS = {"id_number": mask_id, "phone": mask_phone}
_LABELS: dict[str, dict] = {
    "sex": dict(SEXES), "duty": dict(DUTIES), "mode": dict(MODES),
    "qualification": {grade: spellings[0] for grade, spellings in GRADE_WORDS.items()},
    "full_time": {True: _("专职"), False: _("兼职")}, "attended": {True: _("到"), False: _("未到")},
}  # fmt: skip


def shown(field, value):
    """A value as people read it in a difference; numbers of persons masked, since differences are kept."""
    if value is None or value == "":
        return ""
    if field in NUMBERS:
        return hidden(field, value)
    if field in _LABELS:
        return str(_LABELS[field].get(value, value))
    if value is True or value is False:
        return str(_("是")) if value else str(_("否"))
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def hidden(field, value):
    """A person's number as differences keep it; other values as they are. What is masked already stays."""
    mask = NUMBERS.get(field)
    return value if mask is None or value is None or "*" in str(getattr(value, "clear", value)) else mask(value)


def kept(row, columns):
    """`row` as an import keeps it: the numbers of persons masked, the rest as it was read."""
    values = tuple(hidden(column.field, value) for column, value in zip(columns, row.values, strict=True))
    return Row(row.sheet, row.number, values, row.bad)
