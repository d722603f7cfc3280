"""Bodies that are no papers: a client, a case, a change of one. Read by the same fields as the papers (fields.py)."""

from django.utils.translation import gettext_lazy as _

from casework import codes
from casework.fields import Choice, Day, Many, Part, Text

PERSON = (
    Text(name="name", label=_("姓名"), most=60, required=True), Text(name="relation", label=_("关系"), most=20),
    Text(name="phone", label=_("电话"), most=40),
)  # fmt: skip
CLIENT_CHANGE = (
    Text(name="name", label=_("姓名"), most=60),
    Choice(name="sex", label=_("性别"), codes=codes.SEXES),
    Day(name="birth_date", label=_("出生日期")),
    Choice(name="id_type", label=_("证件种类"), codes=codes.ID_TYPES),
    Text(name="id_number", label=_("证件号"), most=40),
    Text(name="id_absent_reason", label=_("没有证件号的原因"), most=100),
    Text(name="phone", label=_("电话"), most=40),
    Text(name="ethnicity", label=_("民族"), most=20),
    Text(name="registered_division", label=_("户籍地"), most=12),
    Text(name="residence_division", label=_("居住地"), most=12),
    Choice(name="residence_separation", label=_("人户分离"), codes=codes.SEPARATIONS),
    Text(name="address", label=_("住址"), most=200),
    Many(name="categories", label=_("身份类别"), codes=codes.CATEGORIES),
    Part(name="guardian", label=_("监护人"), fields=PERSON),
    Part(name="emergency_contact", label=_("紧急联系人"), fields=PERSON),
)
_REQUIRED = ("name", "sex", "birth_date")
CLIENT = (
    Text(name="station", label=_("建档站点"), most=24),
    *(f if f.name not in _REQUIRED else type(f)(**{**f.__dict__, "required": True}) for f in CLIENT_CHANGE),
)
CASE = (
    Text(name="client", label=_("服务对象"), most=16, required=True),
    Day(name="opened_on", label=_("开案日期"), required=True),
    Text(name="station", label=_("站点"), most=24),
    Text(name="worker", label=_("承办社工"), most=24),
    Choice(name="domain", label=_("领域"), codes=codes.DOMAINS),
)
CASE_CHANGE = (
    Text(name="worker", label=_("承办社工"), most=24),
    Choice(name="confidentiality", label=_("保密级别"), codes=codes.CONFIDENTIALITY),
)
REVEAL = (Text(name="purpose", label=_("用途"), most=20), Text(name="note", label=_("说明"), most=500, narrative=True))
