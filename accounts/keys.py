"""API keys: making and reading them, and the two ways to sign in to the API."""

import datetime as dt
import hashlib

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions

from accounts.changes import VIA, change
from accounts.models import ApiKey

# What a key may be given. `x:write` holds `x:read`.
SCOPES = (
    "divisions:read", "stations:read", "stations:write", "workforce:read", "workforce:write", "clients:read", "clients:write",
    "cases:read", "cases:write", "partnerships:read", "partnerships:write", "standards:read", "standards:write",
    "metrics:read", "rollups:write", "imports:write",
)  # fmt: skip


def digest_of(secret):
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def create_key(actor, user, name, scopes, *, expires_at=None):
    """Make a key of `user`. Returns (ApiKey, secret); the secret is not kept anywhere. Raises ValueError for an unknown scope."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise ValueError(
            _("没有这些权限：%(scopes)s；有的是：%(known)s")
            % {"scopes": ", ".join(unknown), "known": ", ".join(SCOPES)}
        )
    secret = ApiKey.new_secret()
    with change(actor, "key.created", user, name=name, scopes=sorted(scopes)):
        key = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=secret[:8],
            digest=digest_of(secret),
            scopes=sorted(scopes),
            expires_at=expires_at,
        )
    return key, secret


def revoke_key(actor, key):
    """Make a key useless from now on."""
    with change(actor, "key.revoked", key):
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
    return key


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer KEY`. The request's `auth` is the ApiKey, its user the key's."""

    def authenticate(self, request):
        word, _sep, secret = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer":
            return None
        now = timezone.now()
        key = (
            ApiKey.objects.select_related("user")
            .filter(Q(expires_at=None) | Q(expires_at__gt=now), digest=digest_of(secret.strip()), revoked_at=None)
            .first()
        )
        if key is None or not key.user.is_active:
            raise exceptions.AuthenticationFailed(_("密钥不对、已到期或已收回"))
        if key.last_used_at is None or now - key.last_used_at > dt.timedelta(minutes=1):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        VIA.set("key")
        return key.user, key

    def authenticate_header(self, request):
        return 'Bearer realm="shegong"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The page's own session, with its CSRF token."""
