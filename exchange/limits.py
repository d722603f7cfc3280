"""The limits of a workbook and of the process that reads it. Numbers only; the sentences about them are in `refusals.py`."""

FILE_BYTES = 20_000_000
MEMBERS = 200
UNPACKED_BYTES = 512 << 20
PART_BYTES = 256 << 20
ROWS = 200_000
COLUMNS = 200
CELL_CHARACTERS = 32_767  # Excel's own
XML_DEPTH = 64
HEADER_ROWS = 15  # the header begins within these
TOKEN_BYTES = 4 << 20  # the longest stretch of markup or text without a tag that a sound file can hold
DENSE_CELLS = 8_000_000  # from here on a sheet must be filled at least one cell in `SPARSE`
SPARSE = 40
SHARED_STRINGS_DECLARED = 5_000_000  # a parser that believes more than this allocates gigabytes

CHILD_MEMORY = 2 << 30
CHILD_CPU_SECONDS = 120
CHILD_WALL_SECONDS = 150
CHILD_FILES = 64
