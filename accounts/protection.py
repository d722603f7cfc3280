"""Protected fields: the cipher and its key ring, the wrapper that never shows its text, the model fields, the blind index.

Stored is `v1.<key id>.<base64 of nonce and ciphertext>`, AES-256-GCM, bound to "table.column". What a mask shows is
`masking`'s affair, opening one with a purpose `reveals`', changing keys `rotation`'s.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import unicodedata
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.errors import DomainError

MASK = "***"
VERSION = "v1"


class KeyMissing(DomainError):
    """The key a value was encrypted with is not in the ring. `extra["key"]` is its id."""

    status, code, message = 503, "key_missing", _("本站没有打开这一项所需的密钥，请系统管理员把它放回 FIELD_KEYS")


class Damaged(DomainError):
    """A ciphertext that was altered, cut, or brought here from another column."""

    status, code, message = 503, "ciphertext_damaged", _("这一项的密文被改动过或不属于这一栏，没有显示任何内容")


# ── The cipher ───────────────────────────────────────────────────────────────────────────────────
def _key(text, name):
    try:
        key = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(
            f"{name} 里有一把密钥不对：应是 32 字节的 urlsafe base64（44 个字符）。"
            f" / A key in {name} is not 32 bytes in urlsafe base64."
        )
    return key


def key_id(text):
    """Eight hex digits that name a key and say nothing about it: the beginning of the fingerprint a backup keeps."""
    return hashlib.sha256(b"shegong key fingerprint\0" + text.encode()).hexdigest()[:8]


def key_of(sealed):
    """The id of the key a ciphertext was made with; "" for what is none."""
    return ([*(sealed or "").split("."), "", ""])[1]


@lru_cache(maxsize=8)
def _ring(keys):
    return {key_id(text): AESGCM(_key(text, "FIELD_KEYS")) for text in keys}


def newest_key():
    """The id of the key that new values are encrypted with. Raises KeyMissing where the ring is empty."""
    if not settings.FIELD_KEYS:
        raise KeyMissing(_("没有设 FIELD_KEYS，不能保存受保护的内容"))
    return key_id(settings.FIELD_KEYS[0])


@sensitive_variables()
def encrypt(place, text):
    """`text` under the newest key, good only at `place` ("table.column")."""
    key = newest_key()
    nonce = os.urandom(12)
    body = nonce + _ring(tuple(settings.FIELD_KEYS))[key].encrypt(nonce, text.encode(), place.encode())
    return f"{VERSION}.{key}.{binascii.b2a_base64(body, newline=False).decode()}"


@sensitive_variables()
def decrypt(place, sealed):
    """The clear text of what `encrypt` made for `place`. Raises KeyMissing or Damaged, never gives a wrong text."""
    version, _dot, rest = sealed.partition(".")
    key, _dot, body = rest.partition(".")
    if version != VERSION or not body:
        raise Damaged(place=place)
    cipher = _ring(tuple(settings.FIELD_KEYS)).get(key)
    if cipher is None:
        raise KeyMissing(
            _("这一项用密钥 %(key)s 加密，本站没有这把密钥；请系统管理员把它放回 FIELD_KEYS") % {"key": key}, key=key
        )
    try:
        raw = binascii.a2b_base64(body, strict_mode=True)
        if (
            binascii.b2a_base64(raw, newline=False).decode() != body
        ):  # strict mode lets the bits under the padding differ
            raise Damaged(place=place)
        return cipher.decrypt(raw[:12], raw[12:], place.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise Damaged(place=place) from None


# ── The blind index ──────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=8)
def _index_keys(text):
    keys = [_key(part, "INDEX_KEY") for part in text.split(",") if part]
    if not keys:
        raise KeyMissing(_("没有设 INDEX_KEY，不能按证件号查找"))
    return keys


def _normal(value):
    """What two spellings of one number have in common: width, case, spaces and hyphens do not count."""
    text = unicodedata.normalize("NFKC", value.clear if isinstance(value, Protected) else value)
    return "".join(c for c in text if not c.isspace() and c not in "-‐‑–—").upper()


@sensitive_variables()
def blind_indexes(purpose, value):
    """`value`'s index under every index key, newest first: what a look-up compares with, by `__in`. [] for an empty value."""
    if value is None or not (text := _normal(value)):
        return []
    message = purpose.encode() + b"\0" + text.encode()
    return [hmac.digest(key, message, "sha256").hex()[:32] for key in _index_keys(settings.INDEX_KEY)]


