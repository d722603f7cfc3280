"""Who works at the shell: a named account, or the system itself, which may do everything."""

from django.core.management.base import CommandError

from accounts.models import User


def shell_user(name):
    """The account called `name`; without one the system, as an unsaved superuser that the change log writes down as nobody."""
    if not name:
        return User(username="system", display_name="system", is_superuser=True)
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"没有叫“{name}”的账号。")
    return user
