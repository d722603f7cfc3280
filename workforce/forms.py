"""Forms of the room's pages. They check what was typed; what may be done is checked by the actions."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from periods import today
from stations.forms import PickField
from stations.models import Post
from workforce.models.certificates import GRADES, NONE
from workforce.models.trainings import MODES, MOST_MINUTES, STATES
from workforce.models.workers import DUTIES, SEXES

EDUCATIONS = ("高中及以下", "中专", "大专", "本科", "硕士", "博士")
CATEGORIES = ("岗前培训", "常规培训", "专题培训", "督导培训", "外出学习", "线上课程")


class WorkerForm(forms.Form):
    """What is known of a person. Numbers are never sent back: an empty one stays as it is."""

    suggestions = (("educations", EDUCATIONS),)

    name = forms.CharField(label=_("姓名"), max_length=40)
    sex = forms.ChoiceField(label=_("性别"), choices=SEXES, initial="female", widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("手机"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    id_number = forms.CharField(
        label=_("身份证号"), max_length=24, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    education = forms.CharField(
        label=_("学历"), max_length=20, required=False, widget=forms.TextInput(attrs={"list": "educations"})
    )
    qualification = forms.TypedChoiceField(
        label=_("职业资格"), choices=[(NONE, _("没有")), *GRADES], coerce=int, initial=NONE, widget=forms.RadioSelect
    )
    certificate_no = forms.CharField(label=_("证书管理号"), max_length=40, required=False)
    certified_on = forms.DateField(label=_("取证日期"), required=False)
    registered_from = forms.DateField(label=_("登记从"), required=False, help_text=_("不填就按三年推算"))
    registered_until = forms.DateField(label=_("登记有效期至"), required=False)
    degree_on = forms.DateField(label=_("取得社会工作学历学位"), required=False, help_text=_("计一次 90 小时继续教育"))
    note = forms.CharField(label=_("备注"), max_length=200, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args, known=None, **more):
        super().__init__(*args, **more)
        for name, masked in (known or {}).items():
            if masked:
                self.fields[name].help_text = _("现在是 %(masked)s，不改就留空") % {"masked": masked}
        self.known = known

    def wanted(self):
        """{field: value} for the action."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if self.known is not None:
            for name in ("id_number", "phone"):
                if not data[name]:
                    del data[name]
        if not data.get("registered_from"):
            data.pop("registered_from", None)
        if data.get("registered_until") is None and not data.get("registered_from") and self.known is None:
            data.pop("registered_until")
        return data


class JobForm(forms.Form):
    """A job: where, as what, from when to when."""

    duty = forms.ChoiceField(label=_("岗位"), choices=DUTIES, initial="social_worker", widget=forms.RadioSelect)
    full_time = forms.BooleanField(label=_("专职"), required=False, initial=True)
    starts_on = forms.DateField(label=_("到岗"), initial=today)
    ends_on = forms.DateField(label=_("末日"), required=False, help_text=_("还在岗就留空"))
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, stations, *args, **more):
        super().__init__(*args, **more)
        if stations is not None:
            self.fields = {"station": PickField(stations, label=_("站点")), **self.fields}

    def wanted(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NewWorkerForm(WorkerForm):
    """A person with the first job. `client_ref` makes pressing twice one."""

    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, stations, *args, **more):
        super().__init__(*args, **more)
        job = JobForm(stations)
        del job.fields["version"], job.fields["ends_on"]
        self.fields = {"name": self.fields.pop("name"), "sex": self.fields.pop("sex"), **job.fields, **self.fields}

    def wanted(self):
        data = super().wanted()
        job = {name: data.pop(name) for name in ("station", "duty", "full_time", "starts_on")}
        data.pop("client_ref")
        return data | {"assignments": [job]}


class AccountForm(forms.Form):
    """Which account a person signs in with, of those with a post in reach."""

    account = forms.ModelChoiceField(User.objects.none(), label=_("账号"), required=False, empty_label=_("没有账号"))

    def __init__(self, user, *args, **more):
        super().__init__(*args, **more)
        posts = Post.objects.visible_to(user).current().values("user")
        self.fields["account"].queryset = User.objects.filter(pk__in=posts, is_service=False, is_active=True).order_by(
            "display_name"
        )
        self.fields["account"].label_from_instance = lambda u: f"{u.display_name}（{u.username}）"


