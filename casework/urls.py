"""Addresses of the room's pages."""

from django.urls import path

from casework.views import cases

urlpatterns = [
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path("cases/<str:number>/", cases.CaseView.as_view(), name="case"),
]
