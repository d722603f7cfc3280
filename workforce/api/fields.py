"""Fields of this room's JSON: public ids, masked numbers, hours from minutes, days within sense."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.masking import mask_id, mask_phone

FIRST, LAST = dt.date(1950, 1, 1), dt.date(2150, 1, 1)


class PublicId(serializers.CharField):
    """A row's number with its letter: `w7`. `number_of(text)` reads it back, None for anything else."""

    def __init__(self, letter, **more):
        self.letter = letter
        super().__init__(**more)

    def convert(self, value):
        return None if value is None else f"{self.letter}{value}"


def number_of(letter, text):
    """The number in a public id, or None where it is none."""
    digits = text[1:] if isinstance(text, str) and text[:1] == letter else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


class MaskedId(serializers.CharField):
    """An ID number: taken in clear, shown masked."""

    convert = staticmethod(mask_id)


class MaskedPhone(serializers.CharField):
    convert = staticmethod(mask_phone)


class Hours(serializers.FloatField):
    """Minutes as hours of training (60 minutes, unless the setting says otherwise), two decimals."""

    def convert(self, value):
        return None if value is None else round(value / hour_minutes(), 2)


def hour_minutes():
    """How many minutes an hour of training has here (dossier §3.7: 45, 50 or 60 by locality)."""
    return getattr(settings, "TRAINING_HOUR_MINUTES", 60)


class Day(serializers.DateField):
    """A date that can be a working day of somebody who lives."""

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not FIRST <= day < LAST:
            raise serializers.ValidationError(_("年份不对"), code="bad_date")
        return day


class Strict(serializers.Serializer):
    """A body, or a part of one, that takes no unknown field."""

    def to_internal_value(self, data):
        unknown = sorted(map(str, set(data) - set(self.fields) - {"client_ref"})) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({n[:60]: [_("没有这个字段")] for n in unknown}, code="unknown_field")
        return super().to_internal_value(data)
