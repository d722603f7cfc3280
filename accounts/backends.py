"""Password sign-in by user name or mobile number. Lockout is django-axes's, in front of this."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q

from accounts.models import User


def named(name):
    """The account of a user name or mobile number, or None."""
    return User.objects.filter(Q(username=name) | Q(mobile=name)).order_by("pk").first()


def account_meant(request, credentials=None):
    """For django-axes: whose failure this is. A name and its mobile number count as one; unknown names as they were typed."""
    typed = str((credentials or request.POST).get("username") or "").replace("\0", "")[:200]
    account = named(typed)
    return account.username if account else typed


class NameOrMobile(ModelBackend):
    """Service users have no password and never sign in here."""

    def authenticate(self, request, username=None, password=None, **_):
        if not username or not password or "\0" in username:
            return None
        user = named(username)
        if user is None:
            make_password(password)  # the same work as for a known name, so that timing tells nothing
            return None
        if check_password(password, user.password) and self.user_can_authenticate(user):
            return user
        return None

    def user_can_authenticate(self, user):
        return user.is_active and not user.is_service
