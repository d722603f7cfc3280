"""What the frame of every page shows: the rooms this user may enter, and where he works."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.translation import gettext as _


def frame(request):
    """Context of templates/base.html.

    `nav` as [{"group", "items": [{"url", "label", "short", "icon", "current", "count"}]}], `place_name`, `role_name`.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "place_name": "", "role_name": ""}
    groups = {}
    for entry in sorted(entries(), key=lambda e: e["order"]):
        if entry["for"](user):
            current = request.path == entry["url"] or (entry["url"] != "/" and request.path.startswith(entry["url"]))
            item = {k: entry.get(k) for k in ("url", "label", "short", "icon")} | {
                "current": current,
                "count": entry.get("count", lambda _u: 0)(user),
            }
            groups.setdefault(entry["group"], []).append(item)
    post = first_post(user)
    return {
        "nav": [{"group": g, "items": items} for g, items in groups.items()],
        "place_name": post.place_name if post else "",
        "role_name": post.get_role_display() if post else _("系统管理员") if user.is_superuser else "",
    }


def entries():
    """Every installed room's `nav.py` list NAV: {order, group, url, label, icon, for: user → bool}."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.nav"):
            found += import_module(f"{config.name}.nav").NAV
    return found


def first_post(user):
    """The first post that `user` holds now, or None."""
    return min(user.posts_now, key=lambda post: post.pk, default=None)
