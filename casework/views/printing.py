"""/cases/<number>/print/: what the printed file will hold, what for, how far it is; and the file itself for whoever asked for it."""

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.reveals import LONGEST_NOTE, PURPOSES
from casework import printing
from casework.actions.prints import KEPT, ask_for_print, newest_print, take_print
from casework.views.base import CasePage
from jobs.models import Job


class PrintForm(forms.Form):
    """What for, and whether with what is masked elsewhere."""

    purpose = forms.ChoiceField(label=gettext_lazy("用途"), choices=list(PURPOSES.items()), widget=forms.RadioSelect)
    note = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=LONGEST_NOTE)
    clear = forms.BooleanField(
        label=gettext_lazy("印出完整的证件号和电话"), required=False,
        help_text=gettext_lazy("算一次查看打码信息，记在变更记录里。不勾就和页面上一样打码。"),
    )  # fmt: skip


class CasePrint(CasePage):
    """Asking for a print and seeing it grow; the same address answers htmx with what renews itself."""

    template_name, fragment_name = "casework/print.html", "casework/_print.html"
    http_method_names = ["get", "head", "options", "post"]
    needs = "print"
    title = gettext_lazy("打印卷宗")
    form = None

    def post(self, request, *args, **kwargs):
        self.form = PrintForm(request.POST)
        if self.form.is_valid():
            try:
                ask_for_print(request.user, self.case, url=request.path, **self.form.cleaned_data)
                return HttpResponseRedirect(request.path)
            except DomainError as error:
                if error.status == 403:
                    raise
                for one in error.errors:
                    self.form.add_error(one["field"] if one["field"] in self.form.fields else None, str(one["message"]))
        return self.render_to_response(self.get_context_data(), status=400)

    def get_context_data(self, **kwargs):
        job, stored = newest_print(self.request.user, self.case)
        return super().get_context_data(**kwargs) | {
            "form": self.form or PrintForm(), "outline": printing.outline(self.file), "missing": printing.missing(self.file),
            "drafts": printing.drafts(self.file), "job": job, "job_url": self.request.path,
            "under_way": job is not None and not job.ended, "failed": job is not None and job.state == Job.FAILED,
            "stored": stored, "gone_at": stored and stored.created_at + KEPT,
            "file_url": reverse("case_print_file", args=[self.case.number, job.pk]) if stored else "",
        }  # fmt: skip


class CasePrintFile(CasePage):
    """The PDF, to its maker alone; taking it is noted with its purpose."""

    needs = "print"

    def get(self, request, *args, **kwargs):
        job = kwargs["job"]
        if not (job.isascii() and job.isdigit() and len(job) < 18):
            raise Http404
        made = take_print(request.user, self.case, int(job))
        answer = HttpResponse(made, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{self.case.number}.pdf"'
        answer["Cache-Control"] = "no-store, private"
        return answer
