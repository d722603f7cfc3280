"""Addresses of the room below /api/v1/."""

from django.urls import path

from exchange.api import views

ROUTES = [("imports", views.ImportViewSet, "imports")]
PATHS = [
    path(
        "imports/<pk>/annotated.xlsx",  # a file's name has no slash behind it
        views.ImportViewSet.as_view({"get": "annotated"}, detail=True, basename="imports"),
        name="imports-annotated",
    ),
]
