"""Clients, cases through the six stages, scales, group work, community activities."""
