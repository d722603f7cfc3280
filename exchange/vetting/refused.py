"""The one exception of the vetting: a reason and its facts. The sentences for people are in `exchange/refusals.py`."""


class Refused(Exception):
    """The file is not to be read. `reason` is a key of `exchange.refusals.REASONS`, `facts` fill its sentence."""

    def __init__(self, reason, **facts):
        super().__init__(reason)
        self.reason, self.facts = reason, facts
