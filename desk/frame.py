"""The bell and the search field of every page's frame."""

from django.utils.functional import SimpleLazyObject

from jobs.models import Job


def bell(request):
    """Context of templates/base.html: how many finished jobs the user has not looked at, and where search and inbox are."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "inbox_count": SimpleLazyObject(lambda: unseen(user).count()),
        "inbox_url": "/inbox/",
        "search_url": "/search/",
    }


def unseen(user):
    """The user's own jobs that ended and that he has not looked at."""
    return Job.objects.visible_to(user).filter(user=user, finished_at__isnull=False, seen_at=None)
