"""Addresses of the room's pages."""

from django.urls import path

from partnerships.entries import KINDS
from partnerships.views.agencies import AgencyList
from partnerships.views.entries import Decide, EditEntry, EntryList, EntryPage, NewEntry
from partnerships.views.programmes import HalfYear, ProgrammeList, ProgrammePage, ProgrammeRows, ReportWorkbook

urlpatterns = [
    path("agencies/", AgencyList.as_view(), name="agencies"),
    path("programmes/", ProgrammeList.as_view(), name="programmes"),
    path("programmes/<slug:slug>/", ProgrammePage.as_view(), name="programme"),
    path("programmes/<slug:slug>/pairings.xlsx", ReportWorkbook.as_view(), name="programme_report"),
    path(
        "programmes/<slug:slug>/report/<str:code>.pdf",
        HalfYear.as_view(),
        {"ending": "pdf"},
        name="programme_half_year",
    ),
    path(
        "programmes/<slug:slug>/report/<str:code>.xlsx",
        HalfYear.as_view(),
        {"ending": "xlsx"},
        name="programme_half_year_sheet",
    ),
    path("programmes/<slug:slug>/<slug:metric>/", ProgrammeRows.as_view(), name="programme_rows"),
]
for kind in KINDS:
    urlpatterns += [
        path(f"{kind}/", EntryList.as_view(path=kind), name=kind),
        path(f"{kind}/new/", NewEntry.as_view(path=kind), name=f"{kind}_new"),
        path(f"{kind}/<str:pk>/", EntryPage.as_view(path=kind), name=f"{kind}_one"),
        path(f"{kind}/<str:pk>/edit/", EditEntry.as_view(path=kind), name=f"{kind}_edit"),
        path(f"{kind}/<str:pk>/confirm/", Decide.as_view(path=kind), name=f"{kind}_confirm"),
        path(f"{kind}/<str:pk>/return/", Decide.as_view(path=kind, verb="return"), name=f"{kind}_return"),
    ]