def blind_index(purpose, value):
    """32 hex characters that equal values of one purpose share and nobody without INDEX_KEY can compute; None for an empty value."""
    return next(iter(blind_indexes(purpose, value)), None)


# ── The wrapper ──────────────────────────────────────────────────────────────────────────────────
class Protected:
    """A text that shows itself only where `.clear` is asked. Equal to another, or to a plain str, by clear text.

    It is opened at the first `.clear`: a list that shows no name needs no key.
    """

    __slots__ = ("_place", "_sealed", "_text")
    _text: str | None
    _sealed: str | None
    _place: str | None

    def __init__(self, clear):
        self._text, self._sealed, self._place = self._written(clear), None, None

    @staticmethod
    def _written(clear):
        if isinstance(clear, (str, Promise)):
            return str(clear)
        raise TypeError("a protected field takes a text")

    @classmethod
    def stored(cls, place, sealed):
        """The value whose ciphertext, made for `place`, is `sealed`."""
        made = cls.__new__(cls)
        made._text, made._sealed, made._place = None, sealed, place
        return made

    def _open(self):
        if self._text is None:
            self._text = decrypt(self._place, self._sealed)
        return self._text

    @property
    def clear(self):
        """The text. Raises KeyMissing or Damaged."""
        return self._open()

    def sealed_for(self, place):
        """Its ciphertext for `place`: the one it was read from (no change, no new text), unless a newer key is there."""
        if self._place != place:
            self._sealed, self._place = encrypt(place, self._open()), place
        elif key_of(self._sealed) != newest_key():
            with contextlib.suppress(
                KeyMissing, Damaged
            ):  # unreadable: a save of the row's other columns leaves it alone
                self._sealed = encrypt(place, self._open())
        return self._sealed

    def __eq__(self, other):
        if isinstance(other, Protected):
            if self._sealed is not None and (self._sealed, self._place) == (other._sealed, other._place):
                return True
            return self.clear == other.clear
        return self.clear == other if isinstance(other, str) else NotImplemented

    def __hash__(self):
        return hash(self._open())

    def __bool__(self):
        return bool(self.clear)

    def __str__(self):
        return MASK

    def __format__(self, spec):
        return format(MASK, spec)

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError("a protected value is never pickled: not into a cache, a session or a task")

    __getstate__ = __reduce__ = lambda self: self.__reduce_ex__(2)


class ProtectedJSON(Protected):
    """The same for a list or dictionary of narrative; `.clear` is a fresh copy, so changing it changes nothing here."""

    __slots__ = ()

    @staticmethod
    def _written(clear):
        return json.dumps(clear, ensure_ascii=False, allow_nan=False, cls=DjangoJSONEncoder)

    @property
    def clear(self):
        return json.loads(self._open())

    def __eq__(self, other):
        if isinstance(other, (list, dict)):
            return self.clear == other
        return super().__eq__(other)

    def __hash__(self):
        return hash(ProtectedJSON)


# ── The fields ───────────────────────────────────────────────────────────────────────────────────
class _Attribute(DeferredAttribute):
    """Wraps what is assigned. An equal value leaves the old ciphertext, so that the change log sees no change."""

    field: "ProtectedField"

    def __set__(self, instance, value):
        new, old = self.field.wrap(value), instance.__dict__.get(self.field.attname)
        if isinstance(new, Protected) and isinstance(old, Protected) and new._sealed is None:
            # An old one that cannot be opened is replaced, and stays in the change log as it was.
            with contextlib.suppress(DomainError):
                new = old if old == new else new
        instance.__dict__[self.field.attname] = new


