"""One-time codes that start an account or reset a password: issued by somebody in charge, printed, good for 24 hours."""

import datetime as dt
import secrets

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.changes import change
from accounts.errors import DomainError
from accounts.keys import digest_of
from accounts.models import OneTimeCode, User

LETTERS, DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"  # no letters that read as digits; 45 bits in all
LIFETIME = dt.timedelta(hours=24)


def issue_code(actor, user):
    """A fresh code for `user`; earlier ones die. Returns it in clear, grouped as ABCD-2345-EFGH. Rights are the caller's affair."""
    code = "".join(secrets.choice(LETTERS) + secrets.choice(DIGITS) for _ in range(6))
    with change(actor, "code.issued", user):
        user.codes.filter(used_at=None).delete()
        OneTimeCode.objects.create(
            user=user, digest=digest_of(code), issued_by=actor if getattr(actor, "pk", None) else None,
            expires_at=timezone.now() + LIFETIME,
        )  # fmt: skip
    return "-".join(code[i : i + 4] for i in (0, 4, 8))


def use_code(name, code, password):
    """Set the password of the account `name` with its code; ends its sessions. Raises DomainError (`bad_code`, `weak_password`)."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    with transaction.atomic():
        found = (
            OneTimeCode.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(digest=digest_of(plain), used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
            .first()
        )
        if found is None or name not in (found.user.username, found.user.mobile):
            raise DomainError(_("口令不对、用过了或过了 24 小时，请发口令的人再发一个"), code="bad_code", field="code")
        try:
            validate_password(password, found.user)
        except ValidationError as e:
            raise DomainError("；".join(e.messages), code="weak_password", field="password") from e
        with change(found.user, "password.set", found.user):
            found.used_at = timezone.now()
            found.save(update_fields=["used_at"])
            found.user.set_password(password)
            found.user.save(update_fields=["password"])
        end_sessions(found.user)
    return found.user


def end_sessions(user):
    """Sign `user` out everywhere."""
    keys = list(user.usersession_set.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    user.usersession_set.all().delete()


def first_admin(name):
    """Make the site's first administrator. Returns (User, code). Raises DomainError `exists` where there is one already."""
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        raise DomainError(_("已经有系统管理员了，请他发一次性口令"), code="exists")
    with change(None, "account.first_admin"):
        user = User.objects.filter(username=name).first() or User(username=name, display_name=name)
        user.is_superuser = user.is_staff = user.is_active = True
        if not user.password:
            user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as e:
            raise DomainError("；".join(e.messages), code="bad_name", field="name") from e
        user.save()
    return user, issue_code(None, user)
