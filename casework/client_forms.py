"""Forms about a person: who he is, where he lives, whom to call; opening a case; families. What may be done is the actions' affair."""

import datetime as dt
import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.identity import check_id_number, plain_number
from casework import codes
from periods import today
from stations.forms import PickField
from stations.models import Division
from stations.models.divisions import TOWNSHIP, VILLAGE

RELATIONS = (
    "配偶",
    "儿子",
    "女儿",
    "儿媳",
    "女婿",
    "父亲",
    "母亲",
    "孙子女",
    "兄弟姐妹",
    "其他亲属",
    "邻居",
    "村（社区）干部",
)
KIN = ("配偶", "子", "女", "儿媳", "女婿", "父亲", "母亲", "孙子女", "外孙子女", "兄弟姐妹", "其他亲属", "非亲属")
PERSON = (("name", gettext_lazy("姓名")), ("relation", gettext_lazy("与本人关系")), ("phone", gettext_lazy("电话")))
CONTACTS = {"guardian": gettext_lazy("监护人"), "emergency_contact": gettext_lazy("紧急联系人")}
# What is asked first stands open; the rest is folded until it is wanted, wrong or known.
FIRST = ("name", "id_number", "phone", "no_phone", "residence_division", "address", "station")
FOLDED = (
    (gettext_lazy("没有身份证号，或是别的证件"), ("id_type", "id_absent_reason", "sex", "birth_date")),
    (
        gettext_lazy("再填身份类别、监护人和紧急联系人"),
        (
            "categories", *(f"emergency_contact_{n}" for n, _w in PERSON), *(f"guardian_{n}" for n, _w in PERSON), "ethnicity",
            "registered_division", "residence_separation",
        ),
    ),
)  # fmt: skip


def near(station):
    """{words: Division} to choose from: the station's own villages and the towns of its district."""
    d = station.division
    rows = Division.objects.unscoped("where somebody lives may lie anywhere; these are only near").on(today())
    if d.district_id is None:
        return {}
    towns = {x.pk: x for x in rows.filter(district=d.district_id, level=TOWNSHIP).order_by("code")}
    found = {x.name: x for x in towns.values()}
    if d.township_id:
        town = towns.get(d.township_id)
        found |= {
            f"{town.name if town else ''}{x.name}": x
            for x in rows.filter(township=d.township_id, level=VILLAGE).order_by("code")
        }
    return found


def path_of(division):
    """湖北省鄂州市梁子湖区太和镇谢埠村"""
    above = (division.province, division.city, division.district, division.township)
    names = [d.name for d in above if d is not None and d.pk != division.pk and d.code != division.code]
    return "".join([*names, division.name])


class DivisionField(forms.CharField):
    """A place of the code list: chosen from those near by, else by its 12 digits, else by its name where there is one of it."""

    def __init__(self, choices, list_id, current=None, **more):
        super().__init__(max_length=80, required=False, **more)
        self.choices, self.current = choices, current
        self.widget.attrs |= {"list": list_id, "autocomplete": "off"}

    def clean(self, value):
        text = re.sub(r"\s", "", super().clean(value))
        if not text:
            return None
        if self.current and text == path_of(self.current):
            return self.current
        return self.choices.get(text) or self._found(text)

    def _found(self, text):
        rows = Division.objects.unscoped("where somebody lives may lie anywhere").on(today())
        rows = rows.select_related("province", "city", "district", "township")
        if text.isdigit():
            found = list(rows.filter(code=text.ljust(12, "0")).order_by("level")[:1])
        else:
            found = list(rows.filter(name=text).order_by("level", "code")[:4])
        if len(found) == 1:
            return found[0]
        if found:
            words = "；".join(f"{path_of(d)} {d.code}" for d in found[:3])
            raise ValidationError(_("有几个叫“%(text)s”，请写代码：%(words)s") % {"text": text, "words": words})
        raise ValidationError(_("没有“%(text)s”这个地方，从列表里选，或写 12 位区划代码") % {"text": text[:20]})

    def prepare_value(self, value):
        return path_of(value) if isinstance(value, Division) else value


