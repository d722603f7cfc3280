"""The roster of stations as a workbook: what a row means, what it changes, and writing that set-based."""