class ProtectedField(models.TextField):
    """A text column that holds ciphertext. `max_length` counts characters of the clear text.

    The attribute is a `Protected` or None; a plain str assigned to it is wrapped. Forms and serializers ask for
    `.clear` themselves; without it they show `***`, and `***` is refused as a value. Only `isnull` can be looked up:
    to find an equal one, put a `BlindIndexField` beside it.
    """

    descriptor_class = _Attribute
    wrapper = Protected

    @property
    def place(self):
        """What the ciphertext is bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def wrap(self, value):
        """`value` as the attribute holds it; expressions and None as they are."""
        if value is None or isinstance(value, self.wrapper) or hasattr(value, "resolve_expression"):
            return value
        return self.wrapper(value)

    def from_stored(self, sealed):
        """The attribute for a ciphertext of this column, e.g. one that the change log kept."""
        return None if sealed is None else self.wrapper.stored(self.place, sealed)

    def from_db_value(self, value, expression, connection):
        return self.from_stored(value)

    def to_python(self, value):
        return self.wrap(value)

    @sensitive_variables()
    def get_prep_value(self, value):
        value = self.wrap(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if value._place != self.place:
            self._check(value)
        return value.sealed_for(self.place)

    @sensitive_variables()
    def _check(self, value):
        text = value._open()
        if self.max_length and len(text) > self.max_length:
            raise DomainError(
                _("有 %(count)d 个字，最多放 %(most)d 个，请写短些") % {"count": len(text), "most": self.max_length},
                code="inconsistent", field=self.name,
            )  # fmt: skip
        if "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
            raise DomainError(_("有不能保存的字符"), code="inconsistent", field=self.name)
        if text == MASK or (self.wrapper is ProtectedJSON and f'"{MASK}"' in text):
            raise DomainError(_("这是打码后的样子，不能当作内容保存"), code="inconsistent", field=self.name)

    def run_validators(self, value):
        if value:
            super().run_validators(value.clear)

    def clean(self, value, model_instance):
        value = super().clean(value, model_instance)
        if value is not None and value._place != self.place:
            try:
                self._check(value)
            except DomainError as e:
                raise forms.ValidationError(str(e.message), code=e.code) from None
        return value

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.place} is encrypted: only isnull can be looked up; ask its blind index instead")

    def value_to_string(self, obj):
        raise TypeError("a protected field is not dumped; use `manage.py backup`")

    def formfield(self, **kwargs):
        return super(models.TextField, self).formfield(
            **{"max_length": self.max_length, **({} if self.max_length else {"widget": forms.Textarea}), **kwargs}
        )

    def check(self, **kwargs):
        from django.core import checks

        found = super().check(**kwargs)
        if self.unique or self.primary_key or self.db_index:  # type: ignore[attr-defined]
            found.append(checks.Error("A protected field cannot be unique or indexed.", obj=self, id="accounts.E001"))
        return found


class ProtectedJSONField(ProtectedField):
    """Lists and dictionaries of narrative, encrypted as one text. The attribute is a `ProtectedJSON` or None."""

    wrapper = ProtectedJSON

    def formfield(self, **kwargs):
        return super(models.TextField, self).formfield(**{"form_class": forms.JSONField, **kwargs})


class BlindIndexField(models.CharField):
    """The blind index of the protected field `source`, kept by every save() and bulk_create().

    `save(update_fields=…)` must name both; `update()` does not keep it. `rotate_keys --index` computes it anew.
    """

    def __init__(self, *args, source, purpose, **kwargs):
        self.source, self.purpose = source, purpose
        super().__init__(*args, **{"max_length": 32, "null": True, "editable": False, **kwargs})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source, "purpose": self.purpose}

    def pre_save(self, model_instance, add):
        index = blind_index(self.purpose, getattr(model_instance, self.source))
        setattr(model_instance, self.attname, index)
        return index
