"""Places by their codes: 12 digits name a division, a code with `-` a station."""

from django.utils.translation import gettext as _

from accounts.errors import NotInScope
from stations.models import Division, Station


def find_place(code, user):
    """The Division (at the highest level in reach that has the code) or Station of `code` that `user` may see. Raises NotInScope."""
    if "-" in code:
        place = Station.objects.visible_to(user).select_related("division").filter(code=code).first()
    else:
        place = Division.objects.visible_to(user).highest(code)
    if place is None:
        raise NotInScope(_("没有 %(code)s 这个地方，或不在您的范围内") % {"code": code[:24]})
    return place


def home_of(user):
    """The place a user's pages start at: of his posts the widest; the highest division there is for the superuser; or None."""
    from stations.access import places

    found = [p.division or p.station for p in places(user) if p.division_id or p.station_id]
    if found:
        return min(found, key=lambda p: (isinstance(p, Station), p.level if isinstance(p, Division) else p.depth))
    if user.is_superuser:
        city = Station.objects.visible_to(user).filter(tier=1).select_related("division").order_by("code").first()
        return city.division if city else Division.objects.visible_to(user).order_by("level", "code").first()
    return None
