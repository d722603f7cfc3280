"""A case goes into other hands: offered to another station and answered there; and who may know of it at all."""

from dataclasses import replace

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Forbidden
from casework import access, actions, bodies
from casework.forms import form_for
from casework.views.deed import DeedPage
from stations.models import Station
from workforce.models import Assignment


class Transfer(DeedPage):
    """Offered by who has the case; answered by the other station's manager or supervisor; until then the sender stays responsible."""

    kind, title = "transfer", gettext_lazy("转站")

    def check_reach(self):
        super().check_reach()
        if not self.variants() and not self.may("offer"):
            raise Forbidden(_("转站由承办的一方提出，由对方站的站长或督导接收"))

    def variants(self):
        case = self.case
        if case.is_closed:
            return {}
        if case.transfer_to is None:
            return {"offer": _("提出转站")} if self.may("offer") else {}
        answers = {"accept": _("接收"), "return": _("退回")} if self._receives else {}
        return answers | ({"cancel": _("收回")} if self.may("offer") else {})

    @cached_property
    def _receives(self):
        return access.may_receive(self.request.user, self.case.transfer_to)

    def fields(self):
        asked = {
            "offer": (["to_station", "reason"], ("to_station", "reason")), "accept": (["worker"], ("worker",)),
            "return": (["reason"], ("reason",)), "cancel": (["reason"], ()),
        }  # fmt: skip
        return asked.get(self.variant, (["reason"], ()))

    def choices(self):
        if self.variant == "accept" and self.case.transfer_to:
            jobs = Assignment.objects.visible_to(self.request.user).unended().filter(station=self.case.transfer_to)
            people = {
                job.worker.public_id: job.worker.name
                for job in jobs.select_related("worker").order_by("worker__pinyin")
            }
            return {"worker": [("", _("选一位")), *people.items()]}
        return {}

    def hints(self):
        return {"to_station": _("选一个，或写对方站的代码，如 420703101000-1")} if self.variant == "offer" else {}

    def drawn(self, data=None):
        form = super().drawn(data)
        if "to_station" in form.fields:
            form.fields["to_station"].widget.attrs["list"] = "stations-in-reach"
        return form

    def stations(self):
        """[(code, name)] in reach that may be offered the case, to pick from; another station is named by its code."""
        rows = self.visible(Station).filter(status="operating").exclude(pk=self.case.station_id)
        return list(rows.order_by("tier", "code").values_list("code", "name")[:300])

    def button(self):
        words = {"offer": _("提出转站"), "accept": _("接收"), "return": _("退回"), "cancel": _("收回")}
        return words.get(self.variant, self.title)

    def lead(self):
        words = {
            "offer": _("对方接收以前，仍由本站负责；对方先看到编号、站点、阶段和日期。"),
            "accept": _("接收以后，个案归本站，选定的社工承办；全部记录随之可看。"),
            "return": _("退回以后，个案仍由原站负责。"), "cancel": _("收回以后，对方不再看到这个个案。"),
        }  # fmt: skip
        return words.get(self.variant, "")

    def facts(self):
        found = [(_("现在的站点"), self.case.station)]
        return found + ([(_("转往"), self.case.transfer_to)] if self.case.transfer_to else [])

    def get_context_data(self, **kwargs):
        picking = self.variant == "offer" and not self.shut()
        return super().get_context_data(**kwargs) | {"suggestions": self.stations() if picking else []}

    def act(self, body):
        body = {**body, "action": self.variant}
        if body.get("to_station"):
            body["to_station"] = self._code(body["to_station"])
        return actions.transfer_case(self.request.user, self.case, body)

    def _code(self, text):
        """A code as it was typed, or that of the one station in reach whose name was typed."""
        named = [code for code, name in self.stations() if name == text.strip()]
        return named[0] if len(named) == 1 else text.strip()

    def done(self, made):
        words = {
            "offer": _("已提出转站，等对方答复"), "accept": _("已接收"), "return": _("已退回"), "cancel": _("已收回"),
        }  # fmt: skip
        again = self.visible(type(self.case)).filter(pk=self.case.pk).exists()
        return words[self.variant], self.url if again else reverse("cases")


class Confidentiality(DeedPage):
    kind, needs, title = "confidentiality", "change", gettext_lazy("保密级别")

    def drawn(self, data=None):
        fields = tuple(replace(f, required=True) for f in bodies.CASE_CHANGE if f.name == "confidentiality")
        return form_for(fields, data=data, initial={"confidentiality": self.case.confidentiality})

    def lead(self):
        return _("从严以后，同站的同事和上级站的站长看不到这个个案；承办人、督导、本站站长照旧，每次查看都留痕。")

    def button(self):
        return _("保存")

    def act(self, body):
        return actions.change_case(self.request.user, self.case, {k: v for k, v in body.items() if v is not None})

    def done(self, made):
        return _("已保存"), self.url
