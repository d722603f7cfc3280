"""/todo/: what is due, in the order of its days, each with the form that does it; below it what the other rooms ask for."""

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import codes, due, todo, worklists
from casework.models import Record
from casework.views.due_words import work_row
from desk.gathering import due as lines_of
from periods import today
from surfaces.pages import Page

WHEN = {
    "overdue": gettext_lazy("逾期"),
    "today": gettext_lazy("今天"),
    "week": gettext_lazy("本周"),
    "later": gettext_lazy("以后"),
}


class Todo(Page):
    """One list for worker, supervisor and manager; `?when=` leaves one part of it."""

    template_name = "desk/todo.html"

    @cached_property
    def when(self):
        asked = self.request.GET.get("when", "")
        return asked if asked in WHEN else ""

    def get_context_data(self, **kwargs):
        user = self.request.user
        works = user.can("see", Record)
        counts = worklists.counts_of(user) if works else dict.fromkeys(WHEN, 0)
        rows = worklists.todo_of(user)
        page = self.paged(rows.filter(worklists.spans()[self.when]) if self.when else rows, 60) if works else None
        items = list(page) if page else []
        return super().get_context_data(**kwargs) | {
            "groups": self.groups(items), "counts": counts, "total": sum(counts.values()), "page": page, "when": self.when,
            "chips": self.chips(counts) if works else [], "note": due.note_of(items),
            "lines": [] if self.when else lines_of(user, but=(todo.late,)),
        }  # fmt: skip

    def chips(self, counts):
        url = reverse("todo")
        whole = {"url": url, "label": _("全部"), "count": sum(counts.values()), "current": not self.when}
        return [whole] + [
            {"url": f"{url}?when={name}", "label": label, "count": counts[name], "current": name == self.when}
            for name, label in WHEN.items()
        ]

    def groups(self, items):
        """[{title, rows}] in the order of WHEN, without those that are empty."""
        found: dict = {name: [] for name in WHEN}
        for item in items:
            found[span_of(item)].append(self.row(item))
        return [{"title": WHEN[name], "rows": rows} for name, rows in found.items() if rows]

    def row(self, item):
        """One line: whose and what, why, until when, waiting for whom where it is not this reader."""
        case, user = item.case, self.request.user
        waits = item.waiting_for == "worker" and case.worker.user_id != user.pk
        whom = _("等%(role)s %(name)s") % {"role": codes.WAITING["worker"], "name": case.worker.name} if waits else ""
        line = work_row(item, case.client.name.clear)
        why = " · ".join(filter(None, (case.number, "" if due.is_overdue(item) else line["why"], whom)))
        return line | {
            "url": worklists.door(item, user),
            "why": why,
            "icon": "warn" if item.severity == "high" else line["icon"],
        }


def span_of(item):
    """overdue, today, week or later, as `worklists.spans` says it to the database."""
    day = today()
    if due.is_overdue(item):
        return "overdue"
    if item.due_on == day:
        return "today"
    return "week" if (item.due_on - day).days <= 6 - day.weekday() else "later"
