"""Pages of one's own account: sign-in with lockout, one-time codes, display, password, devices."""

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView, UpdateView

from accounts.changes import change
from accounts.codes import use_code
from accounts.errors import DomainError
from accounts.forms import CodeForm, DisplayForm


class SignIn(LoginView):
    """allauth's sign-in, without its links to signing up."""

    def get_context_data(self, **kwargs):
        return FormView.get_context_data(self, **kwargs)


def locked_out(request, credentials=None, *_args, **_kwargs):
    """What django-axes answers after the fifth wrong password."""
    response = render(request, "account/locked.html", {"minutes": 15}, status=429)
    response["Retry-After"] = "900"
    return response


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("password", "code")], name="dispatch")
class UseCode(FormView):
    template_name = "account/code.html"
    form_class = CodeForm
    success_url = reverse_lazy("account_login")

    def form_valid(self, form):
        try:
            use_code(**form.cleaned_data)
        except DomainError as e:
            form.add_error(e.field, str(e.message))
            return self.form_invalid(form)
        messages.info(self.request, _("密码已设，请登录"))
        return super().form_valid(form)


class Account(UpdateView):
    """/account/: display name, language, contrast."""

    template_name = "account/account.html"
    form_class = DisplayForm
    success_url = reverse_lazy("account")

    def get_object(self, queryset=None):
        return self.request.user

    def form_valid(self, form):
        with change(self.request.user, "account.changed", self.request.user):
            response = super().form_valid(form)
        messages.info(self.request, _("已保存"))
        return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "account/password.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("account")

    def form_valid(self, form):
        with change(self.request.user, "password.changed", self.request.user):
            form.save()
        update_session_auth_hash(self.request, form.user)
        messages.info(self.request, _("密码已改"))
        return HttpResponseRedirect(self.get_success_url())


@login_not_required
@require_POST
def set_language(request):
    """Switch the language: of the account when signed in, of the browser otherwise; back to where one was."""
    language = request.POST.get("language")
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            with change(request.user, "account.changed", request.user):
                request.user.language = language
                request.user.save(update_fields=["language"])
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31536000, httponly=True, samesite="Lax")
    return response