class TrainingForm(forms.Form):
    """A training. `client_ref` makes pressing twice one."""

    suggestions = (("categories", CATEGORIES),)

    title = forms.CharField(label=_("培训名称"), max_length=120)
    starts_on = forms.DateField(label=_("开始"), initial=today)
    ends_on = forms.DateField(label=_("结束"), required=False, help_text=_("当天结束就不用填"))
    minutes = forms.IntegerField(
        label=_("时长（分钟）"), min_value=1, max_value=MOST_MINUTES, help_text=_("半天 180，一天 360；学时由此算出")
    )
    mode = forms.ChoiceField(label=_("方式"), choices=MODES, initial="onsite", widget=forms.RadioSelect)
    category = forms.CharField(
        label=_("类别"), max_length=40, required=False, widget=forms.TextInput(attrs={"list": "categories"})
    )
    organiser = forms.CharField(label=_("主办"), max_length=120, required=False)
    lecturer = forms.CharField(label=_("讲师"), max_length=80, required=False)
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    ce_eligible = forms.BooleanField(
        label=_("计入继续教育"), required=False, help_text=_("有资质的机构办的、发学时证明的才算")
    )
    declared_head_count = forms.IntegerField(
        label=_("申报人数"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("上报或通知里写的数，和签到的分开放"),
    )
    state = forms.ChoiceField(label=_("状态"), choices=[("", _("按日期")), *STATES], required=False)
    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, stations, *args, **more):
        super().__init__(*args, **more)
        fields = dict(self.fields)
        self.fields = {"title": fields.pop("title"), "station": PickField(stations, label=_("哪个站办的")), **fields}

    def clean(self):
        data = super().clean()
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        return data

    def wanted(self):
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "client_ref")}


class SignInForm(forms.Form):
    """Who came: people to tick, and others by name and unit, one a line."""

    workers = forms.ModelMultipleChoiceField(
        None, label=_("本站人员"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label=_("其他人"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一个：姓名，空一格，单位。如：赵村长 谢埠村"),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=_("分钟"), required=False, min_value=0, max_value=MOST_MINUTES, help_text=_("全程就不用填")
    )

    def __init__(self, people, *args, **more):
        super().__init__(*args, **more)
        self.fields["workers"].queryset = people

    def clean_others(self):
        found = []
        for n, line in enumerate(self.cleaned_data["others"].splitlines(), 1):
            if not line.strip():
                continue
            parts = re.split(r"[\s,，、\t]+", line.strip(), maxsplit=1)
            if len(parts) != 2 or len(parts[0]) > 40 or len(parts[1]) > 80:
                raise ValidationError(_("第 %(n)s 行要写姓名和单位，中间空一格") % {"n": n})
            found.append({"name": parts[0], "unit": parts[1].strip()})
        return found

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("workers") and not data.get("others"):
            raise ValidationError(_("勾选来的人，或写上其他人"))
        return data

    def rows(self):
        """What `record_attendances` takes."""
        minutes = {"minutes": self.cleaned_data["minutes"]} if self.cleaned_data["minutes"] is not None else {}
        people = [{"worker": worker} for worker in self.cleaned_data["workers"]]
        return [{**row, **minutes} for row in (*people, *self.cleaned_data["others"])]


class AttendanceForm(forms.Form):
    """One entry corrected."""

    attended = forms.BooleanField(label=_("到课"), required=False)
    minutes = forms.IntegerField(label=_("分钟"), min_value=0, max_value=MOST_MINUTES, required=False)
    certificate_no = forms.CharField(label=_("证书编号"), max_length=40, required=False)

    def wanted(self):
        data = dict(self.cleaned_data)
        if not data["attended"]:
            data["minutes"] = 0
        if data["minutes"] is None:
            del data["minutes"]
        return data
