"""Pages of programmes: which there are, how far one has come, which rows a figure counts, and its report as a workbook."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from accounts.errors import Forbidden
from partnerships import halfyear, progress
from partnerships.codes import COMPARATORS, METRICS, in_words
from partnerships.entries import badge_of, tabs_of, waiting_for
from partnerships.models import Batch, Pairing, Programme
from partnerships.picture import bars
from partnerships.workbook.export import report
from periods import Period, today
from surfaces.pages import Page
from surfaces.pdf import typeset

PICTURED = "pairing_trained_person_times"
MOST_ROWS = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ProgrammeList(Page):
    """/programmes/: one visible programme that is open stands for all."""

    template_name = "partnerships/programmes.html"
    model, verb = Programme, "see"

    def get(self, request, *args, **kwargs):
        found = list(self.visible(Programme).select_related("sending", "receiving"))
        kept = [programme for programme in found if programme.rows_kept]
        if len(kept) == 1:
            return HttpResponseRedirect(f"/programmes/{kept[0].slug}/")
        return self.render_to_response(self.get_context_data(programmes=found))


class OfProgramme(Page):
    model, verb = Programme, "see"

    @cached_property
    def programme(self):
        found = self.visible(Programme).select_related("sending", "receiving").filter(slug=self.kwargs["slug"]).first()
        if found is None:
            raise Http404
        return found

    def crumbs(self, *more):
        return [(_("结对与资源"), "/programmes/"), (str(self.programme), f"/programmes/{self.programme.slug}/"), *more]


class ProgrammePage(OfProgramme):
    """How far from the targets, what is missing, who with whom, over time, by field."""

    template_name = "partnerships/programme.html"

    def get_context_data(self, **kwargs):
        programme, user = self.programme, self.request.user
        lines = progress.progress(programme)
        reads_rows = user.can("see", Batch)
        agencies, counties = progress.unpaired(programme)
        fields = progress.by_field(programme)
        return super().get_context_data(**kwargs) | {
            "programme": programme, "crumbs": [*self.crumbs()[:-1], (str(programme), "")],
            "cards": [self.card(line, reads_rows) for line in lines if line["target"]],
            "said": [self.declared(line) for line in lines if line["declared"]],
            "documents": programme.documents.all(), "day": min(today(), programme.ends_on),
            "pairs": self.pairs(), "lonely": agencies, "unpaired": "、".join(county.name for county in counties),
            "reads_rows": reads_rows, "may_enter": reads_rows and programme.rows_kept, "may_pair": user.can("create", Pairing),
            "half": Period.of("half", min(today(), programme.ends_on)).code if reads_rows and programme.rows_kept else "",
            "fields": fields, "field_sums": {
                "activities": sum(f["activities"] for f in fields), "person_times": sum(f["person_times"] for f in fields),
            },
            "waiting": self.waiting(user) if reads_rows else 0, "tabs": tabs_of("programmes") if reads_rows else [], "earlier": self.earlier(), **self.over_time(lines),
        }  # fmt: skip

    def card(self, line, opens):
        """A target as a panel shows it."""
        missing = line["missing"]
        return line | {
            "words": in_words(line["op"], line["target"], line["unit"]),
            "done": min(line["actual"] or 0, line["target"]), "percent": float(line["ratio"] or 0),
            "short": f"{missing:g}" if missing else "",
            "url": f"/programmes/{self.programme.slug}/{line['metric']}/" if opens else "",
        }  # fmt: skip

    @staticmethod
    def declared(line):
        """A published number as a page shows it."""
        said = line["declared"]
        return {
            "name": line["name"], "sign": dict(COMPARATORS)[said["op"]].strip("="), "value": said["value"], "unit": line["unit"],
            "words": in_words(said["op"], said["value"], line["unit"]), "source": said["source"],
        }  # fmt: skip

    def waiting(self, user):
        """How many entries of this programme ask for `user`'s word."""
        if not self.programme.rows_kept:
            return 0
        return sum(row.programme.pk == self.programme.pk for _kind, row in waiting_for(user))

    def pairs(self):
        """[(pairing, badge, confirmed batches)] of those in reach."""
        rows = self.visible(Pairing).filter(programme=self.programme).select_related("sender", "county")
        rows = list(rows.order_by("county__code", "pk"))
        went = list(
            Batch.objects.visible_to(self.request.user)
            .confirmed()
            .filter(pairing__in=rows)
            .values_list("pairing", flat=True)
        )
        return [(pairing, badge_of(pairing), went.count(pairing.pk)) for pairing in rows]

    def over_time(self, lines):
        """The training figure by period, with its target."""
        if not self.programme.rows_kept:
            return {"rows": []}
        rows = progress.by_period(self.programme, PICTURED)
        target = next((line["target"] for line in lines if line["metric"] == PICTURED), None)
        return {"rows": rows, "target": target, "drawn": bars(rows, target), "unit": METRICS[PICTURED][1]}

    def earlier(self):
        """[(programme, its declared numbers)] of earlier rounds between the two provinces."""
        own = self.programme
        rows = self.visible(Programme).filter(sending=own.sending, receiving=own.receiving, starts_on__lt=own.starts_on)
        return [
            (round_, [self.declared(line) for line in progress.progress(round_) if line["declared"]])
            for round_ in rows.order_by("-starts_on")[:2]
        ]


