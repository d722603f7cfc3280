"""Base classes of pages, API and admin; errors, paging, exports. Knows no domain model."""
