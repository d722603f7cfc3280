"""From what an office typed to what is meant: one reader a kind of cell. A reader takes a cell and returns its value, or raises CellFault.

Readers are pure. A blank cell never reaches them; `None` means "not known" and is what words like 暂无 become.
"""

from exchange.normalising.dates import read_date
from exchange.normalising.faults import CellFault
from exchange.normalising.identifiers import read_credit_code, read_division_code, read_id_number, read_phone
from exchange.normalising.numbers import Approximate, area, decimal, integer, money
from exchange.normalising.texts import choice, clean_text, key_of, limited, plain, read_name, read_text, yes_or_no

__all__ = [
    "Approximate",
    "CellFault",
    "area",
    "choice",
    "clean_text",
    "decimal",
    "integer",
    "key_of",
    "limited",
    "plain",
    "money",
    "read_credit_code",
    "read_date",
    "read_division_code",
    "read_id_number",
    "read_name",
    "read_phone",
    "read_text",
    "yes_or_no",
]