class ProgrammeRows(OfProgramme):
    """/programmes/SLUG/METRIC/: the rows that a figure counts, of those in reach."""

    template_name = "partnerships/rows.html"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.can("see", Batch):
            raise Forbidden(_("明细只给两方的机构和民政干部看"))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        metric, programme = self.kwargs["metric"], self.programme
        if metric not in progress.OF:
            raise Http404
        name, unit = METRICS[metric]
        pairings = self.visible(Pairing).filter(programme=programme)
        rows = progress.labelled(programme, metric, pairings)[: MOST_ROWS + 1] if programme.rows_kept else []
        return super().get_context_data(**kwargs) | {
            "programme": programme, "name": name, "unit": unit, "crumbs": self.crumbs((name, "")),
            "words": progress.OF[metric].numerator.words, "total": progress.actual(programme, metric, programme.ends_on),
            "rows": rows[:MOST_ROWS], "more": len(rows) > MOST_ROWS,
        }  # fmt: skip


class HalfYear(View):
    """/programmes/SLUG/report/2023-H1.pdf, .xlsx: the half-year report. Any period will do."""

    def get(self, request, slug, code, ending):
        if not request.user.can("see", Batch):
            raise Forbidden(_("半年报只给两方的机构和民政干部"))
        found = Programme.objects.visible_to(request.user).select_related("sending", "receiving")
        programme = found.filter(slug=slug, rows_kept=True).first()
        try:
            period = Period.parse(code)
        except ValueError as e:
            raise Http404 from e
        if programme is None or period.last < programme.starts_on or period.first > programme.ends_on:
            raise Http404
        data = halfyear.document(request.user, programme, period)
        made = halfyear.workbook(data) if ending == "xlsx" else typeset(halfyear.TEMPLATE, halfyear.as_text(data))
        response = HttpResponse(made, content_type=XLSX if ending == "xlsx" else "application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{programme.slug}-{period.code}.{ending}"'
        return response


class ReportWorkbook(View):
    """/programmes/SLUG/pairings.xlsx: the pairing report of the rows in reach."""

    def get(self, request, slug):
        if not request.user.can("see", Pairing):
            raise Forbidden(_("结对报表只给两方的机构和民政干部"))
        programme = (
            Programme.objects.visible_to(request.user).select_related("sending", "receiving").filter(slug=slug).first()
        )
        if programme is None:
            raise Http404
        response = HttpResponse(report(request.user, programme), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{programme.slug}-pairings.xlsx"'
        return response
