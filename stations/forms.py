"""Forms of the room's pages. They check what was typed; what may be done is checked by the actions."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from periods import today
from stations.models import Agency, Division, Station
from stations.models.posts import ROLES
from stations.models.stations import LEVEL_OF_TIER, OPERATION_MODES, STATUSES, TIER_NAMES, TIER_OF

CHOOSE = 100  # up to so many rows a list to choose from; beyond it a code or a name is typed
PHONE = re.compile(r"^(\+?[\d\- ]{5,20}([转、/]\d{1,12})*)?$")


class PickField(forms.CharField):
    """One row of a scoped queryset, by its code or its exact name: a list to choose from where there are few.

    `rows` must be in the user's reach already; `key` is the field its value is.
    """

    def __init__(self, rows, *, key="code", **more):
        super().__init__(max_length=120, **more)
        self.rows, self.key = rows, key
        few = list(rows[: CHOOSE + 1])
        if len(few) <= CHOOSE:
            blank = [("", "—")]
            self.widget = forms.Select(choices=blank + [(str(getattr(r, key)), str(r)) for r in few])
            self.widget.is_required = self.required
        else:
            self.help_text = self.help_text or _("写编号，或写全名")

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        found = list(self.rows.filter(**{self.key: text})[:1]) if self.key == "code" or text.isdecimal() else []
        found = found or list(self.rows.filter(name=text)[:2])
        if len(found) != 1:
            raise ValidationError(_("没有“%(text)s”，或有几个同名的，请写编号") % {"text": text[:40]}, code="unknown")
        return found[0]

    def prepare_value(self, value):
        return str(getattr(value, self.key)) if hasattr(value, "_meta") else value


class RosterQuery(forms.Form):
    """What the roster's address may say. A value nobody knows is passed over."""

    q = forms.CharField(required=False)
    status = forms.ChoiceField(choices=STATUSES, required=False)
    tier = forms.ChoiceField(choices=[(t, t) for t in TIER_OF], required=False)
    few = forms.BooleanField(required=False)
    sort = forms.CharField(required=False, max_length=30)

    def asked(self):
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class DatedForm(forms.Form):
    """From which day, and why."""

    on = forms.DateField(label=_("从哪天起"), initial=today, widget=forms.DateInput())
    reason = forms.CharField(label=_("依据"), required=False, max_length=200, help_text=_("文号或一句话，写进历史"))

    def __init__(self, verb, user, station, *args, **more):
        super().__init__(*args, **more)
        if others := self.others(verb, user, station):
            name, label, rows = others
            self.fields = {name: PickField(rows, label=label), **self.fields}

    @staticmethod
    def others(verb, user, station):
        """The station that a move or a merger names: (field, label, rows)."""
        d = station.division
        city = {"division__city": d.city_id} if d.city_id else {"division__district": d.district_id}
        rows = Station.objects.visible_to(user).filter(**city).exclude(pk=station.pk).order_by("code")
        if verb == "move":
            return "parent", _("新的上级站"), rows.filter(tier__lt=station.tier).open()
        if verb == "merge":
            return "into", _("并入哪个站"), rows.filter(tier=station.tier, status="operating")
        return None


def agencies_for(user):
    return PickField(
        Agency.objects.visible_to(user).order_by("name"), key="pk", label=_("承接机构"), required=False,
        help_text=_("没有的机构，先在“管理”里建"),
    )  # fmt: skip


READY = [("", _("不知道")), ("true", _("到位")), ("false", _("没有到位"))]


class ReadyField(forms.NullBooleanField):
    """Yes, no or not known."""

    def __init__(self, **more):
        super().__init__(**more | {"required": False, "widget": forms.Select(choices=READY)})

    def prepare_value(self, value):
        return {True: "true", False: "false"}.get(value, value)


