"""Scales as pure functions over tables of their items: no rows, no users. Which record keeps a result is the case's affair."""
