"""The pages of imports: upload, look before anything is written, mend, write, take back. Thin: `preview.py` draws, `actions.py` acts."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.errors import DomainError
from exchange import actions, annotating, preview
from exchange.blank import blank_workbook
from exchange.forms import UploadForm
from exchange.kinds import kinds
from exchange.models import HeaderMapping, Import
from exchange.uploads import check_upload, limit_uploads
from surfaces.pages import Page


@method_decorator(csrf_exempt, name="dispatch")  # the token is checked below, once the upload's limit is in place
class Imports(Page):
    """/imports/: take a workbook in; those taken in before."""

    template_name = "exchange/imports.html"
    model, verb = Import, "create"

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST":
            limit_uploads(request)
        return csrf_protect(super().dispatch)(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        return self.render_to_response(
            self.get_context_data(form=UploadForm(request.user, kind=request.GET.get("kind")))
        )

    def post(self, request, *args, **kwargs):
        form = UploadForm(request.user, request.POST, request.FILES)
        status = 200
        try:
            file = check_upload(request, request.FILES.get("file"))
            if form.is_valid():
                run = actions.request_import(request.user, **form.values(file))
                return HttpResponseRedirect(reverse("import", args=[run.pk]))
        except DomainError as error:
            form.is_valid()
            form.errors.pop("file", None)
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            status = error.status
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs):
        found = self.visible(Import).select_related("file", "user", "job").defer("errors", "warnings", "headers")
        page = self.paged(found.order_by("-pk"), 15)
        return super().get_context_data(**kwargs) | {
            "page": page,
            "rows": [preview.listed(run) for run in page],
            "blanks": [(kind.title, reverse("import_blank", args=[kind.code])) for kind in kinds().values()],
            "remembered": self._remembered(),
        }

    def _remembered(self):
        """What was last said about one's own headers, in words."""
        known = self.visible(HeaderMapping).order_by("-updated_at").first()
        if known is None or known.kind not in kinds():
            return None
        fields = kinds()[known.kind].fields
        pairs = [(path, fields[name].header if name in fields else _("不读")) for path, name in known.mapping.items()]
        return {"office": known.office, "pairs": pairs[:8], "count": len(pairs)}


class Blank(View):
    """A blank workbook to fill in."""

    def get(self, request, kind):
        found = kinds().get(kind)
        if found is None or not found.may(request.user, "preview", None):
            raise Http404
        answer = HttpResponse(blank_workbook(found), content_type=annotating.MEDIA_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{kind}.xlsx"'
        return answer


class _OneImport(Page):
    """One visible import, else 404."""

    @property
    def run(self):
        if "_run" not in self.__dict__:
            queryset = self.visible(Import).select_related("file", "user", "job", "earlier", "earlier__file")
            self._run = queryset.filter(pk=self.kwargs["pk"]).first()
        if self._run is None:
            raise Http404
        return self._run

    def back(self):
        return HttpResponseRedirect(reverse("import", args=[self.run.pk]))


class ImportPage(_OneImport):
    """/imports/ID/: progress, preview or result; the same address answers htmx with what renews itself."""

    fragment_name = "exchange/_run.html"
    template_name = "exchange/import.html"

    def get_context_data(self, **kwargs):
        run = self.run
        return super().get_context_data(**kwargs) | preview.page_of(run, self.request.user, self.request.GET)


class _Act(_OneImport):
    """A button of the page: acts, says what went wrong, and goes back."""

    http_method_names = ["post", "options"]

    def post(self, request, *args, **kwargs):
        try:
            self.act()
        except DomainError as error:
            if error.status == 403:
                raise
            messages.error(request, str(error.message))
        return self.back()


class Commit(_Act):
    def act(self):
        actions.commit_import(self.request.user, self.run)


class TakeBack(_Act):
    def act(self):
        actions.undo_import(self.request.user, self.run)


class Mend(_Act):
    """What was typed beside wrong cells, and which rows to leave out."""

    def act(self):
        cells, rows = preview.mended(self.run, self.request.POST)
        if cells or rows:
            actions.mend(self.request.user, self.run, cells, rows)


class Mapping(_Act):
    """Which column means what, as chosen on the page."""

    def act(self):
        actions.remember_mapping(self.request.user, self.run, preview.chosen_mapping(self.run, self.request.POST))


class Annotated(_OneImport):
    """The office's file with its wrong cells marked."""

    def get(self, request, *args, **kwargs):
        file = annotating.annotated_file(self.run)
        name = annotating.name_of(self.run)
        return FileResponse(file, as_attachment=True, filename=name, content_type=annotating.MEDIA_TYPE)
