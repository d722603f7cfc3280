"""The form that takes a workbook in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kinds import kinds
from exchange.models import Import


class UploadForm(forms.Form):
    """Kind, file, place and sheet. The file is vetted by the reader, not here: its name says nothing."""

    kind = forms.ChoiceField(label=_("这是什么表"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("文件"),
        allow_empty_file=True,
        help_text=_("Excel 的 .xlsx 或 CSV，不超过 20 MB、20 万行。带密码或带宏的请先另存。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    within = forms.CharField(
        label=_("范围"),
        required=False,
        max_length=24,
        widget=forms.Select,
        help_text=_("没有区划代码的行，只在这个范围里找同名单位；别处的行不让写入。"),
    )
    sheet = forms.CharField(
        label=_("工作表"),
        required=False,
        max_length=100,
        help_text=_("名称或序号；留空就读每个有表头的，隐藏的不读。"),
    )

    def __init__(self, user, *args, kind=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        allowed = [kind for kind in kinds().values() if kind.may(user, "preview", None)]
        self.fields["kind"].choices = [(kind.code, kind.title) for kind in allowed]
        places = [place for kind in allowed for place in kind.places(user)]
        self.fields["within"].widget.choices = [("", _("我管的全部")), *dict.fromkeys(places)]
        if allowed:
            codes = [found.code for found in allowed]
            self.fields["kind"].initial = kind if kind in codes else codes[0]
        if len(places) == 1:
            self.fields["within"].initial = places[0][0]

    def values(self, file):
        """What `request_import` takes."""
        data = self.cleaned_data
        return {
            "kind": data["kind"], "file": file, "name": file.name, "within": data["within"], "sheet": data["sheet"],
            "mode": Import.PREVIEW,
        }  # fmt: skip
