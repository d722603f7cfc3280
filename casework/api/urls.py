"""Addresses of the room below /api/v1/."""

from typing import Any

PATHS: list[Any] = []
