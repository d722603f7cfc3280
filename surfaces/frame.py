"""What the frame of every page shows: the rooms this user may enter, and where he works."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _


def frame(request):
    """Context of templates/base.html.

    `nav` as [{"group", "items": [{"url", "label", "short", "icon", "current", "count"}]}], `bar` (the phone's: four items,
    one of them with `is_add`), `place_name`, `role_name`. Rooms are asked when a page shows them: a fragment costs nothing.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "bar": [], "place_name": "", "role_name": ""}
    nav = SimpleLazyObject(lambda: rooms(user, request.path))
    post = first_post(user)
    return {
        "nav": nav,
        "bar": SimpleLazyObject(lambda: under_the_thumb(user, request.path, nav)),
        "place_name": post.place_name if post else "",
        "role_name": post.get_role_display() if post else _("系统管理员") if user.is_superuser else "",
    }


def rooms(user, path):
    """The rooms that `user` may enter, in groups; the one that `path` lies in is current."""
    groups = {}
    for entry in sorted(entries(), key=lambda e: e["order"]):
        if entry["for"](user):
            item = {k: entry.get(k) for k in ("url", "label", "short", "icon")} | {
                "current": lies_in(path, entry),
                "count": entry.get("count", lambda _u: 0)(user),
            }
            groups.setdefault(entry["group"], []).append(item)
    return [{"group": g, "items": items} for g, items in groups.items()]


def lies_in(path, entry):
    """Does a page belong to a room: below its address, or below one of those that it names in `also`?"""
    return path == entry["url"] or any(
        start != "/" and path.startswith(start) for start in (entry["url"], *entry.get("also", ()))
    )


def under_the_thumb(user, path, nav):
    """Four items of the phone's bar: the first rooms; where a room has work done all day, that in the middle beside its room."""
    items = [item for group in nav for item in group["items"]]
    add = next((entry for entry in declared("THUMB") if entry["for"](user)), None)
    if add is None:
        return items[:4]
    room = [item for item in items if item["url"] == add["room"]]
    others = [item for item in items if item not in room]
    middle = {k: add[k] for k in ("url", "label", "icon")} | {
        "short": "",
        "current": path == add["url"],
        "is_add": True,
    }
    return [*others[:1], *room, middle, *others[1:2]]


def entries():
    """Every installed room's `nav.py` list NAV: {order, group, url, also, label, icon, count, for: user → bool}."""
    return declared("NAV")


def declared(name):
    """What every installed room's `nav.py` lists under `name`."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.nav"):
            found += getattr(import_module(f"{config.name}.nav"), name, [])
    return found


def first_post(user):
    """The first post that `user` holds now, or None."""
    return min(user.posts_now, key=lambda post: post.pk, default=None)
