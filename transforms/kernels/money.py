"""Rounding of money, once for everybody: on whole numbers and exact fractions, never on floats.

Belongs here: rounding modes, the smallest amounts of currencies. Does not: what is rounded when (schedule, interest).
Inside kernels money is whole hundredths of the major unit in int64, the stored bytes of decimal(18,2), whatever the
currency; a currency without decimals moves in steps of 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from numba import njit

HUNDREDTHS = 100
# The smallest payable amount, in hundredths (ISO 4217 minor units); currencies with more than two decimals are refused.
SMALLEST = {"INR": 1, "USD": 1, "TWD": 1, "JPY": 100}


class Mode(IntEnum):
    """How a remainder is rounded; UP and DOWN are away from zero and towards it, halves of HALF_UP go away from it."""

    HALF_UP = 0
    HALF_EVEN = 1
    UP = 2
    DOWN = 3


@dataclass(frozen=True)
class Rounding:
    """To whole multiples of `unit` (major units, such as 0.01 or 1), by `mode`."""

    unit: Decimal
    mode: Mode

    def __post_init__(self) -> None:
        if self.unit <= 0 or self.unit * HUNDREDTHS % 1 != 0:
            raise ValueError(f"rounding unit must be a positive multiple of 0.01, got {self.unit}")

    @property
    def hundredths(self) -> int:
        return int(self.unit * HUNDREDTHS)


PAISE = Rounding(Decimal("0.01"), Mode.HALF_UP)
NEAREST_RUPEE = Rounding(Decimal(1), Mode.HALF_UP)
CEIL_RUPEE = Rounding(Decimal(1), Mode.UP)


def rounded(amount: Fraction | Decimal | int, rounding: Rounding) -> Decimal:
    """The amount (major units) as a whole multiple of rounding.unit, with two decimals."""
    hundredths = rounded_fraction(Fraction(amount) * HUNDREDTHS, rounding.hundredths, rounding.mode)
    return major(hundredths)


def rounded_fraction(amount: Fraction, unit: int, mode: Mode) -> int:
    """An exact amount as a whole multiple of unit, both in the same measure; exact at any size."""
    sign = -1 if amount < 0 else 1
    whole, rest = divmod(abs(amount), unit)
    return sign * (int(whole) + _carry(int(whole), rest * 2, unit, mode)) * unit


def _carry(whole: int, twice_rest: Fraction, unit: int, mode: Mode) -> int:
    """1 when the rest is rounded away from zero."""
    if mode is Mode.HALF_EVEN and twice_rest == unit:
        return whole % 2
    return {
        Mode.HALF_UP: twice_rest >= unit,
        Mode.HALF_EVEN: twice_rest > unit,
        Mode.UP: twice_rest > 0,
        Mode.DOWN: False,
    }[mode]


def hundredths(amount: Decimal) -> int:
    """A money amount in hundredths. ValueError when it has more than two decimals."""
    scaled = amount * HUNDREDTHS
    if scaled % 1 != 0:
        raise ValueError(f"amount must have at most two decimals, got {amount}")
    return int(scaled)


def major(amount: int) -> Decimal:
    """Hundredths as a money amount with two decimals."""
    return Decimal(amount).scaleb(-2)


@njit(nogil=True, cache=True)
def rounded_quotient(numerator, denominator, unit, mode):  # type: ignore[no-untyped-def]
    """numerator / denominator as a whole multiple of unit by mode (a Mode's number); int64.

    numerator >= 0, denominator > 0, and 2 * denominator * unit must fit into int64 (the caller's guard).
    """
    divisor = denominator * unit
    whole = numerator // divisor
    rest = numerator - whole * divisor
    if mode == Mode.UP:
        carry = rest > 0
    elif mode == Mode.DOWN:
        carry = False
    elif mode == Mode.HALF_EVEN and 2 * rest == divisor:
        carry = whole % 2 == 1
    else:
        carry = 2 * rest >= divisor
    return (whole + carry) * unit
