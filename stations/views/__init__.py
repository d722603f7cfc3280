"""The room's pages, one module each. Thin: they read querysets, call actions, and hand words to templates."""
