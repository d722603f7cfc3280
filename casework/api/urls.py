"""Addresses of the room below /api/v1/: clients, cases, and a pair for every kind of paper."""

from typing import Any

from django.urls import path

from casework.api import views
from casework.api.papers import OWN_ADDRESS, DeedViewSet, WithdrawView

ROUTES = [("clients", views.ClientViewSet, "clients"), ("cases", views.CaseViewSet, "cases")]
_many: dict[str, Any] = {"get": "list", "post": "create"}
_post: dict[str, Any] = {"post": "create"}


def _addresses(kind, viewset):
    one: dict[str, Any] = (
        {"get": "retrieve"} if issubclass(viewset, DeedViewSet) else {"get": "retrieve", "patch": "partial_update"}
    )
    base = f"cases/<str:number>/{kind}/"
    return [
        path(base, viewset.as_view(_many, basename=f"cases.{kind}", detail=False), name=f"cases-{kind}"),
        path(f"{base}<str:pk>/", viewset.as_view(one, basename=f"cases.{kind}", detail=True), name=f"cases-{kind}-one"),
    ]


PATHS = [
    path(
        "cases/<str:number>/goals/<str:goal>/withdraw/",
        WithdrawView.as_view(_post, basename="cases.withdraw", detail=True),
        name="cases-goal-withdraw",
    ),
    *(address for kind, viewset in OWN_ADDRESS.items() for address in _addresses(kind, viewset)),
]
