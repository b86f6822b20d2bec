"""The schedule once more, slow and from first principles, for kernels to be compared with.

Belongs here: exact fractions, one step at a time. Does not: anything of the kernels.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

NOMINAL_YEAR = {
    "day": Fraction(1, 365),
    "week": Fraction(7, 365),
    "month": Fraction(1, 12),
    "year": Fraction(1),
}


def half_up(amount: Fraction, unit: int) -> int:
    return floor(amount / unit + Fraction(1, 2)) * unit


def ceiling(amount: Fraction, unit: int) -> int:
    return -floor(-amount / unit) * unit


def present_value_of_one(rate: Fraction, n: int) -> Fraction:
    """What n payments of one are worth today: each discounted by its own periods (no closed form)."""
    worth, discount = Fraction(0), Fraction(1)
    for _ in range(n):
        discount /= 1 + rate
        worth += discount
    return worth


def rows(principal: int, rate: Fraction, n: int, installment: int, smallest: int = 1) -> list[tuple[int, int, int]]:
    """(principal, interest, balance) of each row in hundredths, the last one the one that leaves nothing; rate of one
    period."""
    balance, out = principal, []
    for number in range(1, n + 1):
        interest = half_up(balance * rate, smallest)
        part = balance if number == n else max(0, min(balance, installment - interest))
        balance -= part
        out.append((part, interest, balance))
        if balance == 0:
            break
    return out
