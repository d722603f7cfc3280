"""Addresses of the room below /api/v1/."""

from typing import Any

from django.urls import path

from workforce.api import views

ROUTES = [("workers", views.WorkerViewSet, "workers"), ("trainings", views.TrainingViewSet, "trainings")]
_many: dict[str, Any] = {"get": "list", "post": "create"}
_one: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}
_jobs, _came = "workers/<str:worker>/assignments/", "trainings/<str:training>/attendances/"
PATHS = [
    path(_jobs, views.AssignmentViewSet.as_view(_many, basename="assignments", detail=False), name="assignments-list"),
    path(f"{_jobs}<str:pk>/", views.AssignmentViewSet.as_view(_one, basename="assignments", detail=True)),
    path(_came, views.AttendanceViewSet.as_view(_many, basename="attendances", detail=False), name="attendances-list"),
    path(
        f"{_came}<str:pk>/",
        views.AttendanceViewSet.as_view({**_one, "delete": "destroy"}, basename="attendances", detail=True),
    ),
]
