"""What is still done to a closed case: its file put away, a correction beside a paper (to an open one as well), a new episode."""

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework import actions, filing
from casework.records import KINDS
from casework.shapes import title_of
from casework.sheets import sheet
from casework.views.deed import DeedPage, day_today
from surfaces.words import prose_day


class Reopen(DeedPage):
    kind, needs, title = "reopen", "reopen", gettext_lazy("重新开案")

    def shut(self):
        if not self.case.is_closed:
            return _("个案还没有结案，不用重新开案")
        return _("已经重新开过案") if self._next else ""

    @cached_property
    def _next(self):
        return getattr(self.case, "next", None)

    def key(self):
        known = self._next and self.visible(type(self.case)).filter(pk=self._next.pk).exists()
        return (reverse("case", args=[self._next.number]), self._next.number) if known else None

    def initial(self):
        return {"on": day_today()}

    def lead(self):
        words = {"n": self.case.episode + 1}
        return _("开一个新的个案（第%(n)d次），有自己的编号，从接案走起；这个旧案不动。") % words

    def facts(self):
        return [(_("上次结案"), prose_day(self.case.closed_on))] if self.case.closed_on else []

    def act(self, body):
        values = {name: value for name, value in body.items() if value is not None}
        return actions.reopen_case(self.request.user, self.case, values)

    def done(self, made):
        if made is None:
            return _("已重新开案"), self.url
        return _("已重新开案，编号 %(number)s") % {"number": made.number}, reverse("case", args=[made.number])


class Filing(DeedPage):
    """Before filing: what lies in the file, and what it should have and has not."""

    kind, needs, title = "filing", "file", gettext_lazy("归档")

    def shut(self):
        return "" if self.case.is_closed else _("结案以后才归档")

    def initial(self):
        before = self.file.signed("filing")
        return {"filed_on": day_today()} | ({"location": before.plain.get("location")} if before else {})

    def button(self):
        return _("再归一次") if self.file.signed("filing") else _("归档")

    def facts(self):
        before = self.file.signed("filing")
        return [(_("上次归档"), prose_day(before.on))] if before else []

    def get_context_data(self, **kwargs):
        listed = filing.contents_of(self.file) if self.case.is_closed else None
        return super().get_context_data(**kwargs) | {
            "contents": listed and self._lines(listed),
            "missing": listed and self._missing(listed),
        }

    def _lines(self, listed):
        """[{label, form, version, on}] of the contents list, papers of one kind together."""
        found: dict = {}
        for row in listed["contents"]:
            line = found.setdefault(
                row["kind"], {"label": KINDS[row["kind"]].label, "form": row["form"], "count": 0, "on": row["on"]}
            )
            line["count"] += 1
            line["until"] = row["on"]
        return list(found.values())

    def _missing(self, listed):
        words = {"agreement": _("服务协议")}
        return [{"label": words.get(name) or KINDS[name].label} for name in listed["missing"]]

    def act(self, body):
        return actions.write_record(self.request.user, self.case, self.kind, body)

    def done(self, made):
        whole = made is None or made.plain.get("complete")
        return (_("已归档，文件齐全") if whole else _("已归档，目录里注明了缺的文件")), self.url


class Correct(DeedPage):
    """A correction stands beside a signed paper, which stays as it is. First the paper is chosen, then the item."""

    kind, needs, title, param = "corrections", "correct", gettext_lazy("更正"), "record"

    def shut(self):
        return ""

    @cached_property
    def papers(self):
        """{record: paper} of signed papers, the newest first."""
        skipped = ("corrections", "opened", "stage", "approvals")
        return {r.record: r for r in reversed(self.file.records) if not r.draft and r.kind not in skipped}

    @cached_property
    def variant(self):
        return self.request.POST.get("record") or self.request.GET.get("record", "")

    @cached_property
    def paper(self):
        found = self.papers.get(self.variant)
        if found is None and self.variant and self.request.method == "GET":
            raise Http404
        return found

    def fields(self):
        return ["field", "text", "reason"], ()

    def choices(self):
        if self.paper is None:
            return {}
        items = [(f.name, f.label) for f in KINDS[self.paper.kind].fields]
        return {"field": [("", _("选一项")), *items]}

    def lead(self):
        return _("原来的记录一字不动，更正写在旁边，署您的名和时间。")

    def facts(self):
        return [(_("更正哪一份"), f"{title_of(self.paper)}，{self.paper.on or ''}")] if self.paper else []

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["sheet"] = sheet(self.paper, self.file) if self.paper else None
        if self.paper is None and self.form is None:
            context |= {"form": None, "button": "", "papers": [
                {"url": self.address(name), "label": title_of(r), "on": r.on} for name, r in list(self.papers.items())[:100]
            ]}  # fmt: skip
        return context

    def act(self, body):
        return actions.correct_record(self.request.user, self.case, {**body, "record": self.variant})

    def done(self, made):
        return _("已更正"), self.url
