"""Rolling up: a whole period, what was touched, every open period by night. One writer at a time; running again changes nothing."""

import logging
import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict, DomainError, Forbidden
from jobs.actions import enqueue
from metrics import declared, dirty, sql
from metrics.models import LogMark, RollupRun
from periods import Period, today
from stations.models import Division, Station

log = logging.getLogger("shegong.metrics")
KEPT = {"month": 13, "quarter": 5, "half": 3, "year": 2}  # periods that are rolled up without being asked for
AT_ONCE_SECONDS = 15  # a refresh rolls missing periods up for so long, the next one goes on


def roll_up(period, within=None, *, hold=None):
    """Roll `period` up: for all places, or for `within` (a Division or Station) where the rest is there already.

    `hold` (a job's) runs first in the transaction. Returns how many cells changed. Raises DomainError `bad_period` for one
    that has not begun.
    """
    if period.first > today():
        raise DomainError(_("%(period)s还没有开始") % {"period": period.label}, code="bad_period", field="period")
    with transaction.atomic():
        if hold:
            hold()
        sql.lock()
        mark = _mark()
        run, fresh = _run(period)
        if within is not None and not fresh:
            _catch_up(mark)
            run.refresh_from_db()
            return _part(run, *_inside(within))
        return _whole(run, fresh)


def _run(period):
    """(the period's run, whether it is new)."""
    now = timezone.now()
    return RollupRun.objects.get_or_create(
        code=period.code,
        defaults={"kind": period.kind, "first": period.first, "last": period.last, "as_of": period.as_of,
                  "rolled_at": now, "refreshed_at": now},
    )  # fmt: skip


def _whole(run, fresh=False, codes=None):
    """All places of a run; of all indicators, or of `codes`."""
    run.as_of = run.period.as_of
    tree = sql.number_then(run.as_of, today())
    changed = 0
    for code, indicator in declared.indicators().items():
        if codes is None or code in codes:
            changed += sql.whole(run, indicator, run.as_of, tree, first=fresh or code not in run.versions)
            run.versions[code] = indicator.version
    run.rolled_at = run.refreshed_at = timezone.now()
    run.save(update_fields=["as_of", "versions", "rolled_at", "refreshed_at"])
    return changed


def _part(run, divisions, cities):
    """These divisions' own figures with all totals above, and these cities' station trees."""
    changed, day = 0, run.as_of
    stations = sql.stations_at(divisions) if divisions else []
    tree = sql.number_then(day, today(), cities) if cities else None
    for indicator in declared.indicators().values():
        if divisions:
            changed += sql.touched(run, indicator, day, divisions, stations)
        if cities and indicator.hangs_on == "station":
            changed += sql.cities(run, indicator, day, tree, cities)
    return changed


def _inside(place):
    """(division ids, city ids) of what lies in a place."""
    if isinstance(place, Station):
        divisions = set(Station.objects.within(place).values_list("division_id", flat=True))
    else:
        divisions = set(Division.objects.within(place).values_list("pk", flat=True))
    return sorted(divisions), sorted({city for _at, city in sql.homes(sql.stations_at(divisions)).values()})


def refresh():
    """Work the settled part of the change log into every rolled-up period, and roll up the periods that are kept.

    Returns how many cells changed, or None where another writer holds the figures.
    """
    with transaction.atomic():
        if not sql.lock(wait=False):
            return None
        changed = _catch_up(_mark())
    began = time.monotonic()
    for period in missing():
        changed += roll_up(period)
        if time.monotonic() - began > AT_ONCE_SECONDS:
            break
    return changed


def missing():
    """Kept periods that are not rolled up yet, the open ones first."""
    have = set(RollupRun.objects.values_list("code", flat=True))
    return [p for p in kept() if p.code not in have]


def kept():
    """The periods that are rolled up without being asked for: those of today, then back in time."""
    found, periods = [], {p.kind: p for p in Period.all_of(today())}
    for n in range(max(KEPT.values())):
        found += [p for kind, p in periods.items() if n < KEPT[kind]]
        periods = {kind: p.previous() for kind, p in periods.items()}
    return found


