"""Who may see which imports, and which verbs on them: the two side by side. Rights at places are asked of the kind's own room."""

from django.db.models import Q

from exchange.kinds import kinds


def imports_of(user):
    """One's own, and those of the places whose imports one may write; all for the superuser."""
    if user.is_superuser and user.is_active:
        return Q()
    condition = Q(user=user)
    for kind in kinds().values():
        if (codes := kind.kept_codes(user)) is not None:
            condition |= Q(kind=kind.code) & codes
    return condition


def can(user, verb, obj):
    """Verbs: `see` and `create` for whoever may import something somewhere; `commit` and `undo` for those who keep the place."""
    if not user.is_active:
        return False
    if isinstance(obj, type):
        return verb in ("see", "create", "preview", "commit", "undo") and any(
            kind.may(user, "preview", None) for kind in kinds().values()
        )
    kind = kinds().get(obj.kind)
    if kind is None:
        return False
    if verb == "see":
        return (
            user.is_superuser or obj.user_id == user.pk or type(obj).objects.visible_to(user).filter(pk=obj.pk).exists()
        )
    place = kind.place(obj.within, user) if obj.within else None
    return kind.may(user, "commit" if verb in ("commit", "undo") else "preview", place)
