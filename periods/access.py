"""Who keeps the workday calendar: everybody counts by it, the system administrator enters days."""


def can(user, verb, obj):
    """Everybody signed in sees it, the superuser changes it."""
    return user.is_active and (verb == "see" or user.is_superuser)
