"""Forms of the room's pages. They check what was typed; what may be done is checked by the actions."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from partnerships import finding
from partnerships.codes import AGENCY, FIELDS, GROUPS, KINDS, OUTCOMES, STATION, WAYS
from partnerships.models import Pairing, Programme
from partnerships.models.sessions import MOST_MINUTES
from periods import today
from stations.models import Agency, Division
from surfaces.words import as_day

STAY = re.compile(r"^(?P<who>[^，,]+)(?:[，,]\s*(?P<first>\S+)\s*(?:至|到|~|—|–)\s*(?P<last>\S+))?$")
MARK = re.compile(r"^(?P<name>[^（(]+)[（(](?P<mark>[^）)]+)[）)]$")


def person_of(text):
    """{"name", "mark"} of "李敏" or "李敏（2）"."""
    found = MARK.match(text.strip())
    return {"name": found["name"].strip(), "mark": found["mark"].strip()} if found else {"name": text.strip()}


class Entry(forms.Form):
    """What every entry's form has: its reference, and the version that it changes."""

    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, user, *args, entry=None, **more):
        super().__init__(*args, **more)
        self.user, self.entry = user, entry
        if entry is None:
            del self.fields["version"]
        else:
            del self.fields["client_ref"]

    def wanted(self):
        """{field: value} for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("client_ref", "version")}


class OfPairing(Entry):
    """An entry about a pairing, which is chosen once."""

    pairing = forms.ModelChoiceField(Pairing.objects.none(), label=_("结对"), empty_label=None)

    def __init__(self, user, *args, **more):
        super().__init__(user, *args, **more)
        if self.entry is not None:
            del self.fields["pairing"]
        else:
            rows = Pairing.objects.visible_to(user).select_related("sender", "county")
            self.fields["pairing"].queryset = rows.order_by("county__code", "pk")


class PairingForm(Entry):
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("计划"), empty_label=None)
    sender = forms.ModelChoiceField(Agency.objects.none(), label=_("援派机构"))
    county = forms.ModelChoiceField(Division.objects.none(), label=_("受援县（区）"))
    receiver = forms.CharField(
        label=_("受援机构"), max_length=24, required=False, help_text=_("写统一社会信用代码；还没有机构就不填")
    )
    signed_on = forms.DateField(label=_("协议签订日期"), required=False)
    agreement_no = forms.CharField(label=_("协议编号"), max_length=60, required=False)
    starts_on = forms.DateField(label=_("起"), required=False, help_text=_("不填就按计划的起止"))
    ends_on = forms.DateField(label=_("止"), required=False)
    note = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, user, *args, **more):
        super().__init__(user, *args, **more)
        programmes = Programme.objects.visible_to(user).filter(rows_kept=True)
        self.fields["programme"].queryset = programmes
        self.fields["sender"].queryset = finding.agencies_in_reach(user).filter(
            division__province__in=programmes.values("sending")
        )
        self.fields["county"].queryset = finding.counties_of(user, programmes)
        self.fields["county"].label_from_instance = lambda county: county.name
        if self.entry is not None:
            del self.fields["programme"]

    def clean_receiver(self):
        text = self.cleaned_data["receiver"].strip()
        if not text:
            return None
        programme = self.entry.programme if self.entry else self.cleaned_data.get("programme")
        try:
            return finding.agency_named(self.user, text, "receiver", programme and programme.receiving_id)
        except DomainError as e:
            raise ValidationError(e.message)

    def wanted(self):
        return {n: v for n, v in super().wanted().items() if n not in ("starts_on", "ends_on") or v}


class BatchForm(OfPairing):
    departs_on = forms.DateField(label=_("出发"))
    returns_on = forms.DateField(label=_("返回"))
    members = forms.CharField(
        label=_("派出人员"), max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("一行一个人；不是全程的写“李敏，2023-03-07 至 2023-03-09”，同名的写“李敏（2）”。服务日按工作日算"),
    )  # fmt: skip
    place = forms.CharField(label=_("服务地点"), max_length=80, required=False)
    task = forms.CharField(label=_("任务"), max_length=200, required=False)

    def clean_members(self):
        rows = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["members"].splitlines())):
            found = STAY.match(line)
            if found is None:
                raise ValidationError(_("这一行看不懂：%(line)s") % {"line": line[:60]})
            row = person_of(found["who"])
            if found["first"]:
                first, last = as_day(found["first"]), as_day(found["last"])
                if first is None or last is None:
                    raise ValidationError(_("这一行的日期应写成 2023-03-07：%(line)s") % {"line": line[:60]})
                row |= {"from": first, "to": last}
            rows.append(row)
        return rows


class SupportForm(OfPairing):
    kind = forms.ChoiceField(label=_("方式"), choices=KINDS, widget=forms.RadioSelect)
    title = forms.CharField(label=_("内容"), max_length=120)
    on = forms.DateField(label=_("日期"), initial=today)
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=1, max_value=MOST_MINUTES)
    way = forms.ChoiceField(label=_("现场或线上"), choices=WAYS, initial="onsite", widget=forms.RadioSelect)
    place = forms.CharField(label=_("地点"), max_length=80, required=False)
    person_times = forms.IntegerField(label=_("参加人次"), min_value=0, max_value=100_000, initial=0)
    tutors = forms.CharField(
        label=_("授课督导人员"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("一行一个人"),
    )

    def __init__(self, user, *args, **more):
        super().__init__(user, *args, **more)
        for code, name in GROUPS:
            self.fields[f"group_{code}"] = forms.IntegerField(
                label=_("受益人次：%(group)s") % {"group": name}, min_value=0, max_value=100_000, required=False
            )

    def clean_tutors(self):
        return [person_of(line) for line in self.cleaned_data["tutors"].splitlines() if line.strip()]

    def wanted(self):
        data = super().wanted()
        groups = {code: data.pop(f"group_{code}") for code, _name in GROUPS}
        data["groups"] = [{"group": code, "person_times": n} for code, n in groups.items() if n]
        return data


class OutcomeForm(OfPairing):
    kind = forms.ChoiceField(label=_("成果"), choices=OUTCOMES, widget=forms.RadioSelect)
    name = forms.CharField(label=_("姓名"), max_length=40, required=False, help_text=_("取得证书、考核合格的人"))
    unit = forms.CharField(label=_("单位"), max_length=80, required=False)
    station = forms.CharField(label=_("站点编号"), max_length=24, required=False, help_text=_("建成社工站时填"))
    agency = forms.CharField(
        label=_("机构信用代码"), max_length=24, required=False, help_text=_("培育社工机构时填统一社会信用代码")
    )
    on = forms.DateField(label=_("日期"), initial=today)
    evidence = forms.CharField(label=_("凭据"), max_length=200, help_text=_("哪一份文件、证书编号或考核表"))

    def __init__(self, user, *args, **more):
        super().__init__(user, *args, **more)
        if self.entry is not None:
            for name in ("kind", "name", "unit", "station", "agency"):
                del self.fields[name]

    def clean(self):
        data = super().clean()
        pairing, kind = data.get("pairing"), data.get("kind")
        if pairing is None:
            return data
        for name, wanted, find in (
            ("station", STATION, lambda text: finding.station_coded(pairing, text)),
            (
                "agency",
                AGENCY,
                lambda text: finding.agency_named(self.user, text, "agency", pairing.programme.receiving_id),
            ),
        ):
            text, data[name] = (data.get(name) or "").strip(), None
            if kind == wanted and text:
                try:
                    data[name] = find(text)
                except DomainError as e:
                    self.add_error(name, e.message)
        return data


class ActivityForm(Entry):
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("计划"), empty_label=None)
    pairing = forms.ModelChoiceField(
        Pairing.objects.none(), label=_("结对"), required=False, empty_label=_("两省合办，不属于哪一对")
    )
    field = forms.ChoiceField(label=_("合作方面"), choices=FIELDS, widget=forms.RadioSelect)
    title = forms.CharField(label=_("内容"), max_length=120)
    on = forms.DateField(label=_("日期"), initial=today)
    way = forms.ChoiceField(label=_("现场或线上"), choices=WAYS, initial="onsite", widget=forms.RadioSelect)
    place = forms.CharField(label=_("地点"), max_length=80, required=False)
    person_times = forms.IntegerField(label=_("参加人次"), min_value=0, max_value=100_000, initial=0)
    result = forms.CharField(label=_("成果"), max_length=200, required=False)

    def __init__(self, user, *args, **more):
        super().__init__(user, *args, **more)
        self.fields["programme"].queryset = Programme.objects.visible_to(user)
        self.fields["pairing"].queryset = Pairing.objects.visible_to(user).select_related("sender", "county")
        if self.entry is not None:
            del self.fields["programme"]
