"""Root URLs: health, sign-in, the rooms' pages, the admin behind our sign-in, the API."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import api, health
from surfaces.drafts import keep_typed
from surfaces.styleguide import Styleguide

admin.site.site_header = admin.site.site_title = "社工"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("desk.urls")),
    path("", include("metrics.urls")),
    path("", include("casework.urls")),
    path("", include("partnerships.urls")),
    path("", include("workforce.urls")),
    path("", include("stations.urls")),
    path("", include("exchange.urls")),
    path("", include("jobs.urls")),
    path("drafts/", keep_typed, name="drafts"),
    path("styleguide/", Styleguide.as_view(), name="styleguide"),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/password_change/done/", RedirectView.as_view(pattern_name="account")),
    path("admin/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api.urlpatterns)),
]

handler400 = "surfaces.errors.bad_request"
handler403 = "surfaces.errors.forbidden"
handler404 = "surfaces.errors.not_found"
handler500 = "surfaces.errors.server_error"
