"""Divisions, coverage, agencies, posts, and the stations with their tree."""
