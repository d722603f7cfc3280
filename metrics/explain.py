"""The rows behind one cell: which things were counted, read from the same declaration that counted them.

Whoever may see a cell may see which rows it counts: rows are those of the place as it was on the period's last day, not
only those that are below it today. So the door is `access.sees_figure(user, indicator, place)`, before anything is read;
the station of a unit is named to those who see it.
"""

from django.db.models import BigIntegerField, CharField, Count, DateField, F, Min, Sum, Value
from django.db.models.functions import Cast

from metrics import sql
from stations.models import Station
from stations.models.divisions import ANCESTORS

COLUMNS = ("pk", "explained_label", "explained_on", "explained_station", "explained_amount")
PLACE = "explained_place"  # the code of the division or station that a row hangs on


def rows_behind(indicator, part, place, period):
    """A queryset of the rows that `part` ("numerator", "denominator") of the cell counts, with COLUMNS annotated."""
    rows, day = getattr(indicator, part), period.as_of
    found = at_place(indicator, rows, rows.of(period, day), place, day)
    if rows.distinct:  # one row a person: the first of each
        first = found.order_by().values(rows.distinct).annotate(first=Min("pk")).values("first")
        found = rows.of(period, day).filter(pk__in=first)
    return found.annotate(
        explained_label=Cast(_expression(rows.label, day), CharField()),
        explained_on=_expression(rows.on, day, DateField()),
        explained_station=_expression(rows.station, day, CharField()),
        explained_place=F(f"{_path(rows)}code"),
        explained_amount=Cast(F(rows.amount) if rows.amount and not rows.distinct else Value(1), BigIntegerField()),
    )


def at_place(indicator, rows, found, place, day):
    """`found` without what hangs on other places than `place` and those below it on `day`."""
    path = _path(rows)
    if isinstance(place, Station):
        if indicator.hangs_on == "division":
            return found.none()
        return found.filter(**{f"{path}pk__in": sql.subtree_on(place.pk, day)})
    if indicator.hangs_on == "station":
        path += "division__"
    return found.filter(**{f"{path}{ANCESTORS[place.level]}": place.pk})


def _path(rows):
    """From a row to the place it hangs on, as a prefix."""
    return "" if rows.place == "pk" else rows.place.removesuffix("_id") + "__"


def parts_of(indicator, place, period):
    """{"numerator": (rows, sum), "denominator": …} counted now; the denominator only of a ratio."""
    out = {}
    for part in ("numerator", "denominator") if indicator.is_ratio else ("numerator",):
        rows, day = getattr(indicator, part), period.as_of
        found = at_place(indicator, rows, rows.of(period, day).order_by(), place, day)
        number = Count(rows.distinct, distinct=True) if rows.distinct else Count("pk")
        amount = Sum(rows.amount) if rows.amount and not rows.distinct else number
        counted = found.aggregate(n=number, total=amount)
        out[part] = (counted["n"], counted["total"] or 0)
    return out


def _expression(what, day, field=None):
    if what is None:
        return Value(None, output_field=field)
    return what(day) if callable(what) else F(what)


def seen_codes(user, codes):
    """Of these station codes those that `user` may know: a unit's row names its station, which may be another's."""
    return set(Station.objects.visible_to(user).filter(code__in=codes).values_list("code", flat=True))
