"""Addresses of the room below /api/v1/."""

ROUTES: list = []
PATHS: list = []
