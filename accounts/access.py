"""Accounts, keys and the change log: which rows, and which verbs. Rooms above add what their posts allow."""

from django.db.models import Q


def users_of(user):
    """The accounts `user` sees: all for the superuser, else one's own."""
    return Q() if user.is_superuser else Q(pk=user.pk)


def can(user, verb, obj):
    """The superuser keeps accounts and keys; everybody changes his own display."""
    if not user.is_active:
        return False
    if obj._meta.model_name in ("event", "change", "seal"):
        return verb == "see" and user.is_superuser
    return user.is_superuser or (verb in ("see", "change") and obj == user)
