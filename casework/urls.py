"""Addresses of the room's pages."""

urlpatterns: list = []
