"""What is due in this room: particulars of one's own station that nobody has written yet."""

from django.utils.translation import gettext as _

from stations.access import places

WANTED = ("manager_name", "phone", "address", "reported_full_time", "site_ready", "funds_ready")


def unfilled(user):
    """The manager's own stations with what is missing in their particulars."""
    out = []
    for post in places(user):
        if post.role != "manager" or not post.station_id:
            continue
        station = post.station
        missing = [
            station._meta.get_field(name).verbose_name for name in WANTED if getattr(station, name) in (None, "")
        ]
        if missing:
            out.append({
                "url": f"/stations/{station.code}/edit/", "kind": "", "icon": "edit", "what": _("补齐本站资料"),
                "why": _("还没有：%(names)s") % {"names": "、".join(map(str, missing))}, "due": "",
            })  # fmt: skip
    return out


TODO = [unfilled]
