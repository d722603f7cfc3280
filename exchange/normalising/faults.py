"""The fault of one cell: the contract's code and a sentence that says what is wrong and what would be right."""


class CellFault(Exception):
    """Raised by a reader. `message` may be a lazy translation with its facts already filled in."""

    def __init__(self, code, message):
        super().__init__(code)
        self.code, self.message = code, message
