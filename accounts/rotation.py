"""Changing keys while the site runs: every protected column under the newest field key, every blind index under the newest index key.

Each batch is a transaction with an event "keys.rotated" of its own, so a run that was killed is simply run again.
What the change log keeps of earlier values stays under the keys of its time: a key leaves the ring only when nobody
needs those any more.
"""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db import connection, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast

from accounts.changes import change
from accounts.errors import DomainError
from accounts.protection import VERSION, BlindIndexField, ProtectedField, blind_index, newest_key

ROTATED = "keys.rotated"
# By primary key from arrays: some 5 times the rows a second of bulk_update, whose CASE is read once for every row.
UPDATE = "UPDATE {table} t SET {sets} FROM unnest({arrays}) AS d (pk, {columns}) WHERE t.{pk} = d.pk"


def _holding(kind, among):
    """[(model, its own fields of that kind)] of the installed rooms."""
    found = [
        (m, [f for f in m._meta.local_fields if isinstance(f, kind)])
        for m in (apps.get_models() if among is None else among)
        if m._meta.managed and not m._meta.proxy
    ]
    return [(m, fields) for m, fields in found if fields]


def _batches(rows, size):
    """Lists of at most `size` rows by key, each read after the one before was dealt with."""
    last = None
    while True:
        batch = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:size])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def rotate_fields(user=None, *, batch=500, among=None, told=lambda table, rows: None):
    """Encrypt anew whatever is not under the newest key. Returns {"table": rows}, and {"table.column": rows} that cannot be read.

    `told(table, rows)` hears of every batch after its transaction. Values written meanwhile are never lost: a batch locks its rows.
    """
    done: dict[str, int] = {}
    unreadable: dict[str, int] = {}
    prefix = f"{VERSION}.{newest_key()}."
    for model, fields in _holding(ProtectedField, among):
        table = model._meta.db_table
        stored = {f"stored_{f.attname}": Cast(F(f.attname), models.TextField()) for f in fields}
        old = reduce(or_, (Q(**{f"{n}__isnull": False}) & ~Q(**{f"{n}__startswith": prefix}) for n in stored))
        rows = model._base_manager.annotate(**stored).filter(old).only("pk")
        for found in _batches(rows, batch):
            with change(user, ROTATED, table=table):
                locked = _locked(model, found, fields)
                for row in locked:
                    _count_unreadable(row, fields, unreadable)
                _write(model, locked, fields)
            done[table] = done.get(table, 0) + len(locked)
            told(table, done[table])
    return done, unreadable


def _locked(model, found, fields):
    pks = [row.pk for row in found]
    rows = model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    return list(rows.only("pk", *(f.attname for f in fields)))


def _write(model, rows, fields):
    """Write the rows' `fields`, in one statement."""
    if not rows:
        return
    quote, pk = connection.ops.quote_name, model._meta.pk
    columns = [quote(f.column) for f in fields]
    statement = UPDATE.format(
        table=quote(model._meta.db_table),
        sets=", ".join(f"{c} = d.{c}" for c in columns),
        arrays=", ".join([f"%s::{pk.rel_db_type(connection)}[]"] + ["%s::text[]"] * len(fields)),
        columns=", ".join(columns),
        pk=quote(pk.column),
    )
    values = [[f.get_prep_value(getattr(row, f.attname)) for row in rows] for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, [[row.pk for row in rows], *values])


def _count_unreadable(row, fields, unreadable):
    for field in fields:
        value = getattr(row, field.attname)
        try:
            _ = value and value.clear
        except DomainError:
            unreadable[field.place] = unreadable.get(field.place, 0) + 1


def rotate_indexes(user=None, *, batch=500, among=None, told=lambda table, rows: None):
    """Compute every blind index anew from its source. Returns {"table": rows changed} and {"table.column": rows} not readable."""
    done: dict[str, int] = {}
    unreadable: dict[str, int] = {}
    for model, fields in _holding(BlindIndexField, among):
        table = model._meta.db_table
        sources = [model._meta.get_field(f.source) for f in fields]
        for found in _batches(model._base_manager.only("pk"), batch):
            with change(user, ROTATED, table=table):
                stale = []
                for row in _locked(model, found, [*fields, *sources]):
                    if _index_anew(row, fields, unreadable):
                        stale.append(row)
                _write(model, stale, fields)
            done[table] = done.get(table, 0) + len(stale)
            told(table, done[table])
    return done, unreadable


def _index_anew(row, fields, unreadable):
    """Set the row's indexes. Did one differ?"""
    changed = False
    for field in fields:
        try:
            index = blind_index(field.purpose, getattr(row, field.source))
        except DomainError:
            place = f"{row._meta.db_table}.{field.source}"
            unreadable[place] = unreadable.get(place, 0) + 1
            continue
        changed |= index != getattr(row, field.attname)
        setattr(row, field.attname, index)
    return changed


def keys_in_use(among=None):
    """{"table.column": {key id: rows}}: which keys the stored values need."""
    out = {}
    for model, fields in _holding(ProtectedField, among):
        for field in fields:
            text = Cast(F(field.attname), models.TextField())
            key = Func(text, Value("."), Value(2), function="split_part", output_field=models.CharField())
            rows = model._base_manager.filter(**{f"{field.attname}__isnull": False}).annotate(key=key)
            counted = rows.order_by().values("key").annotate(rows=models.Count("pk")).values_list("key", "rows")
            out[field.place] = dict(counted)
    return out
