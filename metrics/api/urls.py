"""Addresses of the room below /api/v1/."""

from django.urls import path

from metrics.api import views

PATHS = [
    path("indicators/", views.IndicatorView.as_view(), name="indicators-api"),
    path("metrics/", views.MetricViewSet.as_view({"get": "list"}, basename="metrics"), name="metrics-api"),
    path("metrics/explain/", views.ExplainViewSet.as_view({"get": "list"}, basename="explain"), name="explain-api"),
    path("rollups/", views.RollupViewSet.as_view({"post": "create"}, basename="rollups"), name="rollups-api"),
    path(
        "rollups/<int:pk>/",
        views.RollupViewSet.as_view({"get": "retrieve"}, basename="rollups", detail=True),
        name="rollup-api",
    ),
]