class ClientForm(forms.Form):
    """What is known of a person. Numbers are never sent back: `known` gives them masked, and an empty field leaves them."""

    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    id_type = forms.ChoiceField(
        label=gettext_lazy("证件种类"), choices=list(codes.ID_TYPES.items()), initial="resident_id"
    )
    id_number = forms.CharField(
        label=gettext_lazy("证件号"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("性别和出生日期从身份证号里取"),
    )  # fmt: skip
    id_absent_reason = forms.CharField(
        label=gettext_lazy("没有证件号的原因"), max_length=100, required=False, help_text=gettext_lazy("例如：本人没带，遗失未补")
    )  # fmt: skip
    sex = forms.ChoiceField(
        label=gettext_lazy("性别"), choices=list(codes.SEXES.items()), required=False, widget=forms.RadioSelect
    )
    birth_date = forms.DateField(label=gettext_lazy("出生日期"), required=False)
    ethnicity = forms.CharField(label=gettext_lazy("民族"), max_length=20, required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    no_phone = forms.BooleanField(label=gettext_lazy("原来的电话不用了"), required=False)
    residence_separation = forms.TypedChoiceField(
        label=gettext_lazy("人户分离"), choices=[("", gettext_lazy("不知道")), *codes.SEPARATIONS.items()], coerce=int, empty_value=None,
        required=False,
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("住址"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("村（社区）以下：路、组、门牌"),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("身份类别"), choices=list(codes.CATEGORIES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, station, stations=None, known=None, places=(None, None), *args, **more):
        super().__init__(*args, **more)
        self.known, choices = known, near(station) if station else {}
        self.suggestions = [("near", list(choices)), ("relations", RELATIONS)]
        for name, label, current in zip(
            ("residence_division", "registered_division"), (_("居住地"), _("户籍地")), places, strict=True
        ):
            self.fields[name] = DivisionField(choices, "near", current, label=label)
        self.fields["residence_division"].help_text = _("从列表里选；别处写 12 位区划代码")
        for contact in CONTACTS:
            self._add_person(contact)
        if stations is not None and len(stations) > 1:
            self.fields["station"] = PickField(stations, label=_("建档站点"))
        if known is None:
            del self.fields["no_phone"]
        else:
            del self.fields["categories"]
            self._hint_at(known)

    def _add_person(self, contact):
        for name, label in PERSON:
            most = {"name": 60, "relation": 20, "phone": 40}[name]
            field = forms.CharField(label=f"{CONTACTS[contact]} · {label}", max_length=most, required=False)
            if name == "relation":
                field.widget.attrs["list"] = "relations"
            if name == "phone":
                field.widget.attrs["inputmode"] = "tel"
            self.fields[f"{contact}_{name}"] = field

    def _hint_at(self, known):
        if known.get("phone") is None:
            del self.fields["no_phone"]
        for name, masked in known.items():
            if masked and name in self.fields:
                self.fields[name].help_text = _("现在是 %(masked)s，不改就留空") % {"masked": masked}

    @property
    def groups(self):
        """What is asked: [{title ("" stands open), open, bounds}] in order."""
        found = [{"title": "", "open": True, "bounds": self._bounds(FIRST)}]
        for title, names in FOLDED:
            bounds = self._bounds(names)
            found.append({"title": title, "open": any(self._wants_to_be_seen(b) for b in bounds), "bounds": bounds})
        return found

    def _bounds(self, names):
        return [self[name] for name in names if name in self.fields]

    def _wants_to_be_seen(self, bound):
        """A fault, or something that is filled in otherwise than a new form has it."""
        if self.is_bound and (bound.errors or bound.name in ("sex", "birth_date") and not self.data.get("id_number")):
            return True
        return bool(bound.value()) and bound.value() != bound.field.initial

    def clean(self):
        data = super().clean()
        self._draw_from_number(data)
        has_number = data.get("id_number") or (self.known and self.known.get("id_number"))
        if not has_number and not data.get("id_absent_reason") and "id_number" not in self.errors:
            self.add_error("id_number", _("填证件号；没有的话，在下面写明为什么"))
        for name in ("sex", "birth_date"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("%(label)s必须填") % {"label": self.fields[name].label})
        if (born := data.get("birth_date")) and born > today():
            self.add_error("birth_date", _("这一天还没有到"))
        for contact, label in CONTACTS.items():
            parts = {n: data.get(f"{contact}_{n}", "").strip() for n, _w in PERSON}
            if any(parts.values()) and not parts["name"]:
                self.add_error(f"{contact}_name", _("%(who)s的姓名必须填") % {"who": label})
        return data

    def _draw_from_number(self, data):
        """A resident's number says birth date and sex: what was left empty is filled in."""
        if data.get("id_type") != "resident_id" or not data.get("id_number"):
            return
        try:
            found = check_id_number(data["id_number"])
        except DomainError as e:
            self.add_error("id_number", str(e.message))
            return
        data["birth_date"] = data.get("birth_date") or found.birth_date
        data["sex"] = data.get("sex") or found.sex

    def wanted(self):
        """The body for the action: everything for a new person; of a known one all but the numbers left empty."""
        data = self.cleaned_data
        body = {n: data[n] or "" for n in ("name", "sex", "id_type", "id_absent_reason", "ethnicity")}
        body |= {"birth_date": iso(data["birth_date"]), "address": data["address"] or None}
        body["residence_separation"] = data["residence_separation"]
        for name in ("residence_division", "registered_division"):
            body[name] = data[name].code if data[name] else None
        for contact in CONTACTS:
            parts = {n: data[f"{contact}_{n}"].strip() for n, _w in PERSON}
            body[contact] = {n: v for n, v in parts.items() if v} or None
        body |= {n: data[n] for n in ("id_number", "phone") if data[n]}
        if data.get("no_phone") and not data["phone"]:
            body["phone"] = None
        if data["id_type"] == "none":
            body["id_number"] = None
        if "categories" in data:
            body["categories"] = data["categories"]
        if data.get("station"):
            body["station"] = data["station"].code
        return body


def iso(day):
    """A day as the API takes it; None for what is none."""
    return day.isoformat() if isinstance(day, dt.date) else None


class CategoryForm(forms.Form):
    """A category somebody belongs to, since when."""

    category = forms.ChoiceField(label=gettext_lazy("身份类别"), choices=list(codes.CATEGORIES.items()))
    since = forms.DateField(label=gettext_lazy("从哪天起"), initial=today)


class LastDayForm(forms.Form):
    """The last day of something."""

    last = forms.DateField(label=gettext_lazy("末日"), initial=today)


class ShowForm(forms.Form):
    """Why something masked is opened."""

    purpose = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=500, required=False)
    case = forms.CharField(max_length=24, required=False)


class OpeningForm(forms.Form):
    """A new case of a known client."""

    client_ref = forms.UUIDField(widget=forms.HiddenInput, required=False)
    opened_on = forms.DateField(label=gettext_lazy("开案日期"), initial=today)
    domain = forms.ChoiceField(label=gettext_lazy("领域"), choices=[("", "—"), *codes.DOMAINS.items()], required=False)

    def __init__(self, stations, workers, own, *args, **more):
        super().__init__(*args, **more)
        if len(stations) > 1:
            self.fields["station"] = PickField(stations, label=_("站点"))
        if workers is not None:
            blank = [] if own is None else [(own, _("我自己"))]
            choices = blank + [(key, words) for key, words in workers if key != own]
            self.fields["worker"] = forms.ChoiceField(label=_("承办社工"), choices=choices)

    def clean_opened_on(self):
        day = self.cleaned_data["opened_on"]
        if day > today():
            raise ValidationError(_("这一天还没有到"))
        return day

    def wanted(self):
        data = self.cleaned_data
        body = {
            "opened_on": data["opened_on"].isoformat(),
            "domain": data["domain"] or None,
            "worker": data.get("worker"),
        }
        station = data.get("station")
        return body | ({"station": station.code} if station else {})


class FoundForm(forms.Form):
    """A new family with its head."""

    since = forms.DateField(label=gettext_lazy("从哪天起"), initial=today)
    note = forms.CharField(
        label=gettext_lazy("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class MoveInForm(forms.Form):
    """Somebody who is on file already moves in."""

    suggestions = (("kin", KIN),)

    who = forms.CharField(
        label=gettext_lazy("谁"), max_length=60, help_text=gettext_lazy("已建档的人：全名、拼音首字母，或证件号"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    relation = forms.CharField(
        label=gettext_lazy("与户主关系"), max_length=20, widget=forms.TextInput(attrs={"list": "kin"})
    )
    since = forms.DateField(label=gettext_lazy("迁入日期"), initial=today)

    def offer(self, people):
        """Several of that name: which one is chosen."""
        self.fields["chosen"] = forms.ChoiceField(label=_("是哪一位"), choices=people, widget=forms.RadioSelect)


class RestateForm(forms.Form):
    """Who is the head from a day on, and what the others are to him."""

    suggestions = (("kin", KIN),)

    on = forms.DateField(label=gettext_lazy("从哪天起"), initial=today)

    def __init__(self, members, *args, **more):
        super().__init__(*args, **more)
        choices = [(str(row.pk), name) for row, name in members]
        self.fields["head"] = forms.ChoiceField(
            label=_("户主"),
            choices=choices,
            widget=forms.RadioSelect,
            help_text=_("下面写其他人与他的关系，他自己不用填"),
        )
        self.keys = [row.pk for row, _name in members]
        for row, name in members:
            label = _("%(who)s与户主关系") % {"who": name}
            field = forms.CharField(label=label, max_length=20, required=False, initial=row.relation)
            field.widget.attrs["list"] = "kin"
            self.fields[f"relation_{row.pk}"] = field
        note = forms.CharField(
            label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["note"] = note

    def clean(self):
        data = super().clean()
        for key in self.keys:
            if str(key) != data.get("head") and not data.get(f"relation_{key}"):
                self.add_error(f"relation_{key}", _("换了户主，各人与他的关系要写明"))
        return data

    def wanted(self):
        data = self.cleaned_data
        relations = {key: data[f"relation_{key}"] for key in self.keys}
        return {"on": data["on"], "head": int(data["head"]), "relations": relations, "note": data["note"]}


class GlassForm(forms.Form):
    """Which station or case the system administrator opens, and why."""

    place = forms.CharField(
        label=gettext_lazy("站点编号或个案编号"), max_length=24, help_text=gettext_lazy("例如 420702100000-1，或 420702100-2022-0007"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("事由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("为什么非看不可、谁要求的；这句话站长会看到，不写服务对象的姓名"),
    )  # fmt: skip


def spelled(text):
    """What was typed to find somebody: a document's number without its spaces, else the words."""
    number = plain_number(text)
    return number if re.fullmatch(r"[0-9]{17}[0-9X]", number) else text.strip()
