"""Forms of one's own account: a one-time code, display, password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class CodeForm(forms.Form):
    """Start an account or set a new password with the code that was handed over."""

    name = forms.CharField(
        label=_("用户名或手机号"), max_length=64, widget=forms.TextInput({"autocomplete": "username"})
    )
    code = forms.CharField(
        label=_("一次性口令"), max_length=20, widget=forms.TextInput({"autocomplete": "one-time-code"})
    )
    password = forms.CharField(
        label=_("新密码"), help_text=_("至少 12 个字，别用生日和手机号"), max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip


class DisplayForm(forms.ModelForm):
    """How I see the site."""

    class Meta:
        model = User
        fields = ["display_name", "language", "contrast"]
