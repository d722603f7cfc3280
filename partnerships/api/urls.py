"""Addresses of the room below /api/v1/."""

from partnerships.api import views

ROUTES = [
    ("programmes", views.ProgrammeViewSet, "programmes"),
    ("agencies", views.AgencyViewSet, "agencies"),
    ("pairings", views.PairingViewSet, "pairings"),
    ("batches", views.BatchViewSet, "batches"),
    ("support-sessions", views.SessionViewSet, "support-sessions"),
    ("cooperation-activities", views.ActivityViewSet, "cooperation-activities"),
    ("pairing-outcomes", views.OutcomeViewSet, "pairing-outcomes"),
]
PATHS: list = []
