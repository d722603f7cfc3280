"""Workbooks in and out: vetting, reading, header matching, normalising, preview, undo. Knows no domain model."""
