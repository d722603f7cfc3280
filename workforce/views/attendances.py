"""/trainings/ID/came/ENTRY/: one entry corrected, or taken away when it should not be there."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from workforce import actions
from workforce.forms import AttendanceForm
from workforce.models import Attendance
from workforce.views.forms_of import FormPage, OfTraining, named


class _Entry(OfTraining):
    @cached_property
    def entry(self):
        rows = Attendance.objects.visible_to(self.request.user).filter(training=self.training)
        return named(
            rows.select_related("worker", "training__station__division", "station__division"), "a", self.kwargs["entry"]
        )

    @property
    def cancel_url(self):
        return reverse("training", args=[self.training.public_id])


class EditAttendance(_Entry, FormPage):
    form_class = AttendanceForm
    verb = "change"
    title, done = gettext_lazy("改到课"), gettext_lazy("已保存")

    @property
    def obj(self):
        return self.entry

    def crumbs(self):
        return [(_("培训"), reverse("trainings")), (self.training.title, self.cancel_url), (str(self.entry), "")]

    def get_initial(self):
        one = self.entry
        return {"attended": one.attended, "minutes": one.minutes, "certificate_no": one.certificate_no}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "lead": _("%(who)s，全程 %(n)s 分钟") % {"who": self.entry, "n": self.training.minutes}
        }

    def act(self, form):
        actions.change_attendance(self.request.user, self.entry, **form.wanted())
        return self.cancel_url


class RemoveAttendance(_Entry, View):
    http_method_names = ["post"]

    def post(self, request, pk, entry):
        who = str(self.entry)
        actions.remove_attendance(request.user, self.entry)
        messages.success(request, _("已把 %(who)s 移出名单") % {"who": who})
        return HttpResponseRedirect(self.cancel_url)
