"""What was touched since the figures were last right: by settled changes of the log, or by a new day alone."""

import datetime as dt

from metrics import declared, sql

MOST = 5000  # more places than this: the whole period is cheaper
BEGINNING = dt.date(1900, 1, 1)


class Touched:
    """Divisions and cities (whose station trees moved) with the earliest day from which their figures may differ.

    `everywhere` is such a day for all places, or None.
    """

    def __init__(self):
        self.divisions, self.cities, self.everywhere, self.regrouped = {}, {}, None, False

    def __bool__(self):
        return bool(self.divisions or self.cities or self.everywhere)

    def division(self, pk, day):
        self.divisions[pk] = min(day, self.divisions.get(pk, day))

    def city(self, pk, day):
        self.cities[pk] = min(day, self.cities.get(pk, day))

    def everything(self, day):
        self.everywhere = min(day, self.everywhere or day)

    def until(self, day):
        """(division ids, city ids) that figures as of `day` hang on; (None, None) where that is everything."""
        divisions = [pk for pk, since in self.divisions.items() if since <= day]
        if (self.everywhere and self.everywhere <= day) or len(divisions) > MOST:
            return None, None
        return divisions, [pk for pk, since in self.cities.items() if since <= day]


def since(mark, until):
    """What the settled changes of transactions `mark` ≤ id < `until` touched."""
    found = Touched()
    for touch in declared.touches():
        if touch.divisions:
            _regrouped(found, sql.logged(touch, touch.division, mark, until))
            continue
        if touch.station:
            _stations(found, touch, sql.logged(touch, touch.station, mark, until))
        if touch.division:
            rows = sql.logged(touch, touch.division, mark, until)
            for pk, day, _gone, _changed in rows:
                found.division(pk, day)
            gone = {pk: day for pk, day, gone, _changed in rows if gone} if touch.station == "id" else {}
            for pk, city in sql.cities_of(gone).items():
                found.city(city, gone[pk])
    return found


def by_date(after, until):
    """What the days after `after` up to `until` change by themselves: rows that begin or cease to count then."""
    found = Touched()
    for touch in declared.touches():
        day = after + dt.timedelta(days=1)
        if touch.station:
            _stations(
                found, touch, [(pk, day, False, True) for pk in sql.due_between(touch, touch.station, after, until)]
            )
        if touch.division and not touch.divisions:
            for pk in sql.due_between(touch, touch.division, after, until):
                found.division(pk, day)
    return found


def _stations(found, touch, rows):
    homes = sql.homes([pk for pk, *_rest in rows])
    for pk, day, _gone, _changed in rows:
        if pk in homes:
            division, city = homes[pk]
            found.division(division, day)
            if touch.tree:
                found.city(city, day)


def _regrouped(found, rows):
    """Divisions that moved to other ones: every total above them may differ from now on."""
    for _pk, day, _gone, changed in rows:
        if changed:
            found.everything(day)
            found.regrouped = True
