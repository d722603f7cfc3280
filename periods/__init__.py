"""Days and periods as the whole house speaks of them: `Period`, `today()`. Imports nothing of the house."""

from periods.period import Period, today

__all__ = ["Period", "today"]
