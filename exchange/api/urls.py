"""Addresses of the room's API."""

ROUTES = []
