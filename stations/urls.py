"""Addresses of the room's pages."""

from django.urls import path

from stations.views.changes import ChangeStation, EditStation, NewStation
from stations.views.divisions import DivisionChanges, DivisionList
from stations.views.keys import KeyList, NewKey, RevokeKey
from stations.views.people import AddPost, EndPost, IssueCode, NewPerson, PeopleList, PersonPage
from stations.views.station import StationHistory, StationPage, Undo
from stations.views.tabs import StationTab
from stations.views.tree import StationTree

urlpatterns = [
    path("stations/", StationTree.as_view(), name="stations"),
    path("stations/new/", NewStation.as_view(), name="station_new"),
    path("stations/<str:code>/", StationPage.as_view(), name="station"),
    path("stations/<str:code>/history/", StationHistory.as_view(), name="station_history"),
    path("stations/<str:code>/edit/", EditStation.as_view(), name="station_edit"),
    path("stations/<str:code>/change/", ChangeStation.as_view(), name="station_change"),
    path("stations/<str:code>/undo/<int:event>/", Undo.as_view(), name="station_undo"),
    path("stations/<str:code>/<slug:tab>/", StationTab.as_view(), name="station_tab"),
    path("divisions/", DivisionList.as_view(), name="divisions"),
    path("divisions/changes/", DivisionChanges.as_view(), name="division_changes"),
    path("people/", PeopleList.as_view(), name="people"),
    path("people/new/", NewPerson.as_view(), name="person_new"),
    path("people/<int:pk>/", PersonPage.as_view(), name="person"),
    path("people/<int:pk>/post/", AddPost.as_view(), name="person_post"),
    path("people/<int:pk>/code/", IssueCode.as_view(), name="person_code"),
    path("people/posts/<int:pk>/end/", EndPost.as_view(), name="post_end"),
    path("account/keys/", KeyList.as_view(), name="account_keys"),
    path("account/keys/new/", NewKey.as_view(), name="account_key_new"),
    path("account/keys/<int:pk>/revoke/", RevokeKey.as_view(), name="account_key_revoke"),
]