def ensure(period):
    """Roll `period` up where it is not and that is quick. Returns its run, or None for one that has not begun.

    Raises DomainError `not_rolled_up` (409) on a site that is too large to do it while somebody waits.
    """
    run = RollupRun.objects.of(period).first()
    if run is None and period.first <= today():
        if not sql.is_small():
            raise Conflict(
                _("%(period)s还没有汇总，请用 POST rollups/ 让它算") % {"period": period.label},
                code="not_rolled_up",
                field="period",
            )
        roll_up(period)
        run = RollupRun.objects.of(period).first()
    return run


def _mark():
    """How far the log is read, held. Where nothing is rolled up there is nothing to make good: it starts at now."""
    mark, _made = LogMark.objects.select_for_update().get_or_create(pk=1)
    if not RollupRun.objects.exists():
        mark.settled = sql.settled_below()
        mark.save(update_fields=["settled"])
    return mark


def _catch_up(mark):
    """Bring every run to its day and to the settled part of the log. Call it with the figures held."""
    until = sql.settled_below()
    changed = _new_days() + _new_definitions()
    if until < mark.settled:  # another server's numbers: the database was restored there
        touched = dirty.Touched()
        touched.everything(dirty.BEGINNING)
    else:
        touched = dirty.since(mark.settled, until)
    if touched.regrouped:
        mark.regrouped_at = timezone.now()
    if touched:
        for run in RollupRun.objects.order_by("-last"):
            changed += _apply(run, mark, *touched.until(run.as_of))
    mark.settled, mark.read_at = until, timezone.now()
    mark.save()
    return changed


def _apply(run, mark, divisions, cities):
    if divisions is None or ((divisions or cities) and mark.regrouped_at and run.rolled_at < mark.regrouped_at):
        return _whole(run)
    if not divisions and not cities:
        return 0
    changed = _part(run, divisions, cities)
    run.refreshed_at = timezone.now()
    run.save(update_fields=["refreshed_at"])
    return changed


def _new_days():
    """Move the as-of day of unfinished runs on to today, or to their end."""
    changed, day = 0, today()
    for run in RollupRun.objects.unfinished(day):
        after, run.as_of = run.as_of, run.period.as_of
        run.save(update_fields=["as_of"])
        divisions, cities = dirty.by_date(after, run.as_of).until(run.as_of)
        changed += _whole(run) if divisions is None else _part(run, divisions, cities) if divisions or cities else 0
    return changed


def _new_definitions():
    """Indicators that a run does not know yet; in open periods also those with a new version."""
    changed, now = 0, declared.versions()
    for run in RollupRun.objects.exclude(versions=now):
        codes = {c for c, v in now.items() if c not in run.versions or (run.period.is_open and run.versions[c] != v)}
        changed += _whole(run, codes=codes) if codes else 0
    return changed


def check_open():
    """By night: roll the open periods up whole and note how many cells differ from what the increments left. Returns {code: n}."""
    found = {}
    for period in Period.all_of(today()):
        with transaction.atomic():
            sql.lock()
            mark = _mark()
            run, fresh = _run(period)
            if not fresh:
                _catch_up(mark)
                run.refresh_from_db()
            differing = _whole(run, fresh)
            if not fresh and not sql.unread(mark.settled):
                run.difference, run.checked_at = differing, timezone.now()
                run.save(update_fields=["difference", "checked_at"])
                found[period.code] = differing
        if found.get(period.code):
            log.error("figures of %s: %s cells differed from the whole run", period.code, found[period.code])
    return found


def ask(user, period, within):
    """Let the background roll `period` up for `within`, a Division or Station. Returns the Job. Raises Forbidden, DomainError."""
    division = within.division if isinstance(within, Station) else within
    if not user.can("rollup", division):
        raise Forbidden(_("只有民政干部可以让它重算"))
    if period.first > today():
        raise DomainError(_("%(period)s还没有开始") % {"period": period.label}, code="bad_period", field="period")
    with transaction.atomic():
        return enqueue("metrics.rollup", user=user, period=period.code, place=[within._meta.model_name, within.pk])
