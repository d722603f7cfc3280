"""The code lists of the room (case-api §1, §2; dossier §1.3–1.6): word → what a person reads. Nothing is decided here."""

import secrets

from django.utils.translation import gettext_lazy as _

SEXES = {"male": _("男"), "female": _("女"), "unknown": _("未说明")}
ID_TYPES = {
    "resident_id": _("居民身份证"), "passport": _("护照"), "hk_macao": _("港澳居民来往内地通行证"), "taiwan": _("台湾居民来往大陆通行证"),
    "foreigner": _("外国人永久居留身份证"), "military": _("军官证"), "none": _("没有证件"),
}  # fmt: skip
SEPARATIONS = {0: _("户籍在，人在"), 1: _("户籍在，人不在"), 2: _("户籍不在，人在")}
DOMAINS = {
    "elder": _("老年人"), "child": _("儿童"), "disability": _("残疾人"), "family": _("家庭"), "youth": _("青少年"),
    "community": _("社区"), "other": _("其他"),
}  # fmt: skip
CATEGORIES = {
    "dibao": _("低保"), "dibao_marginal": _("低保边缘"), "tekun": _("特困"), "expenditure_poverty": _("支出型困难"),
    "child_in_difficulty": _("困境儿童"), "left_behind_child": _("农村留守儿童"), "orphan": _("孤儿"),
    "de_facto_unsupported": _("事实无人抚养儿童"), "left_behind_elder": _("留守老人"), "lone_elder": _("孤寡老人"),
    "living_alone": _("独居"), "empty_nest": _("空巢"), "disabled_elder": _("失能老人"),
    "severely_disabled_elder": _("重残老人"), "disabled": _("残疾人"), "severely_disabled": _("重度残疾人"),
    "left_behind_woman": _("农村留守妇女"), "single_mother": _("单身特困母亲"),
    "family_planning_special": _("计生特殊家庭"), "homeless": _("流浪乞讨"), "other": _("其他"),
}  # fmt: skip
CONFIDENTIALITY = {"audited": _("一般，每次查看留痕"), "restricted": _("从严，只限承办人、督导和站长")}
STAGES = {
    "intake": _("接案"), "assessment": _("预估"), "planning": _("计划"), "intervention": _("介入"), "evaluation": _("评估"),
    "closed": _("结案"),
}  # fmt: skip
INTAKE, ASSESSMENT, PLANNING, INTERVENTION, EVALUATION, CLOSED = STAGES
SOURCES = {
    "self_request": _("主动求助"), "referral": _("转介"), "outreach": _("外展发现"), "community_report": _("社区上报"),
    "system_alert": _("系统预警"),
}  # fmt: skip
WILLINGNESS = {"voluntary": _("自愿"), "involuntary": _("非自愿")}
RISKS = {
    "self_harm": _("自伤"), "harm_others": _("伤人"), "abuse": _("受虐待"), "wandering": _("走失"),
    "no_food_or_medicine": _("断粮断药"), "none": _("没有"),
}  # fmt: skip
DECISIONS = {"accept": _("接案"), "decline": _("不接"), "refer": _("转介")}
BASES = {"consent": _("同意"), "statutory_duty": _("法定职责"), "emergency": _("紧急保护")}
METHODS = {"signature": _("签字"), "fingerprint": _("指印"), "recording": _("录音")}
SIGNERS = {"self": _("本人"), "guardian": _("监护人")}
ASSESSED_BY = {"interview": _("面谈"), "home_visit": _("家访"), "institution": _("机构"), "scale": _("量表")}
RISK_LEVELS = {
    "red": _("红（一级）"), "orange": _("橙（二级）"), "yellow": _("黄（三级）"), "green": _("绿（四级）"), "blue": _("蓝（五级）"),
    "grey": _("灰（六级）"),
}  # fmt: skip
NEEDS = {
    "health": _("健康"), "mental": _("心理"), "economic": _("经济"), "family": _("家庭"), "social": _("社会交往"),
    "rights": _("权益"), "housing": _("居住"), "care": _("照料"), "other": _("其他"),
}  # fmt: skip
WAYS = {
    "face_to_face": _("面谈"), "home_visit": _("家访"), "phone": _("电话"), "online": _("线上"), "accompany": _("陪同"),
    "conference": _("联席会"),
}  # fmt: skip
REVIEWS = {"continue": _("照计划继续"), "revise": _("修订计划"), "close": _("准备结案")}
CLOSURES = {
    "00": _("不接案"), "01": _("目标达成"), "02": _("部分达成，能力已具备"), "03": _("服务对象要求终止"),
    "04": _("服务对象不配合或关系不适"), "05": _("转介完成"), "06": _("超出机构或社工能力"), "07": _("服务对象去世"),
    "08": _("迁出、入院或入住机构"), "09": _("失联"), "10": _("社工离任且无人接续"), "11": _("项目期满"),
    "12": _("错误建档或重复"), "99": _("其他"),
}  # fmt: skip
CLOSURE_ALONE = frozenset({"00", "03", "07", "09", "12"})  # ask neither scores nor satisfaction
NOT_ACCEPTED = frozenset({"00", "05"})  # how a case ends that was declined or referred at intake
DUPLICATE = "12"  # counts in no figure
VERDICTS = {"approve": _("批准"), "return": _("退回"), "note": _("批注")}
SUSPENSIONS = {"hospital": _("住院"), "lost_contact": _("失联"), "away": _("外出"), "other": _("其他")}
REPORTED_TO = {
    "supervisor": _("督导"), "agency": _("机构"), "street": _("街道（乡镇）"), "police_110": _("公安110"),
    "ambulance_120": _("急救120"), "civil_affairs": _("民政"),
}  # fmt: skip
WAITING = {"worker": _("社工"), "supervisor": _("督导"), "manager": _("站长")}

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_id(letter):
    """A fresh opaque id: the letter and twelve characters that say nothing."""
    return letter + "".join(secrets.choice(LETTERS) for _n in range(12))
