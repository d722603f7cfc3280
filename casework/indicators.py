"""The figures of this room (contract §6, dossier §7.5): clients, cases, contacts, crises, referrals, filing.

Accepted cases count from the day they were opened, at the station that has them; a file made twice (code 12) counts nowhere.
"""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from casework import codes
from casework.models import Case, Client, DueItem, Record
from periods.indicators import Rows, Touch, as_of_count, count, distinct, ratio

GROUP = _("个案与服务")
ATTAINED = ("01", "02")
NO_JUDGEMENT = ("00", "07", "08", codes.DUPLICATE)  # closures that say nothing about whether the goals were reached
HOUR = 60


def filed(period, day):
    """Clients filed in the period."""
    return Client.objects.filter(filed_on__range=(period.first, day))


def opened(period, day):
    """Accepted cases opened in the period."""
    return Case.objects.counted().filter(opened_on__range=(period.first, day))


def open_cases(period, day):
    """Accepted cases that are open at the end of `day`."""
    return Case.objects.counted().open_on(day)


def closed(period, day):
    return Case.objects.counted().filter(closed_on__range=(period.first, day))


def handled(period, day):
    """Open before the period, or opened in it."""
    return Case.objects.counted().filter(Q(closed_on=None) | Q(closed_on__gte=period.first), opened_on__lte=day)


def overdue(period, day):
    """Open ones with something due before `day` that was not done by then."""
    late = DueItem.objects.overdue_on(day).filter(case=OuterRef("pk"))
    return open_cases(period, day).filter(Exists(late))


def declined(period, day):
    """Cases not taken on, by the day of the decision."""
    found = Case.objects.filter(decision="decline", decided_on__range=(period.first, day))
    return found.exclude(closure_code=codes.DUPLICATE)


def attained(period, day):
    return closed(period, day).filter(closure_code__in=ATTAINED)


def judged(period, day):
    return closed(period, day).exclude(closure_code__in=NO_JUDGEMENT)


def _papers(kind, period, day):
    """Signed papers of a kind dated in the period, of cases that count."""
    found = Record.objects.filter(kind=kind, draft=False, on__range=(period.first, day), case__decision="accept")
    return found.exclude(case__closure_code=codes.DUPLICATE)


def contacts(period, day):
    return _papers("contacts", period, day)


def raised(period, day):
    return _papers("crisis", period, day).filter(code="raise")


def referrals(period, day):
    """Referred at intake; closed as referred; handed to another station and accepted there."""
    later = Record.objects.filter(case=OuterRef("case"), kind="closure", draft=False, pk__gt=OuterRef("pk"))
    found = Record.objects.filter(draft=False, on__range=(period.first, day)).exclude(
        case__closure_code=codes.DUPLICATE
    )
    ended = Q(kind="closure", code="05", case__closure_code="05", on=F("case__closed_on")) & ~Q(case__decision="refer")
    return found.filter(Q(kind="intake", code="refer") | (ended & ~Exists(later)) | Q(kind="transfer", code="accept"))


def closed_by(period, day):
    """All that are closed by `day`."""
    return Case.objects.counted().filter(closed_on__lte=day)


def filed_whole(period, day):
    return closed_by(period, day).filter(filing_complete=True, filed_on__lte=day)


def _cases(of, words, on="opened_on"):
    return Rows(of=of, place="station_id", words=words, kind="case", label="number", on=on, station="station__code")


def _clients(of, words):
    return Rows(
        of=of, place="station_id", words=words, kind="client", label="public_id", on="filed_on", station="station__code"
    )


def _records(of, words, **more):
    return Rows(
        of=of, place="case__station_id", words=words, kind="case_record", label="case__number", on="on",
        station="case__station__code", **more,
    )  # fmt: skip


CLOSED = _cases(closed, _("期内结案的已接个案"), "closed_on")
INDICATORS = [
    count(
        "clients_filed", _("建档数"), unit=_("人"), source=_("服务对象档案，按建档日期"),
        numerator=_clients(filed, _("期内新建的服务对象档案")),
    ),
    count(
        "cases_opened", _("新开个案"), unit=_("个"), source=_("已接的个案，按开案日期"),
        numerator=_cases(opened, _("期内开案、已经决定接的个案；重新开案也算一个")),
    ),
    as_of_count(
        "cases_open", _("在案"), unit=_("个"), source=_("已接的个案"),
        numerator=_cases(open_cases, _("期末已开案、还没有结案的已接个案")),
    ),
    count("cases_closed", _("结案"), unit=_("个"), source=_("结案日期"), numerator=CLOSED),
    as_of_count(
        "cases_overdue", _("逾期个案"), unit=_("个"), source=_("时限和到期事项"), better="down",
        numerator=_cases(overdue, _("期末在案，有事项过了到期日还没有完成的个案")),
    ),
    count(
        "intakes_declined", _("不接案"), unit=_("个"), source=_("接案决定，按决定日期"),
        numerator=_cases(declined, _("期内决定不接的个案"), "decided_on"),
    ),
    ratio(
        "case_closure_rate", _("结案率"), source=_("期内结案 ÷（期初在案＋新开＋重开）"), numerator=CLOSED,
        denominator=_cases(handled, _("期初在案和期内新开、重开的已接个案")),
    ),
    ratio(
        "goal_attainment_rate", _("目标达成率"), source=_("结案原因 01、02 ÷ 去掉 00、07、08、12 的结案"),
        numerator=_cases(attained, _("期内以目标达成或部分达成结案的个案"), "closed_on"),
        denominator=_cases(judged, _("期内结案的个案，不含不接、去世、迁出入住和重复建档"), "closed_on"),
    ),
    count("contacts", _("服务次数"), unit=_("次"), source=_("服务记录"), numerator=_records(contacts, _("期内已接个案的服务记录"))),
    count(
        "contact_hours", _("服务小时"), unit=_("小时"), source=_("服务记录的分钟 ÷ 60"), scale=HOUR,
        numerator=_records(contacts, _("期内已接个案的服务分钟相加，最后除一次"), amount="minutes"),
    ),
    distinct(
        "crisis_cases", _("危机个案"), unit=_("个"), source=_("危机干预记录"),
        numerator=_records(raised, _("期内发现过危机的已接个案，一个个案只算一次"), distinct="case_id"),
    ),
    count(
        "referrals", _("转介"), unit=_("次"), source=_("接案决定、结案原因 05、转站接收"),
        numerator=_records(referrals, _("期内接案时转介、以转介结案、转往别站并被接收的")),
    ),
    ratio(
        "filing_complete_rate", _("归档完整率"), source=_("归档目录"),
        numerator=_cases(filed_whole, _("期末已归档、应有文件齐全的结案个案"), "filed_on"),
        denominator=_cases(closed_by, _("期末已结案的个案"), "closed_on"),
    ),
]  # fmt: skip

THROUGH = ("casework_case", "id", "case_id")
TOUCHES = [
    Touch(table="casework_client", station="station_id", days=("filed_on",), columns=("station_id", "filed_on")),
    Touch(
        table="casework_case", station="station_id", days=("opened_on",),
        columns=("station_id", "opened_on", "decision", "decided_on", "closed_on", "closure_code", "filed_on", "filing_complete"),
    ),
    Touch(table="casework_record", station="station_id", days=("on",), columns=("on", "draft", "code", "minutes"), through=THROUGH),
    Touch(table="casework_dueitem", station="station_id", days=("due_on", "done_on"), lag=1, through=THROUGH),
]  # fmt: skip
