"""How far a programme has come: each target with what is done and what is missing, over its whole span or up to a day; and over time."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import CharField, Count, F, Max, Min, Sum, Value
from django.db.models.functions import Cast, TruncMonth

from partnerships import indicators
from partnerships.codes import ENTERED, FIELDS, METRICS, SENDING_AGENCIES, met
from partnerships.models import Activity, Batch, Outcome, Pairing, Session
from periods import Period, today

FOUR_PLACES = Decimal("0.0001")
OF = {indicator.code: indicator for indicator in indicators.INDICATORS}


@dataclass(frozen=True)
class Span:
    """The days of a programme, where an indicator asks for a period."""

    first: dt.date


def rows_of(programme, metric, day, since=None):
    """The rows that a metric counts in a programme from `since`, or from its first day, to `day`."""
    of = indicators.batches if metric == SENDING_AGENCIES else OF[metric].numerator.of
    return of(Span(since or programme.starts_on), day).filter(pairing__programme=programme)


def by_pairing(programme, metric, day, since=None):
    """{pairing id: what a metric has come to}; pairings without any are not in it."""
    part = OF[metric].numerator
    number = Count(part.distinct, distinct=True) if part.distinct else Sum(part.amount) if part.amount else Count("pk")
    found = rows_of(programme, metric, day, since).order_by().values("pairing").annotate(n=number)
    return {row["pairing"]: OF[metric].part(row["n"] or 0) for row in found}


def actual(programme, metric, day, since=None):
    """What a metric has come to by `day`, in its unit; None where the programme keeps no rows (dossier §7.4: not known is not 0)."""
    if not programme.rows_kept:
        return None
    found = rows_of(programme, metric, day, since).order_by()
    if metric == SENDING_AGENCIES:
        return found.aggregate(n=Count("pairing__sender", distinct=True))["n"]
    part = OF[metric].numerator
    if part.distinct:
        return found.aggregate(n=Count(part.distinct, distinct=True))["n"]
    total = found.aggregate(n=Sum(part.amount) if part.amount else Count("pk"))["n"] or 0
    return OF[metric].part(total)


def labelled(programme, metric, pairings):
    """[{on, label, county, amount}] of the rows that a metric counts, of these pairings; persons once each."""
    part = OF[metric].numerator
    found = rows_of(programme, metric, programme.ends_on).filter(pairing__in=pairings)
    amount = F(part.amount) if part.amount and not part.distinct else Value(1)
    columns = {
        "label": Cast(part.label, CharField()),
        "day": F(part.on),
        "county": F("pairing__county__name"),
        "amount": amount,
    }
    rows = found.annotate(**{f"row_{n}": c for n, c in columns.items()}).order_by(part.on, "pk")
    if part.distinct:
        firsts = rows.order_by().values(part.distinct).annotate(first=Min("pk")).values("first")
        rows = rows.filter(pk__in=firsts)
    return [
        {
            "label": row["row_label"],
            "on": row["row_day"],
            "county": row["row_county"],
            "amount": OF[metric].part(row["row_amount"]),
        }
        for row in rows.values(*(f"row_{n}" for n in columns))
    ]


def progress(programme, day=None):
    """[{metric, name, unit, op, target, actual, met, ratio, missing, declared}]: the targets first, then what was declared.

    `ratio` is the true one, "1.0333" past the target; None where there is nothing to divide.
    """
    day = min(day or today(), programme.ends_on)
    targets = {t.metric: t for t in programme.targets.all()}
    declared = {d.metric: d for d in programme.declared.all() if d.pairing_id is None}
    return [
        _line(programme, metric, targets.get(metric), declared.get(metric), day) for metric in {**targets, **declared}
    ]


def _line(programme, metric, target, declared, day):
    done = actual(programme, metric, day)
    name, unit = METRICS[metric]
    line = {
        "metric": metric, "name": str(name), "unit": str(unit), "op": target.op if target else None,
        "target": target.value if target else None, "actual": done, "met": None, "ratio": None, "missing": None,
        "declared": {"op": declared.op, "value": declared.value, "source": declared.source} if declared else None,
    }  # fmt: skip
    if target and done is not None:
        line["met"] = met(target.op, target.value, done)
        line["ratio"] = str((Decimal(str(done)) / target.value).quantize(FOUR_PLACES, ROUND_HALF_UP))
        line["missing"] = (
            0
            if line["met"]
            else max(target.value - done, 0) + (1 if target.op == ">" and float(done).is_integer() else 0)
        )
    return line


def waiting(programme):
    """How many entries of a programme wait for the other side: {"pairings": n, "batches": n, "sessions": n, "outcomes": n}."""
    own = {"programme": programme, "state": ENTERED}
    below = {"pairing__programme": programme, "state": ENTERED}
    return {
        "pairings": Pairing.objects.filter(**own).count(), "batches": Batch.objects.filter(**below).count(),
        "sessions": Session.objects.filter(**below).count(), "outcomes": Outcome.objects.filter(**below).count(),
    }  # fmt: skip


def by_period(programme, metric, day=None):
    """[(period, in it, up to its end)] of an additive metric from the programme's first day to `day`.

    Periods are quarters where there are at most eight of them, else half-years, else years.
    """
    day = min(day or today(), programme.ends_on)
    part = OF[metric].numerator
    months = rows_of(programme, metric, day).order_by().annotate(month=TruncMonth(part.on)).values("month")
    sums = list(months.annotate(n=Sum(part.amount) if part.amount else Count("pk")).values_list("month", "n"))
    rows, total = [], 0
    for period in _periods(programme.starts_on, day):
        here = sum(n or 0 for month, n in sums if period.first <= month <= period.last)
        total += here
        rows.append((period, OF[metric].part(here), OF[metric].part(total)))
    return rows


def _periods(first, last):
    found: list = []
    for kind in ("quarter", "half", "year"):
        period, found = Period.of(kind, first), []
        while period.first <= last:
            found.append(period)
            period = Period.of(kind, period.last + dt.timedelta(days=1))
        if len(found) <= (8 if kind == "quarter" else 12):
            break
    return found


def by_field(programme, first=None, last=None):
    """[{field, name, activities, person_times, last}] of confirmed activities: all six fields, whatever was done in them."""
    found = {
        row["field"]: row
        for row in Activity.objects.confirmed()
        .filter(programme=programme, on__range=(first or programme.starts_on, last or programme.ends_on))
        .order_by()
        .values("field")
        .annotate(activities=Count("pk"), person_times=Sum("person_times"), last=Max("on"))
    }
    none = {"activities": 0, "person_times": 0, "last": None}
    return [{**none, **found.get(code, {}), "field": code, "name": name} for code, name in FIELDS]


def unpaired(programme):
    """The programme's agencies and counties that stand in no pairing today: what is still to be entered."""
    now = Pairing.objects.filter(programme=programme).on(min(max(today(), programme.starts_on), programme.ends_on))
    agencies, counties = set(now.values_list("sender", flat=True)), set(now.values_list("county", flat=True))
    parties = programme.parties.select_related("agency", "county")
    return (
        [p.agency for p in parties if p.agency_id and p.agency_id not in agencies],
        [p.county for p in parties if p.county_id and p.county_id not in counties],
    )
