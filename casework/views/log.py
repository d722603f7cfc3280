"""/log/: in which case; /cases/<number>/log/: a contact in under a minute (F05)."""

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework import codes, quick
from casework.casefile import values_of
from casework.models import Record
from casework.records import KINDS
from casework.views.papers import PaperPage
from periods import today
from surfaces.pages import Page
from surfaces.words import near_day

MOST = 100
# As one speaks on the way back from a visit, in place of the paper's own words.
LABELS = {
    "goals": gettext_lazy("为了哪个目标"), "facts": gettext_lazy("看到、听到什么"), "starts_at": gettext_lazy("几点开始"),
    "analysis": gettext_lazy("我的分析"),
}  # fmt: skip
WAYS = ("home_visit", "phone", "face_to_face", "accompany", "online", "conference")  # the commonest first


def relabelled(form):
    """The form of a contact in the words of the short page, the commonest ways first."""
    for name, label in LABELS.items():
        form.fields[name].label = label
    way = form.fields["way"]
    way.widget.choices = sorted(
        way.widget.choices, key=lambda choice: WAYS.index(choice[0]) if choice[0] in WAYS else len(WAYS)
    )
    return form


class ChooseCase(Page):
    template_name = "casework/log_choose.html"
    model, verb = Record, "see"

    def get_context_data(self, **kwargs):
        rows = list(quick.cases_to_log(self.request.user)[: MOST + 1])
        return super().get_context_data(**kwargs) | {
            "rows": [self.row(case) for case in rows[:MOST]], "more": len(rows) > MOST,
            "waiting": quick.without_plan(self.request.user), "crumbs": [(_("记一次"), "")],
        }  # fmt: skip

    @staticmethod
    def row(case):
        late = case.due is not None and case.due < today()
        return {
            "late": ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", (today() - case.due).days) % {"n": (today() - case.due).days} if late else "",
            "url": reverse("case_log", args=[case.number]), "name": case.client.name.clear, "number": case.number,
            "last": near_day(case.last) if case.last else "", "due": near_day(case.due) if case.due else "",
            "kind": "bad" if late else "warn" if case.due == today() else "",
        }  # fmt: skip


class ContactPage(PaperPage):
    """Only the facts are typed; the rest is tapped, or stands under 更多."""

    template_name = "casework/log.html"
    needs = "write"

    @cached_property
    def kind(self):
        return KINDS["contacts"]

    @property
    def title(self):
        return _("记一次联系")

    @cached_property
    def first(self):
        """A new one starts as the last one was: its way and length."""
        values, base = super().first
        if self.record is None:
            last = next(iter(reversed(self.file.all("contacts"))), None)
            values |= {"way": last.code, "minutes": last.minutes} if last else {}
            goals = [g.public_id for g in self.file.live_goals]
            values |= {"goals": goals} if len(goals) == 1 else {}
        return values, base

    def form(self):
        return relabelled(super().form())

    def form_of(self, data, **more):
        return relabelled(super().form_of(data, **more))

    def typed(self, data):
        return quick.settled(data)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"last": self.last()}

    def last(self):
        """{"on", "way", "next"} of the contact before, or None."""
        record = next((r for r in reversed(self.file.all("contacts")) if r != self.record), None)
        if record is None:
            return None
        return {
            "on": near_day(record.on),
            "way": codes.WAYS.get(record.code, ""),
            "next": values_of(record).get("next_step", ""),
        }

    def drawn(self, form, *, sent=None, **more):
        values = {name: form[name].value() for name in quick.TAPS.values()}
        more["danger"] = bool(sent and sent.get("danger"))
        return super().drawn(form, sent=sent, taps=quick.taps(values, sent if sent and "day" in sent else None), **more)

    def written(self, record, do):
        response = super().written(record, do)
        if self.request.POST.get("danger"):
            return HttpResponseRedirect(reverse("case", args=[self.case.number]) + "crisis/?action=raise")
        return response
