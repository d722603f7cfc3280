"""Online sessions as shares of a team's workday: what a day has already is not counted again."""

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from partnerships import access
from partnerships.codes import ONLINE, WHOLE_DAY
from partnerships.models import MemberDay, ServiceDay, Session, Tutor


def settle(pairing, days):
    """Write anew what the online sessions of `pairing` on `days` add to its workdays. An event is open; the pairing is held.

    A day on site is whole already; several sessions of a day make one whole day at most, for the team and for each person.
    """
    ServiceDay.objects.filter(pairing=pairing, session__isnull=False, on__in=days).delete()
    on_site = set(
        ServiceDay.objects.filter(pairing=pairing, batch__isnull=False, on__in=days).values_list("on", flat=True)
    )
    sessions = Session.objects.filter(pairing=pairing, way=ONLINE, on__in=set(days) - on_site).order_by("on", "pk")
    left, tutors = {}, {}
    for given, envoy in Tutor.objects.filter(session__in=sessions).values_list("session", "envoy"):
        tutors.setdefault(given, []).append(envoy)
    for session in sessions:
        minutes = min(session.minutes, left.setdefault(session.on, WHOLE_DAY))
        if not minutes:
            continue
        left[session.on] -= minutes
        day = ServiceDay.objects.create(pairing=pairing, session=session, on=session.on, minutes=minutes)
        MemberDay.objects.bulk_create(
            MemberDay(
                day=day, pairing=pairing, envoy_id=envoy, on=session.on, onsite=False,
                minutes=minutes,
            )
            for envoy in tutors.get(session.pk, [])
        )  # fmt: skip


def refuse_elsewhere(pairing, envoys, on, minutes, session):
    """Raise DomainError `elsewhere` for a tutor who was on site for another pairing that day, `inconsistent` past a whole day."""
    others = MemberDay.objects.filter(envoy__in=envoys, on=on).exclude(day__session=session)
    there = others.filter(onsite=True).exclude(pairing=pairing).select_related("envoy", "pairing__county").first()
    if there and not access.knows(session.entered_by, there.pairing):
        raise DomainError(_("有人这一天已经在别处记了服务日"), code="elsewhere", field="tutors")
    if there:
        raise DomainError(
            _("“%(name)s”%(day)s 在%(county)s现场，不能又在这里记线上")
            % {"name": there.envoy, "day": on, "county": there.pairing.county.name},
            code="elsewhere", field="tutors",
        )  # fmt: skip
    spent = others.filter(onsite=False).values("envoy__name").annotate(total=Sum("minutes"))
    for row in spent:
        if row["total"] + min(minutes, WHOLE_DAY) > WHOLE_DAY:
            raise DomainError(
                _("“%(name)s”%(day)s 的线上服务已有 %(minutes)s 分钟，一天按 8 小时算")
                % {"name": row["envoy__name"], "day": on, "minutes": row["total"]},
                code="inconsistent", field="minutes",
            )  # fmt: skip
