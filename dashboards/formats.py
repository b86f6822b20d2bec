"""How figures are written for people: money in its currency's own units, counts, shares, days.

Belongs here: text made of one value. Does not: which value (queries/), or where it stands (app_pages/).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

SYMBOLS = {"INR": "₹", "USD": "$", "TWD": "NT$", "JPY": "¥"}
ABSENT = "–"
# Largest first; an amount is written in the first unit it reaches.
INDIAN_UNITS = ((Decimal(10) ** 12, " lakh crore"), (Decimal(10) ** 7, " crore"), (Decimal(10) ** 5, " lakh"))
WESTERN_UNITS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))


def grouped(number: int, currency: str | None = None) -> str:
    """A whole number with separators: 1,23,45,678 when the currency is INR, else 12,345,678."""
    digits = str(abs(number))
    if currency == "INR" and len(digits) > 3:
        head, tail = digits[:-3], digits[-3:]
        pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
        text = ",".join([*pairs, tail])
    else:
        text = f"{abs(number):,}"
    return f"-{text}" if number < 0 else text


def money(amount: Decimal | None, currency: str | None) -> str:
    """The amount in whole major units: ₹1,23,45,678 or $12,345,678; without a symbol when the currency is None."""
    if amount is None:
        return ABSENT
    return _signed(amount, currency, grouped(_whole(abs(amount)), currency))


def float_money(amount: float, currency: str | None) -> str:
    """The same for a value that a table handed over as a float; whole units, so no digit is made up."""
    return money(Decimal(repr(amount)), currency)


def compact_money(amount: Decimal | None, currency: str) -> str:
    """The amount in the unit people speak in: ₹12.35 crore, ₹4.20 lakh, $1.24M; small amounts in full."""
    if amount is None:
        return ABSENT
    for unit, word in INDIAN_UNITS if currency == "INR" else WESTERN_UNITS:
        if abs(amount) >= unit:
            scaled = (abs(amount) / unit).quantize(Decimal("0.01"), ROUND_HALF_UP)
            whole, _, fraction = str(scaled).partition(".")
            decimals = "" if scaled >= 1000 else f".{fraction}"
            return _signed(amount, currency, f"{grouped(int(whole), currency)}{decimals}{word}")
    return money(amount, currency)


def count(number: int | None, currency: str | None = None) -> str:
    return ABSENT if number is None else grouped(int(number), currency)


def percent(share: Decimal | float | None, decimals: int = 1) -> str:
    """A fraction as a percentage: 0.1234 -> 12.3 %."""
    return ABSENT if share is None else f"{float(share) * 100:.{decimals}f} %"


def day(value: date | None) -> str:
    return ABSENT if value is None else f"{value.day} {value:%b %Y}"


def days(first: date | None, last: date | None) -> str:
    """One day, or from the first to the last."""
    return day(last) if first == last else f"{day(first)} to {day(last)}"


def instant(value: datetime | None) -> str:
    if value is None:
        return ABSENT
    utc = value.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def age(minutes: int | None) -> str:
    """How long ago: 12 min, 5 h, 3 days."""
    if minutes is None:
        return ABSENT
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _signed(amount: Decimal, currency: str | None, text: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency} ") if currency else ""
    return f"{'-' if amount < 0 else ''}{symbol}{text}"
