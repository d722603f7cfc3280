"""Password sign-in by user name or mobile number. Lockout is django-axes's, in front of this."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q

from accounts.models import User


class NameOrMobile(ModelBackend):
    """Service users have no password and never sign in here."""

    def authenticate(self, request, username=None, password=None, **_):
        if not username or not password or "\0" in username:
            return None
        user = User.objects.filter(Q(username=username) | Q(mobile=username)).order_by("pk").first()
        if user is None:
            make_password(password)  # the same work as for a known name, so that timing tells nothing
            return None
        if check_password(password, user.password) and self.user_can_authenticate(user):
            return user
        return None

    def user_can_authenticate(self, user):
        return user.is_active and not user.is_service
