"""The figures of this room (dossier §7.2, §7.3): people in post, certificates, registrations, trainings and who came.

People are counted as persons: one counts once at a place, however many jobs or trainings he has below it. Sessions count
at the training's station; person-times, persons and hours at the attendance's.
"""

from django.db.models import BigIntegerField, Exists, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from periods.indicators import Rows, Touch, count, distinct, ratio
from workforce.education import met_on
from workforce.models import Assignment, Attendance, Certificate, Registration, Training

GROUP = _("人员与培训")
HOUR = 60  # figures are in hours of 60 minutes, whatever a locality calls a credit hour


def in_post(period, day):
    """Jobs that hold on `day`."""
    return Assignment.objects.on(day)


def certified(period, day):
    """Those of them whose holder has a certificate by then; one without a date counts as held."""
    held = Certificate.objects.filter(Q(issued_on=None) | Q(issued_on__lte=day), worker=OuterRef("worker"))
    return in_post(period, day).filter(Exists(held))


def registered(period, day):
    """Those of them whose holder is registered on `day`."""
    return in_post(period, day).filter(Exists(Registration.objects.on(day).filter(worker=OuterRef("worker"))))


def certified_and_registered(period, day):
    return certified(period, day).filter(pk__in=registered(period, day).values("pk"))


def with_hours(period, day):
    """Those registered whose hours of the cycle are complete by `day`."""
    return registered(period, day).filter(worker__in=met_on(day).values("worker"))


def held(period, day):
    """Trainings that ended in the period and count."""
    return Training.objects.counted().filter(ends_on__range=(period.first, day))


def came(period, day):
    """Attendances of them."""
    return Attendance.objects.counted().filter(on__range=(period.first, day))


def came_persons(period, day):
    """The same with `who`: a number of each person, of guests a hash of name and unit."""
    number = Func("person", Value(0), function="hashtextextended", output_field=BigIntegerField())
    return came(period, day).annotate(who=number)


def _people(of, words):
    return Rows(
        of=of, place="station_id", distinct="worker_id", words=words, kind="worker", label="worker__name",
        on="span__startswith", station="station__code",
    )  # fmt: skip


def _sessions(words):
    return Rows(
        of=held, place="station_id", words=words, kind="training", label="title", on="ends_on", station="station__code"
    )


def _who(day):
    """What an attendance is called in a list of rows: the worker, or the unit of a guest, whose name is nobody's figure."""
    return Coalesce("worker__name", "unit")


def _attendances(words, of=came, **more):
    return Rows(
        of=of,
        place="station_id",
        words=words,
        kind="attendance",
        label=_who,
        on="on",
        station="station__code",
        **more,
    )


WORKERS = _people(in_post, _("期末在岗的人，在几个站有岗位也只算一次"))
PERSONS = _attendances(_("期内参加过已办培训的人，参加几场也只算一次"), of=came_persons, distinct="who")
MINUTES = _attendances(_("期内各人到课的分钟相加，最后除一次"), amount="minutes")

INDICATORS = [
    distinct("workers", _("在岗人员"), unit=_("人"), source=_("岗位安排"), numerator=WORKERS),
    ratio(
        "workers_certified_rate", _("持证率"), source=_("职业资格证书；持两证的按最高一证算一人"),
        numerator=_people(certified, _("期末在岗、有社会工作职业资格证书的人")), denominator=WORKERS,
    ),
    ratio(
        "registration_valid_rate", _("登记有效率"), source=_("登记有效期"),
        numerator=_people(certified_and_registered, _("期末在岗、持证且登记在有效期内的人")),
        denominator=_people(certified, _("期末在岗、有社会工作职业资格证书的人")),
    ),
    count(
        "training_sessions", _("培训场次"), unit=_("场"), source=_("培训台账，按结束日期"),
        numerator=_sessions(_("期内结束、已办或已核实的培训")),
    ),
    count(
        "training_person_times", _("培训人次"), unit=_("人次"), source=_("签到；一人一场算一次"),
        numerator=_attendances(_("期内已办培训的到课")),
    ),
    distinct("training_persons", _("培训人数"), unit=_("人"), source=_("签到；一人只算一次"), numerator=PERSONS),
    count(
        "training_hours", _("培训学时"), unit=_("人·学时"), source=_("到课分钟 ÷ 60"), scale=HOUR, numerator=MINUTES,
    ),
    ratio(
        "training_hours_per_worker", _("人均培训学时"), unit=_("学时"), source=_("培训学时 ÷ 参加过培训的人数"), scale=HOUR,
        numerator=MINUTES, denominator=PERSONS,
    ),
    ratio(
        "ce_met_rate", _("继续教育达标率"), source="民发〔2009〕123号；登记周期内助理 72 小时，师和高级 90 小时",
        numerator=_people(with_hours, _("期末在岗、登记有效，本周期继续教育小时已够的人")),
        denominator=_people(registered, _("期末在岗、登记有效的人")),
    ),
]  # fmt: skip

JOBS = ("workforce_assignment", "worker_id")  # where a person's own rows count: at the stations of his jobs
TOUCHES = [
    Touch(table="workforce_assignment", station="station_id", days=("span",), span=True),
    Touch(table="workforce_certificate", station="station_id", days=("issued_on",), through=JOBS),
    Touch(table="workforce_registration", station="station_id", days=("span",), span=True, through=JOBS),
    Touch(table="workforce_worker", station="station_id", days=("degree_on",), columns=("degree_on",), through=(*JOBS, "id")),
    Touch(table="workforce_training", station="station_id", days=("ends_on",), lag=1),
    Touch(table="workforce_attendance", station="station_id", days=("on",), lag=1),
    # hours of continuing education count where the person works now, not where the attendance does
    Touch(table="workforce_attendance", station="station_id", days=("on",), lag=1, through=JOBS),
    Touch(
        table="workforce_training", station="station_id", days=("ends_on",), columns=("ce_eligible",),
        through=("workforce_attendance", "training_id", "id"),
    ),
]  # fmt: skip
