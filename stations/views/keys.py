"""/account/keys/: keys for programs, made and taken back by officials; a fresh one is shown once."""

import datetime as dt

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, View

from accounts.errors import DomainError, Forbidden
from accounts.keys import SCOPES
from periods import today
from stations import people
from stations.forms import KeyForm
from stations.models import Division, Post
from stations.views.changes import put_errors
from surfaces.pages import Page


class _KeyKeepers:
    def dispatch(self, request, *args, **kwargs):
        if not people.keeps_keys(request.user):
            raise Forbidden(_("接口密钥由民政干部管"))
        return super().dispatch(request, *args, **kwargs)


def keys_context(user, shown_once=""):
    keys = list(people.keys_of(user)[:200])
    posts = Post.objects.visible_to(user).filter(user__in=[key.user_id for key in keys]).with_places()
    at = {post.user_id: post for post in posts}
    now = timezone.now()
    return {
        "keys": [
            {
                "name": key.name, "prefix": f"{key.prefix}…", "scopes": "、".join(key.scopes),
                "place": at[key.user_id].place_name, "role": at[key.user_id].get_role_display(),
                "created_at": key.created_at, "expires_at": key.expires_at, "last_used_at": key.last_used_at,
                "active": key.revoked_at is None and (key.expires_at is None or key.expires_at > now),
                "revoke_url": reverse("account_key_revoke", args=[key.pk]) if key.revoked_at is None else "",
            }
            for key in keys
        ],
        "new_url": reverse("account_key_new"),
        "shown_once": shown_once,
    }  # fmt: skip


class KeyList(_KeyKeepers, Page):
    template_name = "account/keys.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | keys_context(self.request.user)


@method_decorator(never_cache, name="dispatch")
class NewKey(_KeyKeepers, FormView):
    template_name = "account/key_form.html"
    form_class = KeyForm

    def get_form_kwargs(self):
        divisions = Division.objects.visible_to(self.request.user).on(today()).order_by("code", "level")
        return super().get_form_kwargs() | {"divisions": divisions, "scopes": SCOPES}

    def form_valid(self, form):
        body = dict(form.cleaned_data)
        last = body.pop("expires_on")
        if last is not None:
            day = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
            body["expires_at"] = timezone.make_aware(day)
        try:
            _key, secret = people.create_service_key(self.request.user, **body)
        except DomainError as e:
            put_errors(form, e)
            return self.form_invalid(form)
        return render(self.request, "account/keys.html", keys_context(self.request.user, secret))


class RevokeKey(_KeyKeepers, View):
    http_method_names = ["post"]

    def post(self, request, pk):
        key = people.keys_of(request.user).filter(pk=pk).first()
        if key is None:
            raise Http404
        people.end_key(request.user, key)
        return HttpResponseRedirect(reverse("account_keys"))
