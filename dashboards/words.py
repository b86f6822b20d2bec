"""The words beside the figures: the dictionary's meaning of a column, and readable names of codes.

Belongs here: look-ups in the contracts, labels of codes. Does not: any description of a column of its own
(warehouse/contracts/fields.py holds them all).
"""

from __future__ import annotations

from functools import cache

from warehouse.contracts import registry
from warehouse.contracts.regulatory import WRITTEN_BY_ORCHESTRATION
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
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "91-180": "91–180 days",
    "GT180": "Over 180 days",
}
CURRENCIES = {"INR": "₹ INR", "USD": "$ USD", "TWD": "NT$ TWD", "JPY": "¥ JPY"}


@cache
def table(qualified: str) -> Table:
    """The contract of a table of the lake, by layer.name. KeyError when there is none."""
    for known in (*registry.tables(), *WRITTEN_BY_ORCHESTRATION):
        if known.qualified == qualified:
            return known
    raise KeyError(f"no contract declares {qualified}")


def meaning(qualified: str, column: str) -> str:
    """What the dictionary says of a column of a table."""
    for field in table(qualified).stored_fields():
        if field.name == column:
            return field.meaning
    raise KeyError(f"{qualified} has no column {column}")


def help_text(qualified: str, *columns: str, as_of: str = "") -> str:
    """The hover text of a figure: each column's meaning, the table and its grain, and the day it holds for."""
    meanings = [f"**{column}**: {meaning(qualified, column)}" for column in columns]
    lines = [*meanings, f"`{qualified}`. {table(qualified).meaning}", *([f"As of {as_of}."] if as_of else [])]
    return "\n\n".join(lines)


def product(code: str) -> str:
    return PRODUCTS.get(code, code)


def bucket(code: str) -> str:
    return BUCKETS.get(code, code)


def currency(code: str) -> str:
    return CURRENCIES.get(code, code)
