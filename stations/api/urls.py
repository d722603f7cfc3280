"""Addresses of the room below /api/v1/."""

from django.urls import path

from stations.api import views

ROUTES = [("divisions", views.DivisionViewSet, "divisions"), ("stations", views.StationViewSet, "stations")]
PATHS = [
    path("coverage/", views.CoverageView.as_view(), name="coverage-api"),
    path("me/", views.MeView.as_view(), name="me"),
]
