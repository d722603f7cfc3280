"""Addresses of the room's pages."""

from django.urls import path

from desk.finding import Search
from desk.views import Home, Inbox, OwnAgency
from desk.worklist import Todo

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("search/", Search.as_view(), name="search"),
    path("todo/", Todo.as_view(), name="todo"),
    path("inbox/", Inbox.as_view(), name="inbox"),
    path("agency/", OwnAgency.as_view(), name="own_agency"),
]