class StationForm(forms.ModelForm):
    """What a person may change of a station. State, parent and code are dated changes elsewhere."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    class Meta:
        model = Station
        fields = [
            "name", "established_on", "operation_mode", "address", "longitude", "latitude", "manager_name", "phone", "floor_area",
            "reported_full_time", "reported_certified", "site_ready", "staff_ready", "funds_ready", "note",
        ]  # fmt: skip
        field_classes = {"site_ready": ReadyField, "staff_ready": ReadyField, "funds_ready": ReadyField}
        help_texts = {
            "phone": _("对外公开的电话：手机 11 位，座机带区号"),
            "manager_name": _("对外公开的联系人"),
            "reported_full_time": _("站点上报的数"),
        }

    def __init__(self, user, *args, **more):
        super().__init__(*args, **more)
        items = list(self.fields.items())
        items.insert(3, ("operator", agencies_for(user)))
        self.fields = dict(items)
        if self.instance.pk:
            self.initial["operator"] = self.instance.operator_id
        self.fields["floor_area"].min_value = 0

    def clean_phone(self):
        text = self.cleaned_data["phone"].strip()
        if not PHONE.match(text):
            raise ValidationError(_("电话应是 11 位手机号或带区号的座机，这里是“%(text)s”") % {"text": text[:20]})
        return text

    def clean_floor_area(self):
        area = self.cleaned_data["floor_area"]
        if area is not None and area < 0:
            raise ValidationError(_("面积不会小于 0"))
        return area

    def clean(self):
        data = super().clean()
        for name, most in (("longitude", 180), ("latitude", 90)):
            if (value := data.get(name)) is not None and abs(value) > most:
                self.add_error(name, _("应在 −%(most)s 到 %(most)s 之间") % {"most": most})
        return data

    def _post_clean(self):
        """The row's own rules are the action's affair: the form never touches the instance."""

    def wanted(self):
        """{field: value} for `editing.save`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NewStationForm(forms.Form):
    """A station to be made. `client_ref` makes pressing twice one."""

    tier = forms.TypedChoiceField(
        label=_("层级"), choices=list(TIER_NAMES.items()), coerce=int, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("站点名称"), max_length=120)
    status = forms.ChoiceField(label=_("状态"), choices=STATUSES[:3], initial="planned", widget=forms.RadioSelect)
    on = forms.DateField(label=_("从哪天起"), initial=today)
    operation_mode = forms.ChoiceField(label=_("运营方式"), choices=[("", "—"), *OPERATION_MODES], required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    manager_name = forms.CharField(label=_("负责人"), max_length=40, required=False)
    phone = forms.RegexField(
        PHONE,
        label=_("联系电话"),
        max_length=40,
        required=False,
        error_messages={"invalid": _("电话应是 11 位手机号或带区号的座机")},
    )
    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, user, *args, **more):
        super().__init__(*args, **more)
        divisions = Division.objects.visible_to(user).on(today()).filter(level__gt=1).order_by("code", "level")
        own = {
            "division": PickField(divisions, label=_("设在哪个区划"), help_text=_("写 12 位代码，或写全名")),
        }
        self.fields = {"tier": self.fields.pop("tier"), **own, **self.fields}
        self.user = user

    def clean(self):
        data = super().clean()
        tier, division = data.get("tier"), data.get("division")
        if tier and division and division.level != LEVEL_OF_TIER[tier]:  # a code may stand at several levels
            same = (
                Division.objects.visible_to(self.user).on(today()).filter(code=division.code, level=LEVEL_OF_TIER[tier])
            )
            data["division"] = same.first() or division
        return data


class PersonForm(forms.Form):
    """A post: which role, where, from when to when; `new` also asks for the account."""

    def __init__(self, roles, stations, divisions, agencies, *args, new=True, **more):
        super().__init__(*args, **more)
        labels = dict(ROLES)
        if new:
            self.fields["display_name"] = forms.CharField(label=_("姓名"), max_length=64)
            self.fields["username"] = forms.CharField(
                label=_("登录名"), max_length=64, validators=User._meta.get_field("username").validators,
                help_text=_("字母、数字，或就用姓名；登录也可以用手机号"),
            )  # fmt: skip
            self.fields["mobile"] = forms.RegexField(
                r"^1[3-9]\d{9}$",
                label=_("手机号"),
                required=False,
                error_messages={"invalid": _("手机号应是 11 位，以 1 开头")},
            )
        self.fields["role"] = forms.ChoiceField(
            label=_("角色"), choices=[(r, labels[r]) for r in roles], widget=forms.RadioSelect
        )
        alone = divisions is None and agencies is None
        for name, label, rows, key in (
            ("station", _("在哪个站点"), stations, "code"), ("division", _("或在哪个区划"), divisions, "code"),
            ("agency", _("或在哪个机构"), agencies, "pk"),
        ):  # fmt: skip
            if rows is not None:
                self.fields[name] = PickField(rows, key=key, label=label, required=alone)
        self.fields["since"] = forms.DateField(label=_("从哪天起"), initial=today)
        self.fields["until"] = forms.DateField(label=_("到哪天为止"), required=False)

    def clean(self):
        data = super().clean()
        named = [data[name] for name in ("station", "division", "agency") if data.get(name)]
        if len(named) != 1 and not self.errors:
            first = next(n for n in ("station", "division", "agency") if n in self.fields)
            self.add_error(first, _("站点、区划、机构里选一个") if named else _("在哪里任职要写上"))
        data["place"] = named[0] if named else None
        return data


SCOPE_WORDS = {
    "divisions": _("区划"), "stations": _("站点"), "workforce": _("人员"), "clients": _("服务对象"), "cases": _("个案"),
    "partnerships": _("结对"), "standards": _("标准"), "metrics": _("指标"), "rollups": _("汇总"), "imports": _("导入"),
}  # fmt: skip


class KeyForm(forms.Form):
    """A key for a program."""

    name = forms.CharField(label=_("名称"), max_length=64, help_text=_("哪个程序用它，比如“省厅大屏”"))
    role = forms.ChoiceField(
        label=_("角色"),
        choices=[(r, label) for r, label in ROLES if r != "agency"],
        initial="viewer",
        widget=forms.RadioSelect,
    )
    expires_on = forms.DateField(label=_("用到哪天"), required=False)

    def __init__(self, divisions, scopes, *args, **more):
        super().__init__(*args, **more)
        labels = {"read": _("只读"), "write": _("读和写")}
        choices = [
            (s, f"{SCOPE_WORDS.get(s.split(':')[0], s.split(':')[0])}：{labels[s.split(':')[1]]}") for s in scopes
        ]
        scopes_field = forms.MultipleChoiceField(
            label=_("能做什么"), choices=choices, widget=forms.CheckboxSelectMultiple
        )
        place = PickField(divisions, label=_("在哪个区划"))
        self.fields = {"name": self.fields["name"], "place": place, "role": self.fields["role"], "scopes": scopes_field,
                       "expires_on": self.fields["expires_on"]}  # fmt: skip

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day is not None and day < today():
            raise ValidationError(_("这一天已经过了"))
        return day
