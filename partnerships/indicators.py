"""The figures of this room (dossier §7.4). Everything counts at the county that is helped, once the other side has confirmed it.

Five units that are never added: batches, person-times, persons, workdays of the team, workdays of persons. Workdays are kept in
minutes and divided by a day of eight hours at the end, so that online work counts as its share of a day.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from partnerships.codes import AGENCY, STATION, WHOLE_DAY
from partnerships.models import Batch, Member, MemberDay, Outcome, ServiceDay, Session
from periods.indicators import Rows, Touch, count, distinct

GROUP = _("结对")


def batches(period, day):
    """Confirmed batches that departed in the period."""
    return Batch.objects.confirmed().filter(departs_on__range=(period.first, day))


def trips(period, day):
    """Their members, each time somebody goes."""
    return Member.objects.confirmed().filter(batch__departs_on__range=(period.first, day))


def team_days(period, day):
    """Days on which a team worked, on site or online."""
    return ServiceDay.objects.confirmed().filter(on__range=(period.first, day))


def person_days(period, day):
    """The same of each of its members."""
    return MemberDay.objects.confirmed().filter(on__range=(period.first, day))


def _outcomes(period, day):
    return Outcome.objects.confirmed().filter(on__range=(period.first, day))


def stations_built(period, day):
    """Outcomes that are a station built, confirmed and dated in `period` up to `day`."""
    return _outcomes(period, day).filter(kind=STATION)


def agencies_cultivated(period, day):
    """Outcomes that are an agency cultivated, confirmed and dated in `period` up to `day`."""
    return _outcomes(period, day).filter(kind=AGENCY)


def professionals(period, day):
    """People who got a certificate or were trained under supervision and passed the assessment; attendance alone is none."""
    return _outcomes(period, day).of_persons()


def trainings(period, day):
    """Confirmed trainings of pairings."""
    return Session.objects.confirmed().trainings().filter(on__range=(period.first, day))


def _rows(of, words, kind, **more):
    return Rows(of=of, place="pairing__county_id", words=words, kind=kind, **more)


INDICATORS = [
    count(
        "pairing_batches", _("派驻批次"), unit=pgettext_lazy("unit", "批次"), source=_("派驻批次，按出发日期"), hangs_on="division",
        numerator=_rows(batches, _("期内出发、对方已确认的批次；一队出发一次算一批"), "batch", label="task", on="departs_on"),
    ),
    count(
        "pairing_person_trips", _("派出人次"), unit=_("人次"), source=_("批次成员，按出发日期"), hangs_on="division",
        numerator=_rows(trips, _("期内出发、已确认批次的成员，去一次算一次"), "batch_member", label="envoy__name", on="batch__departs_on"),
    ),
    distinct(
        "pairing_persons", _("派出人数"), unit=_("人"), source=_("批次成员，按出发日期"), hangs_on="division",
        numerator=_rows(
            trips, _("期内去过的人，去几次也只算一次"), "envoy", label="envoy__name", on="batch__departs_on", distinct="envoy_id"
        ),
    ),
    count(
        "pairing_workdays", _("服务工作日（按队）"), unit=_("工作日"), scale=WHOLE_DAY, hangs_on="division",
        source=_("服务日，含线上；一队一天算一个工作日，线上按 8 小时折算"),
        numerator=_rows(team_days, _("期内已确认的服务日分钟相加，最后除以一天 480 分钟"), "service_day", label="on", on="on", amount="minutes"),
    ),
    count(
        "pairing_person_workdays", _("服务工作日（按人）"), unit=_("人·工作日"), scale=WHOLE_DAY, hangs_on="division",
        source=_("个人服务日，含线上；一人一天算一个，线上按 8 小时折算"),
        numerator=_rows(
            person_days, _("期内已确认的各人服务日分钟相加，最后除以一天 480 分钟"), "member_day", label="envoy__name", on="on", amount="minutes"
        ),
    ),
    count(
        "pairing_stations_built", _("结对建成社工站"), unit=_("个"), source=_("结对成果，按建成日期"), hangs_on="division",
        numerator=_rows(stations_built, _("期内建成、已在运营、有凭据且对方已确认的社工站"), "outcome", label="station__name", on="on", station="station__code"),
    ),
    count(
        "pairing_agencies_cultivated", _("结对培育社工机构"), unit=_("家"), source=_("结对成果，按验收日期"), hangs_on="division",
        numerator=_rows(agencies_cultivated, _("期内验收、有信用代码和凭据且对方已确认的机构"), "outcome", label="agency__name", on="on"),
    ),
    distinct(
        "pairing_professionals", _("结对培养专业人才"), unit=_("名"), source=_("结对成果，按取证或考核日期"), hangs_on="division",
        numerator=_rows(
            professionals, _("期内取得证书，或完成督导培养并考核合格的人；只听课不算，一人只算一次"), "trainee",
            label="trainee__name", on="on", distinct="trainee_id",
        ),
    ),
    count(
        "pairing_trained_person_times", _("结对培训人次"), unit=_("人次"), source=_("集体培训的参加人次"), hangs_on="division",
        numerator=_rows(trainings, _("期内已确认的集体培训，一人一场算一次"), "session", label="title", on="on", amount="person_times"),
    ),
]  # fmt: skip

THROUGH = ("partnerships_pairing", "id", "pairing_id")
TOUCHES = [
    Touch(table="partnerships_pairing", division="county_id", days=("signed_on",), columns=("county_id",)),
    Touch(table="partnerships_batch", division="county_id", days=("departs_on",), through=THROUGH),
    Touch(table="partnerships_member", division="county_id", days=("span",), span=True, through=THROUGH),
    Touch(table="partnerships_serviceday", division="county_id", days=("on",), through=THROUGH),
    Touch(table="partnerships_memberday", division="county_id", days=("on",), through=THROUGH),
    Touch(table="partnerships_session", division="county_id", days=("on",), through=THROUGH),
    Touch(table="partnerships_outcome", division="county_id", days=("on",), through=THROUGH),
]
