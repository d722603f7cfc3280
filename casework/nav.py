"""This room among the rooms."""

NAV: list = []
