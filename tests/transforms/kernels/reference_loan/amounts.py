"""Exact amounts: fractions of the major unit, rounded only where a rule says so.

Belongs here: rounding, and the way in and out of Decimals. Does not: what is rounded when.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from transforms.kernels.loan import LoanRounding
from transforms.kernels.money import Mode

ZERO = Fraction(0)
WHOLE_UNITS_ONLY = {"JPY"}


def smallest(currency: str) -> Fraction:
    """The smallest payable amount of a currency."""
    return Fraction(1) if currency in WHOLE_UNITS_ONLY else Fraction(1, 100)


def rounded(amount: Fraction, unit: Fraction, mode: Mode) -> Fraction:
    """The amount as a whole multiple of unit; halves away from zero, to even, away from zero always, or towards it."""
    if amount < 0:
        return -rounded(-amount, unit, mode)
    whole = floor(amount / unit)
    rest = amount / unit - whole
    up = {
        Mode.HALF_UP: rest >= Fraction(1, 2),
        Mode.HALF_EVEN: rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
        Mode.UP: rest > 0,
        Mode.DOWN: False,
    }[mode]
    return (whole + (1 if up else 0)) * unit


def half_up(amount: Fraction, unit: Fraction) -> Fraction:
    return rounded(amount, unit, Mode.HALF_UP)


def interest_rounded(amount: Fraction, rounding: LoanRounding) -> Fraction:
    return rounded(amount, Fraction(rounding.interest), rounding.mode)


def installment_rounded(amount: Fraction, rounding: LoanRounding) -> Fraction:
    return rounded(amount, Fraction(rounding.installment), rounding.installment_mode)


def shown(amount: Fraction) -> Decimal:
    """An amount of whole hundredths as a Decimal with two decimals."""
    hundredths = amount * 100
    assert hundredths.denominator == 1, f"{amount} was never rounded"
    return Decimal(hundredths.numerator).scaleb(-2)


def with_gst(amount: Fraction, gst_rate: Decimal, unit: Fraction) -> Fraction:
    """A charge and the tax on it, rounded half up to the currency's unit."""
    return half_up(amount + amount * Fraction(gst_rate), unit)
