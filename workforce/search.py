"""What the site's search finds in this room: people by name, pinyin and initials, trainings by title, in reach."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.finding import asked
from workforce.models import Training, Worker


def people_named(text):
    """The condition that a person's name, its pinyin or initials begin so, or contain the characters."""
    text = asked(text)
    found = Q(name__contains=text)
    if text.isascii() and text.isalpha():
        found |= Q(pinyin__startswith=text.lower()) | Q(initials__startswith=text.lower())
    return found


def find_workers(user, text, most):
    """People in reach by name, pinyin or initials."""
    if not user.can("see", Worker):
        return []
    rows = Worker.objects.visible_to(user).filter(people_named(text)).order_by("pinyin", "pk")[:most]
    return [
        {"url": f"/workers/{w.public_id}/", "label": w.name, "code": "", "status": None, "icon": "people", "hint": ""}
        for w in rows
    ]


def find_trainings(user, text, most):
    """Trainings in reach by a part of their title, the newest first."""
    if not user.can("see", Training):
        return []
    rows = Training.objects.visible_to(user).filter(title__contains=asked(text)).select_related("station")
    return [
        {"url": f"/trainings/{t.public_id}/", "label": t.title, "code": "", "status": None, "icon": "people",
         "hint": f"{t.station.name} · {t.starts_on}"}
        for t in rows.order_by("-starts_on", "-pk")[:most]
    ]  # fmt: skip


SEARCH = [
    {"title": _("人员"), "find": find_workers, "all": "/workers/?q="},
    {"title": _("培训"), "find": find_trainings, "all": "/trainings/?q="},
]
