"""The officials' set-up pages: stations, divisions, units that owe a station, agencies, posts. One module a table."""

from stations.admin import agencies, coverage, divisions, posts, stations

__all__ = ["agencies", "coverage", "divisions", "posts", "stations"]
