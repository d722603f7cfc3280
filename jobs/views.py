"""/jobs/ID/: one piece of long work with its progress; may be left. The same address answers htmx with the part that renews itself."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from jobs.models import Job

RESULT_WORDS = {
    "rows": gettext_lazy("行"), "created": gettext_lazy("新增"), "updated": gettext_lazy("修改"),
    "unchanged": gettext_lazy("没变"), "changed": gettext_lazy("改了的数"),
}  # fmt: skip


@cache
def titles():
    """What each kind of work is called: every installed room's `nav.py` list JOBS {kind: words}."""
    found = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("django.") and find_spec(f"{config.name}.nav"):
            found |= getattr(import_module(f"{config.name}.nav"), "JOBS", {})
    return found


def title_of(job):
    """A job's kind in words."""
    return titles().get(job.kind) or _("后台工作")


class JobPage(TemplateView):
    template_name = "jobs/job.html"

    def get_template_names(self):
        return ["jobs/_job.html"] if self.request.htmx else [self.template_name]

    def get_context_data(self, **kwargs):
        job = Job.objects.visible_to(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if job is None:
            raise Http404
        done = job.state == Job.DONE
        ahead = Job.objects.unscoped("a number says how many wait before this one").due()
        return super().get_context_data(**kwargs) | {
            "job": job,
            "job_url": self.request.path,
            "title": title_of(job),
            "seconds_left": _seconds_left(job),
            "waiting": ahead.filter(pk__lt=job.pk).count() if job.state == Job.QUEUED else 0,
            "result": _in_words(job.result) if done else [],
            "result_url": job.url if done else "",
            "result_label": _("看结果"),
            "retry_url": "",
            "crumbs": [(_("通知"), reverse("inbox")), (title_of(job), "")],
        }  # fmt: skip


def _seconds_left(job):
    """As long as the rest takes at the pace so far; None before the pace is known."""
    if job.state != Job.RUNNING or not job.total or not job.done or job.started_at is None:
        return None
    spent = (timezone.now() - job.started_at).total_seconds()
    return round(spent / job.done * (job.total - job.done)) if spent > 1 else None


def _in_words(result):
    """The counts of a result that people read: [(label, value)]."""
    return [
        (label, result[name]) for name, label in RESULT_WORDS.items() if isinstance(result, dict) and name in result
    ]
