"""Addresses of the room below /api/v1/."""

from exchange.api import views

ROUTES = [("imports", views.ImportViewSet, "imports")]
