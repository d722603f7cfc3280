"""The small city that this room's tests live in."""

from tests.stations.ezhou import as_role, ezhou  # noqa: F401
