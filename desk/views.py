"""The desk's pages: home by role, the inbox behind the bell, one's own agency."""

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from casework import panels, todo
from desk.gathering import due
from jobs.models import Job
from jobs.views import title_of
from metrics.dashboard import dashboard
from periods import Period, today
from stations.access import places
from stations.models import Agency, Station
from stations.places import home_of
from surfaces.frame import entries, first_post
from surfaces.pages import Page

BOARD = {"official", "viewer"}
MARKS = {Job.DONE: ("ok", "check"), Job.FAILED: ("bad", "stop"), Job.QUEUED: ("", "clock"), Job.RUNNING: ("", "clock")}


class Home(Page):
    """/: what is due, and the one figure; for those who work at a station, their station."""

    @cached_property
    def board_place(self):
        """The place whose board this user sees, or None."""
        user = self.request.user
        if user.is_superuser or any(post.role in BOARD and not post.agency_id for post in places(user)):
            return home_of(user)
        return None

    def get_template_names(self):
        return ["desk/home_official.html" if self.board_place else "desk/home.html"]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | (self.board() if self.board_place else self.station())

    def board(self):
        text = self.request.GET.get("period")
        try:
            period = Period.parse(text) if text else None
        except ValueError as e:
            raise ValidationError({"period": str(e)}) from e
        items = due(self.request.user)
        strip = [
            {"url": i["url"], "kind": i["kind"], "icon": i["icon"], "text": f"{i['what']}，{i['why']}"} for i in items
        ]
        return dashboard(self.request.user, self.board_place, period=period) | {"due": strip}

    def station(self):
        user = self.request.user
        post = first_post(user)
        own = next((p.station for p in places(user) if p.station_id), None)
        line = " · ".join(filter(None, (post.place_name, str(post.get_role_display())))) if post else ""
        works = panels.works_on_cases(user)
        return {
            "greeting": f"{user.display_name}，{_greeting()}",
            "today": today(),
            "place_line": line or _("还没有职务，请找您的上级加上"),
            "station": self.card(own, whole=not works) if own else None,
            "facts": self.facts(own) if own and not works else [],
            "links": [] if works else self.links(),
        } | (self.work() if works else {"due": due(user)})  # fmt: skip

    def work(self):
        """The panels of those who work on cases."""
        user = self.request.user
        listed = panels.due_list(user)
        own = panels.own_work(user, listed["items"])
        waiting = panels.waiting(user)
        lines = due(user, but=(todo.late, todo.words_wanted))
        if listed["total"] is not None:
            listed["total"] += len(lines)
        return {
            "due": listed["rows"] + lines, "work": listed, "own": own, "waiting": waiting,
            "place_facts": panels.place_facts(user) if waiting is not None else [],
            "primary": {"url": "/log/", "label": _("记一次"), "icon": "plus"} if own else None,
        }  # fmt: skip

    def links(self):
        return [
            {"url": e["url"], "label": e["label"], "text": e.get("text", ""), "icon": e["icon"]}
            for e in sorted(entries(), key=lambda e: e["order"])
            if e["url"] != "/" and e["for"](self.request.user)
        ]  # fmt: skip

    def card(self, station, whole):
        """One's own station; the one above it too where the page is not full of work."""
        parent = self.visible(Station).filter(pk=station.parent_id).first() if whole and station.parent_id else None
        named = parent or (station.parent if whole and station.parent_id else None)
        return {
            "name": station.name, "url": f"/stations/{station.code}/", "status": station.status,
            "parent_name": named.name if named else "", "parent_url": f"/stations/{named.code}/" if parent else "",
            "phone": station.phone, "manager_name": station.manager_name,
        }  # fmt: skip

    @staticmethod
    def facts(station):
        url = f"/stations/{station.code}/"
        pairs = ((_("专职社工"), station.reported_full_time), (_("持证"), station.reported_certified))
        return [{"label": label, "value": n, "unit": _("人"), "url": url} for label, n in pairs if n is not None]


def _greeting():
    hour = timezone.localtime().hour
    return _("上午好") if 5 <= hour < 12 else _("下午好") if 12 <= hour < 18 else _("晚上好")


class Inbox(Page):
    """/inbox/: what waits for me, and my work that ended; what is shown here counts as seen."""

    template_name = "desk/inbox.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        jobs = self.visible(Job).filter(user=user).order_by("-pk")
        page = self.paged(jobs, 30)
        first = page.number == 1
        waiting = [item | {"when": None, "unread": True} for item in due(user)] if first else []
        items = waiting + [self.item(job) for job in page]
        self.visible(Job).filter(Q(finished_at__isnull=False), pk__in=[j.pk for j in page], seen_at=None).update(
            seen_at=timezone.now()
        )
        return super().get_context_data(**kwargs) | {"items": items, "page": page}

    @staticmethod
    def item(job):
        kind, icon = MARKS[job.state]
        return {
            "url": (job.ended and job.url) or f"/jobs/{job.pk}/", "kind": kind, "icon": icon, "what": title_of(job),
            "why": job.message or job.get_state_display(), "when": job.finished_at or job.created_at,
            "unread": job.ended and job.seen_at is None,
        }  # fmt: skip


class OwnAgency(Page):
    """/agency/: the agencies one works for."""

    template_name = "desk/agency.html"

    def get_context_data(self, **kwargs):
        own = [post.agency_id for post in places(self.request.user) if post.agency_id]
        if not own:
            raise Http404
        rows = self.visible(Agency).filter(pk__in=own).select_related("division")
        return super().get_context_data(**kwargs) | {"agencies": rows}
