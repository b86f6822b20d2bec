"""The words beside the figures: the dictionary's meaning of a column, and readable names of codes.

Belongs here: look-ups in the contracts, labels of codes. Does not: any description of a column of its own
(warehouse/contracts/fields.py holds them all).
"""

from __future__ import annotations

from functools import cache

from warehouse.contracts import registry
from warehouse.contracts.table import Table

PRODUCTS = {
    "PERSONAL": "Personal",
    "HOME": "Home",
    "CAR": "Car",
    "BUSINESS": "Business",
    "EDUCATION": "Education",
    "GOLD": "Gold",
    "MFI": "Microfinance",
    "SCF": "Supply chain",
    "SBA_7A": "SBA 7(a)",
    "CREDIT_CARD": "Credit card",
}
BUCKETS = {
    "0": "Current",
    "1-30": "1–30",
    "31-60": "31–60",
    "61-90": "61–90",
    "91-180": "91–180",
    "GT180": "Over 180",
}


STATUSES = {"ACCEPTED": "Taken in", "PARTLY": "Partly", "KNOWN": "Nothing new", "REJECTED": "Unreadable"}
# What a heading leaves out: units and kinds that the values themselves show.
UNSPOKEN = ("_code", "_id", "_minutes", "_name")


@cache
def table(qualified: str) -> Table | None:
    """The contract of a table of the lake, by layer.name; None for the few that have none."""
    return next((known for known in registry.tables() if known.qualified == qualified), None)


def known_meaning(qualified: str, column: str) -> str | None:
    """What the dictionary says of a column of a table; None when the column is only a page's own."""
    declared = table(qualified)
    fields = declared.stored_fields() if declared else ()
    return next((field.meaning for field in fields if field.name == column), None)


def meaning(qualified: str, column: str) -> str:
    """What the dictionary says of a column of a table. KeyError when it says nothing."""
    said = known_meaning(qualified, column)
    if said is None:
        raise KeyError(f"the dictionary has no {column} in {qualified}")
    return said


def help_text(qualified: str, *columns: str, as_of: str = "") -> str:
    """The hover text of a figure: each column's meaning, the table and its grain, and the day it holds for."""
    declared = table(qualified)
    said = [f"**{column}**: {meaning(qualified, column)}" for column in columns] if declared else []
    lines = [
        *said,
        f"`{qualified}`. {declared.meaning if declared else ''}".strip(),
        f"As of {as_of}." if as_of else "",
    ]
    return "\n\n".join(line for line in lines if line)


def label(column: str) -> str:
    """A column's name as a heading: principal_outstanding is Principal outstanding, product_code is Product."""
    for end in UNSPOKEN:
        column = column.removesuffix(end)
    return column.removeprefix("is_").replace("_", " ").capitalize()


def product(code: str) -> str:
    return PRODUCTS.get(code, code)


def status(code: str) -> str:
    return STATUSES.get(code, code)
