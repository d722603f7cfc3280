"""Addresses of the room's pages."""

from django.urls import path

from exchange import views

urlpatterns = [
    path("imports/", views.Imports.as_view(), name="imports"),
    path("imports/blank/<slug:kind>.xlsx", views.Blank.as_view(), name="import_blank"),
    path("imports/<int:pk>/", views.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/commit/", views.Commit.as_view(), name="import_commit"),
    path("imports/<int:pk>/undo/", views.TakeBack.as_view(), name="import_undo"),
    path("imports/<int:pk>/mend/", views.Mend.as_view(), name="import_mend"),
    path("imports/<int:pk>/mapping/", views.Mapping.as_view(), name="import_mapping"),
    path("imports/<int:pk>/annotated.xlsx", views.Annotated.as_view(), name="import_annotated"),
]
