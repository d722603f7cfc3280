"""Addresses of the room's pages."""

from django.urls import path

from metrics import views

urlpatterns = [
    path("metrics/", views.Definitions.as_view(), name="metrics"),
    path("metrics/<slug:code>/", views.FigurePage.as_view(), name="figure"),
    path("dashboard/<str:code>/", views.Dashboard.as_view(), name="dashboard"),
    path("coverage/", views.Coverage.as_view(), name="coverage"),
]
