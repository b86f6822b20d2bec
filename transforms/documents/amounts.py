"""Amounts, rates and days as a borrower reads them.

Belongs here: grouping of digits, percents, dates. Does not: words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from transforms.kernels.money import SMALLEST

SIGNS = {"INR": "₹"}


def amount_text(amount: Decimal, currency: str) -> str:
    """12,34,567.50 in rupees, 1,234,567.50 elsewhere, without decimals where the currency has none; exact."""
    places = 2 if SMALLEST.get(currency, 1) < 100 else 0
    whole, _, part = f"{abs(amount):.{places}f}".partition(".")
    grouped = _indian(whole) if currency == "INR" else f"{int(whole):,}"
    return ("−" if amount < 0 else "") + grouped + (f".{part}" if part else "")


def money_text(amount: Decimal, currency: str) -> str:
    """The amount with its currency, which a line break does not part."""
    sign = SIGNS.get(currency)
    return f"{sign or currency}\u00a0{amount_text(amount, currency)}"


def rate_text(rate: Decimal, places: int = 2) -> str:
    """A fraction as percent: 0.1707 is 17.07%; more decimals where the rate has them."""
    percent = rate * 100
    exponent = percent.normalize().as_tuple().exponent
    return f"{percent:.{max(places, -exponent if isinstance(exponent, int) else 0)}f}%"


def day_text(day: date) -> str:
    """dd-mm-yyyy."""
    return day.strftime("%d-%m-%Y")


def _indian(digits: str) -> str:
    head, tail = digits[:-3], digits[-3:]
    pairs = []
    while head:
        pairs.append(head[-2:])
        head = head[:-2]
    return ",".join([*reversed(pairs), tail])
