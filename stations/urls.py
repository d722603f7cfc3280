"""Addresses of the room's pages."""

from django.urls import path

from stations.views.changes import ChangeStation, EditStation, NewStation
from stations.views.station import StationHistory, StationPage, Undo
from stations.views.tree import StationTree

urlpatterns = [
    path("stations/", StationTree.as_view(), name="stations"),
    path("stations/new/", NewStation.as_view(), name="station_new"),
    path("stations/<str:code>/", StationPage.as_view(), name="station"),
    path("stations/<str:code>/history/", StationHistory.as_view(), name="station_history"),
    path("stations/<str:code>/edit/", EditStation.as_view(), name="station_edit"),
    path("stations/<str:code>/change/", ChangeStation.as_view(), name="station_change"),
    path("stations/<str:code>/undo/<int:event>/", Undo.as_view(), name="station_undo"),
]
