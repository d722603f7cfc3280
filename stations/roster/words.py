"""The words of a station roster: its columns with their aliases, and what the words for tier, status and mode mean."""

from django.utils.translation import gettext_lazy as _

from exchange.kinds import Column
from exchange.normalising import (
    area,
    choice,
    integer,
    limited,
    read_credit_code,
    read_date,
    read_division_code,
    read_name,
    read_phone,
    read_text,
    yes_or_no,
)
from stations.models.stations import BUILDING, CLOSED, OPERATING, PLANNED, SUSPENDED

NOT_BUILT = "not_built"  # the office says that there is no station: the unit stays uncovered

TIER_WORDS = {
    1: ("市级指导中心", "市中心", "中心", "市级", "指导中心", "市社会工作服务指导中心"),
    2: ("区（县）总站", "总站", "区县总站", "区级", "县级", "区总站", "县总站", "区（县）级"),
    3: ("乡镇（街道）站", "站", "乡镇站", "街道站", "镇街站", "乡镇（街道）级", "社工站", "乡镇级"),
    4: ("村（社区）室", "室", "村室", "社区室", "村居室", "村（社区）级", "社工室"),
}
STATUS_WORDS = {
    PLANNED: ("筹建", "拟建", "筹备", "筹建中", "待建"),
    BUILDING: ("在建", "挂牌", "在建中", "已挂牌", "建设中"),
    OPERATING: ("运营", "建成", "已建", "正常", "已建成", "运营中", "正常运营", "运行", "正常运行", "是"),
    SUSPENDED: ("暂停", "暂停运营", "停运"),
    CLOSED: ("撤销", "撤并", "已撤销", "已撤并"),
    NOT_BUILT: ("未建", "未建站", "没建", "否"),
}
MODE_WORDS = {
    "purchased": ("政府购买服务", "购买服务", "政府购买", "购买"),
    "direct": ("直接运营", "自营", "直营", "直聘", "直聘自营", "自办"),
    "joint": ("联合运营", "联合", "共建"),
    "other": ("其他", "其它"),
}


def _spelled(words):
    return {spelling: value for value, spellings in words.items() for spelling in spellings}


def _first(words, skip=()):
    return tuple(spellings[0] for value, spellings in words.items() if value not in skip)


TIERS, MODES = _first(TIER_WORDS), _first(MODE_WORDS)
STATUSES = (*_first(STATUS_WORDS, skip=(NOT_BUILT,)), "未建")

COLUMNS = (
    Column("division_code", "区划代码", read_division_code, ("行政区划代码", "统计区划代码", "站点区划代码", "单位代码"),
           width=16, example="420702100000", hint=_("6、9 或 12 位；没有就填县和乡镇的名称")),
    Column("name", "站点名称", limited(read_name, 120), ("社工站名称", "名称", "单位名称", "站名", "社工站", "社会工作服务站名称"),
           width=30, example="太和镇社会工作服务站"),
    Column("tier", "层级", choice(_spelled(TIER_WORDS), TIERS), ("类别", "级别", "站点层级"), options=TIERS, width=16,
           example="乡镇（街道）站"),
    Column("parent", "上级站点", read_name, ("上级站", "所属总站", "上级站点名称", "隶属站点", "上级"), width=26,
           hint=_("留空就按区划归属")),
    Column("status", "状态", choice(_spelled(STATUS_WORDS), STATUSES),
           ("建设情况", "是否建成", "运行情况", "建设状态", "运营状态", "站点状态"), options=STATUSES, example="运营"),
    Column("operation_mode", "运营方式", choice(_spelled(MODE_WORDS), MODES), ("运营模式", "建设模式"), options=MODES, width=16,
           example="政府购买服务"),
    Column("operator", "承接机构", limited(read_name, 120), ("运营机构", "承接主体", "承接单位", "运营单位"), width=26),
    Column("established_on", "成立日期", read_date, ("成立时间", "建成时间", "挂牌时间", "建站时间", "建成日期"), dated=True,
           example="2022-02-12", hint=_("年月日，例如 2022-02-12")),
    Column("address", "地址", limited(read_text, 200), ("详细地址", "站址", "站点地址"), width=30),
    Column("manager_name", "负责人", limited(read_name, 40), ("站长", "联系人", "站点负责人", "负责人姓名", "负责人/姓名", "站长/姓名")),
    Column("phone", "联系电话", limited(read_phone, 40),
           ("电话", "手机", "手机号", "联系方式", "负责人电话", "负责人/联系方式", "负责人/联系电话", "负责人/电话"), width=16,
           hint=_("手机 11 位，或带区号的座机")),
    Column("floor_area", "场地面积（㎡）", area, ("场地面积", "面积", "使用面积", "建筑面积(平方米)"), adds_up=True),
    Column("reported_full_time", "专职社工数", integer,
           ("驻站社工数", "社工人数", "人员总数", "专职社工", "专职人数", "驻站社工/专职", "驻站社工数/专职", "人员情况/总数", "人员情况/专职"),
           adds_up=True),
    Column("reported_certified", "持证社工数", integer,
           ("其中持证", "持证人数", "持证社工", "驻站社工/持证", "驻站社工数/其中持证", "人员情况/持证", "人员情况/其中持证"),
           adds_up=True),
    Column("note", "备注", limited(read_text, 500), ("说明",), width=24),
    Column("station_code", "站点编号", read_division_code, ("站点编码", "站点代码", "社工站编号"), listed=False),
    Column("county", "县（市、区）", read_name, ("区县", "所属区", "县区", "县市区", "区（县）", "所属区县", "所在区县"), listed=False),
    Column("township", "乡镇（街道）", read_name, ("镇街", "所在乡镇", "街道(乡镇)", "乡镇街道", "乡镇", "街道", "乡（镇、街道）"), listed=False),
    Column("village", "村（社区）", read_name, ("村居", "所在村（社区）", "社区（村）", "村社区"), listed=False),
    Column("credit_code", "统一社会信用代码", read_credit_code, ("信用代码", "登记证号", "机构信用代码"), listed=False),
    Column("site_ready", "场所到位", yes_or_no, ("场所是否到位", "到位情况/场所"), listed=False),
    Column("staff_ready", "人员到位", yes_or_no, ("人员是否到位", "到位情况/人员"), listed=False),
    Column("funds_ready", "资金到位", yes_or_no, ("资金是否到位", "到位情况/资金"), listed=False),
)  # fmt: skip
IDENTIFYING = (("division_code",), ("station_code",), ("township",), ("county", "name"), ("name", "tier"))
AT = {column.field: position for position, column in enumerate(COLUMNS)}
