"""Addresses of the room's pages."""

from django.urls import path

from jobs.views import JobPage

urlpatterns = [path("jobs/<int:pk>/", JobPage.as_view(), name="job")]
