"""The room's nouns, one module each."""

from stations.models.agencies import Agency
from stations.models.divisions import CoverageUnit, Division, DivisionChange, DivisionLineage
from stations.models.posts import Post
from stations.models.stations import Station, StationNumber, StationParent, StationStatus

__all__ = [
    "Agency", "CoverageUnit", "Division", "DivisionChange", "DivisionLineage", "Post", "Station", "StationNumber", "StationParent",
    "StationStatus",
]  # fmt: skip
