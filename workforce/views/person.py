"""/workers/ID/: one person with certificates, hours still missing, jobs and trainings; the forms that change them."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from accounts.errors import Forbidden
from accounts.masking import mask_id, mask_phone
from accounts.reveals import reveal
from periods import today
from surfaces.pages import Page
from surfaces.rows import moment
from workforce import access, actions
from workforce.actions.workers import last_day
from workforce.education import with_minutes
from workforce.forms import AccountForm, JobForm, WorkerForm
from workforce.models import Assignment, Attendance, Certificate, Registration, Worker
from workforce.reading import with_certificate
from workforce.views.forms_of import FormPage, OfWorker, named, writable_stations
from workforce.views.people import registration_state

TRAININGS = 20


class WorkerPage(OfWorker, Page):
    template_name = "workforce/worker.html"
    model, verb = Worker, "see"

    def get_context_data(self, **kwargs):
        worker, user = self.worker, self.request.user
        url = reverse("worker", args=[worker.public_id])
        may = user.can("change", worker)
        jobs = Assignment.objects.visible_to(user).filter(worker=worker).select_related("station__division")
        came = Attendance.objects.visible_to(user).filter(worker=worker).select_related("training__station")
        return super().get_context_data(**kwargs) | {
            "worker": worker, "url": url, "crumbs": [(_("人员与培训"), reverse("workers")), (worker.name, "")],
            "id_number": mask_id(worker.id_number), "phone": mask_phone(worker.phone), "account": worker.user,
            "certificates": list(self.visible(Certificate).filter(worker=worker)), "cycles": list(self.cycles()),
            "jobs": [self.job(job, url, user) for job in jobs],
            "trainings": [self.attended(one, user) for one in came.order_by("-on", "-pk")[:TRAININGS]],
            "edit_url": f"{url}edit/" if may else "", "job_url": f"{url}jobs/" if user.can("create", Assignment) else "",
            "account_url": f"{url}account/" if may else "", "phone_url": f"{url}phone/" if user.can("reveal", worker) else "",
        }  # fmt: skip

    def cycles(self):
        """The registrations, newest first, with the hours of each; the newest alone says whether it still holds."""
        day = today()
        rows = with_minutes(self.visible(Registration).filter(worker=self.worker), day).order_by("-span")
        for n, row in enumerate(rows):
            kind, words = registration_state(row.last_day, day) if n == 0 else ("", "")
            required = row.required or 0
            yield {
                "grade": row.get_grade_display(), "since": row.span.lower, "until": row.last_day, "kind": kind, "words": words,
                "done": row.done / 60, "required": required / 60, "missing": max(0, required - row.done) / 60,
                "share": min(100, 100 * row.done // required) if required else 0, "current": n == 0,
            }  # fmt: skip

    @staticmethod
    def job(job, url, user):
        return {
            "station": job.station, "duty": job.get_duty_display(), "full_time": job.full_time, "since": job.span.lower,
            "until": last_day(job.span), "url": f"{url}jobs/{job.public_id}/" if user.can("change", job) else "",
        }  # fmt: skip

    @staticmethod
    def attended(one, user):
        in_reach = access.may_at(user, "see", type(one.training), one.training.station)
        return {
            "title": one.training.title, "url": reverse("training", args=[one.training.public_id]) if in_reach else "",
            "on": one.on, "minutes": one.minutes, "attended": one.attended, "counts": one.training.ce_eligible,
        }  # fmt: skip


class _PersonForm(OfWorker, FormPage):
    """A form about one person that leads back to his page."""

    verb = "change"

    @property
    def obj(self):
        return self.worker

    @property
    def cancel_url(self):
        return reverse("worker", args=[self.worker.public_id])

    def crumbs(self):
        return [(_("人员与培训"), reverse("workers")), (self.worker.name, self.cancel_url), (self.title, "")]


class EditWorker(_PersonForm):
    form_class = WorkerForm
    title, done = gettext_lazy("改资料"), gettext_lazy("已保存")

    def get_form_kwargs(self):
        known = {"id_number": mask_id(self.worker.id_number), "phone": mask_phone(self.worker.phone)}
        return super().get_form_kwargs() | {"known": known}

    def get_initial(self):
        worker = with_certificate(Worker.objects.visible_to(self.request.user)).get(pk=self.worker.pk)
        newest = Registration.objects.visible_to(self.request.user).filter(worker=worker).order_by("-span").first()
        return {
            "name": worker.name, "sex": worker.sex, "education": worker.education, "degree_on": worker.degree_on, "note": worker.note,
            "qualification": worker.grade_now, "certificate_no": worker.certificate_number, "certified_on": worker.certificate_on,
            "registered_from": newest and newest.span.lower, "registered_until": worker.registered_last,
            "version": moment(worker.updated_at),
        }  # fmt: skip

    def act(self, form):
        actions.update_worker(self.request.user, self.worker, check=self.unless_stale(form), **form.wanted())
        return self.cancel_url


class AddJob(_PersonForm):
    """/workers/ID/jobs/: a further job, at a station the asker keeps."""

    form_class = JobForm
    title, done = gettext_lazy("加岗位"), gettext_lazy("已加岗位")

    def dispatch(self, request, *args, **kwargs):
        self.verb = "see"
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        stations = writable_stations(self.request.user)
        if not stations:
            raise Forbidden()
        return super().get_form_kwargs() | {"stations": stations}

    def act(self, form):
        actions.add_assignment(self.request.user, self.worker, **form.wanted())
        return self.cancel_url


class ChangeJob(_PersonForm):
    """/workers/ID/jobs/JOB/: its days, duty and hours; writing the last day ends it."""

    form_class = JobForm
    title, done = gettext_lazy("改岗位"), gettext_lazy("已保存")

    @cached_property
    def job(self):
        rows = (
            Assignment.objects.visible_to(self.request.user)
            .filter(worker=self.worker)
            .select_related("station__division", "worker")
        )
        return named(rows, "j", self.kwargs["job"])

    @property
    def obj(self):
        return self.job

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stations": None}

    def get_initial(self):
        job = self.job
        return {
            "duty": job.duty, "full_time": job.full_time, "starts_on": job.span.lower, "ends_on": last_day(job.span),
            "version": moment(job.updated_at),
        }  # fmt: skip

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"lead": self.job.station.name}

    def act(self, form):
        actions.change_assignment(self.request.user, self.job, check=self.unless_stale(form), **form.wanted())
        return self.cancel_url


class LinkAccount(_PersonForm):
    """/workers/ID/account/: which account this person signs in with."""

    form_class = AccountForm
    title, done = gettext_lazy("关联账号"), gettext_lazy("已保存")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        return {"account": self.worker.user_id}

    def act(self, form):
        actions.link_account(self.request.user, self.worker, form.cleaned_data["account"])
        return self.cancel_url


class ShowPhone(OfWorker, View):
    """POST /workers/ID/phone/: the phone in clear, once, with the purpose in the record."""

    http_method_names = ["post"]

    def post(self, request, pk):
        shown = reveal(request.user, self.worker, request.POST.get("purpose", "service"), fields=["phone"])
        messages.info(request, _("%(name)s 的手机：%(phone)s") % {"name": self.worker.name, "phone": shown["phone"]})
        return HttpResponseRedirect(reverse("worker", args=[self.worker.public_id]))
