"""Rows of a list straight from `values()`: the serializer says which fields, no model instance is made."""

import datetime as dt
from decimal import Decimal

from django.db.models import CharField, Func
from rest_framework import serializers


class Rows:
    """Reads a queryset as the dictionaries that `serializer_class` describes.

    Every field of the serializer names a column by its `source` (dots become joins); a nested serializer groups columns
    and is null where its first column is. `list(Rows(S).of(queryset))` makes one query.
    """

    def __init__(self, serializer_class, only=None):
        fields = serializer_class().fields
        self.names = [n for n in fields if not fields[n].write_only and (only is None or n in only)]
        self.columns, self._plan = [], []
        for name in self.names:
            self._plan.append((name, *self._read(fields[name], "")))

    def _read(self, field, prefix):
        path = prefix + field.source.replace(".", "__")
        if isinstance(field, serializers.Serializer):
            inner = [(n, *self._read(f, path + "__")) for n, f in field.fields.items()]
            return None, None, inner
        self.columns.append(UTCText(path) if isinstance(field, serializers.DateTimeField) else path)
        return len(self.columns) - 1, _converter(field), None

    def of(self, queryset):
        return [self.row(values) for values in queryset.values_list(*self.columns)]

    def row(self, values):
        """One dictionary from one tuple of `columns`."""
        return {
            name: (self._nested(values, inner) if inner else convert(values[at]) if convert else values[at])
            for name, at, convert, inner in self._plan
        }

    @staticmethod
    def _nested(values, inner):
        if values[inner[0][1]] is None:
            return None
        return {name: convert(values[at]) if convert else values[at] for name, at, convert, _deeper in inner}


def _converter(field):
    if hasattr(field, "convert"):
        return field.convert
    if isinstance(field, serializers.DateField):
        return lambda v: v and v.isoformat()
    if isinstance(field, serializers.DecimalField | serializers.FloatField):
        return lambda v: None if v is None else float(v)
    return None


class UTCText(Func):
    """A moment as the API writes it, made by the database: a thousand datetimes need not be parsed and printed again."""

    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    output_field = CharField()


def moment(value):
    """A moment as the API writes it: UTC, microseconds, Z."""
    return value and value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value):
    """A cell of a table as text, number or None."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(str(v) for v in value.values() if v is not None)
    if isinstance(value, (list, tuple)):
        return "；".join(str(plain(v)) for v in value)
    return float(value) if isinstance(value, Decimal) else value
